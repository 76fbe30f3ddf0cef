import { exp, ln } from '../core/exact-math.ts'

/**
 * The SI epidemic: the share that knows at time t, with i(0) = initial and `rate` contacts a node makes in a unit of
 * time: i(t) = 1 / (1 + (1/i(0) - 1) e^(-rate·t)). Exact for many nodes that mix well and contact at random times.
 */
export function logistic(initial: number, rate: number, time: number): number {
  return 1 / (1 + (1 / initial - 1) * exp(-Math.min(rate * time, 700)))
}

/** When the SI epidemic reaches a share. The inverse of {@link logistic}. */
export function logisticTime(initial: number, rate: number, share: number): number {
  return ln((1 / initial - 1) / (1 / share - 1)) / rate
}

/**
 * Spread in waves: in each, those who have just heard tell `fanout` random others. The share that knows after each
 * wave, from wave 0 (one node of `size`), until a wave adds less than half a node or `waves` are made.
 */
export function waves(size: number, fanout: number, maxWaves: number): number[] {
  let known = 1 / size
  let fresh = known
  const shares = [known]
  while (shares.length <= maxWaves && fresh * size >= 0.5) {
    fresh = (1 - known) * (1 - exp(-fanout * fresh))
    known += fresh
    shares.push(known)
  }
  return shares
}

/** The share that never hears: the root of s = e^(-m(1-s)) for m calls a node. Kermack and McKendrick 1927. */
export function finalResidue(meanCalls: number): number {
  let residue = 0
  for (let i = 0; i < 10_000; i++) residue = exp(-meanCalls * (1 - residue))
  return residue
}
