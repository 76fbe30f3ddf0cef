import { checkInteger } from '../core/errors.ts'
import type { Random } from '../core/random.ts'
import type { Topology } from '../core/topology.ts'

/** The sizes of the connected components, largest first. The directions of links are ignored. */
export function componentSizes(topology: Topology, isThere: (node: number) => boolean = () => true): number[] {
  const { size } = topology
  const parents = Int32Array.from({ length: size }, (_, node) => node)
  const find = (node: number): number => {
    let root = node
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]! // path halving keeps the trees flat
      root = parents[root]!
    }
    return root
  }
  for (let node = 0; node < size; node++) {
    if (!isThere(node)) continue
    const row = topology.neighbors(node)
    for (let i = 0; i < row.length; i++) if (isThere(row[i]!)) parents[find(node)] = find(row[i]!)
  }
  const counts = new Int32Array(size)
  for (let node = 0; node < size; node++) if (isThere(node)) counts[find(node)]!++
  return Array.from(counts.filter((count) => count > 0).sort()).reverse()
}

/** How many links each node has out. */
export function degrees(topology: Topology): Int32Array {
  return Int32Array.from({ length: topology.size }, (_, node) => topology.neighbors(node).length)
}

/** How many links each node has in: what its neighbors' tables hold of it, where links have a direction. */
export function inDegrees(topology: Topology): Int32Array {
  const counts = new Int32Array(topology.size)
  for (let node = 0; node < topology.size; node++) {
    const row = topology.neighbors(node)
    for (let i = 0; i < row.length; i++) counts[row[i]!]!++
  }
  return counts
}

export interface DegreeDistribution {
  /** How many nodes have degree 0, 1, 2 … up to the highest. */
  readonly counts: Int32Array
  readonly min: number
  readonly max: number
  readonly mean: number
  /** Of all nodes, so divided by their number. */
  readonly variance: number
}

/** The distribution of {@link degrees} or {@link inDegrees}; of at least one node. */
export function degreeDistribution(values: ArrayLike<number>): DegreeDistribution {
  checkInteger('number of nodes', values.length, { min: 1, max: 2 ** 31 - 1 })
  let [min, max, sum] = [Infinity, 0, 0]
  for (let node = 0; node < values.length; node++) {
    const degree = values[node]!
    if (!(Number.isInteger(degree) && degree >= 0)) {
      throw new RangeError(`degree of node ${node} is ${degree}; it must be a whole number from 0`)
    }
    min = Math.min(min, degree)
    max = Math.max(max, degree)
    sum += degree
  }
  const mean = sum / values.length
  const counts = new Int32Array(max + 1)
  let squares = 0
  for (let node = 0; node < values.length; node++) {
    counts[values[node]!]!++
    squares += (values[node]! - mean) * (values[node]! - mean)
  }
  return { counts, min, max, mean, variance: squares / values.length }
}

/** Hops from one node to each, along the directions of links; -1 = not reachable. */
export function distancesFrom(topology: Topology, start: number): Int32Array {
  const search = new Search(topology)
  search.run(start)
  return search.distances
}

export interface PathLength {
  /** Hops from a node to another, on average over all ordered pairs with a path; NaN where there is no such pair. */
  readonly mean: number
  /** Of the mean, from the sampled sources; 0 where all nodes were sources. */
  readonly standardError: number
  /** Which share of all ordered pairs has a path; 1 in a connected graph. Sampled as the mean is. */
  readonly connected: number
  /** The longest of the shortest paths that were seen: the diameter where all nodes were sources, else a lower bound. */
  readonly longest: number
  /** How many searches were made. */
  readonly sources: number
}

export interface PathLengthOptions {
  /** From how many nodes to search, 2 or more. Default: from all, so the result is exact and takes size × links steps. */
  readonly sources?: number
  /** Picks the sources, all different. Must be given where `sources` is under the number of nodes. */
  readonly random?: Random
}

/** Characteristic path length, along the directions of links, by breadth-first search from all or some nodes. */
export function pathLength(topology: Topology, { sources, random }: PathLengthOptions = {}): PathLength {
  const { size } = topology
  const starts = pickSources(size, sources, random)
  const search = new Search(topology)
  const sums = new Float64Array(starts.length)
  const counts = new Float64Array(starts.length)
  let [sum, count, longest] = [0, 0, 0]
  for (let i = 0; i < starts.length; i++) {
    counts[i] = search.run(starts[i]!) - 1
    sums[i] = search.sum
    longest = Math.max(longest, search.depth)
    count += counts[i]!
    sum += sums[i]!
  }
  const mean = sum / count
  return {
    mean,
    standardError: starts.length === size ? 0 : standardErrorOfRatio(sums, counts, size),
    connected: size === 1 ? 1 : count / (starts.length * (size - 1)),
    longest,
    sources: starts.length,
  }
}

/**
 * The diameter of the component of `start` is at least this: the longest shortest path from the node that is farthest
 * from `start` (double sweep: Magnien, Latapy and Habib, "Fast computation of empirically tight bounds for the diameter
 * of massive graphs", 2009). Exact on trees, and two searches whatever the size.
 */
export function diameterAtLeast(topology: Topology, start = 0): number {
  const search = new Search(topology)
  search.run(start)
  const first = search.depth
  search.run(search.farthest)
  return Math.max(first, search.depth)
}

/** Breadth-first searches in one graph, in arrays that are used again. */
class Search {
  readonly distances: Int32Array
  /** Of the last run: hops to all that were reached, together, and to the farthest. */
  sum = 0
  depth = 0
  farthest = 0
  readonly #topology: Topology
  readonly #queue: Int32Array

  constructor(topology: Topology) {
    this.#topology = topology
    this.distances = new Int32Array(topology.size)
    this.#queue = new Int32Array(topology.size)
  }

  /** Returns how many nodes were reached, `start` included. */
  run(start: number): number {
    checkInteger('start', start, { min: 0, max: this.#topology.size - 1 })
    const { distances } = this
    const queue = this.#queue
    distances.fill(-1)
    distances[start] = 0
    queue[0] = start
    let reached = 1
    let sum = 0
    // Over when all are reached: in dense graphs that is long before all rows are read.
    for (let head = 0; head < reached && reached < queue.length; head++) {
      const hops = distances[queue[head]!]! + 1
      const row = this.#topology.neighbors(queue[head]!)
      for (let i = 0; i < row.length; i++) {
        const peer = row[i]!
        if (distances[peer]! >= 0) continue
        distances[peer] = hops
        queue[reached++] = peer
        sum += hops
      }
    }
    this.sum = sum
    this.farthest = queue[reached - 1]!
    this.depth = distances[this.farthest]!
    return reached
  }
}

function pickSources(size: number, sources = size, random?: Random): ArrayLike<number> {
  const all = Int32Array.from({ length: size }, (_, node) => node)
  if (sources >= size) return all
  checkInteger('sources', sources, { min: 2, max: size })
  if (random === undefined) {
    throw new TypeError(`path length from ${sources} of ${size} nodes: give a random stream that picks them`)
  }
  return random.sample(all, sources)
}

/**
 * Of Σ sums / Σ counts, for sources without replacement: Cochran, "Sampling techniques", 1977, section 6.4. In a connected
 * graph all counts are equal, and this is the standard error of a mean.
 */
function standardErrorOfRatio(sums: Float64Array, counts: Float64Array, size: number): number {
  const sample = sums.length
  const total = counts.reduce((sum, count) => sum + count, 0)
  const ratio = sums.reduce((sum, value) => sum + value, 0) / total
  const squares = sums.reduce((sum, value, i) => sum + (value - ratio * counts[i]!) * (value - ratio * counts[i]!), 0)
  const variance = (squares / (sample - 1)) * sample * (1 - sample / size)
  return Math.sqrt(variance) / total
}
