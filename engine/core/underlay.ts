import type { Address, AddressBook } from './address.ts'
import type { Port } from './host.ts'
import type { Micros } from './time.ts'

/** Where a packet goes, as far as that is known when it is sent. */
export interface Route {
  /** What the receiver will see as the sender. */
  readonly source: Address
  /** The node at, or behind, the place that the packet goes to: links and rules are judged by it. */
  readonly to: number
}

/** A packet that leaves its sender. */
export interface Departure {
  readonly from: number
  /** Undefined: the node's own. */
  readonly fromPort: Port | undefined
  /** The address that an attacker gives as its own. */
  readonly claimed: Address | undefined
  readonly to: Address
}

/**
 * What lies under the overlay: it knows which node answers at which address, and what happens to addresses on the way. A
 * reason in words takes the place of an answer where a packet ends.
 */
export interface Underlay extends AddressBook {
  /** A packet leaves its sender now. */
  route(departure: Departure, now: Micros): Route | string
  /** It has crossed the network, and comes to this node; or to nobody, for this reason. */
  arrive(route: Route, now: Micros): number | string
}
