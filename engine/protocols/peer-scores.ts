import { checkInteger, checkNumber } from '../core/errors.ts'
import { maxMillis, type Millis } from '../core/time.ts'

export interface PeerScoreOptions {
  /** A peer is on the graylist when its score is this or lower: below 0. Default -100. */
  readonly graylistAt?: number
  /** For how long it stays there; then it begins again at 0. Default: until its score has decayed back over `graylistAt`. */
  readonly graylistFor?: Millis
  /** No score is over this, however good the peer was: from 0. Default 100. */
  readonly cap?: number
  /** All scores are multiplied with this once in each interval: 0 to 0.9999, or 1 = they stay. Default 0.9. */
  readonly decay?: number
  /** Over 0. Default 1000. */
  readonly decayInterval?: Millis
  /** A score nearer to 0 than this is 0: over 0. Default 0.01, as in go-libp2p-pubsub. */
  readonly decayToZero?: number
  /** How many peers are remembered, from 1; the score nearest to 0 is forgotten first. Default 10,000. */
  readonly maxPeers?: number
}

/** bitcoind's misbehaviour score, up to 0.20: nothing is forgiven, and a peer with 100 points is banned for a day. */
export const bitcoinMisbehaviour: PeerScoreOptions = { graylistAt: -100, graylistFor: 86_400_000, cap: 0, decay: 1 }

interface Record {
  score: number
  /** The interval in which the score was brought up to date. */
  interval: number
  graylistedUntil: Millis
}

/**
 * What a node thinks of its peers, from what they did to it: points off for offences, points for service, and both fade.
 * Decay is the choice between two errors. Slow, and who behaved badly once, by accident, is out for long; fast, and an
 * attacker who rests between its blows is never caught. The cap is one against traitors: it bounds what good behaviour
 * can be saved up for.
 *
 * Generic, after Bitcoin's misbehaviour and the decaying counters of libp2p/specs gossipsub v1.1; GossipSub's own score,
 * with its topics, is in gossipsub/. Scores are brought up to date when they are looked at, always by the same steps:
 * looking changes nothing.
 *
 * @typeParam Key what counts as one peer: an address, a host, a group of addresses
 */
export class PeerScores<Key = number> {
  readonly #graylistAt: number
  readonly #graylistFor: Millis | undefined
  readonly #cap: number
  readonly #decay: number
  readonly #decayInterval: Millis
  readonly #decayToZero: number
  readonly #maxPeers: number
  readonly #records = new Map<Key, Record>()

  constructor(options: PeerScoreOptions = {}) {
    const { graylistAt = -100, graylistFor, cap = 100, decay = 0.9 } = options
    const { decayInterval = 1000, decayToZero = 0.01, maxPeers = 10_000 } = options
    this.#graylistAt = checkNumber('graylistAt', graylistAt, { min: -1e12, max: -1e-12 })
    this.#graylistFor =
      graylistFor === undefined ? undefined : checkNumber('graylistFor', graylistFor, { min: 0.001, max: maxMillis })
    this.#cap = checkNumber('cap', cap, { min: 0, max: 1e12 })
    this.#decay = checkNumber('decay', decay, { min: 0, max: decay === 1 ? 1 : 0.9999 })
    this.#decayInterval = checkNumber('decayInterval', decayInterval, { min: 0.001, max: maxMillis })
    this.#decayToZero = checkNumber('decayToZero', decayToZero, { min: 1e-12, max: 1e12 })
    this.#maxPeers = checkInteger('maxPeers', maxPeers, { min: 1, max: 10_000_000 })
  }

  /** How many peers are remembered. */
  get peers(): number {
    return this.#records.size
  }

  /** The score of a peer now; 0 for a stranger. */
  of(peer: Key, now: Millis): number {
    const record = this.#records.get(peer)
    return record === undefined ? 0 : this.#refresh(record, now).score
  }

  /** Whether to have no ears for a peer. */
  isGraylisted(peer: Key, now: Millis): boolean {
    const record = this.#records.get(peer)
    return record !== undefined && this.#isOut(this.#refresh(record, now), now)
  }

  /** Points off, from 0. True when this puts the peer on the graylist. */
  penalize(peer: Key, points: number, now: Millis): boolean {
    const record = this.#refresh(this.#recordOf(peer, now), now)
    if (this.#isOut(record, now)) return false
    record.score -= checkNumber('points', points, { min: 0, max: 1e12 })
    if (record.score > this.#graylistAt) return false
    if (this.#graylistFor !== undefined) {
      record.graylistedUntil = now + this.#graylistFor
      record.score = 0
    }
    return true
  }

  /** Points for service, from 0. A peer on the graylist gets none. */
  reward(peer: Key, points: number, now: Millis): void {
    const record = this.#refresh(this.#recordOf(peer, now), now)
    checkNumber('points', points, { min: 0, max: 1e12 })
    if (!this.#isOut(record, now)) record.score = Math.min(this.#cap, record.score + points)
  }

  #isOut(record: Record, now: Millis): boolean {
    return now < record.graylistedUntil || record.score <= this.#graylistAt
  }

  #refresh(record: Record, now: Millis): Record {
    const interval = Math.floor(now / this.#decayInterval)
    if (interval < record.interval) throw new RangeError(`now is ${now} ms, earlier than before; time only grows`)
    // Step by step, as the power would have other bits than the steps, depending on who looked when.
    for (let i = record.interval; i < interval && record.score !== 0 && this.#decay < 1; i++) {
      record.score *= this.#decay
      if (Math.abs(record.score) < this.#decayToZero) record.score = 0
    }
    record.interval = interval
    return record
  }

  #recordOf(peer: Key, now: Millis): Record {
    const known = this.#records.get(peer)
    if (known !== undefined) return known
    if (this.#records.size >= this.#maxPeers) this.#forgetOne(now)
    const record = { score: 0, interval: Math.floor(now / this.#decayInterval), graylistedUntil: 0 }
    this.#records.set(peer, record)
    return record
  }

  /** The one that is worth least to remember: the earliest of those who are not graylisted and nearest to 0. */
  #forgetOne(now: Millis): void {
    let least: Key | undefined
    let value = Infinity
    for (const [peer, record] of this.#records) {
      const { score } = this.#refresh(record, now)
      const worth = this.#isOut(record, now) ? 1e13 : Math.abs(score)
      if (worth < value) [least, value] = [peer, worth]
    }
    this.#records.delete(least as Key)
  }
}
