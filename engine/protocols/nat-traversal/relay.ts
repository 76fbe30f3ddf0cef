/**
 * A relay passes on what two peers say that cannot reach each other. A peer reserves a place at it, so that others find
 * it there; who wants to talk to it asks the relay for a circuit. Places, circuits, their time and their bytes are all
 * limited: that suffices to arrange a direct connection, and makes it cheap to be a relay for anybody.
 *
 * libp2p/specs, relay/circuit-v2.md; the limits are the defaults of go-libp2p. Simplified: datagrams, so a peer that has
 * been silent for a while counts as disconnected; a voucher is a random number, not a signed certificate, and a peer's
 * name is its own word, where libp2p has keys; no access lists, no limits by ip.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import { encodedSize } from '../../core/encoded-size.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { Requests } from '../../layers/requests.ts'
import { reportMalformed } from '../rumor.ts'
import { drawToken } from './fields.ts'
import {
  isCircuitClose,
  isCircuitData,
  isRelayRequest,
  isStopReply,
  type CircuitData,
  type RelayConnect,
  type RelayMessage,
  type RelayRequest,
  type RelayStatus,
  type Reserve,
  type StopReply,
} from './relay-messages.ts'
import { Reservations, type ReservationLimits } from './reservations.ts'

export interface RelayLimits extends ReservationLimits {
  /** Circuits that one peer may have, at either end. From 0. */
  readonly maxCircuits: number
  /** How long a circuit lasts, over 0. */
  readonly circuitDuration: Millis
  /** Bytes that a circuit carries in each direction, from 0. */
  readonly circuitBytes: number
}

/** The defaults of go-libp2p; `silence` is ours: four times a client's keep-alive. */
export const circuitRelayLimits: RelayLimits = {
  maxReservations: 128,
  reservationTtl: 3_600_000,
  maxCircuits: 16,
  circuitDuration: 120_000,
  circuitBytes: 128 * 1024,
  silence: 60_000,
}

interface Circuit {
  /** The initiator and the target. */
  readonly ends: readonly [Address, Address]
  /** Which request it answers: asked again, the relay gives the same circuit. */
  readonly requestId: number
  readonly bytes: [number, number]
  isOpen: boolean
}

export class Relay implements Protocol<RelayMessage> {
  readonly #host: Host<RelayMessage>
  readonly #limits: RelayLimits
  readonly #requests: Requests
  readonly #places: Reservations
  readonly #circuits = new Map<number, Circuit>()

  /** @param options default: {@link circuitRelayLimits} */
  constructor(host: Host<RelayMessage>, options: Partial<RelayLimits> = {}) {
    this.#host = host
    this.#limits = { ...circuitRelayLimits, ...options }
    for (const name of ['maxReservations', 'maxCircuits', 'circuitBytes'] as const)
      checkInteger(name, this.#limits[name], { min: 0, max: 2 ** 40 })
    for (const name of ['reservationTtl', 'circuitDuration', 'silence'] as const)
      checkNumber(name, this.#limits[name], { min: 0.001, max: maxMillis })
    this.#places = new Reservations(this.#limits)
    this.#requests = new Requests(host, { timeout: 1000, attempts: 3 })
  }

  onMessage(from: Address, message: Message): void {
    if (this.#requests.onMessage(from, message)) return
    if (isCircuitData(message)) this.#onData(from, message)
    else if (isCircuitClose(message)) this.#onClose(from, message.circuit)
    else if (!isRelayRequest(message)) reportMalformed(this.#host, message)
    else if (message.type === 'relay-reserve') this.#onReserve(from, message)
    else if (message.type === 'relay-connect') this.#onConnect(from, message)
    else this.#reply(from, message, this.#places.keepAlive(message, from, this.#host.now) ? 'ok' : 'no-reservation')
  }

  onTimer(name: string): void {
    if (!this.#requests.onTimer(name)) this.#end(Number(name), 'duration')
  }

  #onReserve(from: Address, request: Reserve): void {
    const { now, random } = this.#host
    const voucher = this.#places.reserve(request, from, now, () => drawToken(random))
    if (typeof voucher === 'string') this.#reply(from, request, voucher)
    else this.#reply(from, request, 'ok', { ttl: this.#limits.reservationTtl, voucher })
  }

  #onConnect(from: Address, request: RelayConnect): void {
    for (const [circuit, { ends, requestId, isOpen }] of this.#circuits) {
      if (ends[0] !== from || requestId !== request.requestId) continue
      if (isOpen) this.#reply(from, request, 'ok', { circuit, limit: this.#limit })
      return
    }
    const target = this.#places.addressOf(request.to, this.#host.now)
    if (target === undefined) return this.#reply(from, request, 'no-reservation')
    if (target === from) return this.#reply(from, request, 'connection-failed')
    const { maxCircuits } = this.#limits
    if (this.#circuitsAt(from) >= maxCircuits || this.#circuitsAt(target) >= maxCircuits)
      return this.#reply(from, request, 'resource-limit-exceeded')
    this.#open(from, target, request)
  }

  #open(from: Address, target: Address, request: RelayConnect): void {
    const circuit = drawToken(this.#host.random)
    const line: Circuit = { ends: [from, target], requestId: request.requestId, bytes: [0, 0], isOpen: false }
    this.#circuits.set(circuit, line)
    const stop = { type: 'relay-stop', peer: request.peer, circuit, limit: this.#limit }
    this.#requests.ask<StopReply>(target, stop, isStopReply, (reply) => {
      if (this.#circuits.get(circuit) !== line) return // closed in the meantime
      if (reply?.status === 'ok') {
        line.isOpen = true
        this.#host.setTimer(String(circuit), this.#limits.circuitDuration)
        this.#reply(from, request, 'ok', { circuit, limit: this.#limit })
        this.#host.report('circuit-open', { circuit })
      } else {
        this.#circuits.delete(circuit)
        this.#reply(from, request, 'connection-failed')
      }
    })
  }

  #onData(from: Address, packet: CircuitData): void {
    const line = this.#circuits.get(packet.circuit)
    const end = line?.isOpen ? line.ends.indexOf(from) : -1
    if (end < 0) this.#host.report('stray-packet', { from })
    // It should know, be it that this relay has restarted.
    if (line === undefined) this.#host.send(from, { type: 'circuit-close', circuit: packet.circuit })
    if (end < 0) return
    line!.bytes[end]! += encodedSize(packet.message)
    if (line!.bytes[end]! > this.#limits.circuitBytes) this.#end(packet.circuit, 'bytes')
    else this.#host.send(line!.ends[1 - end]!, packet)
  }

  #onClose(from: Address, circuit: number): void {
    if (this.#circuits.get(circuit)?.ends.includes(from)) this.#end(circuit, 'closed')
  }

  #end(circuit: number, reason: 'closed' | 'duration' | 'bytes'): void {
    const { ends } = this.#circuits.get(circuit)!
    this.#circuits.delete(circuit)
    this.#host.cancelTimer(String(circuit))
    for (const end of ends) this.#host.send(end, { type: 'circuit-close', circuit })
    this.#host.report('circuit-closed', { circuit, reason })
  }

  get #limit(): { readonly duration: Millis; readonly bytes: number } {
    return { duration: this.#limits.circuitDuration, bytes: this.#limits.circuitBytes }
  }

  #circuitsAt(end: Address): number {
    let count = 0
    for (const { ends } of this.#circuits.values()) if (ends.includes(end)) count++
    return count
  }

  #reply(to: Address, request: RelayRequest, status: RelayStatus, more: object = {}): void {
    this.#requests.reply(to, request, { type: 'relay-status', status, observed: to, ...more })
    if (status !== 'ok') this.#host.report('refused', { peer: request.peer, status })
  }
}
