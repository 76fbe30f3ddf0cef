import { exponential } from '../core/distributions.ts'
import { checkNumber } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import type { Message } from '../core/data.ts'
import { maxMillis, type Millis } from '../core/time.ts'

/**
 * When nodes act:
 * - `rounds`: all at once, at the multiples of the period, and each judges by what it knew when the round began. So
 *   papers count; packets must arrive within their round.
 * - `periodic`: once in a period, each node at a phase of its own. So real networks do.
 * - `poisson`: after exponentially distributed times with the period as their mean. So differential equations assume.
 */
export type Timing = 'rounds' | 'periodic' | 'poisson'

export interface PacemakerOptions {
  /** Mean time between two beats, over 0. */
  readonly period: Millis
  readonly timing: Timing
}

/** A repeating timer. The protocol calls `next` in onTimer to go on, and leaves it to fall silent. */
export class Pacemaker {
  readonly #host: Host<Message>
  readonly #name: string
  readonly #period: Millis
  readonly #timing: Timing
  #beating = false

  constructor(host: Host<never>, name: string, { period, timing }: PacemakerOptions) {
    this.#host = host as unknown as Host<Message>
    this.#name = name
    this.#period = checkNumber('period', period, { min: 0.001, max: maxMillis })
    this.#timing = timing
  }

  /** Begins to beat, unless it does already. */
  start(): void {
    if (this.#beating) return
    this.#beating = true
    const { random } = this.#host
    this.#beatIn(this.#timing === 'periodic' ? random.next() * this.#period : this.#pause())
  }

  /** To be called in onTimer: one more beat if there is more to do, otherwise silence until the next start. */
  next(moreToDo: boolean): void {
    this.#beating = false
    if (!moreToDo) return
    this.#beating = true
    this.#beatIn(this.#pause())
  }

  /** Whether a thing known since then counts as known before: in rounds, only if it was known when the round began. */
  knewBefore(since: Millis): boolean {
    return this.#timing !== 'rounds' || since < Math.floor(this.#host.now / this.#period) * this.#period
  }

  #pause(): Millis {
    if (this.#timing === 'periodic') return this.#period
    if (this.#timing === 'poisson') return exponential(this.#host.random, this.#period)
    const { now } = this.#host
    return (Math.floor(now / this.#period) + 1) * this.#period - now
  }

  #beatIn(delay: Millis): void {
    this.#host.setTimer(this.#name, delay)
  }
}
