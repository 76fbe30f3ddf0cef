import type { Address } from '../../core/address.ts'
import type { Millis } from '../../core/time.ts'

/** What a connection is for. Who is connected to cannot tell: `incoming` is what the other side opened. */
export type ConnectionKind = 'full-relay' | 'block-only' | 'feeler' | 'incoming'

/** An open connection. */
export interface BitcoinConnection {
  readonly peer: Address
  readonly kind: ConnectionKind
  /** When it opened. */
  readonly since: Millis
  /** When the peer last said something. */
  heard: Millis
}

/** What the node does about its connections. */
export interface ConnectionEvents {
  /** Whether there could be room for one more that comes in: asked before the peer has shown where it is. */
  mayEnter(peer: Address): boolean
  /** Whether it comes in. This may close another connection. */
  admits(peer: Address): boolean
  opened(connection: BitcoinConnection): void
  closed(connection: BitcoinConnection, why: string): void
  /** A dial came to nothing. */
  failed(peer: Address, kind: ConnectionKind): void
}
