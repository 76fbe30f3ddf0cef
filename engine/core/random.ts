import { utf8ToBytes } from '@noble/hashes/utils.js'
import { checkInteger, checkNumber } from './errors.ts'
import { sha256 } from './hash.ts'

/** A stream of random values. The same seed gives the same stream on every machine. */
export interface Random {
  /** Uniform in [0, 1), with 53 bits. */
  next(): number
  /** Uniform in 0 … bound - 1; bound from 1 to 2^32. */
  integer(bound: number): number
  /** True with this probability, 0 to 1. */
  chance(probability: number): boolean
  /** One item, uniformly. Throws on an empty list. */
  pick<T>(items: ArrayLike<T>): T
  /** Up to `count` items at different positions, uniformly, in random order. */
  sample<T>(items: ArrayLike<T>, count: number): T[]
  /** A copy in random order. */
  shuffle<T>(items: ArrayLike<T>): T[]
}

/** Seeds are whole numbers, so that they fit a link and a command line. */
export function checkSeed(seed: unknown): number {
  return checkInteger('seed', seed, { min: 0, max: Number.MAX_SAFE_INTEGER })
}

/**
 * 256 bits from a seed and a path of labels, as eight 32-bit words. SHA-256 makes it one-way: a node that sees its own
 * stream learns nothing of the seed or of another's stream.
 */
export function deriveWords(seed: number, ...path: readonly (string | number)[]): Uint32Array {
  const digest = sha256(utf8ToBytes(`peerlab/1/${seed}/${path.join('/')}`))
  const view = new DataView(digest.buffer, digest.byteOffset, digest.byteLength)
  return Uint32Array.from({ length: 8 }, (_, i) => view.getUint32(4 * i, true))
}

/** The stream with this path under the seed. */
export function deriveStream(seed: number, ...path: readonly (string | number)[]): Stream {
  return new Stream(deriveWords(seed, ...path))
}

/** xoshiro128** 1.1 by Blackman and Vigna (https://prng.di.unimi.it/xoshiro128starstar.c). */
export class Stream implements Random {
  #a: number
  #b: number
  #c: number
  #d: number

  /** Takes the first four words as its state; at least one must not be 0. */
  constructor(words: ArrayLike<number>) {
    this.#a = words[0]! | 0
    this.#b = words[1]! | 0
    this.#c = words[2]! | 0
    this.#d = words[3]! | 0
    if ((this.#a | this.#b | this.#c | this.#d) === 0)
      throw new RangeError('a random stream cannot start from all zeros')
  }

  /** 32 uniform bits, as an unsigned integer. */
  word(): number {
    const product = Math.imul(this.#b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result >>> 0
  }

  next(): number {
    return (this.word() * 2 ** 21 + (this.word() >>> 11)) / 2 ** 53
  }

  integer(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32))
      checkInteger('bound', bound, { min: 1, max: 2 ** 32 })
    // Words past the last whole multiple of the bound are drawn again, so that no value is favoured.
    const limit = 2 ** 32 - (2 ** 32 % bound)
    let word = this.word()
    while (word >= limit) word = this.word()
    return word % bound
  }

  chance(probability: number): boolean {
    return this.next() < checkNumber('probability', probability, { min: 0, max: 1 })
  }

  pick<T>(items: ArrayLike<T>): T {
    if (items.length === 0) throw new RangeError('pick: the list is empty; check its length first')
    return items[this.integer(items.length)]!
  }

  sample<T>(items: ArrayLike<T>, count: number): T[] {
    checkInteger('count', count, { min: 0, max: 2 ** 32 })
    const wanted = Math.min(count, items.length)
    return 3 * wanted < items.length ? this.#sampleFew(items, wanted) : this.#sampleMany(items, wanted)
  }

  shuffle<T>(items: ArrayLike<T>): T[] {
    return this.#sampleMany(items, items.length)
  }

  /** Draws positions until enough differ: no copy of a long list for a short sample. */
  #sampleFew<T>(items: ArrayLike<T>, wanted: number): T[] {
    const positions: number[] = []
    while (positions.length < wanted) {
      const position = this.integer(items.length)
      if (!positions.includes(position)) positions.push(position)
    }
    return positions.map((position) => items[position]!)
  }

  /** The first steps of a Fisher-Yates shuffle on a copy. */
  #sampleMany<T>(items: ArrayLike<T>, wanted: number): T[] {
    const copy = Array.from(items)
    for (let i = 0; i < wanted; i++) {
      const j = i + this.integer(copy.length - i)
      const item = copy[i]!
      copy[i] = copy[j]!
      copy[j] = item
    }
    copy.length = wanted
    return copy
  }
}
