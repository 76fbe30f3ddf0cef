import fc from 'fast-check'

/**
 * fast-check with one fixed seed, so that a property fails on every machine or on none. A failure prints the seed and
 * the path to the shrunk case. PEERLAB_PROPERTY_SEED explores another part of the space; PEERLAB_PROPERTY_RUNS more of it.
 */
fc.configureGlobal({
  seed: Number(process.env['PEERLAB_PROPERTY_SEED'] ?? 20_250_607),
  ...(process.env['PEERLAB_PROPERTY_RUNS'] === undefined ? {} : { numRuns: Number(process.env['PEERLAB_PROPERTY_RUNS']) }),
})

export { fc }
