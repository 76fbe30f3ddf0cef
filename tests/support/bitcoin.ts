import {
  BitcoinNode,
  complete,
  Connections,
  constantLatency,
  deriveStream,
  endpointBook,
  formatEndpoint,
  randomEndpoint,
  Simulation,
  type Addr,
  type BitcoinMessage,
  type BitcoinParameters,
  type Data,
  type Host,
  type Ipv4Endpoint,
  type LatencyModel,
  type Message,
  type Protocol,
} from '@peerlab/engine'

export interface NetworkOptions {
  readonly seed?: number
  /** Honest nodes, at endpoints at random; node 0 is among them. Default 30. */
  readonly honest?: number
  readonly parameters?: BitcoinParameters
  /** Those of node 0, where they differ. */
  readonly victim?: BitcoinParameters
  /** How many honest nodes the others know at first. Default 5. */
  readonly seeds?: number
  /** Endpoints of nodes behind the honest ones … */
  readonly strangers?: readonly Ipv4Endpoint[]
  /** … and what runs there. */
  readonly stranger?: (host: Host<BitcoinMessage>, index: number, network: Network) => Protocol
  readonly latency?: LatencyModel
}

export interface Network {
  readonly simulation: Simulation
  readonly endpoints: readonly Ipv4Endpoint[]
  /** What runs at each honest node now. */
  readonly nodes: readonly BitcoinNode[]
  /** What was reported: the node, the event, its detail. */
  readonly reports: { node: number; time: number; event: string; detail: Readonly<Record<string, Data>> }[]
}

/** A network of Bitcoin nodes that has started; latency is 50 ms unless told otherwise. */
export function network(options: NetworkOptions = {}): Network {
  const { seed = 1, honest = 30, parameters, victim = parameters, strangers = [], stranger } = options
  const random = deriveStream(seed, 'endpoints')
  const own = Array.from({ length: honest }, () => randomEndpoint(random, 8333))
  const endpoints = [...own, ...strangers]
  const seeds = own.slice(Math.max(0, honest - (options.seeds ?? 5)))
  const nodes: BitcoinNode[] = []
  const reports: Network['reports'] = []
  const simulation: Simulation = new Simulation({
    seed,
    topology: complete(endpoints.length),
    addresses: endpointBook(endpoints),
    latency: options.latency ?? constantLatency(50),
    strict: endpoints.length < 100,
    protocol: (host, node) => {
      const typed = host as unknown as Host<BitcoinMessage>
      if (node >= honest) return stranger!(typed, node - honest, result) as unknown as Protocol<never, never>
      const chosen = node === 0 ? victim : parameters
      nodes[node] = new BitcoinNode(typed, { seeds, ...(chosen && { parameters: chosen }) })
      return nodes[node] as unknown as Protocol<never, never>
    },
  })
  simulation.observe({
    onReport: (time, node, event, detail) => {
      reports.push({ node, time, event, detail: (detail ?? {}) as Readonly<Record<string, Data>> })
    },
  })
  const result = { simulation, endpoints, nodes, reports }
  simulation.runUntil(0)
  return result
}

/** Whom a node is connected to, by kind of connection. */
export function peersOf({ nodes }: Network, node: number, ...kinds: readonly string[]): Ipv4Endpoint[] {
  return nodes[node]!.links.filter(({ kind }) => kinds.includes(kind)).map(({ peer }) => peer)
}

/** Shuts a node down in order, and starts it again at once. */
export function restart({ simulation }: Network, node: number): void {
  simulation.command(node, { type: 'shutdown' })
  simulation.crash(node)
  simulation.restart(node)
}

/** An addr message with these addresses, as text or not, seen at this time. */
export function addr(endpoints: readonly (Ipv4Endpoint | string)[], seen = 0): Addr {
  const text = (each: Ipv4Endpoint | string): string => (typeof each === 'string' ? each : formatEndpoint(each))
  return { type: 'addr', addresses: endpoints.map((each) => ({ endpoint: text(each), seen })) }
}

/** Tells a {@link Guest} what to do. */
export type GuestCommand =
  | { readonly type: 'dial' | 'leave'; readonly to: Ipv4Endpoint }
  | { readonly type: 'say'; readonly to: Ipv4Endpoint; readonly message: Message }

/** A peer that does as the test says, and notes what it hears. It lets everybody in. */
export class Guest implements Protocol<Message, GuestCommand> {
  readonly heard: { from: Ipv4Endpoint; message: Message }[] = []
  readonly closed: string[] = []
  readonly #connections: Connections<Message>

  constructor(host: Host<never>) {
    this.#connections = new Connections(host, {
      maxInbound: 1000,
      maxOutbound: 1000,
      keepAlive: 120_000,
      silence: 1_200_000,
      onClose: (_peer, _direction, reason) => void this.closed.push(reason),
    })
  }

  get peers(): Ipv4Endpoint[] {
    return this.#connections.open.map(({ peer }) => peer)
  }

  onCommand(command: GuestCommand): void {
    if (command.type === 'say') this.#connections.send(command.to, command.message)
    else if (command.type === 'dial') this.#connections.dial(command.to)
    else this.#connections.close(command.to)
  }

  onMessage(from: Ipv4Endpoint, packet: Message): void {
    const message = this.#connections.onMessage(from, packet)
    if (message !== undefined) this.heard.push({ from, message })
  }

  onTimer(name: string): void {
    this.#connections.onTimer(name)
  }
}

/** A network with guests, each at its endpoint, all connected to node 0 if `dial` says so. */
export function visited(
  options: Omit<NetworkOptions, 'stranger'> & { readonly dial?: boolean } = {},
): Network & { readonly guests: readonly Guest[]; readonly tell: (guest: number, command: GuestCommand) => void } {
  const guests: Guest[] = []
  const run = network({ ...options, stranger: (host, i) => (guests[i] = new Guest(host as never)) as never })
  const first = run.nodes.length
  const tell = (guest: number, command: GuestCommand): void => void run.simulation.command(first + guest, command)
  run.simulation.runUntil(10_000)
  if (options.dial !== false) for (const [i] of guests.entries()) tell(i, { type: 'dial', to: run.endpoints[0]! })
  run.simulation.runUntil(11_000)
  return { ...run, guests, tell }
}
