import type { Topology } from '../core/topology.ts'

export interface Clustering {
  /**
   * For each node: of the pairs of its neighbors, which share are neighbors themselves. 0 for a node with fewer than two
   * neighbors, as most tools have it.
   */
  readonly local: Float64Array
  /** The mean of `local` over all nodes: the coefficient of Watts and Strogatz, "Collective dynamics", 1998. */
  readonly average: number
  /** Three triangles for each chain of two links (transitivity): what `average` is when every pair of neighbors counts
   * the same. 0 where there is no chain. Newman, Strogatz and Watts 2001. */
  readonly global: number
  readonly triangles: number
}

/**
 * How far neighbors of a node know each other. The directions of links are ignored. Takes at most links^1.5 steps
 * (Schank and Wagner, "Finding, counting and listing all triangles in large graphs", 2005) and about 16 bytes a link.
 */
export function clustering(topology: Topology): Clustering {
  const { size } = topology
  const links = undirectedLinks(topology)
  const { triangles, atNode } = countTriangles(links)
  const local = new Float64Array(size)
  let [sum, pairs] = [0, 0]
  for (let node = 0; node < size; node++) {
    const degree = links.starts[node + 1]! - links.starts[node]!
    const own = (degree * (degree - 1)) / 2
    pairs += own
    if (own > 0) local[node] = atNode[node]! / own
    sum += local[node]!
  }
  return { local, average: sum / size, global: pairs === 0 ? 0 : (3 * triangles) / pairs, triangles }
}

/** Row i is targets[starts[i]] up to, not including, targets[starts[i + 1]]. */
interface Rows {
  readonly starts: Int32Array
  readonly targets: Int32Array
}

/** Each link in the rows of both ends, once. */
function undirectedLinks(topology: Topology): Rows {
  const { size } = topology
  const incoming = transposed(topology)
  const starts = new Int32Array(size + 1)
  const targets = new Int32Array(2 * incoming.targets.length)
  const seenBy = new Int32Array(size).fill(-1)
  let end = 0
  for (let node = 0; node < size; node++) {
    const add = (row: Int32Array): void => {
      for (let i = 0; i < row.length; i++) {
        if (seenBy[row[i]!] === node) continue
        seenBy[row[i]!] = node
        targets[end++] = row[i]!
      }
    }
    add(topology.neighbors(node))
    add(incoming.targets.subarray(incoming.starts[node], incoming.starts[node + 1]))
    starts[node + 1] = end
  }
  return { starts, targets: targets.subarray(0, end) }
}

/** Who has each node in its row: a counting sort. */
function transposed(topology: Topology): Rows {
  const { size } = topology
  const starts = new Int32Array(size + 1)
  for (let node = 0; node < size; node++) {
    const row = topology.neighbors(node)
    for (let i = 0; i < row.length; i++) starts[row[i]! + 1]!++
  }
  for (let node = 0; node < size; node++) starts[node + 1]! += starts[node]!
  const targets = new Int32Array(starts[size]!)
  const next = starts.slice(0, size)
  for (let node = 0; node < size; node++) {
    const row = topology.neighbors(node)
    for (let i = 0; i < row.length; i++) targets[next[row[i]!]!++] = node
  }
  return { starts, targets }
}

/** Each triangle is found once, from its corner of least rank; ranks go by degree, so that no row is long. */
function countTriangles(links: Rows): { triangles: number; atNode: Float64Array } {
  const size = links.starts.length - 1
  const { starts, targets } = upwardLinks(links)
  const atNode = new Float64Array(size)
  const markedBy = new Int32Array(size).fill(-1)
  let triangles = 0
  for (let node = 0; node < size; node++) {
    const end = starts[node + 1]!
    for (let i = starts[node]!; i < end; i++) markedBy[targets[i]!] = node
    for (let i = starts[node]!; i < end; i++) {
      const peer = targets[i]!
      for (let j = starts[peer]!; j < starts[peer + 1]!; j++) {
        const third = targets[j]!
        if (markedBy[third] !== node) continue
        triangles++
        atNode[node]!++
        atNode[peer]!++
        atNode[third]!++
      }
    }
  }
  return { triangles, atNode }
}

/** Each link once, in the row of the end with the lower degree, or with the lower index where degrees are equal. */
function upwardLinks({ starts, targets }: Rows): Rows {
  const size = starts.length - 1
  const degreeOf = (node: number): number => starts[node + 1]! - starts[node]!
  const upStarts = new Int32Array(size + 1)
  const up = new Int32Array(targets.length / 2)
  let end = 0
  for (let node = 0; node < size; node++) {
    for (let i = starts[node]!; i < starts[node + 1]!; i++) {
      const peer = targets[i]!
      const difference = degreeOf(peer) - degreeOf(node)
      if (difference > 0 || (difference === 0 && peer > node)) up[end++] = peer
    }
    upStarts[node + 1] = end
  }
  return { starts: upStarts, targets: up }
}
