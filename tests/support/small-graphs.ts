import { topologyFromEdges, type Topology } from '@peerlab/engine'
import { fc } from './fast-check.ts'
import { rowsOf } from './graphs.ts'

/** Graphs of 1 to 9 nodes with any links, with or without directions, connected or not. */
export const someGraph: fc.Arbitrary<Topology> = fc.integer({ min: 1, max: 9 }).chain((size) => {
  const link = fc.tuple(fc.nat(size - 1), fc.nat(size - 1)).filter(([from, to]) => from !== to)
  const links = size === 1 ? fc.constant([]) : fc.array(link, { maxLength: 30 })
  return fc.tuple(links, fc.boolean()).map(([list, directed]) => topologyFromEdges(size, list, { directed }))
})

/** Hops between all pairs, by Floyd and Warshall; Infinity where there is no path. */
export function allDistances(topology: Topology): number[][] {
  const rows = rowsOf(topology)
  const hops = rows.map((row, from) => rows.map((_, to) => (from === to ? 0 : row.includes(to) ? 1 : Infinity)))
  for (const [over] of rows.entries()) {
    for (const [from] of rows.entries()) {
      for (const [to] of rows.entries()) {
        hops[from]![to] = Math.min(hops[from]![to]!, hops[from]![over]! + hops[over]![to]!)
      }
    }
  }
  return hops
}

/**
 * An endless tree in which every node has `degree` neighbors, cut off `depth` hops from its root, node 0. Nodes are
 * numbered by their distance from the root.
 */
export function regularTree(degree: number, depth: number): Topology {
  const edges: [number, number][] = []
  let [level, size] = [[0], 1]
  for (let hop = 1; hop <= depth; hop++) {
    const next: number[] = []
    for (const parent of level) {
      for (let child = hop === 1 ? 0 : 1; child < degree; child++) {
        edges.push([parent, size])
        next.push(size++)
      }
    }
    level = next
  }
  return topologyFromEdges(size, edges)
}
