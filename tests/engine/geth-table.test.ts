import {
  deriveStream,
  endpointOf,
  gethDialed,
  gethLimits,
  GethTable,
  groupedEndpoints,
  randomEndpoint,
  subnetOf,
  type GethNode,
  type Ipv4Endpoint,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

const random = deriveStream(1, 'geth')
const self = new Uint8Array(32)

const randomId = (): Uint8Array => self.map(() => random.integer(256))

/** A node whose first bit that differs is this one: 0 is the farthest half of all ids. */
function nodeAt(bit: number, endpoint: Ipv4Endpoint = randomEndpoint(random, 30_303)): GethNode {
  const id = randomId()
  for (let i = 0; i < bit; i++) id[i >> 3]! &= ~(0x80 >> (i & 7))
  id[bit >> 3]! |= 0x80 >> (bit & 7)
  return { id, endpoint }
}

function countBySubnet(nodes: readonly GethNode[]): number[] {
  const counts = new Map<number, number>()
  for (const { endpoint } of nodes) counts.set(subnetOf(endpoint), (counts.get(subnetOf(endpoint)) ?? 0) + 1)
  return [...counts.values()]
}

describe('the buckets', () => {
  test('are for the largest distances: half of all ids in the last, a quarter before it, the closest in the first', () => {
    const table = new GethTable(self)
    expect([0, 1, 15, 16, 17, 40, 255].map((bit) => table.bucketOf(nodeAt(bit).id))).toEqual([16, 15, 1, 0, 0, 0, 0])
  })

  test('keep who came first; ten others wait, the latest ones', () => {
    const table = new GethTable(self)
    const nodes = Array.from({ length: 40 }, () => nodeAt(0))
    const verdicts = nodes.map((node) => table.add(node))
    expect(verdicts).toEqual(nodes.map((_, i) => (i < 16 ? 'added' : 'waits')))
    expect(table.bucket(16).nodes).toEqual(nodes.slice(0, 16))
    expect(table.bucket(16).waiting).toEqual(nodes.slice(30).reverse())
  })

  test('give the place of a node that is gone to one that waits', () => {
    const table = new GethTable(self)
    const nodes = Array.from({ length: 20 }, () => nodeAt(0))
    for (const node of nodes) table.add(node)
    expect(table.remove(nodes[3]!.id, random)).toBe(true)
    expect(table.remove(nodes[3]!.id, random)).toBe(false)
    const { nodes: left, waiting } = table.bucket(16)
    expect([left.length, waiting.length, left.includes(nodes[3]!)]).toEqual([16, 3, false])
    expect(nodes.slice(16)).toContain(left.at(-1))
  })

  test('have no node twice, and not the node itself', () => {
    const table = new GethTable(self)
    const nodes = Array.from({ length: 17 }, () => nodeAt(0))
    for (const node of nodes) table.add(node)
    expect([table.add(nodes[0]!), table.add(nodes[16]!), table.add({ ...nodes[0]!, id: self })]).toEqual([
      'known',
      'known',
      'known',
    ])
  })
})

describe('subnets', () => {
  test('have up to two nodes of a /24 in a bucket, those that wait among them', () => {
    const table = new GethTable(self)
    for (let i = 0; i < 15; i++) table.add(nodeAt(0))
    const siblings = groupedEndpoints(random, { groups: 1, perGroup: 1 })[0]!
    const near = (i: number): Ipv4Endpoint =>
      (Math.floor(siblings / 2 ** 24) * 2 ** 24 + i * 2 ** 16 + 1) as Ipv4Endpoint
    expect([1, 2, 3].map((i) => table.add(nodeAt(0, near(i))))).toEqual(['added', 'waits', 'subnet-limit'])
    expect(table.add(nodeAt(1, near(4)))).toBe('added')
  })

  test('have up to ten nodes of a /24 in the table, whatever ids somebody makes', () => {
    const table = new GethTable(self)
    const endpoints = Array.from({ length: 250 }, (_, i) => endpointOf(`45.6.7.${i}:30303`))
    for (let round = 0; round < 40; round++) {
      for (const endpoint of endpoints) table.add(nodeAt(random.integer(17), endpoint))
    }
    expect(table.nodes.length).toBe(10)
    for (let i = 0; i < 17; i++) expect(table.bucket(i).nodes.length).toBeLessThanOrEqual(2)
  })

  test('have as much room again when a node is gone', () => {
    const table = new GethTable(self)
    const nodes = [1, 2, 3].map((i) => nodeAt(0, endpointOf(`45.6.7.${i}:30303`)))
    expect(nodes.map((node) => table.add(node))).toEqual(['added', 'added', 'subnet-limit'])
    table.remove(nodes[0]!.id, random)
    expect(table.add(nodes[2]!)).toBe('added')
  })

  test('have as much room again when a node that waited is forgotten', () => {
    const table = new GethTable(self)
    for (let i = 0; i < 16; i++) table.add(nodeAt(0))
    const add = (i: number): string => table.add(nodeAt(0, endpointOf(`45.6.7.${i}:30303`)))
    expect([add(1), add(2), add(3)]).toEqual(['waits', 'waits', 'subnet-limit'])
    for (let i = 0; i < 10; i++) table.add(nodeAt(0)) // ten others wait now
    expect([add(4), add(5), add(6)]).toEqual(['waits', 'waits', 'subnet-limit'])
  })

  test('of the local network are not counted', () => {
    const table = new GethTable(self)
    for (let i = 1; i <= 12; i++) expect(table.add(nodeAt(0, endpointOf(`192.168.1.${i}:30303`)))).toBe('added')
  })

  test('are never over their limits, whatever comes and goes', () => {
    const step = fc.record({ bit: fc.nat(20), host: fc.nat(400), isGone: fc.boolean(), which: fc.nat() })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
        const table = new GethTable(self)
        for (const { bit, host, isGone, which } of steps) {
          const { nodes } = table
          if (isGone && nodes.length > 0) table.remove(nodes[which % nodes.length]!.id, random)
          else table.add(nodeAt(bit, endpointOf(`45.6.${host % 4}.${host >> 2}:30303`)))
        }
        const all = Array.from({ length: 17 }, (_, i) => [...table.bucket(i).nodes, ...table.bucket(i).waiting])
        for (const bucket of all) expect(Math.max(0, ...countBySubnet(bucket))).toBeLessThanOrEqual(2)
        expect(Math.max(0, ...countBySubnet(all.flat()))).toBeLessThanOrEqual(10)
      }),
      cases(100),
    )
  })
})

test('geth dials a third of its peers, and at least one', () => {
  expect([0, 1, 2, 3, 25, 50].map(gethDialed)).toEqual([0, 1, 1, 1, 8, 16])
  expect(gethLimits).toMatchObject({ buckets: 17, bucketSize: 16, replacements: 10 })
})
