/**
 * The XOR metric of Kademlia: the distance of two ids is their exclusive or, read as a number. Bytes are compared one
 * by one from the most significant, so ids of any length will do, and no big number is ever made.
 *
 * Maymounkov and Mazières: "Kademlia: a peer-to-peer information system based on the XOR metric", IPTPS 2002, 2.1.
 */
import type { Random } from '../../core/random.ts'
import type { Contact, Id } from '../contact.ts'

/** How far two ids are apart; the first byte is the most significant. */
export function xorDistance(a: Id, b: Id): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!)
}

/** Negative when `a` is closer to the target than `b`, positive when it is farther, 0 when the two are one. */
export function compareDistance(target: Id, a: Id, b: Id): number {
  for (let i = 0; i < target.length; i++) {
    if (a[i] !== b[i]) return (a[i]! ^ target[i]!) - (b[i]! ^ target[i]!)
  }
  return 0
}

/** How many leading bits two ids share: 0 to all of them. The longer the common prefix, the shorter the distance. */
export function commonPrefixLength(a: Id, b: Id): number {
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! ^ b[i]!
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24
  }
  return 8 * a.length
}

/** Up to `count` of the contacts, the closest to the target first. */
export function closestContacts(contacts: readonly Contact[], target: Id, count: number): Contact[] {
  return [...contacts].sort((a, b) => compareDistance(target, a.id, b.id)).slice(0, count)
}

/** A random id whose common prefix with `id` has just this length, 0 to all bits but one. */
export function randomIdAt(id: Id, prefixLength: number, random: Random): Id {
  const result = id.map(() => random.integer(256))
  const edge = prefixLength >> 3
  result.set(id.subarray(0, edge))
  const bit = 0x80 >> (prefixLength & 7) // the first that differs; those before it are the id's, those behind it random
  result[edge] = (id[edge]! & -bit & 0xff & ~bit) | (~id[edge]! & bit) | (result[edge]! & (bit - 1))
  return result
}
