/**
 * Watts and Strogatz, "Collective dynamics of 'small-world' networks", Nature 393, 1998, figure 2: 1000 nodes of degree
 * 10, from the ring lattice (p = 0) to random links (p = 1), means over 20 graphs.
 */
import { clustering, deriveStream, pathLength, randomGraph, ring, smallWorld } from '@peerlab/engine'
import { expect, test } from 'vitest'
import { expectPublished, seeds } from './results.ts'

const source = 'Watts and Strogatz 1998'
const size = 1000
const degree = 10
const graphs = (rewiring: number): ReturnType<typeof smallWorld>[] =>
  seeds(20, 4).map((seed) => smallWorld(size, degree, rewiring, deriveStream(seed, 'small world', rewiring)))

/**
 * Fronczak, Fronczak and Hołyst, "Average path length in random networks", Physical Review E 70, 2004: the mean path of
 * G(n, p), closer than the leading term ln n / ln k that Watts and Strogatz give (3.00).
 */
const randomPathLength = (Math.log(size) - 0.5772156649) / Math.log(degree) + 0.5

test('the lattice has clustering 3(k - 2) / 4(k - 1) and the path length of a ring with steps of k / 2', () => {
  const lattice = smallWorld(size, degree, 0, deriveStream(1, 'lattice'))
  expect(clustering(lattice).average).toBeCloseTo(2 / 3, 12)
  expect(pathLength(lattice)).toEqual(pathLength(ring(size, degree)))
  // A node d places away is ceil(d / 5) steps away: 5 (1 + 2 + … + 100) on one side, the opposite node counted once.
  expect(pathLength(lattice).mean).toBeCloseTo((2 * 5 * 5050 - 100) / 999, 12)
  expect(Math.abs(pathLength(lattice).mean / (size / (2 * degree)) - 1)).toBeLessThan(0.01)
})

test('a random graph has clustering k / n and a path length near ln n / ln k', () => {
  const random = (full: number, sampled: number): ReturnType<typeof randomGraph>[] =>
    seeds(full, sampled).map((seed) => randomGraph(size, degree, deriveStream(seed, 'random')))
  const published = degree / (size - 1)
  expectPublished(
    { quantity: 'G(n, p): clustering', source, published, tolerance: 0.02 * published },
    // Some 170 triangles a graph: one graph is off by 8 %.
    random(400, 20).map((graph) => clustering(graph).global),
  )
  expectPublished(
    {
      quantity: 'G(n, p): path length',
      source: 'Fronczak et al. 2004',
      published: randomPathLength,
      tolerance: 0.01 * randomPathLength,
    },
    random(20, 4).map((graph) => pathLength(graph).mean),
  )
})

test('with all links rewired, path length and clustering are about those of a random graph', () => {
  const rewired = graphs(1)
  expectPublished(
    {
      quantity: 'small world: path length at p = 1',
      source,
      published: randomPathLength,
      tolerance: 0.02 * randomPathLength,
    },
    rewired.map((graph) => pathLength(graph).mean),
  )
  // Not quite k / n: one end of each link stays, so degrees vary half as much as in G(n, p), and hubs close fewer chains.
  const published = degree / size
  expectPublished(
    { quantity: 'small world: clustering at p = 1', source, published, tolerance: 0.15 * published },
    rewired.map((graph) => clustering(graph).average),
  )
})

// Barrat and Weigt, "On the properties of small-world network models", European Physical Journal B 13, 2000: the three
// links of a triangle are all still there with probability (1 - p)³. Their coefficient is a ratio of means: the global one.
for (const rewiring of [0.01, 0.1, 0.3]) {
  test(`with ${rewiring} of the links rewired, clustering falls by (1 - p)³ only, while paths are short already`, () => {
    const rewired = graphs(rewiring)
    const expected = (2 / 3) * (1 - rewiring) ** 3
    expectPublished(
      {
        quantity: `small world: clustering at p = ${rewiring}`,
        source: 'Barrat and Weigt 2000',
        published: expected,
        tolerance: 0.01,
      },
      rewired.map((graph) => clustering(graph).global),
    )
    for (const graph of rewired) expect(pathLength(graph).mean).toBeLessThan(50.45 / 4)
  })
}
