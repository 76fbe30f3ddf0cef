import type { Data } from './data.ts'

/**
 * A 64-bit hash of everything that happened, in order. Two runs with the same fingerprint did the same. It guards
 * against accidents (a clock, an unordered set, another engine), not against an attacker.
 */
export class Fingerprint {
  #a = 0x243f6a88 | 0
  #b = 0x85a308d3 | 0
  readonly #names = new Map<string, number>()
  // The latest name of each first letter: a run has few types, and a map takes longer.
  readonly #lastNames: string[] = new Array<string>(16).fill('')
  readonly #lastHashes = new Int32Array(16).fill(hashText(''))

  /** Folds 32 bits. */
  word(value: number): void {
    const a = Math.imul(this.#a ^ value, 0x9e3779b1)
    this.#a = (a << 15) | (a >>> 17)
    const b = Math.imul((this.#b + value) ^ this.#a, 0x85ebca77)
    this.#b = (b << 13) | (b >>> 19)
  }

  /**
   * Folds a dispatched event. One call with four words, since it is there for every event.
   *
   * @param time in whole microseconds
   * @param type of the message, name of the timer, label of the control
   */
  event(time: number, sequence: number, kind: number, node: number, peer: number, type: string): void {
    const letter = type.charCodeAt(0) & 15
    if (type !== this.#lastNames[letter]) {
      this.#lastNames[letter] = type
      this.#lastHashes[letter] = this.#hashOf(type)
    }
    this.word(foldTo32(time))
    this.word(foldTo32(sequence))
    this.word((node << 3) | kind)
    this.word(peer ^ this.#lastHashes[letter]!)
  }

  /** Folds a name that comes often (an event, a key): its hash is kept. */
  name(value: string): void {
    this.word(this.#hashOf(value))
  }

  /** Folds a plain value, with its shape. */
  data(value: Data | undefined): void {
    if (typeof value === 'string') {
      this.word(value.length)
      this.word(hashText(value))
    } else if (typeof value === 'number') {
      float[0] = value
      this.word(floatWords[0]!)
      this.word(floatWords[1]!)
    } else if (typeof value !== 'object') {
      this.word(value === undefined ? 1 : value ? 2 : 3)
    } else if (value === null) {
      this.word(4)
    } else if (value instanceof Uint8Array) {
      this.word(5)
      this.word(value.length)
      for (const byte of value) this.word(byte)
    } else if (Array.isArray(value)) {
      this.word(6)
      this.word(value.length)
      for (const item of value as readonly Data[]) this.data(item)
    } else {
      this.word(7)
      for (const [key, item] of Object.entries(value as { readonly [key: string]: Data })) {
        this.name(key)
        this.data(item)
      }
      this.word(8)
    }
  }

  #hashOf(name: string): number {
    let hash = this.#names.get(name)
    if (hash === undefined) {
      hash = hashText(name)
      // Names can come from a student's code without end; a bound keeps the cache small.
      if (this.#names.size < 4096) this.#names.set(name, hash)
    }
    return hash
  }

  /** Sixteen hexadecimal digits. */
  toString(): string {
    return hex(finish(this.#a ^ Math.imul(this.#b, 0xc2b2ae3d))) + hex(finish(this.#b ^ Math.imul(this.#a, 0x27d4eb2f)))
  }
}

const float = new Float64Array(1)
const floatWords = new Int32Array(float.buffer)

/** A whole number up to 2^53 in 32 bits: numbers that differ by less than 2^32 stay different. */
function foldTo32(value: number): number {
  return value ^ Math.imul((value / 2 ** 32) | 0, 0x165667b1)
}

/** FNV-1a over UTF-16 code units. */
function hashText(text: string): number {
  let hash = 0x811c9dc5 | 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

/** MurmurHash3's finalizer: every input bit reaches every output bit. */
function finish(value: number): number {
  let h = value
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0')
}
