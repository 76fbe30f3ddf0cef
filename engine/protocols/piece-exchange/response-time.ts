import type { Millis } from '../../core/time.ts'

/** A request is taken for lost when so many answers to later ones have come: RFC 5681, section 3.2. */
export const lostAfter = 3

/**
 * How long to wait for an answer of a peer, from how long its answers took: RFC 6298. Smoothed time and deviation; each
 * time-out doubles the wait, and an answer ends the doubling. An answer may wait in the peer's queue behind others', and
 * that queue may grow at once; so no wait is shorter than the first one.
 */
export class ResponseTime {
  readonly #shortest: Millis
  readonly #maxBackoff: number
  #smoothed: Millis = 0
  #deviation: Millis = 0
  #timeout: Millis
  #backoff = 1
  #timeoutsInRow = 0

  /**
   * @param shortest how long to wait at least, and while no answer has come
   * @param maxBackoff however many time-outs, the wait becomes no longer than this many times what it was; 1 = as long
   */
  constructor(shortest: Millis, maxBackoff: number) {
    this.#shortest = shortest
    this.#maxBackoff = maxBackoff
    this.#timeout = shortest
  }

  get timeout(): Millis {
    return this.#timeout * this.#backoff
  }

  /** Time-outs since the last answer. */
  get timeoutsInRow(): number {
    return this.#timeoutsInRow
  }

  answered(after: Millis): void {
    if (this.#smoothed === 0) {
      this.#smoothed = after
      this.#deviation = after / 2
    } else {
      this.#deviation += (Math.abs(this.#smoothed - after) - this.#deviation) / 4
      this.#smoothed += (after - this.#smoothed) / 8
    }
    this.#timeout = Math.max(this.#smoothed + 4 * this.#deviation, this.#shortest)
    this.#backoff = 1
    this.#timeoutsInRow = 0
  }

  timedOut(): void {
    this.#backoff = Math.min(2 * this.#backoff, this.#maxBackoff)
    this.#timeoutsInRow++
  }
}
