/**
 * Flooding: whoever hears a rumor for the first time tells all neighbors but the one it came from. It reaches every
 * node within `ttl` hops and costs about one packet for each link and direction.
 *
 * As Gnutella 0.4 forwarded queries (The Gnutella Protocol Specification v0.4, Clip2, 2001: TTL and de-duplication by
 * descriptor id). Simplified: names are remembered for ever, and nothing is routed back.
 */
import type { Address } from '../core/address.ts'
import type { Host, Protocol } from '../core/host.ts'
import type { Message } from '../core/data.ts'
import { IdSet } from '../layers/id-set.ts'
import { isRumor, reportDelivered, reportDuplicate, reportMalformed, type Publish, type Rumor } from './rumor.ts'

export interface FloodingOptions {
  /** How many hops a rumor goes at most, 1 to 255. Gnutella's clients used 7. */
  readonly ttl: number
}

export class Flooding implements Protocol<Rumor, Publish> {
  readonly #host: Host<Rumor>
  readonly #ttl: number
  readonly #seen = new IdSet()

  constructor(host: Host<Rumor>, { ttl }: FloodingOptions) {
    this.#host = host
    this.#ttl = ttl
  }

  onCommand(publish: Publish): void {
    this.#accept({ type: 'rumor', id: publish.id, payload: publish.payload, ttl: this.#ttl + 1 })
  }

  onMessage(from: Address, message: Message): void {
    if (!isRumor(message)) reportMalformed(this.#host, message)
    else if (this.#seen.has(message.id)) reportDuplicate(this.#host, message.id)
    else this.#accept(message, from)
  }

  #accept(rumor: Rumor, from?: Address): void {
    this.#seen.add(rumor.id)
    reportDelivered(this.#host, rumor)
    if (rumor.ttl === 1) return
    const onward = { ...rumor, ttl: rumor.ttl - 1 }
    const { neighbors } = this.#host
    for (let i = 0; i < neighbors.length; i++) {
      if (neighbors[i] !== from) this.#host.send(neighbors[i]!, onward)
    }
  }
}
