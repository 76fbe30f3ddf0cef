/**
 * The ring of Chord: ids are numbers on a circle, the highest is followed by 0, and what matters is the order in which one
 * meets them going clockwise, upwards. Bytes are compared from the most significant, so ids of any length will do.
 *
 * Stoica et al.: "Chord: a scalable peer-to-peer lookup service for Internet applications", SIGCOMM 2001, section 4.
 */
import type { Id } from '../contact.ts'

/** Negative when `a` is the smaller number, positive when `b` is, 0 when they are equal. */
export function compareIds(a: Id, b: Id): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return 0
}

/**
 * Whether one meets `id` when going clockwise from `after`, which does not count, up to `upTo`, which does. When these two
 * are the same, that is all the way round, and every id is met.
 */
export function isBetween(id: Id, after: Id, upTo: Id): boolean {
  const pastAfter = compareIds(id, after) > 0
  const beforeEnd = compareIds(id, upTo) <= 0
  return compareIds(after, upTo) < 0 ? pastAfter && beforeEnd : pastAfter || beforeEnd
}

/** As {@link isBetween}, but the end does not count either. */
export function isStrictlyBetween(id: Id, after: Id, before: Id): boolean {
  return compareIds(id, before) !== 0 && isBetween(id, after, before)
}

/** The id that is 2 to the `exponent` further clockwise; the exponent is from 0 to the number of bits - 1. */
export function addPowerOfTwo(id: Id, exponent: number): Id {
  const sum = id.slice()
  let carry = 1 << (exponent & 7)
  for (let i = id.length - 1 - (exponent >> 3); i >= 0 && carry > 0; i--) {
    carry += sum[i]!
    sum[i] = carry
    carry >>= 8
  }
  return sum
}
