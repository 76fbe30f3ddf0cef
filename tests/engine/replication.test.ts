/** Replication with repair, apart from churn: who has copies, and what a missing one brings about. */
import {
  complete,
  loss,
  objectSurvival,
  Replication,
  Simulation,
  uniformLatency,
  type Command,
  type Host,
  type Message,
  type ReplicationMessage,
  type ReplicationOptions,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

interface Network {
  readonly simulation: Simulation
  readonly nodes: Replication[]
  readonly reports: string[]
}

const interval = 1000

function network(seed: number, size: number, options: Partial<ReplicationOptions> = {}): Network {
  const nodes: Replication[] = []
  const reports: string[] = []
  const simulation = new Simulation({
    seed,
    topology: complete(size),
    latency: uniformLatency(1, 20),
    protocol: (host, node) => {
      const all = { copies: 3, repairInterval: interval, timeout: 50, ...options }
      nodes[node] = new Replication(host as unknown as Host<ReplicationMessage>, all)
      return nodes[node] as never
    },
  })
  simulation.observe({ onReport: (_time, _node, event) => void reports.push(event) })
  simulation.runUntil(0)
  return { simulation, nodes, reports }
}

const put = (simulation: Simulation, node: number, id: string): void =>
  void simulation.command(node, { type: 'put', id } as Command)

const holdersOf = ({ nodes, simulation }: Network, id: string): number[] =>
  nodes.flatMap((node, at) => (simulation.isUp(at) && node.objects.has(id) ? [at] : []))

describe('an object', () => {
  test('has as many copies as it is to have, or as there are nodes, and no more as time goes by', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 6 }), (seed, size, copies) => {
        const net = network(seed, size, { copies })
        put(net.simulation, seed % size, 'a')
        net.simulation.runUntil(20 * interval)
        const holders = holdersOf(net, 'a')
        expect(holders).toHaveLength(Math.min(copies, size))
        for (const holder of holders) {
          expect([...net.nodes[holder]!.objects.get('a')!].sort((x, y) => x - y)).toEqual(holders)
        }
      }),
      cases(30),
    )
  })

  test('gets its copies back when all holders but one are gone, and none when all are', () => {
    for (let seed = 0; seed < 20; seed++) {
      for (const isOneLeft of [true, false]) {
        const net = network(seed, 10)
        put(net.simulation, 0, 'a')
        net.simulation.runUntil(500)
        const holders = holdersOf(net, 'a')
        expect(holders).toHaveLength(3)
        for (const holder of isOneLeft ? holders.slice(1) : holders) net.simulation.crash(holder)
        net.simulation.runUntil(5 * interval)
        expect(holdersOf(net, 'a')).toHaveLength(isOneLeft ? 3 : 0)
      }
    }
  })

  test('is not repaired by nodes that never do', () => {
    const net = network(1, 10, { repairInterval: 0 })
    put(net.simulation, 0, 'a')
    net.simulation.runUntil(500)
    net.simulation.crash(0)
    net.simulation.runUntil(50 * interval)
    expect(holdersOf(net, 'a')).toHaveLength(2)
    expect(net.simulation.nextTime).toBe(Infinity)
  })

  test('has all copies in the end although every tenth packet is lost', () => {
    const net = network(4, 10)
    net.simulation.addRule(loss(0.1))
    for (let i = 0; i < 10; i++) put(net.simulation, i, `o${i}`)
    net.simulation.runUntil(30 * interval)
    for (let i = 0; i < 10; i++) expect(holdersOf(net, `o${i}`).length).toBeGreaterThanOrEqual(3)
  })

  test('is gone from who restarts', () => {
    const net = network(4, 10, { repairInterval: 0 })
    put(net.simulation, 0, 'a')
    net.simulation.runUntil(500)
    net.simulation.crash(0)
    net.simulation.restart(0)
    expect(net.nodes[0]!.objects.size).toBe(0)
  })
})

test.each([
  { type: 'noise' },
  { type: 'check', ids: ['a'] },
  { type: 'check', requestId: 1, ids: 'a' },
  { type: 'check', requestId: 1, ids: [1] },
  { type: 'store', requestId: 1, id: 'a' },
  { type: 'store', requestId: 1, id: 7, holders: [] },
  { type: 'store', requestId: 1, id: 'a'.repeat(257), holders: [] },
  { type: 'store', requestId: 1, id: 'a', holders: [-1] },
  { type: 'store', requestId: -1, id: 'a', holders: [] },
])('the malformed %j is dropped and reported', (message) => {
  const { simulation, nodes, reports } = network(1, 3)
  simulation.inject(1, 0, message as unknown as Message)
  simulation.runUntil(100)
  expect(reports).toEqual(['malformed'])
  expect(nodes[0]!.objects.size).toBe(0)
})

describe('the formula of survival', () => {
  test('is 1 at the start, falls with time and with the interval, and grows with the copies', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        (copies, interval, time) => {
          const at = (values: { copies?: number; interval?: number }, when = time): number =>
            objectSurvival({ session: 10, copies, interval, ...values }, when)
          expect(at({}, 0)).toBe(1)
          expect(at({}, 2 * time)).toBeLessThanOrEqual(at({}))
          expect(at({ copies: copies + 1 })).toBeGreaterThanOrEqual(at({}))
          expect(at({})).toBeGreaterThanOrEqual(0)
          expect(at({})).toBeLessThanOrEqual(1)
        },
      ),
      cases(200),
    )
  })

  test('with one copy is the tail of the session, however often it is repaired', () => {
    for (const interval of [0, 1, 7]) {
      expect(objectSurvival({ copies: 1, session: 10, interval }, 14)).toBeCloseTo(Math.exp(-1.4), 12)
    }
  })

  test('refuses what is no time and no number of copies, with the value', () => {
    expect(() => objectSurvival({ copies: 0, session: 1, interval: 1 }, 1)).toThrow('copies is 0')
    expect(() => objectSurvival({ copies: 1, session: 0, interval: 1 }, 1)).toThrow('session is 0')
    expect(() => objectSurvival({ copies: 1, session: 1, interval: 1 }, -1)).toThrow('time is -1')
  })
})
