/**
 * An attacker that asks reflectors in the name of a victim: the answers go there, and are larger than the questions. It
 * needs no bandwidth worth the name, and the victim sees the addresses of services, not the attacker's.
 *
 * Rossow, "Amplification Hell", NDSS 2014; what makes it possible is that networks let forged sources out (RFC 2827).
 */
import type { Address } from '../../core/address.ts'
import type { Command, Message } from '../../core/data.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { AttackerHost, Protocol } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import type { Query } from './reflector.ts'

export interface SpooferOptions {
  /** In whose name it asks. */
  readonly victim: Address
  /** Whom it asks, one after the other. */
  readonly reflectors: readonly Address[]
  /** Time between two questions: over 0. */
  readonly interval: Millis
  /** Payload of a question in bytes, without what surrounds it: 0 to 1200. Default 64. */
  readonly payload?: number
}

/** Begins to ask, or stops. */
export interface Spoof extends Command {
  readonly type: 'spoof'
  readonly isOn: boolean
}

export class Spoofer implements Protocol<Message, Spoof> {
  readonly #host: AttackerHost<Query>
  readonly #options: SpooferOptions
  readonly #question: Query
  #asked = 0

  constructor(host: AttackerHost<Query>, options: SpooferOptions) {
    checkNumber('interval', options.interval, { min: 0.001, max: maxMillis })
    if (options.reflectors.length === 0) throw new RangeError('reflectors is empty; give at least one')
    const length = checkInteger('payload', options.payload ?? 64, { min: 0, max: 1200 })
    this.#host = host
    this.#options = options
    this.#question = { type: 'query', payload: new Uint8Array(length) }
  }

  onCommand({ isOn }: Spoof): void {
    this.#host.cancelTimer('ask')
    if (isOn) this.onTimer()
  }

  /** Nobody answers it: it never asked in its own name. */
  onMessage(): void {}

  onTimer(): void {
    const { victim, reflectors, interval } = this.#options
    this.#host.sendAs(victim, reflectors[this.#asked++ % reflectors.length]!, this.#question)
    this.#host.setTimer('ask', interval)
  }
}
