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
  const words = new Uint32Array(8)
  for (let i = 0; i < 8; i++) words[i] = view.getUint32(4 * i, true)
  return words
}

/** The stream with this path under the seed. */
export function deriveStream(seed: number, ...path: readonly (string | number)[]): Stream {
  return new Stream(deriveWords(seed, ...path))
}

/** xoshiro128** 1.1 by Blackman and Vigna (https://prng.di.unimi.it/xoshiro128starstar.c). */
export abstract class Xoshiro implements Random {
  protected readonly words: Int32Array
  /** Where the four words of the state stand among the words; under 0 where there is none. */
  protected at: number

  constructor(words: Int32Array, at: number) {
    this.words = words
    this.at = at
  }

  /** 32 uniform bits, as an unsigned integer. */
  word(): number {
    const { words, at } = this
    if (at < 0) throw new Error('host.random was used outside of a handler; draw in onStart, and never later')
    const b = words[at + 1]!
    const product = Math.imul(b, 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9)
    const c = words[at + 2]! ^ words[at]!
    const d = words[at + 3]! ^ b
    words[at + 1] = b ^ c
    words[at] = words[at]! ^ d
    words[at + 2] = c ^ (b << 9)
    words[at + 3] = (d << 11) | (d >>> 21)
    return result >>> 0
  }

  next(): number {
    return (this.word() * 2 ** 21 + (this.word() >>> 11)) / 2 ** 53
  }

  integer(bound: number): number {
    if (!(Number.isInteger(bound) && bound >= 1 && bound <= 2 ** 32))
      checkInteger('bound', bound, { min: 1, max: 2 ** 32 })
    // Words past the last whole multiple of the bound are drawn again, so that no value is favoured. All in 32 bits, where
    // a remainder costs a tenth of one of doubles; 2^32 itself is 0 there, and every word will do for it.
    const divisor = bound >>> 0
    if (divisor === 0) return this.word()
    let word = this.word() >>> 0
    if (word >= 2 ** 32 - divisor) {
      const limit = 2 ** 32 - ((-divisor >>> 0) % divisor)
      while (word >= limit) word = this.word() >>> 0
    }
    return (word % divisor) >>> 0
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

/** A stream of its own. */
export class Stream extends Xoshiro {
  /** Takes the first four words as its state; at least one must not be 0. */
  constructor(words: ArrayLike<number>) {
    super(checkState(words), 0)
  }
}

/**
 * The streams of many nodes, of which one is drawn from at a time: that of the node that runs. So a million nodes share
 * one object and one array, in which the streams stand side by side.
 */
export class Streams extends Xoshiro {
  /** Whose stream is drawn from; -1 = nobody's. */
  selected = -1

  constructor(count: number) {
    super(new Int32Array(4 * count), -4)
  }

  /** See {@link Nodes.prefetch}. */
  prefetch(indexes: Int32Array, count: number): number {
    let sum = 0
    for (let i = 0; i < count; i++) sum += this.words[4 * indexes[i]!]!
    return sum
  }

  select(index: number): void {
    this.selected = index
    this.at = 4 * index
  }

  /** Begins a stream anew, from four words, and selects it. */
  seed(index: number, words: ArrayLike<number>): void {
    this.words.set(checkState(words), 4 * index)
    this.select(index)
  }
}

function checkState(words: ArrayLike<number>): Int32Array {
  const state = Int32Array.of(words[0]!, words[1]!, words[2]!, words[3]!)
  if (state.every((word) => word === 0)) throw new RangeError('a random stream cannot start from all zeros')
  return state
}
