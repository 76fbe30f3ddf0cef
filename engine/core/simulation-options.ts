import type { AddressBook } from './address.ts'
import type { Host, Protocol } from './host.ts'
import type { Inbox } from './inboxes.ts'
import type { LatencyModel } from './latency.ts'
import type { Bandwidth } from './links.ts'
import type { Millis } from './time.ts'
import type { Topology } from './topology.ts'
import type { Underlay } from './underlay.ts'

export interface SimulationOptions {
  /** Has no default: a run that cannot be repeated is worth nothing. 0 to 2^53 - 1. */
  readonly seed: number
  readonly topology: Topology
  /** Makes the protocol instance of a node, at its start and at each restart. Must have no side effect. */
  readonly protocol: (host: Host<never>, node: number, incarnation: number) => Protocol<never, never>
  /** Default: 50 ms on every link. */
  readonly latency?: LatencyModel
  /** Default: a node's address is its index. */
  readonly addresses?: AddressBook
  /** Addresses that something is done to on the way (NAT); takes the place of `addresses`. */
  readonly underlay?: Underlay
  /** Each node's access line. Default: nothing holds packets up, and their bytes are not counted. */
  readonly bandwidth?: (node: number) => Bandwidth
  /** Each node's inbox. Default: a message is handled at the moment in which it arrives. */
  readonly inbox?: (node: number) => Inbox
  /** The nodes that may send under others' addresses. Default: none. */
  readonly attackers?: ReadonlySet<number>
  /** Check and copy every message and report: for code that is not trusted yet. Default false. */
  readonly strict?: boolean
  /** Fold message contents into the fingerprint as well. Slower; finds where two runs part. Default false. */
  readonly foldPayloads?: boolean
}

/** Packets so far: sent + copied = delivered + dropped + in flight, at any moment. */
export interface PacketCounts {
  /** By protocols, and injected. */
  readonly sent: number
  /** Made by the network, by duplication. */
  readonly copied: number
  readonly delivered: number
  readonly dropped: number
  readonly inFlight: number
}

/** Why `Simulation.run` came back: nothing left to do, or the time, the number of events or the end was reached. */
export type StopReason = 'idle' | 'time' | 'events' | 'over'

/** How far to run. */
export interface RunBounds {
  /** Up to and at this virtual time. Default: no bound. */
  readonly until?: Millis | undefined
  /** This many events in this call. Default: no bound. */
  readonly maxEvents?: number | undefined
  /** Asked before each event; when it says true, that event stays undone. */
  readonly isOver?: (() => boolean) | undefined
}
