import type { Address } from '../core/address.ts'
import { checkInteger, checkNumber } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import type { Message } from '../core/data.ts'
import { maxMillis, type Millis } from '../core/time.ts'

/** Who dialed. */
export type Direction = 'outbound' | 'inbound'

/** Why a connection is no more, or never came to be. */
export type CloseReason = 'closed' | 'closed by peer' | 'refused' | 'no answer' | 'silent'

/** A connection that is open. */
export interface Connection {
  readonly peer: Address
  readonly direction: Direction
  /** Since when it is open. */
  readonly since: Millis
}

export interface ConnectionsOptions {
  /** Connections that this node may have dialed, open or still being opened. From 0; default 8. */
  readonly maxOutbound?: number
  /** Connections that others may have dialed, half open ones included. From 0; default 117. */
  readonly maxInbound?: number
  /** How long one step of the handshake may take, over 0. Default 5000. */
  readonly handshakeTimeout?: Millis
  /** After so long without a word one says that it is still there, over 0. Default 30,000. */
  readonly keepAlive?: Millis
  /** After so long without a word from the other the connection is over; more than `keepAlive`. Default 90,000. */
  readonly silence?: Millis
  /** Whether a stranger may connect, where there is room. Default: everybody. */
  readonly accept?: (peer: Address) => boolean
  readonly onOpen?: (connection: Connection) => void
  readonly onClose?: (peer: Address, direction: Direction, reason: CloseReason) => void
}

type Phase = 'dialing' | 'accepting' | 'open'

interface Line {
  readonly peer: Address
  readonly direction: Direction
  /** The dialer's number and the acceptor's: both must be in every packet of the connection. */
  readonly dialed: number
  accepted: number
  phase: Phase
  since: Millis
  lastHeard: Millis
  lastSent: Millis
}

/** All that the layer says: `step` tells its messages apart, `message` is what the protocol has to say. */
interface Frame extends Message {
  readonly type: 'connection'
  readonly step: 'dial' | 'accept' | 'confirm' | 'refuse' | 'alive' | 'close' | 'data'
  readonly dialed: number
  readonly accepted: number
  readonly message?: Message
}

/**
 * Connections over datagrams: dial, accept, close; a slot for each, and no more than there are slots. The handshake has
 * three steps with a random number from each side, as TCP's has sequence numbers: who gives another's address gets no
 * further than a half open connection, and that takes a slot for one time-out. Packets of a connection that is over count
 * for nothing. Nothing is sent again: data on a connection may be lost, as datagrams are.
 *
 * The protocol passes on what comes in: `onMessage` gives back what a peer said over an open connection, and `onTimer`
 * says whether the timer was the layer's.
 */
export class Connections<M extends Message> {
  readonly #host: Host<Message>
  readonly #options: Required<Omit<ConnectionsOptions, 'onOpen' | 'onClose'>> & ConnectionsOptions
  readonly #lines = new Map<Address, Line>()

  constructor(host: Host<never>, options: ConnectionsOptions = {}) {
    this.#host = host as unknown as Host<Message>
    const time = (name: string, value: Millis): Millis => checkNumber(name, value, { min: 0.001, max: maxMillis })
    const slots = (name: string, value: number): number => checkInteger(name, value, { min: 0, max: 1e6 })
    this.#options = {
      ...options,
      maxOutbound: slots('maxOutbound', options.maxOutbound ?? 8),
      maxInbound: slots('maxInbound', options.maxInbound ?? 117),
      handshakeTimeout: time('handshakeTimeout', options.handshakeTimeout ?? 5000),
      keepAlive: time('keepAlive', options.keepAlive ?? 30_000),
      silence: time('silence', options.silence ?? 90_000),
      accept: options.accept ?? (() => true),
    }
    if (this.#options.silence <= this.#options.keepAlive) {
      throw new RangeError(
        `silence is ${this.#options.silence} ms; it must be more than keepAlive, ${this.#options.keepAlive} ms`,
      )
    }
  }

  /** The open connections, in the order in which their first packet came or went. */
  get open(): Connection[] {
    return [...this.#lines.values()].filter(({ phase }) => phase === 'open')
  }

  /** Slots in use, half open connections included. */
  used(direction: Direction): number {
    let used = 0
    for (const line of this.#lines.values()) if (line.direction === direction) used++
    return used
  }

  isOpen(peer: Address): boolean {
    return this.#lines.get(peer)?.phase === 'open'
  }

  /** Begins to connect. False where there is no slot, or already a connection, be it half open. */
  dial(peer: Address): boolean {
    if (peer === this.#host.address || this.#lines.has(peer)) return false
    if (this.used('outbound') >= this.#options.maxOutbound) return false
    this.#begin({ peer, direction: 'outbound', dialed: this.#draw(), accepted: 0, phase: 'dialing' })
    return true
  }

  /** Ends a connection, and tells the other side. Nothing happens where there is none. */
  close(peer: Address): void {
    const line = this.#lines.get(peer)
    if (line === undefined) return
    this.#send(line, 'close')
    this.#end(line, 'closed')
  }

  /** Says something over an open connection. False where there is none. */
  send(peer: Address, message: M): boolean {
    const line = this.#lines.get(peer)
    if (line?.phase !== 'open') return false
    this.#send(line, 'data', message)
    return true
  }

  /** What a peer said over its open connection; undefined where the packet was the layer's own affair, or nobody's. */
  onMessage(from: Address, packet: Message): M | undefined {
    if (!isFrame(packet)) {
      this.#host.report('malformed', { type: typeof packet.type === 'string' ? packet.type : '?' })
      return undefined
    }
    const line = this.#lines.get(from)
    if (packet.step === 'dial') this.#onDial(from, packet, line)
    else if (line?.dialed === packet.dialed) return this.#onFrame(line, packet)
    else this.#onStray(from, packet)
    return undefined
  }

  /** True when the timer was one of this layer. */
  onTimer(name: string): boolean {
    if (!name.startsWith(timerPrefix)) return false
    const line = this.#lines.get(Number(name.slice(timerPrefix.length)) as Address)
    if (line === undefined) throw new Error(`timer ${name}: no such connection; only Connections sets such timers`)
    const { now } = this.#host
    if (line.phase !== 'open') this.#end(line, 'no answer')
    else if (now - line.lastHeard >= this.#options.silence) this.#end(line, 'silent')
    else {
      if (now - line.lastSent >= this.#options.keepAlive) this.#send(line, 'alive')
      this.#watch(line)
    }
    return true
  }

  #onDial(from: Address, { dialed }: Frame, line: Line | undefined): void {
    // Somebody else may have written this. A peer that has really lost the connection, by a restart, says so when it
    // hears of it; TCP asks in the same way (RFC 5961).
    if (line?.phase === 'open') return this.#send(line, 'alive')
    if (line?.phase === 'accepting') return
    // Both have dialed: the larger number wins, on both sides, and the other dial counts for nothing.
    if (line !== undefined && line.dialed > dialed) return
    const { accept, maxInbound } = this.#options
    if (this.used('inbound') >= maxInbound || !accept(from)) {
      this.#frame(from, { type: 'connection', step: 'refuse', dialed, accepted: 0 })
      return
    }
    if (line !== undefined) this.#forget(line)
    this.#begin({ peer: from, direction: 'inbound', dialed, accepted: this.#draw(), phase: 'accepting' })
  }

  /** Of a connection that this node does not know, or no longer: the other side should know it too. */
  #onStray(from: Address, { step, dialed, accepted }: Frame): void {
    this.#host.report('stray-packet', { from })
    if (step !== 'close' && step !== 'refuse')
      this.#frame(from, { type: 'connection', step: 'close', dialed, accepted })
  }

  #onFrame(line: Line, { step, accepted, message }: Frame): M | undefined {
    if (line.phase === 'dialing') {
      if (step === 'refuse' || step === 'close') this.#end(line, 'refused')
      if (step !== 'accept') return undefined
      line.accepted = accepted
      this.#send(line, 'confirm')
      this.#opened(line)
      return undefined
    }
    if (line.accepted !== accepted) {
      this.#host.report('stray-packet', { from: line.peer })
      return undefined
    }
    line.lastHeard = this.#host.now
    // Data may overtake the confirmation; it proves as much.
    if (line.phase === 'accepting' && step !== 'close') this.#opened(line)
    if (step === 'close') this.#end(line, 'closed by peer')
    return step === 'data' ? (message as M) : undefined
  }

  #begin(fields: Pick<Line, 'peer' | 'direction' | 'dialed' | 'accepted' | 'phase'>): void {
    const { now } = this.#host
    const line: Line = { ...fields, since: now, lastHeard: now, lastSent: now }
    this.#lines.set(line.peer, line)
    this.#send(line, line.direction === 'outbound' ? 'dial' : 'accept')
    this.#host.setTimer(timerName(line.peer), this.#options.handshakeTimeout)
  }

  #opened(line: Line): void {
    line.phase = 'open'
    line.since = this.#host.now
    line.lastHeard = this.#host.now
    this.#watch(line)
    this.#options.onOpen?.(line)
  }

  /** Wakes when the next thing is due: a word from here, or the end of waiting for one from there. */
  #watch({ peer, lastSent, lastHeard }: Line): void {
    const { keepAlive, silence } = this.#options
    const due = Math.min(lastSent + keepAlive, lastHeard + silence)
    this.#host.setTimer(timerName(peer), Math.max(due - this.#host.now, 0))
  }

  #end(line: Line, reason: CloseReason): void {
    this.#forget(line)
    this.#options.onClose?.(line.peer, line.direction, reason)
  }

  #forget(line: Line): void {
    this.#lines.delete(line.peer)
    this.#host.cancelTimer(timerName(line.peer))
  }

  #send(line: Line, step: Frame['step'], message?: Message): void {
    const { peer, dialed, accepted } = line
    line.lastSent = this.#host.now
    this.#frame(peer, { type: 'connection', step, dialed, accepted, ...(message === undefined ? {} : { message }) })
  }

  #frame(to: Address, frame: Frame): void {
    this.#host.send(to, frame)
  }

  /** Over 0: a dialer does not know the acceptor's number yet, and sends 0. */
  #draw(): number {
    return 1 + Math.floor(this.#host.random.next() * (2 ** 53 - 1))
  }
}

const steps: readonly string[] = ['dial', 'accept', 'confirm', 'refuse', 'alive', 'close', 'data']

function isFrame(packet: Message): packet is Frame {
  const { type, step, dialed, accepted, message } = packet as Partial<Frame>
  const isNumber = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
  const isMessage = typeof message === 'object' && message !== null && typeof message.type === 'string'
  return (
    type === 'connection' &&
    steps.includes(step!) &&
    isNumber(dialed) &&
    isNumber(accepted) &&
    (step === 'data' ? isMessage : message === undefined)
  )
}

const timerPrefix = 'connection/'

function timerName(peer: Address): string {
  return timerPrefix + String(peer)
}
