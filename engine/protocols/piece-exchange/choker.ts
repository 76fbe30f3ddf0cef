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
 * more but not interested are unchoked too. BEP 3, where the optimistic unchoke is one of the four; Cohen 2003, section 3.
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
    if (slots === 0) return new Set()
    const optimistic = this.#rotation.find(({ isInterested }) => isInterested)
    const unchoked = new Set(optimistic === undefined ? [] : [optimistic])
    let interested = unchoked.size
    const add = (peer: Peer): void => {
      if (interested === slots || unchoked.has(peer)) return
      unchoked.add(peer)
      if (peer.isInterested) interested++
    }
    const worth = ({ sent, received }: Peer): number => (isSeed ? sent.recent : received.recent)
    // Of two that are worth the same the one that has a place keeps it.
    const order = (a: Peer, b: Peer): number => worth(b) - worth(a) || Number(a.amChoking) - Number(b.amChoking)
    this.#candidates(isSeed, now).sort(order).forEach(add)
    // Where others snub this node, places are left, and more than one is optimistic.
    this.#rotation.filter(({ isInterested }) => isInterested).forEach(add)
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
