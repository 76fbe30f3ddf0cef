import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'

/** Where a contract takes what nobody should be able to know before the marks are given. */
export interface Draw {
  /** Whether students cannot know what is drawn. */
  readonly isHidden: boolean
  /**
   * A whole number in [from, to], the same each time it is asked for by the same label.
   *
   * @param label says what for, in the lab's own words; another label is another number
   * @param usual what everybody is judged by in public
   */
  integer(label: string, range: { readonly usual: number; readonly from: number; readonly to: number }): number
  /** As many seeds as there are usual ones. */
  seeds(label: string, usual: readonly number[]): readonly number[]
}

/** The same for every student, and published with the contract. */
export const publicDraw: Draw = {
  isHidden: false,
  integer: (_label, { usual }) => usual,
  seeds: (_label, usual) => usual,
}

/** Seeds fit in links, where they are typed and read aloud. */
const largestSeed = 999_999

/**
 * What only the holder of a key knows: HMAC-SHA-256 of the lab and the label under the key (RFC 2104). Two gradings with
 * one key draw the same.
 */
export function hiddenDraw(key: Uint8Array, lab: string): Draw {
  const integer: Draw['integer'] = (label, { from, to }) => {
    const digest = hmac(sha256, key, utf8ToBytes(JSON.stringify([lab, label])))
    // 48 bits on fewer than 2^20 values: each is as likely as any other to one part in 2^28.
    const bits = digest.slice(0, 6).reduce((number, byte) => number * 256 + byte, 0)
    return from + (bits % (to - from + 1))
  }
  return {
    isHidden: true,
    integer,
    seeds: (label, usual) =>
      usual.map((seed, i) => integer(`${label}, seed ${i}`, { usual: seed, from: 1000, to: largestSeed })),
  }
}
