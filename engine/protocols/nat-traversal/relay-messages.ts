/** What peers and a relay say to each other. Statuses, and the words for them, are those of circuit relay v2. */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { isRequest, type ReplyMessage, type RequestMessage } from '../../layers/requests.ts'
import { isAddress, isMessage, isPeerName, isToken, type PeerName } from './fields.ts'

const relayStatuses = [
  'ok',
  'reservation-refused',
  'resource-limit-exceeded',
  'permission-denied',
  'connection-failed',
  'no-reservation',
] as const

export type RelayStatus = (typeof relayStatuses)[number]

/** How long a circuit may last, and how many bytes it may carry in each direction. */
export interface CircuitLimit {
  readonly duration: Millis
  readonly bytes: number
}

/** RESERVE: "keep a place for me", the first time or again. */
export interface Reserve extends RequestMessage {
  readonly type: 'relay-reserve'
  readonly peer: PeerName
  /** What the last reservation came with: it proves that this is the same peer, wherever it is now. */
  readonly voucher?: number
}

/** "I am still here": it keeps the NAT's mapping, and with it the place. */
export interface RelayAlive extends RequestMessage {
  readonly type: 'relay-alive'
  readonly peer: PeerName
  readonly voucher: number
}

/** CONNECT of the hop protocol: "a circuit to this peer, please." */
export interface RelayConnect extends RequestMessage {
  readonly type: 'relay-connect'
  /** Who asks. */
  readonly peer: PeerName
  readonly to: PeerName
}

/** STATUS of the hop protocol. What else is in it depends on the request. */
export interface RelayReply extends ReplyMessage {
  readonly type: 'relay-status'
  readonly status: RelayStatus
  /** The asker's endpoint as the relay sees it. */
  readonly observed: Address
  /** How long a reservation lasts. */
  readonly ttl?: Millis
  readonly voucher?: number
  readonly circuit?: number
  readonly limit?: CircuitLimit
}

/** CONNECT of the stop protocol: "this peer wants to talk to you." */
export interface StopConnect extends RequestMessage {
  readonly type: 'relay-stop'
  readonly peer: PeerName
  readonly circuit: number
  readonly limit: CircuitLimit
}

/** STATUS of the stop protocol. */
export interface StopReply extends ReplyMessage {
  readonly type: 'relay-stop-status'
  readonly status: 'ok' | 'connection-failed'
}

/** What one end says to the other; the relay passes it on as it is. */
export interface CircuitData extends Message {
  readonly type: 'circuit-data'
  readonly circuit: number
  readonly message: Message
}

export interface CircuitClose extends Message {
  readonly type: 'circuit-close'
  readonly circuit: number
}

export type RelayRequest = Reserve | RelayAlive | RelayConnect
export type RelayMessage = RelayRequest | RelayReply | StopConnect | StopReply | CircuitData | CircuitClose

export function isRelayRequest(message: Message): message is RelayRequest {
  const { type, peer, to, voucher } = message as Partial<Omit<RelayConnect & Reserve, 'type'>> & Message
  if (!isRequest(message) || !isPeerName(peer)) return false
  if (type === 'relay-connect') return isPeerName(to)
  return (type === 'relay-reserve' && (voucher === undefined || isToken(voucher))) || isAlive(type, voucher)
}

export function isRelayReply(message: Message): message is RelayReply {
  const { type, status, observed, ttl, voucher, circuit, limit } = message as Partial<RelayReply>
  return (
    type === 'relay-status' &&
    relayStatuses.includes(status!) &&
    isAddress(observed) &&
    (ttl === undefined || isSpan(ttl)) &&
    (voucher === undefined || isToken(voucher)) &&
    (circuit === undefined || isToken(circuit)) &&
    (limit === undefined || isLimit(limit))
  )
}

export function isStopConnect(message: Message): message is StopConnect {
  const { type, peer, circuit, limit } = message as Partial<StopConnect>
  return type === 'relay-stop' && isRequest(message) && isPeerName(peer) && isToken(circuit) && isLimit(limit)
}

export function isStopReply(message: Message): message is StopReply {
  const { type, status } = message as Partial<StopReply>
  return type === 'relay-stop-status' && (status === 'ok' || status === 'connection-failed')
}

export function isCircuitData(message: Message): message is CircuitData {
  const { type, circuit, message: inner } = message as Partial<CircuitData>
  return type === 'circuit-data' && isToken(circuit) && isMessage(inner)
}

export function isCircuitClose(message: Message): message is CircuitClose {
  const { type, circuit } = message as Partial<CircuitClose>
  return type === 'circuit-close' && isToken(circuit)
}

function isAlive(type: string, voucher: number | undefined): boolean {
  return type === 'relay-alive' && isToken(voucher)
}

function isLimit(value: unknown): value is CircuitLimit {
  const { duration, bytes } = (value ?? {}) as Partial<CircuitLimit>
  return isSpan(duration) && isToken(bytes)
}

function isSpan(value: unknown): value is Millis {
  return typeof value === 'number' && value > 0 && value <= maxMillis
}
