/** Checks of what peers send, shared by the files of NAT traversal. */
import { maxAddress, type Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import type { Random } from '../../core/random.ts'

/** What a peer is called, whatever its endpoint: 1 to 64 characters. */
export type PeerName = string

export function isPeerName(value: unknown): value is PeerName {
  return typeof value === 'string' && value.length >= 1 && value.length <= 64
}

/** A secret, or a number that nobody guesses: 53 bits. */
export function isToken(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

export function drawToken(random: Random): number {
  return random.next() * 2 ** 53
}

export function isAddress(value: unknown): value is Address {
  return isToken(value) && value <= maxAddress
}

/** What one peer has to say to another: an object that a `type` tells apart. */
export function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Message>).type === 'string'
}
