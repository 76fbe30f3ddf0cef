import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import { checkScoring, type Scoring, type ScoreThresholds } from './scoring.ts'
import { decayed, TopicCounters } from './topic-counters.ts'

interface PeerCounters {
  /** When they are forgotten; undefined while the peer is connected. */
  expires: Millis | undefined
  readonly ip: string | undefined
  penalties: number
  readonly topics: Map<string, TopicCounters>
}

const noThresholds: ScoreThresholds = { gossip: 0, publish: 0, graylist: 0, acceptPx: 0, opportunisticGraft: 0 }

/**
 * What one node thinks of its peers, from what it has seen itself; it tells nobody. Without scoring all scores are 0.
 *
 *     score = cap(Σ t (w1 P1 + w2 P2 + w3 P3 + w3b P3b + w4 P4)) + w5 P5 + w6 P6 + w7 P7
 *
 * libp2p/specs, gossipsub v1.1, "The Score Function".
 */
export class PeerScore {
  readonly thresholds: ScoreThresholds
  readonly #host: Host<never>
  readonly #scoring: Scoring | undefined
  readonly #peers = new Map<Address, PeerCounters>()
  readonly #peersAtIp = new Map<string, number>()

  constructor(host: Host<never>, scoring: Scoring | undefined) {
    this.#host = host
    this.#scoring = scoring === undefined ? undefined : checkScoring(scoring)
    this.thresholds = scoring?.thresholds ?? noThresholds
  }

  /** The score of a peer; 0 for one that this node has no counters of. */
  of(peer: Address): number {
    const scoring = this.#scoring
    const counters = this.#peers.get(peer)
    if (scoring === undefined || counters === undefined) return 0
    let topics = 0
    for (const topic of counters.topics.values()) topics += topic.score
    if (scoring.topicScoreCap > 0) topics = Math.min(topics, scoring.topicScoreCap)
    const crowd = surplus(this.#peersAt(counters.ip), scoring.ipColocationThreshold)
    const penalties = surplus(counters.penalties, scoring.behaviourPenaltyThreshold)
    return (
      topics +
      scoring.applicationWeight * (scoring.applicationScore?.(peer) ?? 0) +
      scoring.ipColocationWeight * crowd * crowd +
      scoring.behaviourPenaltyWeight * penalties * penalties
    )
  }

  /** A connection has opened. Retained counters come back to life. */
  connect(peer: Address): void {
    if (this.#scoring === undefined) return
    const known = this.#peers.get(peer)
    if (known !== undefined) {
      known.expires = undefined
      return
    }
    const ip = this.#scoring.ipOf?.(peer)
    this.#peers.set(peer, { expires: undefined, ip, penalties: 0, topics: new Map() })
    if (ip !== undefined) this.#peersAtIp.set(ip, this.#peersAt(ip) + 1)
  }

  /** It has closed. A good score is forgotten; what is not good is retained, so that nobody sheds it by coming back. */
  disconnect(peer: Address): void {
    const counters = this.#peers.get(peer)
    if (counters === undefined) return
    if (this.of(peer) > 0) {
      this.#forget(peer, counters)
      return
    }
    for (const topic of counters.topics.values()) topic.forgetFirstDeliveries()
    counters.expires = this.#host.now + this.#scoring!.retainScore
  }

  /** What the peer does in a topic is counted there; undefined where it does not count. */
  in(topic: string, peer: Address): TopicCounters | undefined {
    const scoring = this.#scoring
    const topics = this.#peers.get(peer)?.topics
    // Topics come from peers, and an object has more names than its own.
    if (scoring === undefined || topics === undefined || !Object.hasOwn(scoring.topics, topic)) return undefined
    let counters = topics.get(topic)
    if (counters === undefined) topics.set(topic, (counters = new TopicCounters(scoring.topics[topic]!)))
    return counters
  }

  /** P7: the peer has broken the rules of the protocol. */
  penalize(peer: Address, times: number, reason: string): void {
    const counters = this.#peers.get(peer)
    if (counters === undefined) return
    counters.penalties += times
    this.#host.report('penalized', { peer, times, reason })
  }

  /** To be called in each decay interval. The counters of those who are gone stay as they are until they expire. */
  decay(): void {
    if (this.#scoring === undefined) return
    const { decayToZero, behaviourPenaltyDecay } = this.#scoring
    const { now } = this.#host
    for (const [peer, counters] of this.#peers) {
      if (counters.expires === undefined) {
        counters.penalties = decayed(counters.penalties, behaviourPenaltyDecay, decayToZero)
        for (const topic of counters.topics.values()) topic.decay(now, decayToZero)
      } else if (now > counters.expires) {
        this.#forget(peer, counters)
      }
    }
  }

  #peersAt(ip: string | undefined): number {
    return ip === undefined ? 0 : (this.#peersAtIp.get(ip) ?? 0)
  }

  #forget(peer: Address, { ip }: PeerCounters): void {
    this.#peers.delete(peer)
    if (ip === undefined) return
    const others = this.#peersAt(ip) - 1
    if (others > 0) this.#peersAtIp.set(ip, others)
    else this.#peersAtIp.delete(ip)
  }
}

function surplus(count: number, threshold: number): number {
  return Math.max(0, count - threshold)
}
