/** Search by indexes, in networks so small that every packet can be told. */
import {
  constantLatency,
  IndexSearch,
  ring,
  Simulation,
  star,
  topologyFromEdges,
  type Address,
  type Data,
  type IndexSearchOptions,
  type Message,
  type Topology,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'

interface Report {
  readonly time: number
  readonly node: number
  readonly event: string
  readonly detail: { readonly id?: string; readonly holders?: readonly number[] }
}

/** Node i has `item i`, or what it is given; each hop takes 10 ms. All nodes have started. */
function network(
  topology: Topology,
  isIndex: (node: number) => boolean,
  { ttl = 7, items = (node) => [`item ${node}`] }: { ttl?: number; items?: (node: number) => string[] } = {},
) {
  const simulation = new Simulation({
    seed: 1,
    topology,
    latency: constantLatency(10),
    protocol: (host, node) => new IndexSearch(host, { items: items(node), isIndex: isIndex(node), ttl }),
  })
  const reports: Report[] = []
  simulation.observe({
    onReport: (time, node, event, detail: Data | undefined) =>
      void reports.push({ time, node, event, detail: (detail ?? {}) as Report['detail'] }),
  })
  const search = (node: number, item: string, id = 's'): void =>
    void simulation.command(node, { type: 'search', id, item } as Message)
  simulation.runUntil(1)
  const of = (event: string): Report[] => reports.filter((report) => report.event === event)
  return { simulation, reports, search, of }
}

describe('a directory', () => {
  test('answers after one round trip, and asks nobody else', () => {
    const { simulation, search, of } = network(star(5), (node) => node === 0)
    simulation.runUntil(1000)
    const { sent } = simulation.packets
    search(1, 'item 3')
    simulation.runUntil(2000)
    expect(of('found')).toEqual([{ time: 1020, node: 1, event: 'found', detail: { id: 's', holders: [3] } }])
    expect(simulation.packets.sent - sent).toBe(2)
  })

  test('forgets who has been silent for three announcements', () => {
    const { simulation, search, of } = network(star(5), (node) => node === 0)
    simulation.runUntil(11_000)
    simulation.crash(3)
    simulation.runUntil(39_000)
    search(1, 'item 3', 'early')
    simulation.runUntil(41_000)
    search(1, 'item 3', 'late')
    simulation.runUntil(50_000)
    expect(of('found').map(({ detail }) => detail.id)).toEqual(['early'])
    expect(of('not-found').map(({ detail }) => detail.id)).toEqual(['late'])
  })

  test('that was down knows its leaves again after their next announcements', () => {
    const { simulation, search, of } = network(star(5), (node) => node === 0)
    simulation.runUntil(1000)
    simulation.crash(0)
    simulation.restart(0)
    search(1, 'item 3', 'before')
    simulation.runUntil(12_000)
    search(1, 'item 3', 'after')
    simulation.runUntil(20_000)
    expect(of('found').map(({ detail }) => detail.id)).toEqual(['after'])
  })
})

describe('index nodes that know each other', () => {
  const two = topologyFromEdges(6, [
    [0, 1],
    [0, 2],
    [0, 3],
    [1, 4],
    [1, 5],
  ])

  test('find what the leaves of the other have, and the hit comes back on the way of the query', () => {
    const { simulation, search, of } = network(two, (node) => node < 2)
    simulation.runUntil(1000)
    search(2, 'item 5')
    simulation.runUntil(5000)
    expect(of('found')).toEqual([{ time: 1040, node: 2, event: 'found', detail: { id: 's', holders: [5] } }])
  })

  test('ask no leaf', () => {
    const { simulation, search, of } = network(two, (node) => node < 2)
    simulation.runUntil(1000)
    search(2, 'nothing')
    simulation.runUntil(5000)
    expect(of('not-an-index')).toEqual([])
    expect(of('not-found')).toHaveLength(1)
  })
})

describe('a flat network', () => {
  test('finds what is within the hops of a query, and nothing beyond', () => {
    const { simulation, search, of } = network(ring(12), () => true, { ttl: 3 })
    for (const [i, item] of ['item 3', 'item 4', 'item 9', 'item 8'].entries()) search(0, item, `s${i}`)
    simulation.runUntil(10_000)
    expect(of('found').map(({ detail }) => [detail.id, detail.holders])).toEqual([
      ['s0', [3]],
      ['s2', [9]],
    ])
    expect(of('not-found').map(({ detail }) => detail.id)).toEqual(['s1', 's3'])
  })

  test('passes a query on once: in a ring the two waves meet, and end', () => {
    const { simulation, search, of } = network(ring(10), () => true, { ttl: 255 })
    search(0, 'nothing')
    simulation.runUntil(10_000)
    expect(of('duplicate')).toHaveLength(2)
    // Each of ten nodes sends to both neighbors, but not back to where it first came from.
    expect(simulation.packets.sent).toBe(2 + 9)
  })

  test('ends a search once, however many hits come', () => {
    const { simulation, search, of } = network(ring(6), () => true, { items: (node) => (node === 0 ? [] : ['same']) })
    search(0, 'same')
    simulation.runUntil(10_000)
    expect(of('found')).toHaveLength(1)
    expect(of('unwanted')).toHaveLength(4)
  })
})

test('what is malformed is reported and dropped, and a hit that nobody waits for as well', () => {
  const { simulation, of } = network(star(3), (node) => node === 0)
  simulation.runUntil(100)
  const wrong: readonly object[] = [
    { type: 'noise' },
    { type: 'announce', items: 'item' },
    { type: 'announce', items: [1] },
    { type: 'query', id: 's', item: 'x', ttl: 0 },
    { type: 'query', id: 's', item: 'x', ttl: 1.5 },
    { type: 'query', id: 7, item: 'x', ttl: 3 },
    { type: 'hit', id: 's', holders: [-1] },
    { type: 'hit', id: 's', holders: Array.from({ length: 101 }, () => 1 as Address) },
  ]
  for (const message of wrong) simulation.inject(1, 0, message as Message)
  simulation.inject(1, 2, { type: 'hit', id: 's', holders: [1] } as Message)
  simulation.runUntil(1000)
  expect(of('malformed')).toHaveLength(wrong.length)
  expect(of('unwanted')).toHaveLength(1)
})

test('options out of range are refused', () => {
  const make = (options: Partial<IndexSearchOptions>) => () =>
    new IndexSearch({} as never, { items: [], isIndex: true, ...options })
  expect(make({ ttl: 0 })).toThrow('ttl is 0')
  expect(make({ patience: 0 })).toThrow('patience is 0')
  expect(make({ announceInterval: 0 })).toThrow('announceInterval is 0')
})
