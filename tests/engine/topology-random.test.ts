import {
  degrees,
  deriveStream,
  randomGraph,
  randomOut,
  randomRegular,
  scaleFree,
  smallWorld,
  type Random,
  type Topology,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { deviateFromUniform, fairDeviate } from '../support/chi-square.ts'
import { fc } from '../support/fast-check.ts'
import { edgeCount, isConnected, offence, oneSided, rowsOf } from '../support/graphs.ts'
import { summarize } from '../support/statistics.ts'

type Generator = (size: number, degree: number, random: Random) => Topology

const smallWorldAt =
  (rewiring: number): Generator =>
  (size, degree, random) =>
    smallWorld(size, degree, rewiring, random)

/** Every generator, with the degrees that it takes on 20 nodes. */
const generators: readonly (readonly [name: string, make: Generator, degrees: readonly number[], directed: boolean])[] =
  [
    ['random regular', randomRegular, [0, 1, 2, 3, 4, 8, 15, 18, 19], false],
    ['random out-links', randomOut, [0, 1, 2, 8, 18, 19], true],
    ['random graph', randomGraph, [0, 0.5, 1, 4, 18.5, 19], false],
    ['small world', smallWorldAt(0.3), [0, 2, 4, 18], false],
    ['scale-free', scaleFree, [2, 4, 6, 18], false],
  ]

describe.each(generators)('%s', (_name, make, allowed, directed) => {
  test('has the size asked for, no loops and no repeats, and is two-sided unless its links are directed', () => {
    fc.assert(
      fc.property(fc.constantFrom(...allowed), fc.nat(1_000_000), (degree, seed) => {
        const topology = make(20, degree, deriveStream(seed, 'graph'))
        expect(topology.size).toBe(20)
        expect(offence(topology)).toBeUndefined()
        if (!directed) expect(oneSided(topology)).toBeUndefined()
      }),
    )
  })

  test('is the same for the same stream and another for another', () => {
    const rows = (seed: number): number[][] => rowsOf(make(60, 4, deriveStream(seed, 'graph')))
    expect(rows(1)).toEqual(rows(1))
    expect(rows(1)).not.toEqual(rows(2))
  })
})

const alike: readonly (readonly [name: string, make: Generator])[] = [
  ['random regular', randomRegular],
  ['random out-links', randomOut],
  ['random graph', randomGraph],
]

describe.each(alike)('%s', (_name, make) => {
  // Rows or totals that are fixed only narrow the spread of the counts, so the bound for free counts holds.
  test.each([2, 6])('links every pair equally often at degree %i', (degree) => {
    const size = 9
    const counts = new Array<number>(size * size).fill(0)
    for (let seed = 0; seed < 4000; seed++) {
      rowsOf(make(size, degree, deriveStream(seed, 'pairs'))).forEach((row, node) =>
        row.forEach((other) => counts[node * size + other]!++),
      )
    }
    const isUpper = (_count: number, cell: number): boolean => cell % size > Math.floor(cell / size)
    const isLower = (_count: number, cell: number): boolean => cell % size < Math.floor(cell / size)
    expect(deviateFromUniform(counts.filter(isUpper))).toBeLessThan(fairDeviate)
    expect(deviateFromUniform(counts.filter(isLower))).toBeLessThan(fairDeviate)
  })
})

describe('random regular', () => {
  test('gives every node exactly the degree, at every degree that a small size has and for many seeds', () => {
    for (let size = 2; size <= 8; size++) {
      for (let degree = 0; degree < size; degree++) {
        if ((size * degree) % 2 !== 0) continue
        for (let seed = 0; seed < 40; seed++) {
          const topology = randomRegular(size, degree, deriveStream(seed, 'regular', size, degree))
          expect(new Set(degrees(topology)), `size ${size} degree ${degree} seed ${seed}`).toEqual(new Set([degree]))
        }
      }
    }
  })

  // In these the pairing can end where no swap leads on: all loops, or a crowd too dense to swap in.
  test.each([
    [4, 2, 3000],
    [5, 2, 3000],
    [6, 2, 3000],
    [8, 3, 3000],
    [6, 5, 50],
    [10, 8, 50],
    [10, 9, 20],
    [40, 37, 20],
  ])('finds a graph of %i nodes with degree %i for each of %i seeds', (size, degree, seeds) => {
    for (let seed = 0; seed < seeds; seed++) {
      const topology = randomRegular(size, degree, deriveStream(seed, 'hard', size, degree))
      if (degrees(topology).some((found) => found !== degree)) expect.fail(`seed ${seed}: ${degrees(topology).join()}`)
    }
  })

  test('reaches each of the 70 graphs of 6 nodes with degree 2', () => {
    const found = new Set<string>()
    for (let seed = 0; seed < 3000; seed++)
      found.add(JSON.stringify(rowsOf(randomRegular(6, 2, deriveStream(seed, 'all')))))
    expect(found.size).toBe(70)
  })

  test('is connected from degree 3 on, at sizes where theory leaves no doubt', () => {
    // Disconnected with probability of the order of n^-2 (Wormald 1981): no seed of these should show it.
    for (let seed = 0; seed < 50; seed++)
      expect(isConnected(randomRegular(500, 3, deriveStream(seed, 'connected')))).toBe(true)
  })
})

describe('random out-links', () => {
  test('gives every node exactly the degree out, and in-degrees that vary around it', () => {
    const topology = randomOut(2000, 5, deriveStream(4, 'out'))
    expect(new Set(degrees(topology))).toEqual(new Set([5]))
    const incoming = new Array<number>(2000).fill(0)
    for (const row of rowsOf(topology)) for (const other of row) incoming[other]!++
    const { mean, standardError } = summarize(incoming)
    expect(mean).toBe(5)
    // Close to a Poisson distribution: the variance is the mean, within four standard errors.
    expect(Math.abs(standardError ** 2 * 2000 - 5)).toBeLessThan(4 * Math.sqrt((2 * 25 + 5) / 2000))
  })
})

describe('random graph', () => {
  test.each([
    [300, 0.8],
    [300, 6],
    [40, 30],
  ])('of %i nodes with mean degree %d has binomial numbers of edges and degrees', (size, mean) => {
    const graphs = Array.from({ length: 400 }, (_, seed) => randomGraph(size, mean, deriveStream(seed, 'gnp', size)))
    const pairs = (size * (size - 1)) / 2
    const probability = mean / (size - 1)
    const variance = pairs * probability * (1 - probability)
    const edges = summarize(graphs.map(edgeCount))
    expect(Math.abs(edges.mean - pairs * probability)).toBeLessThan(4 * Math.sqrt(variance / 400))
    expect(Math.abs((edges.standardError ** 2 * 400) / variance - 1)).toBeLessThan(4 * Math.sqrt(2 / 400))
    const firstNode = summarize(graphs.map((graph) => graph.neighbors(0).length))
    const lastNode = summarize(graphs.map((graph) => graph.neighbors(size - 1).length))
    const bound = 4 * Math.sqrt(((size - 1) * probability * (1 - probability)) / 400)
    expect(Math.abs(firstNode.mean - mean)).toBeLessThan(bound)
    expect(Math.abs(lastNode.mean - mean)).toBeLessThan(bound)
  })

  test('has no edges at mean degree 0 and all at size - 1', () => {
    expect(edgeCount(randomGraph(30, 0, deriveStream(1, 'none')))).toBe(0)
    expect(edgeCount(randomGraph(30, 29, deriveStream(1, 'all')))).toBe((30 * 29) / 2)
    expect(edgeCount(randomGraph(1, 0, deriveStream(1, 'one')))).toBe(0)
  })
})

describe('small world', () => {
  test('is the ring lattice without rewiring', () => {
    const topology = smallWorld(20, 4, 0, deriveStream(1, 'lattice'))
    expect([...topology.neighbors(0)]).toEqual([1, 2, 18, 19])
    expect(new Set(degrees(topology))).toEqual(new Set([4]))
  })

  test.each([0.01, 0.1, 0.5, 1])(
    'keeps its number of edges, and half its degree at each node, at rewiring %d',
    (rewiring) => {
      const topology = smallWorld(500, 6, rewiring, deriveStream(2, 'edges'))
      expect(edgeCount(topology)).toBe((500 * 6) / 2)
      expect(Math.min(...degrees(topology))).toBeGreaterThanOrEqual(3)
    },
  )

  test.each([0.1, 0.5, 1])('moves the share %d of its edges away from the lattice', (rewiring) => {
    const topology = smallWorld(3000, 6, rewiring, deriveStream(3, 'moved'))
    const isFar = (a: number, b: number): boolean => Math.min(Math.abs(a - b), 3000 - Math.abs(a - b)) > 3
    const far =
      rowsOf(topology).reduce((sum, row, node) => sum + row.filter((other) => isFar(node, other)).length, 0) / 2
    // One in a thousand rewired edges falls back near its node.
    expect(Math.abs(far / 9000 - rewiring)).toBeLessThan(
      4 * Math.sqrt((rewiring * (1 - rewiring)) / 9000) + 0.004 * rewiring,
    )
  })

  test('still works where rewiring finds no free node', () => {
    expect(edgeCount(smallWorld(5, 4, 1, deriveStream(1, 'full')))).toBe(10)
  })
})

describe('scale-free', () => {
  test('adds half the degree in links with each newcomer, and is connected', () => {
    const topology = scaleFree(500, 6, deriveStream(1, 'links'))
    expect(edgeCount(topology)).toBe(1 + 2 + 497 * 3)
    expect(Math.min(...degrees(topology))).toBe(3)
    expect(isConnected(topology)).toBe(true)
  })

  test('has the tail P(degree ≥ k) = m(m+1) / k(k+1) of preferential attachment', () => {
    // Bollobás, Riordan, Spencer, Tusnády: "The degree sequence of a scale-free random graph process", 2001.
    const size = 20_000
    const found = degrees(scaleFree(size, 4, deriveStream(5, 'tail')))
    for (const k of [2, 3, 4, 5, 8, 12, 20]) {
      const expected = (2 * 3) / (k * (k + 1))
      const share = found.filter((degree) => degree >= k).length / size
      expect(Math.abs(share - expected), `k = ${k}`).toBeLessThan(0.01)
    }
    expect(Math.max(...found)).toBeGreaterThan(100)
  })
})
