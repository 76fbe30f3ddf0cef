import type { Address } from '../core/address.ts'
import { checkInteger, checkNumber } from '../core/errors.ts'
import type { Host } from '../core/host.ts'
import type { Message } from '../core/data.ts'
import { maxMillis, type Millis } from '../core/time.ts'

/** A message that wants a reply. */
export interface RequestMessage extends Message {
  /** Names the request: a whole number from 0, below 2^53. */
  readonly requestId: number
}

/** The reply to the request of this name. */
export interface ReplyMessage extends Message {
  readonly replyTo: number
}

export interface RequestsOptions {
  /** How long one attempt waits for its reply, over 0. Default 2000. */
  readonly timeout?: Millis
  /** How often a request is sent before it has failed, 1 to 100. Default 2. */
  readonly attempts?: number
}

interface Pending {
  readonly to: Address
  readonly request: RequestMessage
  readonly isReply: (message: Message) => boolean
  readonly onDone: (reply: Message | undefined) => void
  attemptsLeft: number
}

/**
 * Requests and replies over datagrams: a request that is not answered in time is sent again, and at last fails. All
 * attempts have one id, so a request may be handled twice: doing so must be harmless.
 *
 * A reply counts only from the address that was asked and with the id of the request, 53 random bits: a stranger cannot
 * answer in a peer's place, not even one that sends under the peer's address, unless it reads along. (The host's random
 * stream is no cryptographic one; nodes that break it are not modelled.)
 *
 * The protocol passes on what comes in: `if (this.#requests.onMessage(from, message)) return`, and so with onTimer.
 */
export class Requests {
  readonly #host: Host<Message>
  readonly #timeout: Millis
  readonly #attempts: number
  readonly #pending = new Map<number, Pending>()

  constructor(host: Host<never>, { timeout = 2000, attempts = 2 }: RequestsOptions = {}) {
    this.#host = host as unknown as Host<Message>
    this.#timeout = checkNumber('timeout', timeout, { min: 0.001, max: maxMillis })
    this.#attempts = checkInteger('attempts', attempts, { min: 1, max: 100 })
  }

  /** How many requests wait for a reply. */
  get pending(): number {
    return this.#pending.size
  }

  /**
   * Sends a request, and calls `onDone` once, later: with the reply, or with undefined when the last attempt was not
   * answered in time. A reply that is not what `isReply` asks for is reported and dropped, as if it had been lost.
   */
  ask<R extends Message, M extends Message = Message>(
    to: Address,
    message: M,
    isReply: (message: Message) => message is R,
    onDone: (reply: R | undefined) => void,
  ): void {
    let requestId = this.#drawId()
    while (this.#pending.has(requestId)) requestId = this.#drawId()
    this.#pending.set(requestId, {
      to,
      request: { ...message, requestId },
      isReply,
      onDone: onDone as (reply: Message | undefined) => void,
      attemptsLeft: this.#attempts,
    })
    this.#attempt(requestId)
  }

  /** Answers a request that came from there. */
  reply<M extends Message>(to: Address, { requestId }: RequestMessage, message: M): void {
    const reply: M & ReplyMessage = { ...message, replyTo: requestId }
    this.#host.send(to, reply)
  }

  /** True for every reply, wanted or not: it has been dealt with. */
  onMessage(from: Address, message: Message): boolean {
    const { replyTo } = message as Partial<ReplyMessage>
    if (replyTo === undefined) return false
    const pending = this.#pending.get(replyTo)
    if (pending === undefined || pending.to !== from) {
      // Late, doubled by the network, or forged.
      this.#host.report('stray-reply', { from })
    } else if (!pending.isReply(message)) {
      this.#host.report('malformed', { type: typeof message.type === 'string' ? message.type : '?' })
    } else {
      this.#host.cancelTimer(timerName(replyTo))
      this.#pending.delete(replyTo)
      pending.onDone(message)
    }
    return true
  }

  /** True when the timer was one of this layer. */
  onTimer(name: string): boolean {
    if (!name.startsWith(timerPrefix)) return false
    const requestId = Number(name.slice(timerPrefix.length))
    const pending = this.#pending.get(requestId)
    if (pending === undefined) throw new Error(`timer ${name}: no such request waits; only Requests sets such timers`)
    if (pending.attemptsLeft > 0) {
      this.#attempt(requestId)
    } else {
      this.#pending.delete(requestId)
      pending.onDone(undefined)
    }
    return true
  }

  #attempt(requestId: number): void {
    const pending = this.#pending.get(requestId)!
    pending.attemptsLeft--
    this.#host.send(pending.to, pending.request)
    this.#host.setTimer(timerName(requestId), this.#timeout)
  }

  #drawId(): number {
    return this.#host.random.next() * 2 ** 53
  }
}

/** Whether a message is a request: whether its sender waits for a reply. */
export function isRequest(message: Message): message is RequestMessage {
  const { requestId } = message as Partial<RequestMessage>
  return Number.isSafeInteger(requestId) && requestId! >= 0
}

const timerPrefix = 'request/'

function timerName(requestId: number): string {
  return timerPrefix + String(requestId)
}
