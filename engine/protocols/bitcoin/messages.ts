import type { Message } from '../../core/data.ts'
import type { Millis } from '../../core/time.ts'

/**
 * Opens a connection, and answers that. The nonces stand for TCP's sequence numbers: only who got the one can send the
 * other, so that nobody opens or ends a connection under a forged address.
 */
export interface Version extends Message {
  readonly type: 'version'
  readonly nonce: number
  /** The nonce of the version that this one answers. */
  readonly echo?: number
}

/** "The connection is open", with the nonce of the answering version. */
export interface Verack extends Message {
  readonly type: 'verack'
  readonly echo: number
}

/** "There is no such connection, or no longer", with the nonce that the receiver sent. */
export interface Disconnect extends Message {
  readonly type: 'disconnect'
  readonly echo: number
}

/** "Are you there?", with the nonce that the sender opened the connection with. */
export interface Ping extends Message {
  readonly type: 'ping'
  readonly nonce: number
}

export interface Pong extends Message {
  readonly type: 'pong'
}

/** "Whom do you know?" The answer is some addr. */
export interface GetAddr extends Message {
  readonly type: 'getaddr'
}

/** An address, and when it was last seen, as far as the sender says. */
export interface AddressRecord {
  /** As `a.b.c.d:port`. */
  readonly endpoint: string
  readonly seen: Millis
}

export interface Addr extends Message {
  readonly type: 'addr'
  /** Up to {@link maxAddresses}. */
  readonly addresses: readonly AddressRecord[]
}

export type BitcoinMessage = Version | Verack | Disconnect | Ping | Pong | GetAddr | Addr

/** More addresses than this in one message are misbehaviour. */
export const maxAddresses = 1000

/** Whether a message has the form that its type asks for. Whether its addresses are any is not looked at here. */
export function isBitcoinMessage(message: Message): message is BitcoinMessage {
  const { nonce, echo, addresses } = message as unknown as { readonly [field: string]: unknown }
  switch (message.type) {
    case 'version':
      return isNonce(nonce) && (echo === undefined || isNonce(echo))
    case 'verack':
    case 'disconnect':
      return isNonce(echo)
    case 'ping':
      return isNonce(nonce)
    case 'pong':
    case 'getaddr':
      return true
    case 'addr':
      return Array.isArray(addresses) && addresses.length <= maxAddresses && addresses.every(isRecord)
    default:
      return false
  }
}

function isNonce(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isRecord(value: unknown): value is AddressRecord {
  const { endpoint, seen } = (value ?? {}) as Partial<AddressRecord>
  return typeof endpoint === 'string' && typeof seen === 'number' && Number.isFinite(seen)
}
