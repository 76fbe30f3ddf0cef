import { checkInteger, describe } from './errors.ts'
import { maxPort, type Host, type Port, type Protocol } from './host.ts'
import { SimulatedHost } from './simulated-host.ts'
import type { SimulationOptions } from './simulation-options.ts'
import type { Simulation } from './simulation.ts'
import { MemoryStorage } from './storage.ts'

/** The nodes of a simulation: what runs on each, and what it keeps over a restart. */
export class Nodes {
  /** The host of each node's present incarnation; undefined before its start. */
  readonly hosts: (SimulatedHost | undefined)[]
  readonly #options: SimulationOptions
  readonly #storages: (MemoryStorage | undefined)[] = []

  constructor(size: number, options: SimulationOptions) {
    this.hosts = Array.from({ length: size }, () => undefined)
    this.#options = options
  }

  isUp(node: number): boolean {
    return this.hosts[node]?.protocol !== undefined
  }

  /** How often the node has restarted. */
  incarnation(node: number): number {
    return this.hosts[node]?.incarnation ?? 0
  }

  /** Whether the node may send under others' addresses. */
  isAttacker(node: number): boolean {
    return this.#options.attackers?.has(node) === true
  }

  /** Throws where there are no ports, and for what is none. */
  checkPort(port: Port): Port {
    if (this.#options.underlay === undefined)
      throw new Error(`send: fromPort is ${describe(port)}, but this run has no ports: leave it out`)
    return checkInteger('send: fromPort', port, { min: 1, max: maxPort })
  }

  storageOf(node: number): MemoryStorage {
    return (this.#storages[node] ??= new MemoryStorage())
  }

  /** A new incarnation, on what the one before has stored. */
  start(simulation: Simulation, node: number): SimulatedHost {
    const before = this.hosts[node]
    const incarnation = before === undefined ? 0 : before.incarnation + 1
    const host = new SimulatedHost(simulation, this, node, incarnation, before?.packetsSent ?? 0)
    this.hosts[node] = host
    host.protocol = this.#options.protocol(host as Host<never>, node, incarnation) as unknown as Protocol
    return host
  }

  /** The instance and its memory are gone. */
  stop(node: number): void {
    this.hosts[node]!.protocol = undefined
  }
}
