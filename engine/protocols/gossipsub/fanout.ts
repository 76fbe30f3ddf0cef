import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import type { GossipSubParameters } from './parameters.ts'
import type { PeerScore } from './peer-score.ts'
import type { Peers } from './peers.ts'

interface Route {
  readonly peers: Set<Address>
  lastPublished: Millis
}

/** The peers that messages go to in topics that this node publishes to and is not subscribed to. */
export class Fanout {
  readonly #host: Host<never>
  readonly #parameters: GossipSubParameters
  readonly #peers: Peers
  readonly #score: PeerScore
  readonly #routes = new Map<string, Route>()

  constructor(host: Host<never>, parameters: GossipSubParameters, peers: Peers, score: PeerScore) {
    this.#host = host
    this.#parameters = parameters
    this.#peers = peers
    this.#score = score
  }

  get topics(): string[] {
    return [...this.#routes.keys()]
  }

  of(topic: string): ReadonlySet<Address> | undefined {
    return this.#routes.get(topic)?.peers
  }

  /** The peers to publish to, now. */
  publish(topic: string): ReadonlySet<Address> {
    let route = this.#routes.get(topic)
    if (route === undefined) this.#routes.set(topic, (route = { peers: new Set(), lastPublished: 0 }))
    route.lastPublished = this.#host.now
    if (route.peers.size === 0) this.#fill(topic, route.peers)
    return route.peers
  }

  /** The node has subscribed: the peers are needed elsewhere. */
  take(topic: string): Address[] {
    const peers = [...(this.#routes.get(topic)?.peers ?? [])]
    this.#routes.delete(topic)
    return peers
  }

  /** On each heartbeat. */
  maintain(): void {
    for (const [topic, { peers, lastPublished }] of this.#routes) {
      if (this.#host.now - lastPublished > this.#parameters.fanoutTtl) {
        this.#routes.delete(topic)
        continue
      }
      for (const peer of peers) if (!this.#isGood(peer) || !this.#peers.isIn(topic, peer)) peers.delete(peer)
      this.#fill(topic, peers)
    }
  }

  #fill(topic: string, peers: Set<Address>): void {
    const missing = this.#parameters.d - peers.size
    if (missing <= 0) return
    const candidates = this.#peers.in(topic).filter((peer) => !peers.has(peer) && this.#isGood(peer))
    for (const peer of this.#host.random.sample(candidates, missing)) peers.add(peer)
  }

  #isGood(peer: Address): boolean {
    return this.#score.of(peer) >= this.#score.thresholds.publish
  }
}
