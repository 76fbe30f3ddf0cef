import { checkInteger } from './errors.ts'

/** Who may talk to whom: a directed graph over node indexes. An undirected edge stands in both rows. */
export interface Topology {
  readonly size: number
  /** The nodes that `node` may send to, each once, never itself. A view: do not write. */
  neighbors(node: number): Int32Array
  /** How many neighbors `node` has. */
  degree(node: number): number
  /** The same as `neighbors`, as a list of one's own: where there are few, it costs less than a view. */
  neighborList(node: number): number[]
  /** Reads the neighbors of the first `count` of these nodes; see `Nodes.prefetch`. */
  prefetch?(nodes: Int32Array, count: number): number
}

/** Sizes over this are refused: a typo, or a run that no machine holds. */
export const maxNodes = 10_000_000

export function checkSize(size: unknown): number {
  return checkInteger('size', size, { min: 1, max: maxNodes })
}

/** Row i is targets[starts[i]] up to, not including, targets[starts[i + 1]]. */
export function topologyFromRows(starts: Int32Array, targets: Int32Array): Topology {
  return new Rows(starts, targets)
}

class Rows implements Topology {
  readonly size: number
  readonly #starts: Int32Array
  readonly #targets: Int32Array

  constructor(starts: Int32Array, targets: Int32Array) {
    this.size = starts.length - 1
    this.#starts = starts
    this.#targets = targets
  }

  neighbors(node: number): Int32Array {
    this.#check(node)
    return this.#targets.subarray(this.#starts[node]!, this.#starts[node + 1]!)
  }

  degree(node: number): number {
    this.#check(node)
    return this.#starts[node + 1]! - this.#starts[node]!
  }

  neighborList(node: number): number[] {
    this.#check(node)
    const start = this.#starts[node]!
    const degree = this.#starts[node + 1]! - start
    const list = new Array<number>(degree)
    for (let i = 0; i < degree; i++) list[i] = this.#targets[start + i]!
    return list
  }

  prefetch(nodes: Int32Array, count: number): number {
    let sum = 0
    for (let i = 0; i < count; i++) {
      const start = this.#starts[nodes[i]!]!
      sum += this.#targets[start]! ^ this.#targets[start + 15]!
    }
    return sum
  }

  #check(node: number): void {
    if (!(node >= 0 && node < this.size)) checkInteger('node', node, { min: 0, max: this.size - 1 })
  }
}

/**
 * An explicit list of edges [from, to]. Undirected unless `directed`. A repeated edge counts once; a loop or an unknown
 * node is refused. Neighbors come in ascending order, whatever the order of the list.
 */
export function topologyFromEdges(
  size: number,
  edges: Iterable<readonly [from: number, to: number]>,
  { directed = false }: { readonly directed?: boolean } = {},
): Topology {
  checkSize(size)
  const rows: number[][] = Array.from({ length: size }, () => [])
  for (const [from, to] of edges) {
    checkInteger('edge: from', from, { min: 0, max: size - 1 })
    checkInteger('edge: to', to, { min: 0, max: size - 1 })
    if (from === to) throw new RangeError(`edge: node ${from} cannot be its own neighbor`)
    rows[from]!.push(to)
    if (!directed) rows[to]!.push(from)
  }
  const unique = rows.map((row) => Int32Array.from(new Set(row)).sort())
  const starts = new Int32Array(size + 1)
  unique.forEach((row, node) => (starts[node + 1] = starts[node]! + row.length))
  const targets = new Int32Array(starts[size]!)
  unique.forEach((row, node) => targets.set(row, starts[node]))
  return topologyFromRows(starts, targets)
}
