import type { Millis } from '../../core/time.ts'

/** RFC 6298, section 2: no time-out is shorter than a second. */
const shortest: Millis = 1000
/** However many time-outs, the wait becomes no longer than this many times what it was. */
const maxBackoff = 16

/**
 * How long to wait for an answer of a peer, from how long its answers took: RFC 6298. Smoothed time and deviation; each
 * time-out doubles the wait, and an answer ends the doubling.
 */
export class ResponseTime {
  #smoothed: Millis = 0
  #deviation: Millis = 0
  #timeout: Millis
  #backoff = 1
  #timeoutsInRow = 0

  /** @param first how long to wait while no answer has come */
  constructor(first: Millis) {
    this.#timeout = first
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
    this.#timeout = Math.max(this.#smoothed + 4 * this.#deviation, shortest)
    this.#backoff = 1
    this.#timeoutsInRow = 0
  }

  timedOut(): void {
    this.#backoff = Math.min(2 * this.#backoff, maxBackoff)
    this.#timeoutsInRow++
  }
}
