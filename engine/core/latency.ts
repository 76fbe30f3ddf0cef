import { checkInteger, checkNumber } from './errors.ts'
import { exp } from './exact-math.ts'
import { normalDeviate } from './normal.ts'
import { maxNodes } from './topology.ts'
import { maxMillis, toMicros, type Micros, type Millis } from './time.ts'

/** How long a packet is on its way over a link. */
export interface LatencyModel {
  /**
   * @param from sender's node index
   * @param to receiver's node index
   * @param draw uniform in [0, 1), the same for this packet in every variant of the run; called at most once
   */
  micros(from: number, to: number, draw: () => number): Micros
}

/** Every packet takes the same time; 0 is allowed. */
export function constantLatency(latency: Millis): LatencyModel {
  return new ConstantLatency(toMicros('latency', latency))
}

/** Uniform between two bounds, both included. */
export function uniformLatency(min: Millis, max: Millis): LatencyModel {
  const low = toMicros('minimum latency', min)
  const span = toMicros('maximum latency', checkNumber('maximum latency', max, { min, max: maxMillis })) - low
  return new UniformLatency(low, span)
}

/**
 * Log-normal: the logarithm of the latency is normal. Half of the packets are faster than `median`, and about two thirds
 * lie between median / e^sigma and median · e^sigma; the mean is median · e^(sigma²/2).
 * @param sigma standard deviation of the logarithm, 0 to 10; 0.1 is a steady link, 1 a very uneven one
 */
export function logNormalLatency(median: Millis, sigma: number): LatencyModel {
  const middle = toMicros('median latency', median)
  checkNumber('sigma', sigma, { min: 0, max: 10 })
  return {
    micros: (_from, _to, draw) => Math.min(Math.round(middle * exp(sigma * normalDeviate(draw()))), maxMicros),
  }
}

/** One link that differs from the others. */
export interface LinkLatency {
  /** Node indexes. */
  readonly from: number
  readonly to: number
  readonly latency: LatencyModel
}

/**
 * Any model, with other latencies on some links. An entry holds for both directions, unless `directed`. A link that is
 * given twice is refused.
 */
export function withLinkLatencies(
  base: LatencyModel,
  links: Iterable<LinkLatency>,
  { directed = false }: { readonly directed?: boolean } = {},
): LatencyModel {
  const models = new Map<number, LatencyModel>()
  const set = (from: number, to: number, latency: LatencyModel): void => {
    const key = linkKey(from, to)
    if (models.has(key)) throw new RangeError(`the latency of link ${from} → ${to} is given twice; keep one of them`)
    models.set(key, latency)
  }
  for (const { from, to, latency } of links) {
    checkInteger('link: from', from, { min: 0, max: maxNodes - 1 })
    checkInteger('link: to', to, { min: 0, max: maxNodes - 1 })
    set(from, to, latency)
    if (!directed && from !== to) set(to, from, latency)
  }
  return { micros: (from, to, draw) => (models.get(linkKey(from, to)) ?? base).micros(from, to, draw) }
}

/** The longest latency: what a heavy tail is cut off at. */
export const maxMicros: Micros = toMicros('longest time', maxMillis)

function linkKey(from: number, to: number): number {
  return from * maxNodes + to
}

// Classes for the two that the fastest runs use: a closure for each run would be compiled anew for each run.

class ConstantLatency implements LatencyModel {
  readonly #micros: Micros

  constructor(micros: Micros) {
    this.#micros = micros
  }

  micros(): Micros {
    return this.#micros
  }
}

class UniformLatency implements LatencyModel {
  readonly #low: Micros
  readonly #span: Micros

  constructor(low: Micros, span: Micros) {
    this.#low = low
    this.#span = span
  }

  micros(_from: number, _to: number, draw: () => number): Micros {
    return this.#low + Math.floor(draw() * (this.#span + 1))
  }
}
