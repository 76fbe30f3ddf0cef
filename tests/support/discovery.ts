import {
  componentSizes,
  constantLatency,
  Discovery,
  Simulation,
  topologyFromEdges,
  type Address,
  type DiscoveryMessage,
  type DiscoveryOptions,
  type Host,
  type LatencyModel,
  type Message,
  type Protocol,
  type Topology,
} from '@peerlab/engine'

export interface Newcomers {
  readonly simulation: Simulation
  /** The instance that each honest node runs now. */
  readonly nodes: readonly Discovery[]
}

export interface Setup extends DiscoveryOptions {
  readonly size?: number
  readonly seed?: number
  readonly topology?: Topology
  readonly latency?: LatencyModel
  /** These nodes run something else. */
  readonly others?: ReadonlyMap<number, (host: Host<DiscoveryMessage>) => Protocol<DiscoveryMessage>>
}

/** Every node knows the first few, and those know nobody. */
export function bootnodes(size: number, count = 1): Topology {
  const edges = Array.from({ length: size - count }, (_, i) =>
    Array.from({ length: count }, (_, bootnode) => [i + count, bootnode] as const),
  )
  return topologyFromEdges(size, edges.flat(), { directed: true })
}

/** Nodes that have started: by default 60 that know node 0 only. */
export function newcomers({ size = 60, seed = 1, topology, latency, others, ...options }: Setup = {}): Newcomers {
  const nodes: Discovery[] = []
  const simulation = new Simulation({
    seed,
    topology: topology ?? bootnodes(size),
    latency: latency ?? constantLatency(50),
    strict: true,
    protocol: (host, node) => {
      const other = others?.get(node)
      return other === undefined ? (nodes[node] = new Discovery(host, options)) : other(host)
    },
  })
  simulation.runUntil(0)
  return { simulation, nodes }
}

/** The nodes that are up and honest, each with its number. */
export function upNodes({ simulation, nodes }: Newcomers): [node: number, discovery: Discovery][] {
  return [...nodes.entries()].filter(([node, discovery]) => discovery !== undefined && simulation.isUp(node))
}

export function outgoing(discovery: Discovery): Address[] {
  return [...discovery.connections].flatMap(([peer, { isOutgoing }]) => (isOutgoing ? [peer] : []))
}

/** The parts that the network of connections falls into, the largest first, without these nodes. */
export function partsWithout(run: Newcomers, left: readonly number[] = []): number[] {
  const { size } = run.simulation
  const edges = upNodes(run).flatMap(([node, { connections }]) =>
    [...connections.keys()].flatMap((peer) => (peer < size && peer !== node ? [[node, peer] as const] : [])),
  )
  const isThere = (node: number): boolean => run.simulation.isUp(node) && !left.includes(node)
  return componentSizes(topologyFromEdges(size, edges), isThere)
}

/** Connects with everybody and answers get-peers with these addresses. */
export function liar(makePeers: () => readonly number[]): (host: Host<DiscoveryMessage>) => Protocol<DiscoveryMessage> {
  return (host) => ({
    onStart() {
      for (const peer of Array.from(host.neighbors)) host.send(peer, { type: 'hello' })
    },
    onMessage(from: Address, { type }: Message) {
      if (type === 'hello') host.send(from, { type: 'welcome' })
      if (type === 'ping') host.send(from, { type: 'pong' })
      if (type === 'get-peers') host.send(from, { type: 'peers', peers: makePeers() as Address[] })
    },
  })
}
