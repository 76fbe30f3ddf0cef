import { checkInteger, checkNumber } from '../core/errors.ts'
import { maxMillis, toMicros, type Micros, type Millis } from '../core/time.ts'

export interface TokenBucketOptions {
  /** What can be taken at once after a pause (b), whole tokens from 1. */
  readonly burst: number
  /** So many tokens, whole and from 1, … */
  readonly tokens: number
  /** … come back in this time, over 0: the rate is r = tokens / per. */
  readonly per: Millis
  /** How many there are at the beginning, 0 to `burst`. Default: `burst`. */
  readonly initial?: number
}

/** The fields of {@link TokenBucketOptions} for Bitcoin Core's limit on addr: 0.1 addresses a second, 1000 at once. */
export const bitcoinAddressRate: TokenBucketOptions = { burst: 1000, tokens: 1, per: 10_000, initial: 1 }

/**
 * Lets through b at once and r in the long run: in any span t no more than b + r·t. A burst that comes at a rate R over r
 * passes whole for b / (R - r), and at r from then on.
 *
 * Exact: the level is a whole number of parts of a token, chosen so that each microsecond adds a whole number of them.
 * Sums of fractions would drift, and a bucket that drifts upwards lets through more than it says.
 */
export class TokenBucket {
  /** Parts that make a token. */
  readonly #token: number
  /** Parts that a microsecond adds. */
  readonly #refill: number
  readonly #full: number
  #level: number
  #filled: Micros

  /** @param now when it is made: from then on tokens come back. Default 0, the beginning of a run. */
  constructor({ burst, tokens, per, initial = burst }: TokenBucketOptions, now: Millis = 0) {
    checkInteger('burst', burst, { min: 1, max: Number.MAX_SAFE_INTEGER })
    checkInteger('tokens', tokens, { min: 1, max: Number.MAX_SAFE_INTEGER })
    checkInteger('initial', initial, { min: 0, max: burst })
    const micros = toMicros('per', checkNumber('per', per, { min: 0.001, max: maxMillis }))
    const common = greatestCommonDivisor(tokens, micros)
    this.#token = micros / common
    this.#refill = tokens / common
    this.#full = this.#parts(burst)
    this.#level = this.#parts(initial)
    this.#filled = toMicros('now', now)
  }

  /** Whole tokens that are there now. */
  available(now: Millis): number {
    this.#fill(now)
    return divide(this.#level, this.#token)
  }

  /** Takes this many tokens, or none: false when there are not enough. */
  take(now: Millis, count = 1): boolean {
    const parts = this.#parts(checkInteger('count', count, { min: 0, max: Number.MAX_SAFE_INTEGER }))
    this.#fill(now)
    if (parts > this.#level) return false
    this.#level -= parts
    return true
  }

  /** In how long there are this many tokens, if nobody takes any: 0 = now, Infinity = never, it is more than fit in. */
  timeUntil(now: Millis, count = 1): Millis {
    this.#fill(now)
    const lacking = this.#parts(checkInteger('count', count, { min: 0, max: Number.MAX_SAFE_INTEGER })) - this.#level
    if (lacking <= 0) return 0
    return this.#level + lacking > this.#full ? Infinity : -divide(-lacking, this.#refill) / 1000
  }

  /** Adds tokens beyond what comes back by itself, past `burst` if need be: a reply to a question is no flood. */
  grant(now: Millis, count: number): void {
    this.#fill(now)
    const parts = this.#level + this.#parts(checkInteger('count', count, { min: 0, max: Number.MAX_SAFE_INTEGER }))
    if (parts > Number.MAX_SAFE_INTEGER) throw new RangeError(`grant of ${count}: too many to count; grant fewer`)
    this.#level = parts
  }

  /** Whether it is as full as it gets by itself: then it remembers nothing. */
  isFull(now: Millis): boolean {
    this.#fill(now)
    return this.#level >= this.#full
  }

  #fill(now: Millis): void {
    const micros = toMicros('now', now)
    const elapsed = micros - this.#filled
    if (elapsed < 0)
      throw new RangeError(`now is ${now} ms, but it was ${this.#filled / 1000} ms before; time only grows`)
    this.#filled = micros
    const lacking = this.#full - this.#level
    if (lacking <= 0) return
    // Compared before it is multiplied, as the product could be too large to be exact.
    this.#level = elapsed >= -divide(-lacking, this.#refill) ? this.#full : this.#level + elapsed * this.#refill
  }

  #parts(tokens: number): number {
    const parts = tokens * this.#token
    if (parts <= Number.MAX_SAFE_INTEGER) return parts
    throw new RangeError(
      `${tokens} tokens are ${parts} parts, too many to be exact; choose a smaller burst or a rounder rate`,
    )
  }
}

/** The whole part of a / b, rounded down, without the rounding of a quotient. */
function divide(a: number, b: number): number {
  const rest = a % b
  return (a - rest) / b - (rest < 0 ? 1 : 0)
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
