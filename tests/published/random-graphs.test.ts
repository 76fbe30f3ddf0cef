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
    expectProbability(`connected, c = ${c}`, connected, probability)
  })
}

for (const [c, share] of [
  [2, 0.7968],
  [3, 0.9405],
  [4, 0.9802],
] as const) {
  test(`with mean degree ${c} the giant component has ${share} of the nodes`, () => {
    const size = 10_000
    const shares = seeds(50, 8).map(
      (seed) => componentSizes(randomGraph(size, c, deriveStream(seed, 'giant', c)))[0]! / size,
    )
    expectPublished(`giant component, c = ${c}`, shares, share, 0.01)
  })
}

// The share is of all nodes, those that failed included: what is left is a random graph of mean degree 4(1 - f).
for (const [failed, share] of [
  [0.5, 0.4],
  [0.6, 0.254],
] as const) {
  test(`when ${failed} of the nodes fail, ${share} of all nodes hold together, from mean degree 4`, () => {
    const size = 10_000
    const shares = seeds(50, 8).map((seed) => {
      const random = deriveStream(seed, 'failure', failed)
      const topology = randomGraph(size, 4, random)
      const up = Array.from({ length: size }, () => !random.chance(failed))
      return componentSizes(topology, (node) => up[node]!)[0]! / size
    })
    expectPublished(`random failure, f = ${failed}`, shares, share, 0.01)
  })
}
