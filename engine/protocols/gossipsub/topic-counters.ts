import type { Millis } from '../../core/time.ts'
import type { TopicScoring } from './scoring.ts'

/**
 * What one peer has done in one topic: the counters behind P1 to P4. All but the time in the mesh decay.
 *
 * libp2p/specs, gossipsub v1.1, "Topic Parameter Calculation and Decay". P3 is taken to be about peers in the mesh, as
 * its description says: for those that have left there is P3b.
 */
export class TopicCounters {
  readonly #scoring: TopicScoring
  /** When the peer came into the mesh; undefined while it is not in it. */
  #graftedAt: Millis | undefined = undefined
  /** Brought up to date on each decay only. */
  #meshTime: Millis = 0
  #firstDeliveries = 0
  #meshDeliveries = 0
  #meshFailurePenalty = 0
  #invalidDeliveries = 0

  constructor(scoring: TopicScoring) {
    this.#scoring = scoring
  }

  /** t (w1 P1 + w2 P2 + w3 P3 + w3b P3b + w4 P4). */
  get score(): number {
    const scoring = this.#scoring
    const quanta = Math.floor(this.#meshTime / scoring.timeInMeshQuantum)
    const deficit = this.#deficit
    return (
      scoring.topicWeight *
      (scoring.timeInMeshWeight * Math.min(quanta, scoring.timeInMeshCap) +
        scoring.firstMessageDeliveriesWeight * this.#firstDeliveries +
        scoring.meshMessageDeliveriesWeight * deficit * deficit +
        scoring.meshFailurePenaltyWeight * this.#meshFailurePenalty +
        scoring.invalidMessageDeliveriesWeight * this.#invalidDeliveries * this.#invalidDeliveries)
    )
  }

  graft(now: Millis): void {
    this.#graftedAt = now
    this.#meshTime = 0
  }

  /** What was missing when it left is remembered. */
  prune(): void {
    const deficit = this.#deficit
    this.#meshFailurePenalty += deficit * deficit
    this.#graftedAt = undefined
    this.#meshTime = 0
  }

  /** It brought a valid message that was not there. */
  deliverFirst(): void {
    this.#firstDeliveries = Math.min(this.#firstDeliveries + 1, this.#scoring.firstMessageDeliveriesCap)
    this.#countMeshDelivery()
  }

  /** It brought, for the first time, a valid message that another had brought so much earlier. */
  deliverAgain(later: Millis): void {
    if (later <= this.#scoring.meshMessageDeliveriesWindow) this.#countMeshDelivery()
  }

  deliverInvalid(): void {
    this.#invalidDeliveries++
  }

  forgetFirstDeliveries(): void {
    this.#firstDeliveries = 0
  }

  decay(now: Millis, toZero: number): void {
    const scoring = this.#scoring
    this.#firstDeliveries = decayed(this.#firstDeliveries, scoring.firstMessageDeliveriesDecay, toZero)
    this.#meshDeliveries = decayed(this.#meshDeliveries, scoring.meshMessageDeliveriesDecay, toZero)
    this.#meshFailurePenalty = decayed(this.#meshFailurePenalty, scoring.meshFailurePenaltyDecay, toZero)
    this.#invalidDeliveries = decayed(this.#invalidDeliveries, scoring.invalidMessageDeliveriesDecay, toZero)
    if (this.#graftedAt !== undefined) this.#meshTime = now - this.#graftedAt
  }

  get #deficit(): number {
    const { meshMessageDeliveriesActivation, meshMessageDeliveriesThreshold } = this.#scoring
    if (this.#meshTime <= meshMessageDeliveriesActivation) return 0
    return Math.max(0, meshMessageDeliveriesThreshold - this.#meshDeliveries)
  }

  #countMeshDelivery(): void {
    if (this.#graftedAt === undefined) return
    this.#meshDeliveries = Math.min(this.#meshDeliveries + 1, this.#scoring.meshMessageDeliveriesCap)
  }
}

/** What a decay interval leaves of a counter. */
export function decayed(counter: number, factor: number, toZero: number): number {
  const left = counter * factor
  return left < toZero ? 0 : left
}
