/** Who is linked with whom in the scenario `overlay`, and the regions of the world that its nodes live in. */
import { deriveStream } from '../core/random.ts'
import { assignRegions, bitcoinRegions2019, type RegionTable } from '../core/regions.ts'
import { topologyFromEdges, type Topology } from '../core/topology.ts'

export interface OverlayLinks {
  readonly size: number
  /** Links that each node opens; others open some to it as well. */
  readonly links: number
  /** Which share of them leads to the nearest nodes, 0 to 1, rounded to whole links; the others lead to any. */
  readonly nearest: number
}

/** Bitcoin's regions with its shares of nodes, or with as many nodes in each. */
export function regionTable(population: 'bitcoin' | 'even'): RegionTable {
  const { names, latencies } = bitcoinRegions2019
  return population === 'bitcoin' ? bitcoinRegions2019 : { names, latencies, shares: names.map(() => 1 / names.length) }
}

/** The region number of each node. One more node changes no other node's region. */
export function regionsOf(size: number, seed: number, table: RegionTable): Uint8Array {
  return assignRegions(size, seed, table)
}

/**
 * Each node opens links to random others and to its nearest. The random ones are the first of an order that is drawn for
 * the node: with one nearest more, the last random one goes, and all others stay.
 */
export function overlayTopology(
  { size, links, nearest }: OverlayLinks,
  regions: Uint8Array,
  table: RegionTable,
  seed: number,
): Topology {
  if (links >= size) throw new RangeError(`links is ${links}; in a network of ${size} take at most ${size - 1}`)
  const toNearest = Math.round(nearest * links)
  const edges: [number, number][] = []
  for (let node = 0; node < size; node++) {
    const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== node)
    const random = deriveStream(seed, 'links', node).shuffle(others)
    const wayTo = (other: number): number => table.latencies[regions[node]!]![regions[other]!]!
    // Of those that are equally near, the order that was drawn decides: the last ones, which no random link takes.
    const near = [...random].reverse().sort((a, b) => wayTo(a) - wayTo(b))
    const chosen = new Set([...near.slice(0, toNearest), ...random.slice(0, links - toNearest)])
    for (const other of chosen) edges.push([node, other])
  }
  return topologyFromEdges(size, edges)
}
