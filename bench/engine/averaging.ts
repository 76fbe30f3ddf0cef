/**
 * The workload: N nodes with random neighbors; once in every cycle each node pushes its value to a random neighbor, which
 * answers with its own, and both keep the average (Jelasity, Montresor, Babaoglu 2005). Three events for each node and
 * cycle: a timer, a push, a reply.
 */
import {
  constantLatency,
  randomOut,
  deriveStream,
  Simulation,
  uniformLatency,
  type Address,
  type Host,
  type Message,
  type Protocol,
  type Topology,
} from '@peerlab/engine'

export interface Workload {
  readonly name: 'zero latency' | '20-99 ms'
  readonly nodes: number
  readonly cycles: number
  /** In whole microseconds. */
  readonly cycle: number
  /** In whole microseconds, both included. */
  readonly latency: { readonly min: number; readonly max: number }
}

export const neighbors = 20

interface Value extends Message {
  readonly type: 'push' | 'reply'
  readonly value: number
}

class Averaging implements Protocol<Value> {
  readonly #host: Host<Value>
  readonly #cycle: number
  #cyclesLeft: number
  #value = 0

  constructor(host: Host<Value>, { cycle, cycles }: Workload) {
    this.#host = host
    this.#cycle = cycle / 1000
    this.#cyclesLeft = cycles
  }

  onStart(): void {
    this.#value = this.#host.random.next()
    this.#host.setTimer('cycle', this.#host.random.next() * this.#cycle)
  }

  onTimer(): void {
    const { random, neighbors } = this.#host
    this.#host.send(random.pick(neighbors), { type: 'push', value: this.#value })
    if (--this.#cyclesLeft > 0) this.#host.setTimer('cycle', this.#cycle)
  }

  onMessage(from: Address, { type, value }: Value): void {
    if (type === 'push') this.#host.send(from, { type: 'reply', value: this.#value })
    this.#value = (this.#value + value) / 2
  }
}

/** The run, set up: its topology, and each node's instance with its stream and its first timer. */
export function setUp(workload: Workload, topology: Topology, seed: number): Simulation {
  const { min, max } = workload.latency
  const simulation = new Simulation({
    seed,
    topology,
    protocol: (host) => new Averaging(host, workload),
    latency: max === 0 ? constantLatency(0) : uniformLatency(min / 1000, max / 1000),
  })
  simulation.runUntil(0)
  return simulation
}

export function topologyFor({ nodes }: Workload, seed: number): Topology {
  return randomOut(nodes, neighbors, deriveStream(seed, 'bench'))
}
