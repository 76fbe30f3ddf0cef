import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import { reportDelivered, reportDuplicate } from '../rumor.ts'
import type { Fanout } from './fanout.ts'
import type { Mesh } from './mesh.ts'
import type { MessageCache } from './message-cache.ts'
import { defaultTopic, type GossipSubMessage, type Publication, type PublishTo } from './messages.ts'
import type { GossipSubOptions, GossipSubParameters, Validity } from './parameters.ts'
import type { PeerScore } from './peer-score.ts'
import type { Peers } from './peers.ts'
import { SeenCache, type Sighting } from './seen-cache.ts'

/** The way of the application's messages: new ones are validated, delivered and pushed on, and their senders scored. */
export class Router {
  readonly #host: Host<GossipSubMessage>
  readonly #validate: NonNullable<GossipSubOptions['validate']>
  readonly #floodPublish: boolean
  readonly #seen: SeenCache
  readonly #cache: MessageCache
  readonly #peers: Peers
  readonly #mesh: Mesh
  readonly #fanout: Fanout
  readonly #score: PeerScore

  constructor(
    host: Host<GossipSubMessage>,
    { seenTtl, floodPublish }: GossipSubParameters,
    parts: {
      readonly cache: MessageCache
      readonly peers: Peers
      readonly mesh: Mesh
      readonly fanout: Fanout
      readonly score: PeerScore
    },
    validate: GossipSubOptions['validate'],
  ) {
    this.#host = host
    this.#floodPublish = floodPublish
    this.#seen = new SeenCache(seenTtl)
    this.#cache = parts.cache
    this.#peers = parts.peers
    this.#mesh = parts.mesh
    this.#fanout = parts.fanout
    this.#score = parts.score
    this.#validate = validate ?? ((): Validity => 'accept')
  }

  hasSeen(id: string): boolean {
    return this.#seen.get(id, this.#host.now) !== undefined
  }

  publish({ topic = defaultTopic, id, payload }: PublishTo): void {
    if (this.hasSeen(id)) return
    const message: Publication = { type: 'publish', topic, id, payload }
    this.#seen.put(id, this.#host.now, 'accept')
    this.#cache.put(message)
    if (this.#mesh.of(topic) !== undefined) reportDelivered(this.#host, message)
    for (const peer of this.#receivers(topic)) this.#host.send(peer, message)
  }

  onPublication(from: Address, message: Publication): void {
    if (this.#mesh.of(message.topic) === undefined) return
    const seen = this.#seen.get(message.id, this.#host.now)
    if (seen === undefined) this.#onNew(from, message)
    else this.#onSeen(from, message, seen)
  }

  /** On each heartbeat. */
  expireSeen(): void {
    this.#seen.expire(this.#host.now)
  }

  #onNew(from: Address, message: Publication): void {
    const { topic, id, payload } = message
    const validity = this.#validate(topic, payload, from)
    const counters = this.#score.in(topic, from)
    this.#seen.put(id, this.#host.now, validity, from)
    if (validity === 'reject') counters?.deliverInvalid()
    if (validity !== 'accept') {
      this.#host.report('refused', { id, peer: from, validity })
      return
    }
    counters?.deliverFirst()
    this.#cache.put(message)
    reportDelivered(this.#host, message)
    for (const peer of this.#mesh.of(topic)!) if (peer !== from) this.#host.send(peer, message)
  }

  #onSeen(from: Address, { topic, id }: Publication, { time, validity, senders }: Sighting): void {
    reportDuplicate(this.#host, id)
    const counters = this.#score.in(topic, from)
    if (validity === 'reject') counters?.deliverInvalid()
    // A peer gains nothing by sending the same message again.
    if (validity === 'accept' && !senders.has(from)) counters?.deliverAgain(this.#host.now - time)
    senders.add(from)
  }

  /** Whom an own message goes to: everybody in the topic, or the mesh, or without a subscription the fanout. */
  #receivers(topic: string): Iterable<Address> {
    if (!this.#floodPublish) return this.#mesh.of(topic) ?? this.#fanout.publish(topic)
    const { publish } = this.#score.thresholds
    return this.#peers.in(topic).filter((peer) => this.#score.of(peer) >= publish)
  }
}
