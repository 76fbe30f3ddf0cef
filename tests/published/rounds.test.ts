/**
 * Rounds until everybody knows, on a complete graph, all nodes acting at once.
 * Push: Pittel, "On spreading a rumor", 1987 (log2 n + ln n + O(1)). Push-pull: Karp et al., "Randomized rumor
 * spreading", 2000. The numbers are independent Monte Carlo means for exactly this model.
 */
import { Run } from '@peerlab/engine'
import { test } from 'vitest'
import { expectPublished, seeds } from './results.ts'

function rounds(size: number, seed: number, style: { readonly [name: string]: unknown }): number {
  const parameters = { size, topology: 'complete', fanout: 1, timing: 'rounds', ...style }
  const run = new Run({ scenario: 'gossip', seed, parameters })
  run.finish()
  return run.world.measures()['rounds']!
}

const sizes = [
  { size: 1000, push: 18.04, pushPull: 9.15, sampled: 200 },
  { size: 10_000, push: 23.76, pushPull: 11.61, sampled: 20 },
  { size: 100_000, push: 29.18, pushPull: 13.97, sampled: 2 },
]

for (const { size, push, pushPull, sampled } of sizes) {
  test(`push tells ${size} nodes in ${push} rounds (Pittel 1987)`, () => {
    const measured = seeds(200, sampled).map((seed) => rounds(size, seed, { style: 'rumor', stop: 'never' }))
    expectPublished(
      { quantity: `push rounds, n = ${size}`, source: 'Pittel 1987', published: push, tolerance: 0.3 },
      measured,
    )
  })

  test(`push-pull tells ${size} nodes in ${pushPull} rounds (Karp et al. 2000)`, () => {
    const measured = seeds(200, sampled).map((seed) => rounds(size, seed, { style: 'push-pull' }))
    expectPublished(
      { quantity: `push-pull rounds, n = ${size}`, source: 'Karp et al. 2000', published: pushPull, tolerance: 0.15 },
      measured,
    )
  })
}
