/**
 * How far a flood with a time to live gets: Σ C(C - 1)^(i - 1) for i = 1 … TTL where every node has C neighbors, exactly
 * so on a tree, and no further where there are cycles. Gnutella's clients used TTL 7.
 */
import {
  constantLatency,
  deriveStream,
  distancesFrom,
  Flooding,
  floodReach,
  randomRegular,
  Simulation,
  Spread,
  uniformLatency,
  type LatencyModel,
  type Message,
  type Topology,
} from '@peerlab/engine'
import { expect, test } from 'vitest'
import { regularTree } from '../support/small-graphs.ts'
import { expectPublished, seeds } from './results.ts'

const ttl = 7

/** How many nodes besides node 0 hear what it floods. */
function reach(topology: Topology, latency: LatencyModel, seed: number): number {
  const simulation = new Simulation({ seed, topology, latency, protocol: (host) => new Flooding(host, { ttl }) })
  const spread = new Spread(topology.size)
  simulation.observe(spread)
  simulation.runUntil(0)
  simulation.command(0, { type: 'publish', id: 'query', payload: seed } as Message)
  simulation.run()
  return Math.round(spread.coverage * topology.size) - 1
}

for (const [degree, nodes] of [
  [3, 381],
  [4, 4372],
] as const) {
  test(`a flood with TTL ${ttl} reaches ${nodes} nodes of a tree in which each has ${degree} neighbors`, () => {
    expect(floodReach(degree, ttl)).toBe(nodes)
    const tree = regularTree(degree, ttl + 1) // one hop more than the flood may go
    const reached = seeds(20, 3).map((seed) => reach(tree, uniformLatency(1, 100), seed))
    expectPublished(
      {
        quantity: `flood reach on a tree, TTL ${ttl}, C = ${degree}`,
        source: 'Σ C (C - 1)^(i - 1)',
        published: nodes,
        tolerance: 0,
      },
      reached,
    )
  })

  test(`it never reaches more where there are cycles, and with equal latencies all within ${ttl} hops, C = ${degree}`, () => {
    for (const seed of seeds(20, 3)) {
      const topology = randomRegular(4 * nodes, degree, deriveStream(seed, 'flood', degree))
      const within = distancesFrom(topology, 0).filter((hops) => hops > 0 && hops <= ttl).length
      expect(reach(topology, constantLatency(50), seed)).toBe(within)
      expect(within).toBeLessThan(nodes)
      // The first copy may come on a long way and be at its end, while a later one could have gone on.
      expect(reach(topology, uniformLatency(1, 100), seed)).toBeLessThanOrEqual(within)
    }
  })
}
