/**
 * Hello: the smallest conversation. A greeter says hello to all its neighbors, and each answers with a welcome. There
 * is no paper behind it: it shows what a protocol is given, and what it has to be.
 */
import type { Address } from '../core/address.ts'
import type { Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'

export interface HelloMessage extends Message {
  readonly type: 'hello' | 'welcome'
}

/** Answers each hello. */
export class Hello implements Protocol<HelloMessage> {
  readonly #host: Host<HelloMessage>

  constructor(host: Host<HelloMessage>) {
    this.#host = host
  }

  onMessage(from: Address, message: HelloMessage): void {
    if (message.type === 'hello') this.#host.send(from, { type: 'welcome' })
  }
}

/** Says hello to everybody it knows, once, and reports who answers. */
export class Greeter implements Protocol<HelloMessage> {
  readonly #host: Host<HelloMessage>

  constructor(host: Host<HelloMessage>) {
    this.#host = host
  }

  onStart(): void {
    for (const peer of Array.from(this.#host.neighbors)) this.#host.send(peer, { type: 'hello' })
  }

  onMessage(from: Address, message: HelloMessage): void {
    if (message.type === 'welcome') this.#host.report('welcomed', { by: from })
  }
}
