/**
 * Gossip with repair: push a rumor to a few at once, then tell others only its name, and let those who lack it ask. The
 * push is fast and leaves holes; names are small, and fill them.
 *
 * Birman et al.: "Bimodal multicast", ACM TOCS 17(2), 1999 (unreliable multicast, then gossip about what arrived); the
 * names have / want are GossipSub's IHAVE / IWANT (libp2p/specs, gossipsub v1.0). Simplified: names are remembered for
 * ever, and a name is told to one neighbor on a beat.
 */
import type { Address } from '../core/address.ts'
import type { Host, Protocol } from '../core/host.ts'
import type { Message } from '../core/data.ts'
import type { Millis } from '../core/time.ts'
import { samplePeers } from '../layers/peers.ts'
import {
  isIdList,
  isRumor,
  reportDelivered,
  reportDuplicate,
  reportMalformed,
  type Publish,
  type Rumor,
} from './rumor.ts'

export interface GossipOptions {
  /** How many neighbors hear a new rumor at once. */
  readonly fanout: number
  /** How many hops the push goes at most, 1 to 255. */
  readonly ttl: number
  /** Time between two beats of the repair; 0 = no repair. */
  readonly repairInterval: Millis
  /** On how many beats a node tells the name of a rumor, from when it got it. Then it is silent. */
  readonly repairRounds: number
}

/** "I have these." */
export interface Have extends Message {
  readonly type: 'have'
  readonly ids: readonly string[]
}

/** "Send me these." */
export interface Want extends Message {
  readonly type: 'want'
  readonly ids: readonly string[]
}

export type GossipMessage = Rumor | Have | Want

export class Gossip implements Protocol<GossipMessage, Publish> {
  readonly #host: Host<GossipMessage>
  readonly #options: GossipOptions
  readonly #rumors = new Map<string, Rumor>()
  /** The names still to be told, and on how many beats. */
  readonly #beatsLeft = new Map<string, number>()

  constructor(host: Host<GossipMessage>, options: GossipOptions) {
    this.#host = host
    this.#options = options
  }

  onCommand({ id, payload }: Publish): void {
    this.#accept({ type: 'rumor', id, payload, ttl: this.#options.ttl + 1 })
  }

  onMessage(from: Address, message: Message): void {
    if (isRumor(message)) this.#onRumor(from, message)
    else if (isNames(message)) this.#onNames(from, message)
    else reportMalformed(this.#host, message)
  }

  onTimer(): void {
    const ids = [...this.#beatsLeft.keys()]
    for (const peer of samplePeers(this.#host.random, this.#host.neighbors, 1))
      this.#host.send(peer, { type: 'have', ids })
    for (const [id, beats] of this.#beatsLeft) {
      if (beats > 1) this.#beatsLeft.set(id, beats - 1)
      else this.#beatsLeft.delete(id)
    }
    if (this.#beatsLeft.size > 0) this.#host.setTimer('repair', this.#options.repairInterval)
  }

  #onRumor(from: Address, rumor: Rumor): void {
    if (this.#rumors.has(rumor.id)) reportDuplicate(this.#host, rumor.id)
    else this.#accept(rumor, from)
  }

  #onNames(from: Address, { type, ids }: Have | Want): void {
    const unique = [...new Set(ids)]
    if (type === 'have') {
      const missing = unique.filter((id) => !this.#rumors.has(id))
      if (missing.length > 0) this.#host.send(from, { type: 'want', ids: missing })
    } else {
      for (const id of unique) {
        const rumor = this.#rumors.get(id)
        // Who had to ask is at the end of the wave: it does not push again, it only tells the name.
        if (rumor !== undefined) this.#host.send(from, { ...rumor, ttl: 1 })
      }
    }
  }

  #accept(rumor: Rumor, from?: Address): void {
    this.#rumors.set(rumor.id, rumor)
    reportDelivered(this.#host, rumor)
    this.#push(rumor, from)
    const { repairInterval, repairRounds } = this.#options
    if (repairInterval === 0 || repairRounds === 0) return
    if (this.#beatsLeft.size === 0) this.#host.setTimer('repair', repairInterval)
    this.#beatsLeft.set(rumor.id, repairRounds)
  }

  #push(rumor: Rumor, from?: Address): void {
    if (rumor.ttl === 1) return
    const onward = { ...rumor, ttl: rumor.ttl - 1 }
    for (const peer of samplePeers(this.#host.random, this.#host.neighbors, this.#options.fanout, from)) {
      this.#host.send(peer, onward)
    }
  }
}

function isNames(message: Message): message is Have | Want {
  return (message.type === 'have' || message.type === 'want') && isIdList((message as Partial<Have | Want>).ids)
}
