/** Flooding on any graph: who hears, how often, and what it costs. */
import {
  constantLatency,
  deriveStream,
  distancesFrom,
  Flooding,
  randomGraph,
  Simulation,
  type Data,
  type Message,
  type Topology,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

interface Outcome {
  /** By node, how often it was reported as delivered. */
  readonly delivered: readonly number[]
  readonly duplicates: number
  readonly packets: number
}

/** With equal links the first copy comes on a shortest way, so distances say all that flooding does. */
function flood(topology: Topology, origin: number, ttl: number): Outcome {
  const simulation = new Simulation({
    seed: 1,
    topology,
    latency: constantLatency(10),
    strict: true,
    protocol: (host) => new Flooding(host, { ttl }),
  })
  const delivered = Array.from({ length: topology.size }, () => 0)
  let duplicates = 0
  simulation.observe({
    onReport: (_time: number, node: number, event: string, _detail: Data | undefined) => {
      if (event === 'delivered') delivered[node]!++
      if (event === 'duplicate') duplicates++
    },
  })
  simulation.runUntil(0)
  simulation.command(origin, { type: 'publish', id: 'm0', payload: 'news' } as Message)
  simulation.run()
  return { delivered, duplicates, packets: simulation.packets.sent }
}

const floods = fc
  .record({
    size: fc.integer({ min: 2, max: 40 }),
    seed: fc.nat(1_000_000),
    origin: fc.nat(),
    ttl: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ size, seed, origin, ttl }) => {
    const topology = randomGraph(size, Math.min(3, size - 1), deriveStream(seed, 'graph'))
    return { topology, origin: origin % size, ttl, distances: [...distancesFrom(topology, origin % size)] }
  })

describe('flooding', () => {
  test('reaches exactly the nodes within ttl hops, each once', () => {
    fc.assert(
      fc.property(floods, ({ topology, origin, ttl, distances }) => {
        const wanted = distances.map((distance) => (distance >= 0 && distance <= ttl ? 1 : 0))
        expect(flood(topology, origin, ttl).delivered).toEqual(wanted)
      }),
      cases(100),
    )
  })

  test('costs a packet for each neighbor but the one that told, at every node that may pass it on', () => {
    fc.assert(
      fc.property(floods, ({ topology, origin, ttl, distances }) => {
        const { delivered, duplicates, packets } = flood(topology, origin, ttl)
        const tellers = distances.flatMap((distance, node) => (distance >= 0 && distance < ttl ? [node] : []))
        const links = tellers.reduce((sum, node) => sum + topology.neighbors(node).length, 0)
        expect(packets).toBe(links - (tellers.length - 1))
        // Nothing is lost: what brought nothing new was a duplicate.
        expect(duplicates).toBe(packets - (delivered.reduce((sum, count) => sum + count, 0) - 1))
      }),
      cases(100),
    )
  })
})
