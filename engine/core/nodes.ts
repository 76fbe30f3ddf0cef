import type { Address, AddressBook } from './address.ts'
import { checkInteger, describe } from './errors.ts'
import { maxPort, type Host, type Port, type Protocol } from './host.ts'
import { deriveWords, Streams } from './random.ts'
import { SimulatedHost } from './simulated-host.ts'
import type { SimulationOptions } from './simulation-options.ts'
import type { Simulation } from './simulation.ts'
import { MemoryStorage } from './storage.ts'

/** From this many nodes on, memory is the slowest part: what is not needed again soon is not kept. */
const manyNodes = 20_000

/** Lists of neighbors up to this length are cheap to make anew; longer ones are kept in any case. */
const shortList = 32

/**
 * The nodes of a simulation: what runs on each, and what it keeps over a restart. What every node has stands in arrays,
 * side by side: a million small objects are slower than one large array, and take more room.
 */
export class Nodes {
  /** The host of each node's present incarnation; undefined before its start. */
  readonly hosts: (SimulatedHost | undefined)[]
  /** The instance that runs on each node; undefined while it is being made, and while the node is down. */
  readonly protocols: (Protocol | undefined)[]
  /** Each node's own stream; the one that is selected belongs to the node whose code runs, its constructor included. */
  readonly streams: Streams
  /** How often each node has restarted; -1 before its start. */
  readonly #incarnations: Int32Array
  readonly #options: SimulationOptions
  readonly #addresses: AddressBook
  readonly #storages: (MemoryStorage | undefined)[] = []
  /** Each node's neighbors, once it has asked for them; of many nodes only the long lists. */
  readonly #lists: (ArrayLike<Address> | undefined)[]
  readonly #longLists = new Map<number, ArrayLike<Address>>()

  constructor(size: number, options: SimulationOptions, addresses: AddressBook) {
    this.hosts = new Array<undefined>(size).fill(undefined)
    this.protocols = new Array<undefined>(size).fill(undefined)
    this.streams = new Streams(size)
    this.#lists = new Array<undefined>(size < manyNodes ? size : 0).fill(undefined)
    this.#incarnations = new Int32Array(size).fill(-1)
    this.#options = options
    this.#addresses = addresses
  }

  isUp(node: number): boolean {
    return this.protocols[node] !== undefined
  }

  /** How often the node has restarted. */
  incarnation(node: number): number {
    return Math.max(this.#incarnations[node]!, 0)
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

  neighborsOf(node: number): ArrayLike<Address> {
    const kept = this.#lists[node]
    if (kept !== undefined) return kept
    const { topology } = this.#options
    const isShort = topology.degree(node) <= shortList
    let list = isShort ? undefined : this.#longLists.get(node)
    list ??= this.#addresses.addressesOf(isShort ? topology.neighborList(node) : topology.neighbors(node))
    if (this.#lists.length > 0) this.#lists[node] = list
    else if (!isShort) this.#longLists.set(node, list)
    return list
  }

  /**
   * Reads what these nodes' events will need, for no other reason than to have it in the processor's cache when they
   * come: here many reads wait for memory at once, and there each would wait alone.
   */
  prefetch(nodes: Int32Array, count: number): number {
    const { hosts, protocols } = this
    let sum = this.streams.prefetch(nodes, count)
    if (this.#lists.length === 0) sum += this.#options.topology.prefetch?.(nodes, count) ?? 0
    // To ask what an instance is is to read it: its own code does not run.
    for (let i = 0; i < count; i++) if (typeof protocols[nodes[i]!] === 'object') sum++
    for (let i = 0; i < count; i++) sum += hosts[nodes[i]!]?.node ?? 0
    return sum
  }

  /** A new incarnation, on what the one before has stored. */
  start(simulation: Simulation, node: number): void {
    const incarnation = ++this.#incarnations[node]!
    this.streams.seed(node, nodeWords(simulation.seed, node, incarnation))
    const host = new SimulatedHost(simulation, node, this.hosts[node]?.packetsSent ?? 0)
    this.hosts[node] = host
    this.protocols[node] = this.#options.protocol(host as Host<never>, node, incarnation) as unknown as Protocol
  }

  /** The instance and its memory are gone. */
  stop(node: number): void {
    this.protocols[node] = undefined
    this.hosts[node]!.retire()
  }
}

/** Seeds the stream of one incarnation of one node, the same whoever runs the node. */
export function nodeWords(seed: number, node: number, incarnation: number): Uint32Array {
  return deriveWords(seed, 'node', node, incarnation).subarray(0, 4)
}
