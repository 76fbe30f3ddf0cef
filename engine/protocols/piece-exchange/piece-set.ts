/** Which pieces of a file somebody has: one bit a piece, the first piece in the highest bit of the first byte (BEP 3). */
export class PieceSet {
  /** How many pieces the file has. */
  readonly size: number
  readonly #bits: Uint8Array
  #count = 0

  constructor(size: number) {
    this.size = size
    this.#bits = new Uint8Array(Math.ceil(size / 8))
  }

  /** Reads a bitfield. Undefined where it has another length, or spare bits that are not 0. */
  static read(bytes: Uint8Array, size: number): PieceSet | undefined {
    const set = new PieceSet(size)
    if (bytes.length !== set.#bits.length) return undefined
    for (let piece = 0; piece < 8 * bytes.length; piece++) {
      if ((bytes[piece >> 3]! & maskOf(piece)) === 0) continue
      if (piece >= size) return undefined
      set.add(piece)
    }
    return set
  }

  /** How many of them are here. */
  get count(): number {
    return this.#count
  }

  get isComplete(): boolean {
    return this.#count === this.size
  }

  has(piece: number): boolean {
    return (this.#bits[piece >> 3]! & maskOf(piece)) !== 0
  }

  /** False where it was here already. */
  add(piece: number): boolean {
    if (this.has(piece)) return false
    this.#bits[piece >> 3]! |= maskOf(piece)
    this.#count++
    return true
  }

  /** The bitfield, a copy. */
  toBytes(): Uint8Array {
    return this.#bits.slice()
  }
}

function maskOf(piece: number): number {
  return 0x80 >> (piece & 7)
}
