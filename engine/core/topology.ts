import { checkInteger } from './errors.ts'

/** Who may talk to whom: a directed graph over node indexes. An undirected edge stands in both rows. */
export interface Topology {
  readonly size: number
  /** The nodes that `node` may send to, each once, never itself. A view: do not write. */
  neighbors(node: number): Int32Array
}

/** Sizes over this are refused: a typo, or a run that no machine holds. */
export const maxNodes = 10_000_000

export function checkSize(size: unknown): number {
  return checkInteger('size', size, { min: 1, max: maxNodes })
}

/** Row i is targets[starts[i]] up to, not including, targets[starts[i + 1]]. */
export function topologyFromRows(starts: Int32Array, targets: Int32Array): Topology {
  const size = starts.length - 1
  return {
    size,
    neighbors(node) {
      checkInteger('node', node, { min: 0, max: size - 1 })
      return targets.subarray(starts[node]!, starts[node + 1]!)
    },
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
