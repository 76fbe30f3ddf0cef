import type { Address, Host, Message, Millis, Protocol } from '@peerlab/engine'

/** Says to all neighbors once a second that it is alive, and reports who has been silent for three seconds. */
export class Heartbeat implements Protocol {
  readonly #host: Host
  readonly #heard = new Map<Address, Millis>()

  constructor(host: Host) {
    this.#host = host // and nothing else: work begins in onStart
  }

  onStart(): void {
    for (const peer of Array.from(this.#host.neighbors)) this.#heard.set(peer, this.#host.now)
    this.#host.setTimer('beat', 1000 * this.#host.random.next())
  }

  onMessage(from: Address, message: Message): void {
    if (message.type === 'alive' && this.#heard.has(from)) this.#heard.set(from, this.#host.now)
    else this.#host.report('malformed', { from }) // peers lie, and a packet can be damaged
  }

  onTimer(): void {
    for (const [peer, time] of this.#heard) {
      if (this.#host.now - time > 3000) this.#host.report('silent', { peer })
      this.#host.send(peer, { type: 'alive' })
    }
    this.#host.setTimer('beat', 1000)
  }
}
