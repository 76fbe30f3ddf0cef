import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { MessageCache } from './message-cache.ts'
import type { GossipSubMessage, IHave, IWant } from './messages.ts'
import type { GossipSubParameters } from './parameters.ts'
import type { PeerScore } from './peer-score.ts'
import type { Peers } from './peers.ts'
import { Promises } from './promises.ts'

/** What a peer has announced since the last heartbeat. */
interface Announced {
  messages: number
  /** How many ids it was asked for. */
  asked: number
}

/**
 * Telling peers outside of the mesh, on each heartbeat, what has lately come, and asking for what is missing: it mends
 * what the mesh has lost. With limits, since an IHAVE costs its sender little and its receiver much.
 */
export class LazyGossip {
  readonly #host: Host<GossipSubMessage>
  readonly #parameters: GossipSubParameters
  readonly #peers: Peers
  readonly #score: PeerScore
  readonly #cache: MessageCache
  readonly #promises = new Promises()
  readonly #announced = new Map<Address, Announced>()

  constructor(
    host: Host<GossipSubMessage>,
    parameters: GossipSubParameters,
    peers: Peers,
    score: PeerScore,
    cache: MessageCache,
  ) {
    this.#host = host
    this.#parameters = parameters
    this.#peers = peers
    this.#score = score
    this.#cache = cache
  }

  /** On each heartbeat, first: counts anew, and penalizes broken promises. */
  settle(): void {
    this.#announced.clear()
    for (const [peer, times] of this.#promises.takeBroken(this.#host.now)) {
      this.#score.penalize(peer, times, 'broken promise')
    }
  }

  /** On each heartbeat, for each topic: announces what is in the cache to some of the peers that are not pushed to. */
  emit(topic: string, pushedTo: ReadonlySet<Address>): void {
    const { random } = this.#host
    const ids = this.#cache.gossipIds(topic)
    if (ids.length === 0) return
    const { dLazy, gossipFactor, maxIHaveLength } = this.#parameters
    const others = this.#peers.in(topic).filter((peer) => !pushedTo.has(peer) && this.#isHeard(peer))
    const count = Math.max(dLazy, Math.floor(gossipFactor * others.length))
    for (const peer of random.sample(others, count)) {
      // Each peer gets another selection, so that together they hear of all.
      const some = ids.length > maxIHaveLength ? random.sample(ids, maxIHaveLength) : ids
      this.#host.send(peer, { type: 'ihave', topic, ids: some })
    }
  }

  /** Asks for what is new, within the limits. */
  onIHave(from: Address, { ids }: IHave, isSeen: (id: string) => boolean): void {
    const { maxIHaveLength, maxIHaveMessages, iwantFollowUpTime } = this.#parameters
    if (!this.#isHeard(from)) return
    const announced = this.#announced.get(from) ?? { messages: 0, asked: 0 }
    this.#announced.set(from, announced)
    announced.messages++
    const room = announced.messages > maxIHaveMessages ? 0 : maxIHaveLength - announced.asked
    const missing = [...new Set(ids)].filter((id) => !isSeen(id))
    if (room <= 0 || missing.length === 0) return
    const { random, now } = this.#host
    const wanted = random.sample(missing, room)
    announced.asked += wanted.length
    this.#promises.add(from, wanted, now + iwantFollowUpTime, random)
    this.#host.send(from, { type: 'iwant', ids: wanted })
  }

  /** Sends what is there, a few times at most. */
  onIWant(from: Address, { ids }: IWant): void {
    if (!this.#isHeard(from)) return
    for (const id of new Set(ids)) {
      const message = this.#cache.take(id, from, this.#parameters.gossipRetransmission)
      if (message !== undefined) this.#host.send(from, message)
    }
  }

  /** The message has come: nobody need send it any more. */
  fulfil(id: string): void {
    this.#promises.fulfil(id)
  }

  #isHeard(peer: Address): boolean {
    return this.#score.of(peer) >= this.#score.thresholds.gossip
  }
}
