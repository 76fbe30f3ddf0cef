import {
  componentSizes,
  deriveStream,
  distancesFrom,
  grid,
  randomGraph,
  ring,
  topologyFromEdges,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/fast-check.ts'

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

  test('is the walking distance on a grid', () => {
    const distances = distancesFrom(grid(25), 0)
    expect([...distances]).toEqual(Array.from({ length: 25 }, (_, node) => (node % 5) + Math.floor(node / 5)))
  })
})
