import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import { bitcoinTiming } from './bitcoin-parameters.ts'
import type { BitcoinConnection, ConnectionEvents, ConnectionKind } from './connection.ts'
import type { BitcoinMessage, Disconnect, Verack, Version } from './messages.ts'

interface Link extends BitcoinConnection {
  readonly ours: number
  readonly theirs: number
}

interface Dial {
  readonly kind: ConnectionKind
  readonly nonce: number
}

/** Strangers whose greeting has been answered, waiting for theirs: more than this are not listened to. */
const maxGreetings = 1000

/**
 * Connections over datagrams: version, version, verack, as TCP's three ways. At most one to a peer. The protocol passes
 * on what comes in: `if (this.#connections.onMessage(from, message)) return`, and so with onTimer.
 */
export class Connections {
  readonly #host: Host<BitcoinMessage>
  readonly #events: ConnectionEvents
  readonly #open = new Map<Address, Link>()
  readonly #dials = new Map<Address, Dial>()
  readonly #greetings = new Map<Address, { readonly ours: number; readonly theirs: number }>()

  constructor(host: Host<BitcoinMessage>, events: ConnectionEvents) {
    this.#host = host
    this.#events = events
  }

  /** All that are open, the oldest first. */
  get open(): readonly BitcoinConnection[] {
    return [...this.#open.values()]
  }

  count(kind: ConnectionKind): number {
    let count = 0
    for (const connection of this.#open.values()) if (connection.kind === kind) count++
    return count
  }

  /** Whether a connection to the peer is open. */
  to(peer: Address): BitcoinConnection | undefined {
    return this.#open.get(peer)
  }

  /** Whether a connection to the peer is open or about to open, from either side. */
  isTaken(peer: Address): boolean {
    return this.#open.has(peer) || this.#dials.has(peer) || this.#greetings.has(peer)
  }

  /** Opens a connection; `opened` or `failed` follows. Not to a peer that {@link isTaken}. */
  dial(peer: Address, kind: ConnectionKind): void {
    if (this.isTaken(peer)) throw new Error(`dial ${peer}: there is a connection; ask isTaken first`)
    const nonce = this.#nonce()
    this.#dials.set(peer, { kind, nonce })
    this.#host.send(peer, { type: 'version', nonce })
    this.#host.setTimer(timerName(peer), bitcoinTiming.dialTimeout)
  }

  /** Closes a connection and tells the peer. Nothing happens where there is none. */
  close(peer: Address, why: string): void {
    const link = this.#open.get(peer)
    if (link === undefined) return
    this.#host.send(peer, { type: 'disconnect', echo: link.theirs })
    this.#drop(link, why)
  }

  /** To be called in each ping interval: pings everybody and closes connections that are silent for long. */
  ping(): void {
    for (const { peer, heard, ours } of [...this.#open.values()]) {
      if (this.#host.now - heard > bitcoinTiming.silence) this.close(peer, 'silence')
      else this.#host.send(peer, { type: 'ping', nonce: ours })
    }
  }

  /** True for all that is about connections, and for all that comes without one: it has been dealt with. */
  onMessage(from: Address, message: BitcoinMessage): boolean {
    const link = this.#open.get(from)
    if (link !== undefined) link.heard = this.#host.now
    if (message.type === 'version') this.#onVersion(from, message)
    else if (message.type === 'verack') this.#onVerack(from, message)
    else if (message.type === 'disconnect') this.#onDisconnect(from, message)
    else if (message.type === 'ping')
      this.#host.send(from, link ? { type: 'pong' } : { type: 'disconnect', echo: message.nonce })
    else return link === undefined || message.type === 'pong'
    return true
  }

  /** True when the timer was one of this layer. */
  onTimer(name: string): boolean {
    if (!name.startsWith(timerPrefix)) return false
    const peer = Number(name.slice(timerPrefix.length)) as Address
    this.#greetings.delete(peer)
    this.#fail(peer)
    return true
  }

  #onVersion(from: Address, { nonce, echo }: Version): void {
    const dial = this.#dials.get(from)
    if (echo !== undefined) {
      if (dial?.nonce !== echo) return
      this.#endDial(from)
      this.#host.send(from, { type: 'verack', echo: nonce })
      this.#begin(from, dial.kind, dial.nonce, nonce)
      return
    }
    const known = this.#open.get(from) ?? this.#greetings.get(from)
    if (known?.theirs === nonce) return // a copy that the network made
    // Both dial each other: each opens its own, as one connection.
    if (dial !== undefined) this.#host.send(from, { type: 'version', nonce: dial.nonce, echo: nonce })
    else if (known !== undefined || (this.#greetings.size < maxGreetings && this.#events.mayEnter(from)))
      this.#greet(from, nonce)
    else this.#host.send(from, { type: 'disconnect', echo: nonce })
  }

  #greet(from: Address, theirs: number): void {
    const ours = this.#nonce()
    this.#greetings.set(from, { ours, theirs })
    this.#host.send(from, { type: 'version', nonce: ours, echo: theirs })
    this.#host.setTimer(timerName(from), bitcoinTiming.dialTimeout)
  }

  #onVerack(from: Address, { echo }: Verack): void {
    const greeting = this.#greetings.get(from)
    if (greeting?.ours !== echo) return
    this.#greetings.delete(from)
    this.#host.cancelTimer(timerName(from))
    this.#dropOld(from)
    if (this.#events.admits(from)) this.#begin(from, 'incoming', greeting.ours, greeting.theirs)
    else this.#host.send(from, { type: 'disconnect', echo: greeting.theirs })
  }

  #onDisconnect(from: Address, { echo }: Disconnect): void {
    const link = this.#open.get(from)
    if (link?.ours === echo) this.#drop(link, 'closed by the peer')
    if (this.#dials.get(from)?.nonce === echo) this.#fail(from)
  }

  #begin(peer: Address, kind: ConnectionKind, ours: number, theirs: number): void {
    this.#dropOld(peer)
    const { now } = this.#host
    const link: Link = { peer, kind, since: now, heard: now, ours, theirs }
    this.#open.set(peer, link)
    this.#events.opened(link)
  }

  /** Who opens a connection anew has restarted, and knows nothing of the one that is open here. */
  #dropOld(peer: Address): void {
    const old = this.#open.get(peer)
    if (old !== undefined) this.#drop(old, 'replaced')
  }

  #drop(link: Link, why: string): void {
    this.#open.delete(link.peer)
    this.#events.closed(link, why)
  }

  #fail(peer: Address): void {
    const dial = this.#dials.get(peer)
    if (dial === undefined) return
    this.#endDial(peer)
    this.#events.failed(peer, dial.kind)
  }

  #endDial(peer: Address): void {
    this.#dials.delete(peer)
    this.#host.cancelTimer(timerName(peer))
  }

  #nonce(): number {
    return this.#host.random.next() * 2 ** 53
  }
}

const timerPrefix = 'dial/'

function timerName(peer: Address): string {
  return timerPrefix + String(peer)
}
