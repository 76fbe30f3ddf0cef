import { distancesFrom, type Topology } from '@peerlab/engine'

/** All rows as plain lists. */
export function rowsOf(topology: Topology): number[][] {
  return Array.from({ length: topology.size }, (_, node) => [...topology.neighbors(node)])
}

/** What no graph may break: neighbors are other nodes, each once. Returns the first offence in words. */
export function offence(topology: Topology): string | undefined {
  for (const [node, row] of rowsOf(topology).entries()) {
    if (row.includes(node)) return `node ${node} is its own neighbor`
    if (new Set(row).size !== row.length) return `node ${node} has a neighbor twice: ${row.join()}`
    const stranger = row.find((other) => !(Number.isInteger(other) && other >= 0 && other < topology.size))
    if (stranger !== undefined) return `node ${node} has the unknown neighbor ${stranger}`
  }
  return undefined
}

/** The first pair in which only one knows the other, in words. */
export function oneSided(topology: Topology): string | undefined {
  const sets = rowsOf(topology).map((row) => new Set(row))
  for (const [node, row] of sets.entries()) {
    for (const other of row) if (!sets[other]!.has(node)) return `${node} knows ${other}, but not the other way round`
  }
  return undefined
}

/** Links counted once where both know each other. */
export function edgeCount(topology: Topology): number {
  return rowsOf(topology).reduce((sum, row) => sum + row.length, 0) / 2
}

export function isConnected(topology: Topology): boolean {
  return distancesFrom(topology, 0).every((distance) => distance >= 0)
}
