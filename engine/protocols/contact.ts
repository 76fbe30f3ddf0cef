import { maxAddress, type Address } from '../core/address.ts'
import { describe } from '../core/errors.ts'
import { sha256 } from '../core/hash.ts'

/**
 * The place of a node or of a key in the key space of a distributed hash table: bytes, the most significant first. All
 * ids of one network have the same length: 32 bytes in libp2p (SHA-256), 20 in the papers and in BitTorrent (SHA-1).
 */
export type Id = Uint8Array

/** A node of a distributed hash table, as others know it: an id, and where it answers. */
export interface Contact {
  readonly id: Id
  readonly address: Address
}

/** The id of a key, or of a node whose name this is: SHA-256 of its UTF-8 bytes. Shorter ids are its first bytes. */
export function idOf(name: string | Uint8Array, bytes = 32): Id {
  return sha256(typeof name === 'string' ? utf8(name) : name).subarray(0, bytes)
}

export function sameId(a: Id, b: Id): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

export function sameContact(a: Contact, b: Contact): boolean {
  return a.address === b.address && sameId(a.id, b.id)
}

/** Hexadecimal digits, for keys of a map and for reports. */
export function idToHex(id: Id): string {
  return Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Throws unless this is an id of the network: what an application asks for is checked, as is what peers say. */
export function checkId(name: string, value: unknown, bytes: number): Id {
  if (isId(value, bytes)) return value
  throw new RangeError(
    `${name} is ${describe(value)}; it must be an id of ${bytes} bytes, such as idOf(name, ${bytes})`,
  )
}

export function isId(value: unknown, bytes: number): value is Id {
  return value instanceof Uint8Array && value.length === bytes
}

/** Whether a field of a message is a contact: well-formed, which says nothing of whether anybody answers there. */
export function isContact(value: unknown, bytes: number): value is Contact {
  if (typeof value !== 'object' || value === null) return false
  const { id, address } = value as Partial<Contact>
  return isId(id, bytes) && Number.isInteger(address) && address! >= 0 && address! <= maxAddress
}

/** @param max how many a message may carry */
export function isContactList(value: unknown, bytes: number, max: number): value is readonly Contact[] {
  return Array.isArray(value) && value.length <= max && value.every((each) => isContact(each, bytes))
}

/** TextEncoder belongs to the platform, not to the language; encodeURIComponent does the same. */
function utf8(text: string): Uint8Array {
  const escaped = encodeURIComponent(text.toWellFormed())
  const bytes = escaped.replace(/%(..)/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)))
  return Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))
}
