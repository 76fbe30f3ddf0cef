/**
 * Jelasity, Montresor, Babaoglu, "Gossip-based aggregation in large dynamic networks", ACM TOCS 23(3), 2005: the
 * variance of the estimates shrinks by a fixed factor in each cycle. It is 1/(2√e) where every node begins one exchange
 * in a cycle, the nodes in random order (GETPAIR_SEQ), and 1/e where exchanges begin at random nodes (GETPAIR_RAND).
 * Exchanges are atomic there, so packets take no time here.
 */
import { Averaging, complete, constantLatency, Simulation } from '@peerlab/engine'
import { test } from 'vitest'
import { expectPublished, isFull, mean, seeds } from './results.ts'

const size = isFull ? 10_000 : 3000
const cycles = 20
const period = 1000

/** The factor of the variance for one cycle: the geometric mean over all cycles. */
function varianceFactor(timing: 'cycles' | 'poisson', seed: number): number {
  const nodes: Averaging[] = []
  const simulation = new Simulation({
    seed,
    topology: complete(size),
    latency: constantLatency(0),
    protocol: (host, node) => (nodes[node] = new Averaging(host, { period, timing, value: node })),
  })
  const variance = (): number => {
    const values = nodes.map(({ value }) => value)
    const middle = mean(values)
    return mean(values.map((value) => (value - middle) ** 2))
  }
  simulation.runUntil(0)
  const before = variance()
  simulation.runUntil(cycles * period)
  return (variance() / before) ** (1 / cycles)
}

for (const [timing, words, factor] of [
  ['cycles', 'once a cycle in random order', 1 / (2 * Math.sqrt(Math.E))],
  ['poisson', 'at random times', 1 / Math.E],
] as const) {
  test(`exchanges begun ${words} shrink the variance to ${factor.toFixed(4)} in a cycle`, () => {
    const measured = seeds(50, 5).map((seed) => varianceFactor(timing, seed))
    expectPublished(
      {
        quantity: `averaging: variance factor of a cycle, exchanges ${words}`,
        source: 'Jelasity et al. 2005',
        published: factor,
        tolerance: 0.005,
      },
      measured,
    )
  })
}
