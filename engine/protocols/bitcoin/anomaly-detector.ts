import type { Millis } from '../../core/time.ts'

/** Heilman et al. name the signs and give no numbers; these are chosen so that a network in order raises no alarm. */
export const anomalySigns = {
  /** A connection that came in and ends sooner than this, after a large addr, is suspicious. */
  shortLived: 60_000,
  /** So many suspicious connections … */
  tolerated: 10,
  /** … within this time are no alarm. */
  within: 3_600_000,
  /** An alarm lasts for so long after the last sign. */
  alarm: 86_400_000,
} as const

/** Countermeasure 10: a flurry of short connections with large addr messages is how the tables are filled. */
export class AnomalyDetector {
  #signs: Millis[] = []
  #alarmedUntil: Millis = -Infinity

  isAlarmed(now: Millis): boolean {
    return now < this.#alarmedUntil
  }

  /** A connection that somebody else opened has ended. True when this raises the alarm. */
  ended(since: Millis, now: Millis, sentLargeAddr: boolean): boolean {
    if (!sentLargeAddr || now - since >= anomalySigns.shortLived) return false
    this.#signs = this.#signs.filter((time) => now - time < anomalySigns.within)
    this.#signs.push(now)
    if (this.#signs.length <= anomalySigns.tolerated) return false
    const isNews = !this.isAlarmed(now)
    this.#alarmedUntil = now + anomalySigns.alarm
    return isNews
  }
}
