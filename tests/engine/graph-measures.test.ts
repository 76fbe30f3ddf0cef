import {
  complete,
  componentSizes,
  degreeDistribution,
  degrees,
  deriveStream,
  distancesFrom,
  grid,
  inDegrees,
  randomGraph,
  randomOut,
  ring,
  star,
  topologyFromEdges,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/fast-check.ts'
import { rowsOf } from '../support/graphs.ts'
import { someGraph } from '../support/small-graphs.ts'

describe('componentSizes', () => {
  test('lists components from the largest down', () => {
    expect(
      componentSizes(
        topologyFromEdges(7, [
          [0, 1],
          [2, 3],
          [3, 4],
        ]),
      ),
    ).toEqual([3, 2, 1, 1])
  })

  test('ignores the direction of links', () => {
    expect(
      componentSizes(
        topologyFromEdges(
          4,
          [
            [1, 0],
            [2, 0],
            [3, 2],
          ],
          { directed: true },
        ),
      ),
    ).toEqual([4])
  })

  test('leaves out nodes that are not there, and paths through them', () => {
    expect(componentSizes(ring(8), (node) => node % 4 !== 0)).toEqual([3, 3])
    expect(componentSizes(ring(8), () => false)).toEqual([])
  })

  test('agrees with the reach of a search, on random graphs', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.integer({ min: 0, max: 30 }), (seed, tenths) => {
        const graph = randomGraph(40, tenths / 10, deriveStream(seed, 'components'))
        const sizes: number[] = []
        const seen = new Set<number>()
        for (let node = 0; node < graph.size; node++) {
          if (seen.has(node)) continue
          const reached = [...distancesFrom(graph, node).entries()].filter(([, distance]) => distance >= 0)
          for (const [other] of reached) seen.add(other)
          sizes.push(reached.length)
        }
        expect(componentSizes(graph)).toEqual(sizes.sort((a, b) => b - a))
      }),
    )
  })
})

describe('distancesFrom', () => {
  test('counts hops along the directions of links, and says -1 for what they do not reach', () => {
    const topology = topologyFromEdges(
      5,
      [
        [0, 1],
        [1, 2],
        [3, 0],
      ],
      { directed: true },
    )
    expect([...distancesFrom(topology, 0)]).toEqual([0, 1, 2, -1, -1])
  })

  test('refuses to start from a node that does not exist', () => {
    expect(() => distancesFrom(ring(5), 5)).toThrow('start is 5; it must be a whole number from 0 to 4')
    expect(() => distancesFrom(ring(5), -1)).toThrow('start is -1')
  })

  test('is the walking distance on a grid', () => {
    const distances = distancesFrom(grid(25), 0)
    expect([...distances]).toEqual(Array.from({ length: 25 }, (_, node) => (node % 5) + Math.floor(node / 5)))
  })
})

describe('degrees', () => {
  test('are the lengths of the rows, and in-degrees how often a node stands in one', () => {
    fc.assert(
      fc.property(someGraph, (topology) => {
        const rows = rowsOf(topology)
        expect([...degrees(topology)]).toEqual(rows.map((row) => row.length))
        expect([...inDegrees(topology)]).toEqual(rows.map((_, node) => rows.flat().filter((to) => to === node).length))
      }),
    )
  })

  test('are the same in and out where links have no direction', () => {
    const topology = randomGraph(200, 4, deriveStream(1, 'in and out'))
    expect(inDegrees(topology)).toEqual(degrees(topology))
  })
})

describe('the distribution of degrees', () => {
  test('counts the nodes of each degree, and sums them up', () => {
    const { variance, ...uneven } = degreeDistribution(degrees(star(5)))
    expect(uneven).toEqual({ counts: Int32Array.of(0, 4, 0, 0, 1), min: 1, max: 4, mean: 8 / 5 })
    expect(variance).toBeCloseTo((4 * (1 - 8 / 5) ** 2 + (4 - 8 / 5) ** 2) / 5, 12)
    const { counts, ...regular } = degreeDistribution(degrees(ring(100, 6)))
    expect(regular).toEqual({ min: 6, max: 6, mean: 6, variance: 0 })
    expect([...counts]).toEqual([0, 0, 0, 0, 0, 0, 100])
    expect(degreeDistribution(degrees(complete(1)))).toMatchObject({ min: 0, max: 0, mean: 0, variance: 0 })
  })

  test('has as many nodes and ends of links as the graph', () => {
    fc.assert(
      fc.property(someGraph, (topology) => {
        const { counts, min, max, mean } = degreeDistribution(inDegrees(topology))
        const values = [...inDegrees(topology)]
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(topology.size)
        expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / topology.size, 12)
        expect([min, max]).toEqual([Math.min(...values), Math.max(...values)])
        for (const [degree, count] of counts.entries()) {
          expect(count).toBe(values.filter((value) => value === degree).length)
        }
      }),
    )
  })

  test('of in-degrees is binomial where everybody picks its neighbors at random', () => {
    const size = 20_000
    const { mean, variance } = degreeDistribution(inDegrees(randomOut(size, 8, deriveStream(3, 'in'))))
    expect(mean).toBe(8)
    expect(Math.abs(variance - 8)).toBeLessThan(4 * 8 * Math.sqrt(2 / size))
  })

  test('refuses what is no list of degrees', () => {
    expect(() => degreeDistribution([])).toThrow('number of nodes is 0; it must be a whole number from 1')
    expect(() => degreeDistribution([1, -1])).toThrow('degree of node 1 is -1; it must be a whole number from 0')
    expect(() => degreeDistribution([0.5])).toThrow('degree of node 0 is 0.5')
  })
})
