/** Who is who in the scenario `architectures`, who has what, and what runs where. All of it follows from the seed. */
import type { Host, Protocol } from '../core/host.ts'
import { deriveStream } from '../core/random.ts'
import { randomRegular, star } from '../core/topologies.ts'
import { topologyFromEdges, type Topology } from '../core/topology.ts'
import { idOf, type Contact, type Id } from '../protocols/contact.ts'
import { IndexSearch } from '../protocols/index-search.ts'
import { bep5IdBytes, bep5Kademlia } from '../protocols/kademlia/kademlia-options.ts'
import { Kademlia } from '../protocols/kademlia/kademlia.ts'
import { fullTable, kademliaContacts } from './kademlia-network.ts'

/** The parameters of the scenario that say who is there. */
export interface NetworkValues {
  readonly architecture: 'directory' | 'supernodes' | 'flat' | 'structured'
  readonly size: number
  readonly supernodes: number
  /** Supernodes that each other node knows. */
  readonly parents: number
  readonly degree: number
  readonly items: number
  /** Nodes that have each item. */
  readonly copies: number
}

export interface ArchitectureNetwork {
  readonly topology: Topology
  /** So many nodes, the first ones, are index nodes for others. */
  readonly hubs: number
  /** The nodes that have each item. */
  readonly holders: readonly (readonly number[])[]
  /** The nodes of the structured overlay, with their ids; none in other architectures. */
  readonly contacts: readonly Contact[]
}

export function drawNetwork(values: NetworkValues, seed: number): ArchitectureNetwork {
  const { architecture, size, items, copies } = values
  const hubs = architecture === 'directory' ? 1 : architecture === 'supernodes' ? values.supernodes : 0
  if (hubs + copies >= size) {
    throw new RangeError(`size is ${size}; take more than ${hubs + copies}, for index nodes, holders and one who asks`)
  }
  const others = Array.from({ length: size - hubs }, (_, i) => hubs + i)
  return {
    topology: topologyOf(values, seed),
    hubs,
    holders: Array.from({ length: items }, (_, item) => deriveStream(seed, 'holders', item).sample(others, copies)),
    contacts: architecture === 'structured' ? kademliaContacts(seed, size, bep5IdBytes) : [],
  }
}

/** The key of an item in the structured overlay. */
export function keyOfItem(item: number): Id {
  return idOf(nameOf(item), bep5IdBytes)
}

export function nameOf(item: number): string {
  return `item ${item}`
}

/** The numbers of what a node has. */
export function itemsOf({ holders }: ArchitectureNetwork, node: number): number[] {
  return holders.flatMap((nodes, item) => (nodes.includes(node) ? [item] : []))
}

export function makeNode(
  host: Host<never>,
  node: number,
  { architecture }: NetworkValues,
  network: ArchitectureNetwork,
  seed: number,
): IndexSearch | Kademlia {
  if (architecture === 'structured') {
    return new Kademlia(host, {
      ...bep5Kademlia,
      alpha: 3, // of the paper
      id: network.contacts[node]!.id,
      contacts: fullTable(network.contacts, node, bep5Kademlia.k, seed),
      refreshInterval: 0,
      timeout: 500,
    })
  }
  const isIndex = architecture === 'flat' || node < network.hubs
  return new IndexSearch(host, { items: itemsOf(network, node).map(nameOf), isIndex })
}

/** As the simulation takes it. */
export function asProtocol(node: IndexSearch | Kademlia): Protocol<never, never> {
  return node as Protocol<never, never>
}

/** Supernodes know each other; the others take turns at them, so that each has as many. */
function topologyOf({ architecture, size, supernodes, parents, degree }: NetworkValues, seed: number): Topology {
  const random = deriveStream(seed, 'topology')
  if (architecture === 'directory') return star(size)
  if (architecture === 'structured') return topologyFromEdges(size, [])
  if (architecture === 'flat') {
    if (degree >= size) throw new RangeError(`degree is ${degree}; in a network of ${size} take at most ${size - 1}`)
    return randomRegular(size, (size * degree) % 2 === 0 ? degree : degree - 1, random)
  }
  if (parents > supernodes) {
    throw new RangeError(`parents is ${parents}; there are ${supernodes} supernodes: take at most as many`)
  }
  const edges: [number, number][] = []
  for (let a = 0; a < supernodes; a++) for (let b = 0; b < a; b++) edges.push([a, b])
  const leaves = random.shuffle(Array.from({ length: size - supernodes }, (_, i) => supernodes + i))
  for (const [turn, leaf] of leaves.entries()) {
    for (let i = 0; i < parents; i++) edges.push([leaf, (turn + i) % supernodes])
  }
  return topologyFromEdges(size, edges)
}
