/** Who takes part in `amplification` besides the reflectors and the attacker, and what the engine's reports say of them. */
import type { Address } from '../core/address.ts'
import type { Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import type { Millis } from '../core/time.ts'
import type { Query } from '../protocols/attackers/reflector.ts'

interface Echo extends Message {
  readonly type: 'ping' | 'pong'
  readonly number: number
}

/** Answers a friend's ping, and is told things that it never asked for. */
export class Victim implements Protocol<Message> {
  readonly #host: Host<Echo>

  constructor(host: Host<Echo>) {
    this.#host = host
  }

  onMessage(from: Address, message: Message): void {
    const { type, number } = message as Partial<Echo>
    if (type === 'ping' && typeof number === 'number') this.#host.send(from, { type: 'pong', number })
    else if (message.type === 'answer') this.#host.report('unasked')
  }
}

/** Asks the victim once in a while whether it is there, and says how long that took. */
export class Friend implements Protocol<Message> {
  readonly #host: Host<Echo>
  readonly #victim: Address
  readonly #period: Millis
  readonly #asked = new Map<number, Millis>()
  #number = 0

  constructor(host: Host<Echo>, victim: Address, period: Millis) {
    this.#host = host
    this.#victim = victim
    this.#period = period
  }

  onStart(): void {
    this.#host.setTimer('ping', this.#host.random.next() * this.#period)
  }

  onMessage(from: Address, message: Message): void {
    const { type, number } = message as Partial<Echo>
    const asked = type === 'pong' && from === this.#victim ? this.#asked.get(number!) : undefined
    if (asked === undefined) return
    this.#asked.delete(number!)
    this.#host.report('pong', { took: this.#host.now - asked })
  }

  onTimer(): void {
    const number = this.#number++
    this.#asked.set(number, this.#host.now)
    this.#host.send(this.#victim, { type: 'ping', number })
    this.#host.setTimer('ping', this.#period)
  }
}

/** Asks a reflector in its own name, and says back the token of what it hears: an honest customer. */
export class Customer implements Protocol<Message> {
  readonly #host: Host<Query>
  readonly #service: Address
  readonly #query: Query
  readonly #period: Millis
  #token: number | undefined

  constructor(host: Host<Query>, service: Address, { payload, period }: { payload: number; period: Millis }) {
    this.#host = host
    this.#service = service
    this.#query = { type: 'query', payload: new Uint8Array(payload) }
    this.#period = period
  }

  onStart(): void {
    this.#host.setTimer('query', this.#host.random.next() * this.#period)
  }

  onMessage(from: Address, message: Message): void {
    const { type, token } = message as Partial<Query>
    if (type !== ('answer' as string) || from !== this.#service || typeof token !== 'number') return
    if (this.#token === token) return
    this.#token = token
    this.#host.report('returned', { token })
  }

  onTimer(): void {
    this.#host.send(this.#service, this.#token === undefined ? this.#query : { ...this.#query, token: this.#token })
    this.#host.setTimer('query', this.#period)
  }
}
