/**
 * Push, "infect and die": whoever hears a rumor for the first time tells `fanout` random neighbors, once, and is done.
 * With a mean fanout of ln n + c all n nodes hear it with probability e^(-e^(-c)).
 *
 * Kermarrec, Massoulié, Ganesh: "Probabilistic reliable dissemination in large-scale systems", IEEE TPDS 14(3), 2003.
 * Simplified: peers come from the topology, where the paper samples a partial view.
 */
import type { Address } from '../core/address.ts'
import { poisson } from '../core/distributions.ts'
import type { Host, Protocol } from '../core/host.ts'
import type { Message } from '../core/data.ts'
import { IdSet } from '../layers/id-set.ts'
import { samplePeers } from '../layers/peers.ts'
import { isRumor, reportDelivered, reportDuplicate, reportMalformed, type Publish, type Rumor } from './rumor.ts'

export interface PushOptions {
  /** How many neighbors each node tells. With `poisson` this is the mean, and need not be whole. */
  readonly fanout: number
  /** How many hops a rumor goes at most, 1 to 255. */
  readonly ttl: number
  /** Draw each node's fanout from a Poisson distribution, as the paper's theorem assumes. Default false. */
  readonly poisson?: boolean
}

export class Push implements Protocol<Rumor, Publish> {
  readonly #host: Host<Rumor>
  readonly #options: PushOptions
  readonly #seen = new IdSet()

  constructor(host: Host<Rumor>, options: PushOptions) {
    this.#host = host
    this.#options = options
  }

  onCommand(publish: Publish): void {
    this.#accept({ type: 'rumor', id: publish.id, payload: publish.payload, ttl: this.#options.ttl + 1 })
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
    const { neighbors, random } = this.#host
    const fanout = this.#options.poisson ? poisson(random, this.#options.fanout) : this.#options.fanout
    const onward = { ...rumor, ttl: rumor.ttl - 1 }
    for (const peer of samplePeers(random, neighbors, fanout, from)) this.#host.send(peer, onward)
  }
}
