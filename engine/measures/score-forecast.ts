import { checkNumber } from '../core/errors.ts'
import { maxMillis, type Millis } from '../core/time.ts'

/** A peer whose shares are judged, and how. Points are counted as in PeerScores. */
export interface ScoreForecast {
  /** Points for a good share, and off for a bad one. */
  readonly reward: number
  readonly penalty: number
  /** The share of bad ones while it behaves, 0 to 1. */
  readonly accidents: number
  /** Time between two shares. */
  readonly period: Millis
  /** What is left of a score after an interval, and how long that is. */
  readonly decay: number
  readonly decayInterval: Millis
  readonly cap: number
  /** No points are given or taken from this score on downwards. */
  readonly threshold: number
  /** From then on: `blows` bad shares, `rests` of the usual kind, and so on. */
  readonly betrayal: Millis
  readonly blows: number
  readonly rests: number
  readonly until: Millis
}

/**
 * The score that is to be expected, share by share: s ← min(cap, s + gain), and s ← decay · s once in an interval. Without
 * cap and threshold a steady gain g in an interval leads to g / (1 - decay), the sum of a geometric series: what decays by
 * a tenth in a second ends at ten seconds of gain. Gains are means, so that it is exact but for the cap's effect on chance.
 */
export function expectedScores(forecast: ScoreForecast): (readonly [time: Millis, score: number])[] {
  const { reward, penalty, accidents, period, decay, decayInterval, cap, threshold } = forecast
  const { betrayal, blows, rests, until } = forecast
  checkNumber('period', period, { min: 0.001, max: maxMillis })
  checkNumber('decay interval', decayInterval, { min: 0.001, max: maxMillis })
  const usual = reward * (1 - accidents) - penalty * accidents
  const points: (readonly [Millis, number])[] = [[0, 0]]
  let score = 0
  let fades = 1
  let betrayed = 0
  // Phases are uniform: on average a share comes in the middle of its period.
  for (let time = period / 2; time <= until; time += period) {
    for (; fades * decayInterval <= time; fades++) score *= decay
    const isBlow = time >= betrayal && betrayed++ % (blows + rests) < blows
    if (score > threshold) score = Math.min(cap, score + (isBlow ? -penalty : usual))
    points.push([time, score])
  }
  return points
}
