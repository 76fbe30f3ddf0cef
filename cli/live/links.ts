import type { Topology } from '@peerlab/engine'

/** The pairs of nodes between which there is to be a connection: neighbors, whoever of the two knows of the other. */
export function linksOf(topology: Topology): readonly (readonly [from: number, to: number])[] {
  const links = new Map<string, readonly [number, number]>()
  for (let node = 0; node < topology.size; node++) {
    for (const neighbor of topology.neighbors(node)) {
      const [low, high] = node < neighbor ? [node, neighbor] : [neighbor, node]
      if (low !== high) links.set(`${low} ${high}`, [node, neighbor])
    }
  }
  return [...links.values()]
}
