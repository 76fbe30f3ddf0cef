import type { Address, AddressBook } from '../core/address.ts'
import type { Data } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Observer } from '../core/observer.ts'
import type { Millis } from '../core/time.ts'
import { topologyFromEdges } from '../core/topology.ts'
import { componentSizes } from './graph.ts'

/** Whom a node says it is connected to. */
export interface PeerLink {
  readonly isOutgoing: boolean
  readonly since: Millis
}

/**
 * What nodes say of their peers, gathered from their reports: `connected` and `disconnected` of their connections,
 * `learned`, `verified` and `forgot` of the addresses that they know. A node that reports nothing has nothing here; a
 * crash forgets all.
 */
export class PeerLinks implements Observer {
  readonly size: number
  readonly #addresses: AddressBook
  readonly #links: readonly Map<Address, PeerLink>[]
  readonly #known: readonly Map<Address, { isVerified: boolean }>[]
  #hasKnown = false

  constructor(size: number, addresses: AddressBook) {
    this.size = size
    this.#addresses = addresses
    this.#links = Array.from({ length: size }, () => new Map<Address, PeerLink>())
    this.#known = Array.from({ length: size }, () => new Map<Address, { isVerified: boolean }>())
  }

  /** Whether any node has ever said what it knows: a lab's protocol need not. */
  get hasKnown(): boolean {
    return this.#hasKnown
  }

  /** The connections that the node says it has. */
  linksOf(node: number): ReadonlyMap<Address, PeerLink> {
    return this.#links[node]!
  }

  /** The addresses that the node says it knows. */
  knownTo(node: number): ReadonlyMap<Address, { readonly isVerified: boolean }> {
    return this.#known[node]!
  }

  /** The nodes that hold a connection with this one, of which both say so. */
  peersOf(node: number): number[] {
    const own = this.#addresses.addressOf(node)
    return [...this.#links[node]!.keys()].flatMap((address) => {
      const peer = this.#addresses.nodeOf(address)
      return peer >= 0 && peer !== node && this.#links[peer]!.has(own) ? [peer] : []
    })
  }

  /** The sizes of the parts that connections make of these nodes, the largest first. */
  parts(isThere: (node: number) => boolean): number[] {
    const edges: [number, number][] = []
    for (let node = 0; node < this.size; node++) {
      if (isThere(node)) for (const peer of this.peersOf(node)) if (isThere(peer)) edges.push([node, peer])
    }
    return componentSizes(topologyFromEdges(this.size, edges), isThere)
  }

  onEvent(_number: number, _time: Millis, kind: EventKind, node: number): void {
    if (kind !== 'crash') return
    this.#links[node]!.clear()
    this.#known[node]!.clear()
  }

  onReport(time: Millis, node: number, event: string, detail: Data | undefined): void {
    // The reports of a lab's file are a stranger's words as well.
    const { peer, isOutgoing } = (typeof detail === 'object' && detail !== null ? detail : {}) as {
      readonly peer?: unknown
      readonly isOutgoing?: unknown
    }
    if (typeof peer !== 'number') return
    const [links, known] = [this.#links[node]!, this.#known[node]!]
    if (event === 'connected') links.set(peer as Address, { isOutgoing: isOutgoing === true, since: time })
    else if (event === 'disconnected') links.delete(peer as Address)
    else if (event === 'forgot') known.delete(peer as Address)
    else if (event === 'learned' || event === 'verified') {
      known.set(peer as Address, { isVerified: event === 'verified' })
      this.#hasKnown = true
    }
  }
}
