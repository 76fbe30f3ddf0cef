import { complete, degrees, grid, ring, star, topologyFromEdges, type Topology } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/fast-check.ts'
import { edgeCount, isConnected, offence, oneSided, rowsOf } from '../support/graphs.ts'

const shapes: readonly (readonly [name: string, make: (size: number) => Topology, smallest: number])[] = [
  ['complete', complete, 1],
  ['ring', (size) => ring(size), 3],
  ['ring of degree 6', (size) => ring(size, 6), 7],
  ['star', star, 1],
  ['grid', grid, 1],
]

describe.each(shapes)('%s', (_name, make, smallest) => {
  test('has the size asked for, no loops, no repeats, and links that both ends know', () => {
    fc.assert(
      fc.property(fc.integer({ min: smallest, max: 60 }), (size) => {
        const topology = make(size)
        expect(topology.size).toBe(size)
        expect(offence(topology)).toBeUndefined()
        expect(oneSided(topology)).toBeUndefined()
      }),
    )
  })

  test('is connected', () => {
    fc.assert(
      fc.property(fc.integer({ min: smallest, max: 60 }), (size) => {
        expect(isConnected(make(size))).toBe(true)
      }),
    )
  })

  test("gives the same neighbors as a view, as a list of one's own and as their number", () => {
    fc.assert(
      fc.property(fc.integer({ min: smallest, max: 60 }), (size) => {
        const topology = make(size)
        for (const [node, row] of rowsOf(topology).entries()) {
          expect([topology.neighborList(node), topology.degree(node)]).toEqual([row, row.length])
          topology.neighborList(node).fill(-1)
          expect([...topology.neighbors(node)]).toEqual(row)
        }
      }),
    )
  })

  test('refuses to show the row of a node that it does not have', () => {
    expect(() => make(9).neighbors(9)).toThrow('node is 9; it must be a whole number from 0 to 8')
    expect(() => make(9).neighbors(-1)).toThrow('node is -1; it must be a whole number from 0 to 8')
  })
})

describe('complete', () => {
  test('gives each node all others, in a circle that begins behind it', () => {
    expect(rowsOf(complete(4))).toEqual([
      [1, 2, 3],
      [2, 3, 0],
      [3, 0, 1],
      [0, 1, 2],
    ])
    expect(rowsOf(complete(1))).toEqual([[]])
  })

  test('stores no edges: rows are views of one list', () => {
    const topology = complete(1000)
    expect(topology.neighbors(0).buffer).toBe(topology.neighbors(999).buffer)
    expect(topology.neighbors(0).buffer.byteLength).toBeLessThan(100 * 1000)
  })
})

describe('ring', () => {
  test('gives each node the nearest on either side', () => {
    expect(rowsOf(ring(5))).toEqual([
      [1, 4],
      [0, 2],
      [1, 3],
      [2, 4],
      [0, 3],
    ])
    expect([...ring(9, 4).neighbors(0)]).toEqual([1, 2, 7, 8])
  })

  test('has the same degree everywhere, up to everybody', () => {
    for (const degree of [0, 2, 4, 6, 8]) expect(new Set(degrees(ring(9, degree)))).toEqual(new Set([degree]))
  })
})

describe('star', () => {
  test('has node 0 in the middle', () => {
    expect(rowsOf(star(4))).toEqual([[1, 2, 3], [0], [0], [0]])
  })
})

describe('grid', () => {
  test('links each node with those above, below, left and right', () => {
    expect(rowsOf(grid(9))).toEqual([
      [1, 3],
      [0, 2, 4],
      [1, 5],
      [0, 4, 6],
      [1, 3, 5, 7],
      [2, 4, 8],
      [3, 7],
      [4, 6, 8],
      [5, 7],
    ])
  })

  test('may end in a short row, and does not wrap around', () => {
    expect(rowsOf(grid(7))).toEqual([[1, 3], [0, 2, 4], [1, 5], [0, 4, 6], [1, 3, 5], [2, 4], [3]])
  })
})

describe('a topology from edges', () => {
  test('has both directions, or one when directed', () => {
    expect(
      rowsOf(
        topologyFromEdges(3, [
          [0, 1],
          [2, 1],
        ]),
      ),
    ).toEqual([[1], [0, 2], [1]])
    expect(
      rowsOf(
        topologyFromEdges(
          3,
          [
            [0, 1],
            [2, 1],
          ],
          { directed: true },
        ),
      ),
    ).toEqual([[1], [], [1]])
  })

  test('counts a repeated edge once, also when it comes from its other end', () => {
    const topology = topologyFromEdges(3, [
      [0, 1],
      [0, 1],
      [1, 0],
    ])
    expect(rowsOf(topology)).toEqual([[1], [0], []])
    expect(edgeCount(topology)).toBe(1)
  })

  test('does not depend on the order of the list', () => {
    const edges = fc.uniqueArray(
      fc.tuple(fc.nat(8), fc.nat(8)).filter(([a, b]) => a !== b),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(edges, fc.boolean(), (list, directed) => {
        const backwards = [...list].reverse()
        expect(rowsOf(topologyFromEdges(9, list, { directed }))).toEqual(
          rowsOf(topologyFromEdges(9, backwards, { directed })),
        )
      }),
    )
  })

  test('refuses loops and unknown nodes, by name', () => {
    expect(() => topologyFromEdges(3, [[1, 1]])).toThrow('edge: node 1 cannot be its own neighbor')
    expect(() => topologyFromEdges(3, [[0, 3]])).toThrow('edge: to is 3; it must be a whole number from 0 to 2')
    expect(() => topologyFromEdges(3, [[-1, 2]])).toThrow('edge: from is -1; it must be a whole number from 0 to 2')
    expect(() => topologyFromEdges(3, [[0.5, 2]])).toThrow('edge: from is 0.5')
  })
})
