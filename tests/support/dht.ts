import {
  closestContacts,
  compareIds,
  constantLatency,
  Chord,
  idOf,
  Kademlia,
  ownerIn,
  Simulation,
  star,
  type Address,
  type ChordOptions,
  type Command,
  type Contact,
  type Data,
  type Host,
  type Id,
  type KademliaOptions,
  type LatencyModel,
  type Protocol,
  type SimulationOptions,
  type Topology,
} from '@peerlab/engine'

/** What both networks have in common. */
export interface NetworkOptions {
  /** Default 1. It makes the ids, too. */
  readonly seed?: number
  readonly size: number
  /** Default 32. */
  readonly idBytes?: number
  /** Default: node 0 is everybody's way in. */
  readonly topology?: Topology
  /** Default: 20 ms on every link. */
  readonly latency?: LatencyModel
}

/** A report of one node. */
export interface Report {
  readonly time: number
  readonly node: number
  readonly event: string
  readonly detail: { readonly [key: string]: Data }
}

/** A distributed hash table, and somebody who knows all of it. */
abstract class DhtNetwork {
  readonly simulation: Simulation
  /** By node. */
  readonly contacts: readonly Contact[]
  readonly reports: Report[] = []

  constructor({ seed = 1, size, idBytes = 32, topology, latency }: NetworkOptions) {
    this.contacts = Array.from({ length: size }, (_, node) => ({
      id: idOf(`node ${seed}/${node}`, idBytes),
      address: node as Address,
    }))
    this.simulation = new Simulation({
      seed,
      topology: topology ?? star(size),
      protocol: ((host: Host, node: number) => this.makeNode(host, node)) as unknown as SimulationOptions['protocol'],
      latency: latency ?? constantLatency(20),
      strict: true,
    })
    this.simulation.observe({
      onReport: (time, node, event, detail) => {
        this.reports.push({ time, node, event, detail: (detail ?? {}) as Report['detail'] })
      },
    })
  }

  protected abstract makeNode(host: Host, node: number): Protocol<never, never>

  /** Gives a command, and runs until the node reports the end of it, in a report of the same name. */
  do<C extends Command>(node: number, command: C): Report {
    const before = this.reports.length
    this.simulation.command(node, command)
    const isEnd = (report: Report): boolean => report.node === node && report.event === command.type
    const found = (): Report | undefined => this.reports.slice(before).find(isEnd)
    this.simulation.run({ isOver: () => found() !== undefined, maxEvents: 100_000 })
    const report = found()
    if (report === undefined) throw new Error(`${command.type} of node ${node} did not come to an end`)
    return report
  }

  events(event: string): Report[] {
    return this.reports.filter((report) => report.event === event)
  }

  get up(): Contact[] {
    return this.contacts.filter(({ address }) => this.simulation.isUp(address))
  }
}

export type KademliaNetworkOptions = NetworkOptions & Omit<Partial<KademliaOptions>, 'id'>

/** Kademlia nodes; k is 8 unless told otherwise. */
export class KademliaNetwork extends DhtNetwork {
  readonly nodes: Kademlia[] = []
  readonly #options: KademliaNetworkOptions

  constructor(options: KademliaNetworkOptions) {
    super(options)
    this.#options = options
    this.simulation.runUntil(0)
  }

  protected override makeNode(host: Host, node: number): Kademlia {
    const { id } = this.contacts[node]!
    return (this.nodes[node] = new Kademlia(host, { k: 8, ...this.#options, id }))
  }

  /** The addresses that a lookup from this node should find: the closest of all others that are up. */
  oracle(node: number, target: Id, count: number): Address[] {
    const others = this.up.filter(({ address }) => address !== node)
    return closestContacts(others, target, count).map(({ address }) => address)
  }
}

export type ChordNetworkOptions = NetworkOptions &
  Omit<Partial<ChordOptions>, 'id' | 'ring'> & {
    /** Whether the ring is there from the start. Default false: the nodes have to join. */
    readonly isStable?: boolean
    /** This node joins when it restarts, though the ring was there from the start. */
    readonly joining?: number
  }

/** Chord nodes. */
export class ChordNetwork extends DhtNetwork {
  readonly nodes: Chord[] = []
  readonly #options: ChordNetworkOptions

  constructor(options: ChordNetworkOptions) {
    super(options)
    this.#options = options
    this.simulation.runUntil(0)
  }

  protected override makeNode(host: Host, node: number): Chord {
    const { isStable = false, joining, ...options } = this.#options
    const isBack = node === joining && this.nodes[node] !== undefined
    const ring = isStable && !isBack ? { ring: this.contacts.toSorted((a, b) => compareIds(a.id, b.id)) } : {}
    const { id } = this.contacts[node]!
    return (this.nodes[node] = new Chord(host, { ...options, ...ring, id }))
  }

  /** The nodes that are up, in the order of the ring. */
  get ring(): Contact[] {
    return this.up.toSorted((a, b) => compareIds(a.id, b.id))
  }

  /** The address of the owner that a lookup should find. */
  oracle(target: Id): Address {
    return ownerIn(this.ring, target).address
  }
}
