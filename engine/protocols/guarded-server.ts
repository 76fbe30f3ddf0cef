/**
 * A server that works for whoever asks, one request after the other, with a bounded queue before it and a limit at its
 * door. Work is what costs; to look at a request and turn it away costs next to nothing. Which limit there is decides who
 * suffers from a flood: none, and the queue is full of it; one for all, and it takes the tokens; one for each peer, and it
 * takes its own. Who is turned away is not told: an answer would be more work, and to a forged address.
 *
 * Token buckets: RFC 2697 and 3290 have them for networks, Bitcoin Core for addr messages (net_processing.cpp).
 */
import type { Address } from '../core/address.ts'
import type { Message } from '../core/data.ts'
import { checkInteger, checkNumber } from '../core/errors.ts'
import type { Host, Protocol } from '../core/host.ts'
import { maxMillis, type Millis } from '../core/time.ts'
import { RateLimiter, type RateLimiterOptions } from './rate-limiter.ts'

export interface GuardedServerOptions {
  /** How long one request takes to serve: over 0. */
  readonly work: Millis
  /** How many admitted requests wait at most; what comes then is lost. From 0. Default 20. */
  readonly queue?: number
  /** Default: none. */
  readonly limit?: RateLimiterOptions | undefined
}

/** "Do this for me." The number tells the answer which request it belongs to. */
export interface ServiceRequest extends Message {
  readonly type: 'request'
  readonly number: number
}

export interface ServiceResponse extends Message {
  readonly type: 'response'
  readonly number: number
}

interface Job {
  readonly peer: Address
  readonly number: number
}

export class GuardedServer implements Protocol<Message> {
  readonly #host: Host<ServiceResponse>
  readonly #work: Millis
  readonly #capacity: number
  readonly #limiter: RateLimiter<Address> | undefined
  readonly #waiting: Job[] = []
  #current: Job | undefined

  constructor(host: Host<ServiceResponse>, { work, queue = 20, limit }: GuardedServerOptions) {
    this.#host = host
    this.#work = checkNumber('work', work, { min: 0.001, max: maxMillis })
    this.#capacity = checkInteger('queue', queue, { min: 0, max: 1_000_000 })
    this.#limiter = limit && new RateLimiter(limit)
  }

  /** How many requests wait; to look at. */
  get waiting(): number {
    return this.#waiting.length
  }

  /** What is known of peers, where there is a limit; to look at. */
  get limiter(): RateLimiter<Address> | undefined {
    return this.#limiter
  }

  onMessage(from: Address, message: Message): void {
    const { type, number } = message as Partial<ServiceRequest>
    if (type !== 'request' || !Number.isSafeInteger(number)) {
      this.#host.report('malformed', { type: message.type })
      return
    }
    const verdict = this.#limiter?.judge(from, this.#host.now) ?? 'allowed'
    if (verdict !== 'allowed') return this.#host.report('refused', { why: verdict })
    const job = { peer: from, number: number! }
    if (this.#current === undefined) this.#begin(job)
    else if (this.#waiting.length < this.#capacity) this.#waiting.push(job)
    else this.#host.report('overload')
  }

  onTimer(): void {
    const { peer, number } = this.#current!
    this.#host.send(peer, { type: 'response', number })
    this.#current = undefined
    const next = this.#waiting.shift()
    if (next !== undefined) this.#begin(next)
  }

  #begin(job: Job): void {
    this.#current = job
    this.#host.setTimer('work', this.#work)
  }
}
