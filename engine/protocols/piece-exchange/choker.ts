import type { Random } from '../../core/random.ts'
import type { Millis } from '../../core/time.ts'
import type { Peer } from './peer.ts'

export interface ChokerOptions {
  readonly slots: number
  readonly snubbedAfter: Millis
}

/**
 * Whom to upload to. Those interested peers that are worth most (to a downloader who sends most to it, to a seed who
 * takes most from it), in all places but one; that one is for the optimistic unchoke, whatever it is worth, or nobody
 * would ever find a better peer, and a newcomer with nothing to give would never get anything. Peers that are worth
 * more but not interested are unchoked too. BEP 3; Cohen 2003, section 3.
 */
export class Choker {
  readonly #random: Random
  readonly #options: ChokerOptions
  /** The optimistic unchoke goes round in this order. */
  #rotation: Peer[] = []

  constructor(random: Random, options: ChokerOptions) {
    this.#random = random
    this.#options = options
  }

  /** A newcomer is three times as likely at the front as at any other place. */
  connected(peer: Peer): void {
    const at = this.#random.integer(this.#rotation.length + 3) - 2
    this.#rotation.splice(Math.max(at, 0), 0, peer)
  }

  disconnected(peer: Peer): void {
    this.#rotation = this.#rotation.filter((each) => each !== peer)
  }

  /** The turn of the next peer that waits. */
  rotate(): void {
    const next = this.#rotation.findIndex(({ isInterested, amChoking }) => isInterested && amChoking)
    if (next > 0) this.#rotation = [...this.#rotation.slice(next), ...this.#rotation.slice(0, next)]
  }

  /** Those that are to be unchoked now. At most as many as there are slots are interested. */
  choose(isSeed: boolean, now: Millis): Set<Peer> {
    const { slots } = this.#options
    const unchoked = new Set<Peer>()
    if (slots === 0) return unchoked
    const worth = ({ sent, received }: Peer): number => (isSeed ? sent.recent : received.recent)
    let interested = 0
    for (const peer of this.#candidates(isSeed, now).sort((a, b) => worth(b) - worth(a))) {
      if (interested === slots - 1) break
      unchoked.add(peer)
      if (peer.isInterested) interested++
    }
    // Where others snub this node, places are left, and more than one is optimistic.
    for (const peer of this.#rotation) {
      if (interested === slots) break
      if (!peer.isInterested || unchoked.has(peer)) continue
      unchoked.add(peer)
      interested++
    }
    return unchoked
  }

  /** A seed is never interested; it needs no place. */
  #candidates(isSeed: boolean, now: Millis): Peer[] {
    const { snubbedAfter } = this.#options
    return this.#rotation.filter(
      ({ pieces, waitingSince }) => !pieces.isComplete && (isSeed || now - waitingSince < snubbedAfter),
    )
  }
}
