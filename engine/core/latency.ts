import { checkNumber } from './errors.ts'
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
  const micros = toMicros('latency', latency)
  return { micros: () => micros }
}

/** Uniform between two bounds, both included. */
export function uniformLatency(min: Millis, max: Millis): LatencyModel {
  const low = toMicros('minimum latency', min)
  const span = toMicros('maximum latency', checkNumber('maximum latency', max, { min, max: maxMillis })) - low
  return { micros: (_from, _to, draw) => low + Math.floor(draw() * (span + 1)) }
}
