import type { Topology } from '../core/topology.ts'

/** The sizes of the connected components, largest first. The directions of links are ignored. */
export function componentSizes(topology: Topology, isThere: (node: number) => boolean = () => true): number[] {
  const parents = Int32Array.from({ length: topology.size }, (_, node) => node)
  const find = (node: number): number => {
    let root = node
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]! // path halving keeps the trees flat
      root = parents[root]!
    }
    return root
  }
  for (let node = 0; node < topology.size; node++) {
    if (!isThere(node)) continue
    for (const peer of topology.neighbors(node)) if (isThere(peer)) parents[find(node)] = find(peer)
  }
  const sizes = new Map<number, number>()
  for (let node = 0; node < topology.size; node++) {
    if (isThere(node)) sizes.set(find(node), (sizes.get(find(node)) ?? 0) + 1)
  }
  return [...sizes.values()].sort((a, b) => b - a)
}

/** How many links each node has out. */
export function degrees(topology: Topology): number[] {
  return Array.from({ length: topology.size }, (_, node) => topology.neighbors(node).length)
}

/** Hops from one node to each, along the directions of links; -1 = not reachable. */
export function distancesFrom(topology: Topology, start: number): Int32Array {
  const distances = new Int32Array(topology.size).fill(-1)
  distances[start] = 0
  for (let wave = [start]; wave.length > 0;) {
    const next: number[] = []
    for (const node of wave) {
      for (const peer of topology.neighbors(node)) {
        if (distances[peer]! >= 0) continue
        distances[peer] = distances[node]! + 1
        next.push(peer)
      }
    }
    wave = next
  }
  return distances
}
