/**
 * Random graphs G(n, p). Connectivity: Erdős and Rényi, "On the evolution of random graphs", 1960. The giant component's
 * share S solves S = 1 - e^(-cS) for mean degree c.
 */
import { componentSizes, deriveStream, randomGraph } from '@peerlab/engine'
import { test } from 'vitest'
import { expectProbability, expectPublished, seeds } from './results.ts'

for (const c of [-1, 0, 1, 2]) {
  const probability = Math.exp(-Math.exp(-c))
  test(`G(n, (ln n + ${c}) / n) is connected with probability ${probability.toFixed(4)}`, () => {
    const size = 2000
    const connected = seeds(1000, 250).map((seed) => {
      const meanDegree = ((Math.log(size) + c) * (size - 1)) / size
      return componentSizes(randomGraph(size, meanDegree, deriveStream(seed, 'connectivity', c))).length === 1 ? 1 : 0
    })
    expectProbability(
      {
        quantity: `G(n, (ln n + c) / n) is connected, c = ${c}`,
        source: 'Erdős and Rényi 1960',
        published: probability,
      },
      connected,
    )
  })
}

// Near the threshold at c = 1 the share of a small graph varies too much: there it takes more nodes.
for (const { c, share, size, full, sampled } of [
  { c: 1.1, share: 0.1761, size: 400_000, full: 10, sampled: 2 },
  { c: 2, share: 0.7968, size: 10_000, full: 50, sampled: 8 },
  { c: 3, share: 0.9405, size: 10_000, full: 50, sampled: 8 },
  { c: 4, share: 0.9802, size: 10_000, full: 50, sampled: 8 },
]) {
  test(`with mean degree ${c} the giant component has ${share} of the nodes`, () => {
    const shares = seeds(full, sampled).map(
      (seed) => componentSizes(randomGraph(size, c, deriveStream(seed, 'giant', c)))[0]! / size,
    )
    expectPublished(
      {
        quantity: `G(n, c / n): giant component, c = ${c}`,
        source: 'Erdős and Rényi 1960',
        published: share,
        tolerance: 0.01,
      },
      shares,
    )
  })
}

/** The share of all nodes, those that failed included, that hold together: a random graph of mean degree 4 (1 - f). */
function shareThatHolds(size: number, failed: number, seed: number): number {
  const random = deriveStream(seed, 'failure', failed)
  const topology = randomGraph(size, 4, random)
  const up = Array.from({ length: size }, () => !random.chance(failed))
  return componentSizes(topology, (node) => up[node]!)[0]! / size
}

// The adaptive attack of Albert et al. 2000 ends it near 0.28; random failure does at 0.75, where mean degree 1 is left.
// There the largest component has some n^(2/3) of n nodes, which is a share that is nothing only where n is large.
for (const { failed, share, size, full, sampled } of [
  { failed: 0.5, share: 0.4, size: 10_000, full: 50, sampled: 8 },
  { failed: 0.6, share: 0.254, size: 10_000, full: 50, sampled: 8 },
  { failed: 0.75, share: 0, size: 400_000, full: 10, sampled: 2 },
]) {
  test(`when ${failed} of the nodes fail, ${share} of all nodes hold together, from mean degree 4`, () => {
    expectPublished(
      {
        quantity: `giant component after random failure, mean degree 4, f = ${failed}`,
        source: 'S = (1 - f) (1 - e^(-4S)); Monte Carlo',
        published: share,
        tolerance: 0.01,
      },
      seeds(full, sampled).map((seed) => shareThatHolds(size, failed, seed)),
    )
  })
}
