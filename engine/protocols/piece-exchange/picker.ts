import type { Random } from '../../core/random.ts'
import type { PieceSet } from './piece-set.ts'

export interface PickerOptions {
  readonly selection: 'rarest-first' | 'random'
  readonly randomFirst: number
}

/**
 * Which piece to ask a peer for. The rarest among the peers, so that what only one of them has is soon on two, and
 * everybody has something to give; the very first one at random, for a rare piece comes from few, and who has none
 * should soon have one to give. Once all that is missing is on its way, it is asked for a second time, from others
 * (endgame). Cohen 2003, section 2.4.
 */
export class Picker {
  readonly #random: Random
  readonly #owned: PieceSet
  readonly #options: PickerOptions
  /** How many peers have each piece, and how many were asked for it. */
  readonly #copies: Uint32Array
  readonly #asked: Uint32Array
  /** Pieces that are missing and that nobody was asked for. */
  #untouched: number

  /** @param owned what is here; who adds to it calls {@link got} */
  constructor(random: Random, owned: PieceSet, options: PickerOptions) {
    this.#random = random
    this.#owned = owned
    this.#options = options
    this.#copies = new Uint32Array(owned.size)
    this.#asked = new Uint32Array(owned.size)
    this.#untouched = owned.size - owned.count
  }

  /** Whether all that is missing is on its way. */
  get isEndgame(): boolean {
    return this.#untouched === 0
  }

  /** A peer has one piece more. */
  addCopy(piece: number): void {
    this.#copies[piece]!++
  }

  /** A peer comes (1) with its pieces, or goes (-1). */
  countPeer(pieces: PieceSet, change: 1 | -1): void {
    for (let piece = 0; piece < pieces.size; piece++) if (pieces.has(piece)) this.#copies[piece]! += change
  }

  /** A peer is asked for the piece (1), or no longer (-1). */
  countRequest(piece: number, change: 1 | -1): void {
    const before = this.#asked[piece]!
    this.#asked[piece] = before + change
    if (!this.#owned.has(piece) && (before === 0 || before + change === 0)) this.#untouched -= change
  }

  /** The piece is here. To be called before its requests are uncounted. */
  got(piece: number): void {
    if (this.#asked[piece] === 0) this.#untouched--
  }

  /** What to ask a peer for that has these pieces; undefined = nothing. `isAsked`: whether it is to send that one already. */
  pick(pieces: PieceSet, isAsked: (piece: number) => boolean): number | undefined {
    const { selection, randomFirst } = this.#options
    const isRandom = selection === 'random' || this.#owned.count < randomFirst
    const inEndgame = this.isEndgame
    let least = Infinity
    let best: number[] = []
    for (let piece = 0; piece < pieces.size; piece++) {
      if (!pieces.has(piece) || this.#owned.has(piece)) continue
      if (inEndgame ? isAsked(piece) : this.#asked[piece] !== 0) continue
      const rank = inEndgame ? this.#asked[piece]! : isRandom ? 0 : this.#copies[piece]!
      if (rank < least) {
        least = rank
        best = []
      }
      if (rank === least) best.push(piece)
    }
    return best.length === 0 ? undefined : this.#random.pick(best)
  }
}
