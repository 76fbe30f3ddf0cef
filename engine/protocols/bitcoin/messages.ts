import type { Message } from '../../core/data.ts'
import type { Millis } from '../../core/time.ts'

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

export type BitcoinMessage = GetAddr | Addr

/** More addresses than this in one message are misbehaviour. */
export const maxAddresses = 1000

/** Whether a message has the form that its type asks for. Whether its addresses are any is not looked at here. */
export function isBitcoinMessage(message: Message): message is BitcoinMessage {
  if (message.type === 'getaddr') return true
  const { type, addresses } = message as Partial<Addr>
  return type === 'addr' && Array.isArray(addresses) && addresses.length <= maxAddresses && addresses.every(isRecord)
}

function isRecord(value: unknown): value is AddressRecord {
  const { endpoint, seen } = (value ?? {}) as Partial<AddressRecord>
  return typeof endpoint === 'string' && typeof seen === 'number' && Number.isFinite(seen)
}
