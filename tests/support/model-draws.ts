/** A hash of many draws of each model, by its name. The same source runs in Node and, bundled, in a browser. */
import {
  assignRegions,
  bitcoinRegions2019,
  CounterHash,
  deriveStream,
  exponentialSpans,
  logNormalLatency,
  normal,
  paretoSpans,
  poisson,
  regionalLatency,
  sha256,
  weibullSpans,
  type LatencyModel,
  type Random,
} from '@peerlab/engine'

const draws = 100_000

export function hashModels(): { [model: string]: string } {
  const regions = assignRegions(1000, 1, bitcoinRegions2019)
  const jitter = regionalLatency({ regions, table: bitcoinRegions2019, jitter: 5 })
  return {
    'normal deviates': hashDraws(normal),
    'Poisson counts': hashDraws((random) => poisson(random, 7.6)),
    'log-normal latency': hashLatency(logNormalLatency(80, 0.5)),
    'log-normal latency, uneven': hashLatency(logNormalLatency(80, 3)),
    'regional latency with jitter': hashLatency(jitter),
    'exponential spans': hashDraws(exponentialSpans(1000).draw),
    'Weibull spans': hashDraws(weibullSpans(1000, 0.6).draw),
    'what is left of Weibull spans': hashDraws(weibullSpans(1000, 0.6).remaining),
    'Pareto spans': hashDraws(paretoSpans(1000, 2.2).draw),
    'what is left of Pareto spans': hashDraws(paretoSpans(1000, 2.2).remaining),
  }
}

function hashDraws(draw: (random: Random) => number): string {
  const random = deriveStream(1, 'model bits')
  return hash(Float64Array.from({ length: draws }, () => draw(random)))
}

function hashLatency(model: LatencyModel): string {
  const hashed = new CounterHash(1, 'model bits')
  return hash(
    Float64Array.from({ length: draws }, (_, packet) =>
      model.micros(packet % 1000, (7 * packet) % 1000, () => hashed.uniform(packet % 1000, packet)),
    ),
  )
}

/** Of every bit of every value. */
function hash(values: Float64Array): string {
  const bytes = new DataView(new ArrayBuffer(8 * values.length))
  values.forEach((value, i) => bytes.setFloat64(8 * i, value))
  return Array.from(sha256(new Uint8Array(bytes.buffer)).subarray(0, 8), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
