import {
  AntiEntropy,
  complete,
  constantLatency,
  digest,
  Simulation,
  type AntiEntropyOptions,
  type Command,
  type LatencyModel,
  type StoreEntry,
  type Topology,
} from '@peerlab/engine'
import { expect } from 'vitest'

export const period = 1000

export interface Replicas {
  readonly simulation: Simulation
  /** The instance that each node runs now. */
  readonly nodes: readonly AntiEntropy[]
}

export interface Setup extends Partial<AntiEntropyOptions> {
  readonly seed?: number
  readonly topology?: Topology
  readonly latency?: LatencyModel
}

/** Replicas that have started, by default 10 that all talk with each other. */
export function replicas({
  seed = 1,
  topology = complete(10),
  latency = constantLatency(20),
  ...options
}: Setup = {}): Replicas {
  const nodes: AntiEntropy[] = []
  const simulation = new Simulation({
    seed,
    topology,
    latency,
    strict: true,
    protocol: (host, node) => (nodes[node] = new AntiEntropy(host, { period, timing: 'periodic', ...options })),
  })
  simulation.runUntil(0)
  return { simulation, nodes }
}

export function put({ simulation }: Replicas, node: number, key: string, value: string): boolean {
  return simulation.command(node, { type: 'put', key, value } as Command)
}

export function remove({ simulation }: Replicas, node: number, key: string): boolean {
  return simulation.command(node, { type: 'delete', key } as Command)
}

/** How many different stores there are among the nodes that are up. */
export function versions({ simulation, nodes }: Replicas): number {
  return new Set(nodes.filter((_, node) => simulation.isUp(node)).map(({ entries }) => digest(entries))).size
}

/** Runs until all stores are the same, and says how many periods that took. */
export function periodsUntilSame(run: Replicas): number {
  const from = run.simulation.now
  while (versions(run) > 1 && run.simulation.now < from + 200 * period)
    run.simulation.runUntil(run.simulation.now + period)
  expect(versions(run)).toBe(1)
  return (run.simulation.now - from) / period
}

/** Counts what is sent from now on. */
export function traffic({ simulation }: Replicas): { messages: number; entries: number; characters: number } {
  const counts = { messages: 0, entries: 0, characters: 0 }
  simulation.observe({
    onSend: (_time, _from, _to, message) => {
      counts.messages++
      counts.entries += (message as { entries?: readonly StoreEntry[] }).entries?.length ?? 0
      counts.characters += JSON.stringify(message).length
    },
  })
  return counts
}
