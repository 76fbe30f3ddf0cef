import type { Millis } from '@peerlab/engine'

/** How long messages took from the handler that sent them to the one that got them, in ms. */
export interface Latency {
  readonly mean: Millis
  readonly least: Millis
  readonly most: Millis
  /** Of the distribution that the simulator has for it: uniform, with this mean and the measured spread. */
  readonly jitter: number
}

/** Null where no message arrived. */
export function latencyOf(latencies: readonly Millis[]): Latency | null {
  if (latencies.length === 0) return null
  const mean = average(latencies)
  const variance = average(latencies.map((latency) => (latency - mean) ** 2))
  // Uniform over mean × (1 ± jitter) has the variance (mean × jitter)² / 3, and no value under 0.
  const jitter = mean === 0 ? 0 : Math.min(1, Math.sqrt(3 * variance) / mean)
  return { mean: rounded(mean), least: Math.min(...latencies), most: Math.max(...latencies), jitter: rounded(jitter) }
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** To whole microseconds, as the engine counts. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000
}
