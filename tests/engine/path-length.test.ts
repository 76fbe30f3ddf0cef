import {
  complete,
  deriveStream,
  diameterAtLeast,
  distancesFrom,
  grid,
  pathLength,
  randomGraph,
  randomOut,
  ring,
  smallWorld,
  star,
  topologyFromEdges,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { allDistances, someGraph } from '../support/small-graphs.ts'

describe('path length', () => {
  test('is the mean over all pairs with a path, as brute force has it', () => {
    fc.assert(
      fc.property(someGraph, (topology) => {
        const { size } = topology
        const paths = allDistances(topology)
          .flat()
          .filter((hops) => hops > 0 && hops < Infinity)
        const found = pathLength(topology)
        // NaN where there is no path, of both.
        expect(found.mean).toBe(paths.reduce((sum, hops) => sum + hops, 0) / paths.length)
        expect(found.longest).toBe(Math.max(0, ...paths))
        expect(found.connected).toBeCloseTo(size === 1 ? 1 : paths.length / (size * (size - 1)), 12)
        expect([found.standardError, found.sources]).toEqual([0, size])
      }),
      cases(300),
    )
  })

  test('is known for simple graphs', () => {
    expect(pathLength(complete(50))).toEqual({ mean: 1, standardError: 0, connected: 1, longest: 1, sources: 50 })
    expect(pathLength(star(50))).toMatchObject({ mean: (2 * 49 + 49 * 48 * 2) / (50 * 49), longest: 2 })
    expect(pathLength(ring(51))).toMatchObject({ mean: (51 + 1) / 4, longest: 25 })
    expect(pathLength(ring(50))).toMatchObject({ mean: 50 ** 2 / 4 / 49, longest: 25 })
    // On a grid a path is a walk along both sides, each of mean (w² - 1)/(3w) over all pairs, also those of equal ends.
    expect(pathLength(grid(49)).mean).toBeCloseTo((2 * (48 / 21) * 49) / 48, 12)
    expect(pathLength(grid(49)).longest).toBe(12)
  })

  test('of a graph without links is not a number, and of one node as well', () => {
    const nobody = topologyFromEdges(4, [])
    expect(pathLength(nobody)).toEqual({ mean: NaN, standardError: 0, connected: 0, longest: 0, sources: 4 })
    expect(pathLength(complete(1))).toMatchObject({ mean: NaN, connected: 1, longest: 0 })
  })

  test.each([
    ['connected', smallWorld(300, 6, 0.1, deriveStream(2, 'sampled'))],
    ['in parts', randomGraph(300, 1.5, deriveStream(2, 'sampled'))],
    ['directed', randomOut(300, 2, deriveStream(2, 'sampled'))],
  ])('from some nodes differs from the exact one as the standard error says, in a graph that is %s', (_name, graph) => {
    const exact = pathLength(graph)
    const samples = Array.from({ length: 400 }, (_, i) =>
      pathLength(graph, { sources: 60, random: deriveStream(i, 'sources') }),
    )
    const squares = samples.map(({ mean }) => (mean - exact.mean) ** 2)
    const stated = samples.map(({ standardError }) => standardError ** 2)
    const ratio = Math.sqrt(squares.reduce((a, b) => a + b) / stated.reduce((a, b) => a + b))
    // A standard deviation from 400 samples is itself uncertain by 1/√800.
    expect(Math.abs(ratio - 1)).toBeLessThan(4 / Math.sqrt(800))
    expect(samples.every(({ longest, sources }) => longest <= exact.longest && sources === 60)).toBe(true)
    const connected = samples.reduce((sum, sample) => sum + sample.connected, 0) / samples.length
    expect(Math.abs(connected - exact.connected)).toBeLessThan(0.02)
  })

  test('from as many nodes as there are is exact, and needs no random stream', () => {
    expect(pathLength(ring(20), { sources: 20 })).toEqual(pathLength(ring(20)))
    expect(pathLength(ring(20), { sources: 1000 })).toEqual(pathLength(ring(20)))
  })

  test('refuses too few sources, and sampling without a stream', () => {
    expect(() => pathLength(ring(9), { sources: 1, random: deriveStream(1) })).toThrow(
      'sources is 1; it must be a whole number from 2 to 9',
    )
    expect(() => pathLength(ring(9), { sources: 4 })).toThrow(
      'path length from 4 of 9 nodes: give a random stream that picks them',
    )
  })
})

describe('the diameter', () => {
  test('is at least what the double sweep says, and a path of that length starts somewhere', () => {
    fc.assert(
      fc.property(someGraph, fc.nat(8), (topology, any) => {
        const start = any % topology.size
        const paths = allDistances(topology)
          .flat()
          .filter((hops) => hops < Infinity)
        const bound = diameterAtLeast(topology, start)
        expect(paths).toContain(bound)
        expect(bound).toBeGreaterThanOrEqual(Math.max(...distancesFrom(topology, start)))
      }),
      cases(300),
    )
  })

  test('is found exactly on a tree, from any start', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { maxLength: 60 }), fc.nat(59), (parents, any) => {
        const size = parents.length + 1
        const tree = topologyFromEdges(
          size,
          parents.map((parent, i) => [parent % (i + 1), i + 1] as const),
        )
        expect(diameterAtLeast(tree, any % size)).toBe(pathLength(tree).longest)
      }),
      cases(100),
    )
  })

  test('is found where one sweep from the middle sees half of it', () => {
    const line = topologyFromEdges(
      101,
      Array.from({ length: 100 }, (_, i) => [i, i + 1] as const),
    )
    expect(diameterAtLeast(line, 50)).toBe(100)
    expect([diameterAtLeast(complete(30)), diameterAtLeast(star(30)), diameterAtLeast(ring(31))]).toEqual([1, 2, 15])
    expect(diameterAtLeast(topologyFromEdges(3, [[0, 1]]), 2)).toBe(0)
  })

  test('refuses a start that does not exist', () => {
    expect(() => diameterAtLeast(ring(5), 5)).toThrow('start is 5; it must be a whole number from 0 to 4')
  })
})
