import type { Millis } from '../../core/time.ts'
import type { Ipv4Endpoint } from './endpoint.ts'
import { addressAges, type TableParameters } from './table-parameters.ts'

/** What the table knows of one address. */
export interface TableEntry {
  readonly endpoint: Ipv4Endpoint
  /** Who told of it first. */
  readonly source: Ipv4Endpoint
  /** When it was last seen in the network, as far as known; the paper's timestamp. Can be before the run began. */
  time: Millis
  /** When a connection last succeeded; undefined = never. */
  lastSuccess: Millis | undefined
  /** When a connection was last tried, or undefined. A restart forgets it. */
  lastTry: Millis | undefined
  /** Failures since the last success. */
  attempts: number
  inTried: boolean
  /** The new buckets that it is in; none while it is in tried. */
  readonly newBuckets: number[]
}

/** Not worth a place: not seen for long, seen in the future, or it failed too often. */
export function isTerrible(entry: TableEntry, now: Millis, horizon: Millis): boolean {
  const { time, lastTry, lastSuccess, attempts } = entry
  if (lastTry !== undefined && lastTry >= now - addressAges.underWay) return false
  if (time > now + addressAges.future || now - time > horizon) return true
  if (lastSuccess === undefined) return attempts >= addressAges.retries
  return attempts >= addressAges.maxFailures && now - lastSuccess > addressAges.minFailing
}

/**
 * The chance that the address is accepted when it is the first that is drawn for a connection. With the preference for
 * fresh ones that is 1 / (1 + τ), τ the age in steps of ten minutes; less after failures and right after a try.
 */
export function chanceOf(entry: TableEntry, now: Millis, parameters: TableParameters): number {
  const { step, recentTry } = addressAges
  let chance = parameters.selection === 'fresh' ? step / (step + Math.max(0, now - entry.time)) : 1
  if (entry.lastTry !== undefined && now - entry.lastTry < recentTry) chance *= 0.01
  for (let i = Math.min(entry.attempts, parameters.failuresCounted); i > 0; i--) chance *= parameters.failureFactor
  return chance
}
