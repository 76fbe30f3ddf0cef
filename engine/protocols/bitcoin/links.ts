import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import { hostWithSend } from '../../layers/host-with-send.ts'
import { Connections } from '../../layers/connections.ts'
import { bitcoinTiming } from './bitcoin-parameters.ts'
import type { BitcoinMessage } from './messages.ts'

/** What a connection is for. Who is connected to cannot tell: `incoming` is what the other side wanted. */
export type BitcoinLinkKind = 'full-relay' | 'block-only' | 'feeler' | 'incoming'

/** An open connection. */
export interface BitcoinLink {
  readonly peer: Address
  readonly kind: BitcoinLinkKind
  /** When it opened. */
  readonly since: Millis
}

/** What a node does about its connections. */
export interface LinkEvents {
  /** Whether a stranger may come in. It has not shown yet that it is where it says. */
  readonly mayEnter: (peer: Address) => boolean
  readonly opened: (link: BitcoinLink) => void
  readonly closed: (link: BitcoinLink, why: string) => void
  /** A dial came to nothing. */
  readonly failed: (peer: Address, kind: BitcoinLinkKind) => void
}

/** Slots are counted by kind, by the node itself; this only bounds memory. */
const maxConnections = 100_000

/** Connections with a purpose: the layer's, and what each is for. */
export class Links {
  readonly #host: Host<never>
  readonly #events: LinkEvents
  readonly #connections: Connections<BitcoinMessage>
  readonly #open = new Map<Address, BitcoinLink>()
  readonly #dials = new Map<Address, BitcoinLinkKind>()
  #why: string | undefined = undefined

  constructor(host: Host<never>, events: LinkEvents) {
    this.#host = host
    this.#events = events
    this.#connections = new Connections(withPatientTimers(host as unknown as Host), {
      maxOutbound: maxConnections,
      maxInbound: maxConnections,
      handshakeTimeout: bitcoinTiming.dialTimeout,
      keepAlive: bitcoinTiming.ping,
      silence: bitcoinTiming.silence,
      accept: events.mayEnter,
      onOpen: ({ peer }) => this.#onOpen(peer),
      onClose: (peer, _direction, reason) => this.#onClose(peer, this.#why ?? reason),
    })
  }

  /** All that are open, the oldest first. */
  get open(): readonly BitcoinLink[] {
    return [...this.#open.values()]
  }

  /** Connections that strangers have begun to open, and not yet shown that they are where they say. */
  get halfOpen(): number {
    return this.#connections.used('inbound') + this.#connections.used('outbound') - this.#open.size - this.#dials.size
  }

  count(kind: BitcoinLinkKind): number {
    let count = 0
    for (const link of this.#open.values()) if (link.kind === kind) count++
    return count
  }

  /** The open connection to a peer. */
  to(peer: Address): BitcoinLink | undefined {
    return this.#open.get(peer)
  }

  /** Whether the peer is connected or being dialed. */
  isTaken(peer: Address): boolean {
    return this.#open.has(peer) || this.#dials.has(peer)
  }

  /** Opens a connection; `opened` or `failed` follows, at once where the peer is about to connect itself. */
  dial(peer: Address, kind: BitcoinLinkKind): void {
    if (this.isTaken(peer)) throw new Error(`dial ${peer}: there is a connection already; ask isTaken first`)
    if (this.#connections.dial(peer)) this.#dials.set(peer, kind)
    else this.#events.failed(peer, kind)
  }

  /** Says something to a connected peer; to nobody where there is no connection. */
  send(peer: Address, message: BitcoinMessage): void {
    this.#connections.send(peer, message)
  }

  /** Closes a connection. Nothing happens where there is none. */
  close(peer: Address, why: string): void {
    this.#why = why
    this.#connections.close(peer)
    this.#why = undefined
  }

  /** What a connected peer said: any message, not yet looked at. undefined where there is nothing to do. */
  onMessage(from: Address, packet: Message): Message | undefined {
    return this.#connections.onMessage(from, packet)
  }

  /** True when the timer was one of connections. */
  onTimer(name: string): boolean {
    return this.#connections.onTimer(name)
  }

  #onOpen(peer: Address): void {
    // Where both dialed, one connection serves both, and each has what it wanted.
    const kind = this.#dials.get(peer) ?? 'incoming'
    this.#dials.delete(peer)
    const link: BitcoinLink = { peer, kind, since: this.#host.now }
    this.#open.set(peer, link)
    this.#events.opened(link)
  }

  #onClose(peer: Address, why: string): void {
    const link = this.#open.get(peer)
    const kind = this.#dials.get(peer)
    this.#open.delete(peer)
    this.#dials.delete(peer)
    if (link !== undefined) this.#events.closed(link, why)
    else if (kind !== undefined) this.#events.failed(peer, kind)
  }
}

/**
 * The layer sets a timer for the moment at which something is due. Where rounding puts that moment a fraction of a
 * microsecond past the timer, it would set one of length 0 again and again; so the shortest one is a microsecond.
 */
function withPatientTimers(host: Host): Host {
  return hostWithSend(
    host,
    (to, message, options) => host.send(to, message, options),
    (name, delay) => host.setTimer(name, Math.max(delay, 0.001)),
  )
}
