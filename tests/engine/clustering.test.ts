import {
  clustering,
  complete,
  deriveStream,
  grid,
  randomGraph,
  randomOut,
  ring,
  scaleFree,
  star,
  topologyFromEdges,
  type Topology,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { rowsOf } from '../support/graphs.ts'
import { someGraph } from '../support/small-graphs.ts'

/** Straight from the definitions, over all pairs and triples. */
function bruteForce(topology: Topology): { local: number[]; global: number; triangles: number } {
  const rows = rowsOf(topology)
  const linked = (a: number, b: number): boolean => rows[a]!.includes(b) || rows[b]!.includes(a)
  let [closed, chains] = [0, 0]
  const local = rows.map((_, node) => {
    const peers = rows.map((_row, peer) => peer).filter((peer) => peer !== node && linked(node, peer))
    let [pairs, found] = [0, 0]
    for (const a of peers) {
      for (const b of peers) {
        if (a >= b) continue
        pairs++
        if (linked(a, b)) found++
      }
    }
    closed += found
    chains += pairs
    return pairs === 0 ? 0 : found / pairs
  })
  return { local, global: chains === 0 ? 0 : closed / chains, triangles: closed / 3 }
}

describe('clustering', () => {
  test('is what its definition says, as brute force has it, whatever the directions of links', () => {
    fc.assert(
      fc.property(someGraph, (topology) => {
        const expected = bruteForce(topology)
        const found = clustering(topology)
        expect([...found.local]).toEqual(expected.local)
        expect(found.average).toBeCloseTo(expected.local.reduce((sum, value) => sum + value, 0) / topology.size, 12)
        expect(found.global).toBeCloseTo(expected.global, 12)
        expect(found.triangles).toBe(expected.triangles)
      }),
      cases(500),
    )
  })

  test.each([
    ['of equal degrees', randomOut(80, 5, deriveStream(6, 'clustering'))],
    ['with hubs', scaleFree(80, 6, deriveStream(6, 'clustering'))],
    ['that is dense', randomGraph(60, 40, deriveStream(6, 'clustering'))],
  ])('agrees with brute force on a larger graph %s', (_name, topology) => {
    const expected = bruteForce(topology)
    const found = clustering(topology)
    expect([...found.local]).toEqual(expected.local)
    expect([found.triangles, found.global]).toEqual([expected.triangles, expected.global])
    expect(found.triangles).toBeGreaterThan(10)
  })

  test('is 1 where everybody knows everybody, and 0 on stars, grids and plain rings', () => {
    expect(clustering(complete(30))).toMatchObject({ average: 1, global: 1, triangles: (30 * 29 * 28) / 6 })
    for (const topology of [star(30), grid(30), ring(30), topologyFromEdges(3, []), complete(1), complete(2)]) {
      expect(clustering(topology)).toMatchObject({ average: 0, global: 0, triangles: 0 })
    }
  })

  test('is 3(k - 2) / 4(k - 1) on a ring lattice of degree k (Watts and Strogatz 1998)', () => {
    for (const degree of [4, 6, 10, 20]) {
      const { average, global } = clustering(ring(200, degree))
      expect(average).toBeCloseTo((3 * (degree - 2)) / (4 * (degree - 1)), 12)
      expect(global).toBeCloseTo(average, 12)
    }
  })

  test('counts every node alike on average, and every pair of neighbors alike in the global coefficient', () => {
    // Two triangles that share node 0, which knows node 5 as well.
    const bow = topologyFromEdges(6, [
      [0, 1],
      [1, 2],
      [2, 0],
      [0, 3],
      [3, 4],
      [4, 0],
      [0, 5],
    ])
    const { local, average, global, triangles } = clustering(bow)
    expect([...local]).toEqual([0.2, 1, 1, 1, 1, 0])
    expect(average).toBeCloseTo(4.2 / 6, 12)
    expect(global).toBeCloseTo(6 / 14, 12)
    expect(triangles).toBe(2)
  })
})
