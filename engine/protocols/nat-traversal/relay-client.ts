import type { Address } from '../../core/address.ts'
import type { Data, Message } from '../../core/data.ts'
import { checkNumber } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { Requests } from '../../layers/requests.ts'
import { reportMalformed } from '../rumor.ts'
import { isToken, type PeerName } from './fields.ts'
import {
  isCircuitClose,
  isCircuitData,
  isRelayReply,
  isStopConnect,
  type CircuitLimit,
  type RelayMessage,
  type RelayReply,
  type RelayStatus,
} from './relay-messages.ts'

export interface RelayClientOptions {
  readonly relay: Address
  /** Under which others ask for this peer. */
  readonly name: PeerName
  /** A word to the relay each so often, over 0: it keeps the NAT's mapping. Default 15,000 (Tr of RFC 8445). */
  readonly keepAlive?: Millis
  /** So long before its end a reservation is made anew, over 0. Default 600,000. */
  readonly refreshBefore?: Millis
  /** So long after a refusal, or after no answer, it is tried again; over 0. Default 30,000. */
  readonly retryAfter?: Millis
}

/** A request that has no number yet. */
interface Question extends Message {
  readonly [field: string]: Data
}

/** One end of a circuit. */
export interface Circuit {
  /** Its name at the relay: 53 random bits. */
  readonly number: number
  readonly peer: PeerName
  /** Whether this end asked for it. */
  readonly direction: 'outbound' | 'inbound'
}

export interface RelayClientEvents {
  readonly onCircuit: (circuit: Circuit) => void
  readonly onData: (circuit: Circuit, message: Message) => void
  /** It is over, for whatever reason but this end's own wish. */
  readonly onClosed: (circuit: Circuit) => void
}

/**
 * A peer's side of circuit relay v2: it reserves a place, keeps it, asks for circuits and takes those that come. Reports
 * `reserved` and `not-reserved`. The voucher survives a crash: the peer that restarts gets its place back.
 *
 * The protocol passes on what comes in: `if (this.#relay.onMessage(from, message)) return`, and so with onTimer.
 */
export class RelayClient {
  readonly #host: Host<RelayMessage>
  readonly #options: Required<RelayClientOptions>
  readonly #events: RelayClientEvents
  readonly #requests: Requests
  readonly #circuits = new Map<number, Circuit>()
  #observed: Address | undefined
  #refreshAt = 0

  constructor(host: Host<never>, options: RelayClientOptions, events: RelayClientEvents) {
    this.#host = host as unknown as Host<RelayMessage>
    const time = (name: string, value: Millis): Millis => checkNumber(name, value, { min: 0.001, max: maxMillis })
    this.#options = {
      ...options,
      keepAlive: time('keepAlive', options.keepAlive ?? 15_000),
      refreshBefore: time('refreshBefore', options.refreshBefore ?? 600_000),
      retryAfter: time('retryAfter', options.retryAfter ?? 30_000),
    }
    this.#events = events
    this.#requests = new Requests(host, { timeout: 2000, attempts: 3 })
  }

  /** This peer's endpoint as the relay sees it; undefined before its first answer. */
  get observed(): Address | undefined {
    return this.#observed
  }

  /** Reserves a place, and keeps it from now on. */
  reserve(): void {
    const { relay, name, keepAlive, refreshBefore, retryAfter } = this.#options
    const voucher = this.#voucher
    const request = { type: 'relay-reserve', peer: name, ...(voucher === undefined ? {} : { voucher }) }
    this.#ask(request, (reply) => {
      const isReserved = reply?.status === 'ok' && reply.ttl !== undefined && reply.voucher !== undefined
      this.#host.setTimer(keepTimer, isReserved ? keepAlive : retryAfter)
      if (!isReserved) return this.#host.report('not-reserved', { reason: reply?.status ?? 'no answer' })
      this.#host.storage.set(voucherKey, reply.voucher!)
      const ttl = reply.ttl!
      this.#refreshAt = this.#host.now + Math.max(ttl - refreshBefore, ttl / 2)
      this.#host.report('reserved', { relay, observed: reply.observed })
    })
  }

  /** Asks for a circuit. `onRefused` says why there is none; otherwise {@link RelayClientEvents.onCircuit} is called. */
  connect(peer: PeerName, onRefused: (reason: RelayStatus | 'no answer') => void): void {
    this.#ask({ type: 'relay-connect', peer: this.#options.name, to: peer }, (reply) => {
      const { status, circuit: number, limit } = reply ?? {}
      if (status !== 'ok') onRefused(status ?? 'no answer')
      else if (number === undefined || limit === undefined) onRefused('connection-failed')
      else this.#opened({ number, peer, direction: 'outbound' }, limit)
    })
  }

  /** False where the circuit is no more. What is sent may be lost. */
  send({ number }: Circuit, message: Message): boolean {
    if (!this.#circuits.has(number)) return false
    this.#host.send(this.#options.relay, { type: 'circuit-data', circuit: number, message })
    return true
  }

  close({ number }: Circuit): void {
    if (!this.#forget(number)) return
    this.#host.send(this.#options.relay, { type: 'circuit-close', circuit: number })
  }

  /** True when the message was one of this layer, be it a wrong one. */
  onMessage(from: Address, message: Message): boolean {
    if (this.#requests.onMessage(from, message)) return true
    if (!relayTypes.has(message.type)) return false
    if (from !== this.#options.relay) this.#host.report('stray-packet', { from })
    else if (isStopConnect(message)) {
      const { circuit: number, peer, limit } = message
      this.#requests.reply(from, message, { type: 'relay-stop-status', status: 'ok' })
      if (!this.#circuits.has(number)) this.#opened({ number, peer, direction: 'inbound' }, limit)
    } else if (isCircuitData(message)) {
      const circuit = this.#circuits.get(message.circuit)
      if (circuit === undefined) this.#host.report('stray-packet', { from })
      else this.#events.onData(circuit, message.message)
    } else if (isCircuitClose(message)) this.#closed(message.circuit)
    else reportMalformed(this.#host, message)
    return true
  }

  /** True when the timer was one of this layer. */
  onTimer(name: string): boolean {
    if (this.#requests.onTimer(name)) return true
    if (name === keepTimer) this.#keep()
    else if (name.startsWith(circuitTimer)) this.#closed(Number(name.slice(circuitTimer.length)))
    else return false
    return true
  }

  #keep(): void {
    const voucher = this.#voucher
    if (voucher === undefined || this.#host.now >= this.#refreshAt) return this.reserve()
    const { name, keepAlive } = this.#options
    this.#ask({ type: 'relay-alive', peer: name, voucher }, (reply) => {
      if (reply?.status === 'ok') this.#host.setTimer(keepTimer, keepAlive)
      else this.reserve()
    })
  }

  #ask(request: Question, onDone: (reply: RelayReply | undefined) => void): void {
    this.#requests.ask(this.#options.relay, request, isRelayReply, (reply) => {
      if (reply !== undefined) this.#observed = reply.observed
      onDone(reply)
    })
  }

  #opened(circuit: Circuit, { duration }: CircuitLimit): void {
    this.#circuits.set(circuit.number, circuit)
    // The relay says when it ends, but that may be lost.
    this.#host.setTimer(circuitTimer + String(circuit.number), duration)
    this.#events.onCircuit(circuit)
  }

  #closed(number: number): void {
    const circuit = this.#circuits.get(number)
    if (this.#forget(number)) this.#events.onClosed(circuit!)
  }

  #forget(number: number): boolean {
    this.#host.cancelTimer(circuitTimer + String(number))
    return this.#circuits.delete(number)
  }

  get #voucher(): number | undefined {
    const voucher = this.#host.storage.get(voucherKey)
    return isToken(voucher) ? voucher : undefined
  }
}

const relayTypes: ReadonlySet<string> = new Set(['relay-stop', 'circuit-data', 'circuit-close'])
const keepTimer = 'relay/keep'
const circuitTimer = 'relay/circuit/'
const voucherKey = 'relay-voucher'
