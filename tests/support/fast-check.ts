import fc from 'fast-check'

/**
 * fast-check with one fixed seed, so that a property fails on every machine or on none. A failure prints the seed and
 * the path to the shrunk case. PEERLAB_PROPERTY_SEED explores other cases.
 */
fc.configureGlobal({ seed: Number(process.env['PEERLAB_PROPERTY_SEED'] ?? 20_250_607) })

/** How many cases a property tries; PEERLAB_PROPERTY_RUNS multiplies it. */
export function cases(count: number): { readonly numRuns: number } {
  return { numRuns: Math.round(count * Number(process.env['PEERLAB_PROPERTY_RUNS'] ?? 1)) }
}

export { fc }
