import { checkInteger, checkNumber } from '../../core/errors.ts'
import { maxMillis, type Millis } from '../../core/time.ts'

export interface DiscoveryOptions {
  /** Time between two looks at what is to be done. Default 1000. */
  readonly period?: Millis
  /** Outgoing connections to have, 0 to 1000. Default 8, as Bitcoin Core's full relay connections. */
  readonly target?: number
  /** Connections to have at most, from the target to 10,000; the rest is for incoming ones. Default 125, as in Bitcoin Core. */
  readonly limit?: number
  /** Addresses to know at most, 8 to 100,000. Default 1000. */
  readonly maxKnown?: number
  /** Hearsay that one peer may bring, at most. Default: an eighth of maxKnown. */
  readonly maxPerSource?: number
  /** Addresses in an answer at most, 1 to 1000. Default 16, as in discv5; in Bitcoin it is 1000. */
  readonly maxShared?: number
  /** How long to wait for a welcome. Default 5000, as in Bitcoin Core. */
  readonly dialTimeout?: Millis
  /** A connection is over after so long without a packet; it is pinged after a third of that. Default 30,000. */
  readonly silence?: Millis
  /** How often to try one more address, though there are enough connections. Default 120,000, as in Bitcoin Core. */
  readonly feelerInterval?: Millis
}

/** Throws a RangeError for what is out of range. */
export function withDefaults(options: DiscoveryOptions): Required<DiscoveryOptions> {
  const time = (name: keyof DiscoveryOptions, fallback: Millis): Millis =>
    checkNumber(name, options[name] ?? fallback, { min: 1, max: maxMillis })
  const count = (name: keyof DiscoveryOptions, fallback: number, min: number, max: number): number =>
    checkInteger(name, options[name] ?? fallback, { min, max })
  const target = count('target', 8, 0, 1000)
  const maxKnown = count('maxKnown', 1000, 8, 100_000)
  return {
    period: time('period', 1000),
    target,
    limit: count('limit', Math.max(125, target), target, 10_000),
    maxKnown,
    maxPerSource: count('maxPerSource', Math.floor(maxKnown / 8), 1, maxKnown),
    maxShared: count('maxShared', 16, 1, 1000),
    dialTimeout: time('dialTimeout', 5000),
    silence: time('silence', 30_000),
    feelerInterval: time('feelerInterval', 120_000),
  }
}
