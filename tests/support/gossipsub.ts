import {
  deriveStream,
  GossipSub,
  randomRegular,
  Simulation,
  Spread,
  uniformLatency,
  type Address,
  type Command,
  type Data,
  type GossipSubMessage,
  type GossipSubOptions,
  type Host,
  type Message,
  type SimulationOptions,
  type Topology,
} from '@peerlab/engine'

export interface Sent {
  readonly time: number
  readonly from: number
  readonly to: number
  readonly message: GossipSubMessage
}

export interface Reported {
  readonly time: number
  readonly node: number
  readonly event: string
  readonly detail: { readonly [key: string]: Data }
}

export interface Setup {
  readonly seed?: number
  /** Default: 60 nodes with 20 neighbors each. */
  readonly topology?: Topology
  /** Default: none, so the defaults of the protocol. */
  readonly options?: GossipSubOptions | ((node: number) => GossipSubOptions)
  /** Nodes that do something else. */
  readonly others?: SimulationOptions['protocol']
  readonly otherNodes?: readonly number[]
  readonly minLatency?: number
  readonly maxLatency?: number
}

/** A network of GossipSub nodes, with everything that they send and report. */
export class GossipSubNetwork {
  readonly simulation: Simulation
  /** The present instance at each node; where something else runs, undefined. */
  readonly nodes: (GossipSub | undefined)[] = []
  readonly spread: Spread
  readonly sent: Sent[] = []
  readonly reports: Reported[] = []

  constructor({ seed = 1, topology, options = {}, others, otherNodes = [], ...latency }: Setup = {}) {
    const { minLatency = 20, maxLatency = 80 } = latency
    this.simulation = new Simulation({
      seed,
      topology: topology ?? randomRegular(60, 20, deriveStream(seed, 'topology')),
      latency: uniformLatency(minLatency, maxLatency),
      protocol: (host, node, incarnation) => {
        if (otherNodes.includes(node)) return others!(host, node, incarnation)
        const own = typeof options === 'function' ? options(node) : options
        this.nodes[node] = new GossipSub(host as unknown as Host<GossipSubMessage>, own)
        return this.nodes[node] as never
      },
    })
    this.spread = new Spread(this.simulation.size)
    this.simulation.observe(this.spread)
    this.simulation.observe({
      onSend: (time, from, to, message) =>
        void this.sent.push({ time, from, to, message: message as GossipSubMessage }),
      onDrop: (time, from, to, message, reason) => {
        // What a rule drops was sent all the same.
        if (reason !== 'receiver down') this.sent.push({ time, from, to, message: message as GossipSubMessage })
      },
      onReport: (time, node, event, detail) => {
        this.reports.push({ time, node, event, detail: (detail ?? {}) as Reported['detail'] })
      },
    })
  }

  runUntil(time: number): this {
    this.simulation.runUntil(time)
    return this
  }

  publish(node: number, id: string, topic?: string): void {
    const command = { type: 'publish', id, payload: `payload of ${id}`, ...(topic === undefined ? {} : { topic }) }
    this.simulation.command(node, command as Command)
  }

  command(node: number, command: Message & { readonly [field: string]: Data }): void {
    this.simulation.command(node, command)
  }

  /** Sends a message in the name of a node, at once. */
  inject(from: number, to: number, message: GossipSubMessage): void {
    this.simulation.inject(from, to, message)
  }

  node(index: number): GossipSub {
    return this.nodes[index]!
  }

  meshOf(node: number, topic = 'news'): readonly number[] {
    return this.nodes[node]?.meshOf(topic) ?? []
  }

  /** Mesh links that only one side knows of, among nodes that run GossipSub and are up, in words. */
  oneSided(topic = 'news'): string[] {
    return this.nodes.flatMap((_, node) =>
      this.simulation.isUp(node)
        ? this.meshOf(node, topic)
            .filter((peer) => this.nodes[peer] !== undefined && !this.meshOf(peer, topic).includes(node))
            .map((peer) => `${node} has ${peer}, but not the other way round`)
        : [],
    )
  }

  /** How many of the published messages are missing at how many nodes that are up. */
  get holes(): number {
    let holes = 0
    for (const { times } of this.spread.rumors.values()) {
      times.forEach((time, node) => (holes += Number.isNaN(time) && this.simulation.isUp(node) ? 1 : 0))
    }
    return holes
  }

  reported(event: string, node?: number): Reported[] {
    return this.reports.filter((report) => report.event === event && (node === undefined || report.node === node))
  }

  sentOf<T extends GossipSubMessage['type']>(type: T): (Sent & { readonly message: GossipSubMessage & { type: T } })[] {
    return this.sent.filter(({ message }) => message.type === type) as never
  }
}

export function addressOf(node: number): Address {
  return node as Address
}

/**
 * A node that says it is in the topic and acknowledges what it is told; else it does on each message what the test
 * wants. What it sends comes from the test, by `inject`.
 */
export function actor(
  act: (host: Host<GossipSubMessage>, from: number, message: Message) => void = () => undefined,
): SimulationOptions['protocol'] {
  return ((host: Host<GossipSubMessage>) => ({
    onStart() {
      for (const peer of Array.from(host.neighbors)) {
        host.send(peer, { type: 'subscribe', number: 1, born: 1, topics: ['news'] })
      }
    },
    onMessage(from: number, message: Message) {
      const { number } = message as { readonly number?: number }
      if (number !== undefined && message.type !== 'ack') host.send(addressOf(from), { type: 'ack', number })
      act(host, from, message)
    },
  })) as unknown as SimulationOptions['protocol']
}
