import type { ChurnChange, Simulation } from '@peerlab/engine'

/** Every crash and restart from here on. */
export function changesOf(simulation: Simulation): ChurnChange[] {
  const changes: ChurnChange[] = []
  simulation.observe({
    onEvent: (_number, time, kind, node) => {
      if (kind === 'crash' || kind === 'restart') changes.push({ time, node, up: kind === 'restart' })
    },
  })
  return changes
}

/** The lengths of the first `count` whole spans up and down of each node, for nodes that were all up at time 0. */
export function firstSpans(
  changes: readonly ChurnChange[],
  size: number,
  count: number,
): { up: number[]; down: number[] } {
  const since = new Float64Array(size)
  const spans = { up: new Map<number, number[]>(), down: new Map<number, number[]>() }
  for (const { time, node, up } of changes) {
    const ended = up ? spans.down : spans.up
    const list = ended.get(node) ?? []
    if (list.length < count) list.push(time - since[node]!)
    ended.set(node, list)
    since[node] = time
  }
  for (const list of [...spans.up.values(), ...spans.down.values()]) {
    if (list.length < count) throw new Error(`a node has only ${list.length} of ${count} spans; run longer`)
  }
  return { up: [...spans.up.values()].flat(), down: [...spans.down.values()].flat() }
}
