import {
  complete,
  constantLatency,
  CounterHash,
  logNormalLatency,
  uniformLatency,
  withLinkLatencies,
  type LatencyModel,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { normalDeviate } from '../../engine/core/normal.ts'
import { cases, fc } from '../support/fast-check.ts'
import { FixedPoint } from '../support/fixed-point.ts'
import { say, startedSimulation, talker } from '../support/nodes.ts'

const uniform = fc.bigInt(0n, 2n ** 53n - 1n).map((cell) => Number(cell) / 2 ** 53)

/** The latencies of so many packets, in microseconds. */
function draw(model: LatencyModel, count: number): number[] {
  const draws = new CounterHash(5, 'test')
  return Array.from({ length: count }, (_, packet) => model.micros(0, 1, () => draws.uniform(0, packet)))
}

describe('log-normal latency', () => {
  test('is the exact value, rounded to whole microseconds', () => {
    const numbers = new FixedPoint(300)
    const sigmas = fc.integer({ min: 0, max: 8 }).map((eighths) => eighths / 8)
    fc.assert(
      fc.property(uniform, fc.integer({ min: 1, max: 100_000 }), sigmas, (value, medianMicros, sigma) => {
        const cell = BigInt(value * 2 ** 53)
        const z = numbers.normalQuantile(((2n * cell + 1n) * numbers.one) >> 54n, normalDeviate(value))
        const exact = BigInt(medianMicros) * numbers.exp(numbers.times(numbers.of(sigma), z))
        const rounded = Number((exact + numbers.one / 2n) / numbers.one)
        expect(logNormalLatency(medianMicros / 1000, sigma).micros(0, 1, () => value)).toBe(rounded)
      }),
      cases(500),
    )
  })

  test('has the median, and the shares of the normal distribution of its logarithm', () => {
    const count = 20_000
    const values = draw(logNormalLatency(80, 0.5), count)
    for (const [deviations, share] of [
      [0, 0.5],
      [1, 0.8413],
      [-2, 0.0228],
    ] as const) {
      const bound = 80_000 * Math.exp(0.5 * deviations)
      const measured = values.filter((value) => value < bound).length / count
      expect(Math.abs(measured - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / count))
    }
  })

  test('has the mean median · e^(sigma²/2)', () => {
    const count = 20_000
    const mean = draw(logNormalLatency(80, 0.5), count).reduce((sum, value) => sum + value, 0) / count
    const expected = 80_000 * Math.exp(0.125)
    const deviation = expected * Math.sqrt(Math.exp(0.25) - 1)
    expect(Math.abs(mean - expected)).toBeLessThan((4 * deviation) / Math.sqrt(count))
  })

  test('is constant without spread, and never over what virtual time can hold', () => {
    expect(new Set(draw(logNormalLatency(80, 0), 100))).toEqual(new Set([80_000]))
    expect(logNormalLatency(1e12, 10).micros(0, 1, () => 0.999)).toBe(1e15)
    expect(logNormalLatency(0, 10).micros(0, 1, () => 0.999)).toBe(0)
  })

  test('refuses a median or a sigma that is out of range', () => {
    expect(() => logNormalLatency(-1, 1)).toThrow('median latency (ms) is -1; it must be a number from 0 to')
    expect(() => logNormalLatency(1, 11)).toThrow('sigma is 11; it must be a number from 0 to 10')
    expect(() => logNormalLatency(1, NaN)).toThrow('sigma is NaN')
  })
})

describe('latencies of single links', () => {
  const model = withLinkLatencies(constantLatency(10), [
    { from: 1, to: 2, latency: constantLatency(300) },
    { from: 3, to: 0, latency: uniformLatency(5, 6) },
  ])

  test('hold in both directions, and every other link keeps the model', () => {
    fc.assert(
      fc.property(fc.nat(9), fc.nat(9), uniform, (from, to, value) => {
        const micros = model.micros(from, to, () => value)
        const ends = `${Math.min(from, to)}-${Math.max(from, to)}`
        if (ends === '1-2') expect(micros).toBe(300_000)
        else if (ends === '0-3') expect(micros).toBe(5000 + Math.floor(value * 1001))
        else expect(micros).toBe(10_000)
      }),
      cases(500),
    )
  })

  test('hold in one direction when directed, so the two may differ', () => {
    const links = [
      { from: 1, to: 2, latency: constantLatency(300) },
      { from: 2, to: 1, latency: constantLatency(40) },
      { from: 5, to: 5, latency: constantLatency(1) },
    ]
    const directed = withLinkLatencies(constantLatency(10), links, { directed: true })
    expect([directed.micros(1, 2, () => 0), directed.micros(2, 1, () => 0)]).toEqual([300_000, 40_000])
    expect(withLinkLatencies(constantLatency(10), links.slice(2)).micros(5, 5, () => 0)).toBe(1000)
    expect(withLinkLatencies(constantLatency(10), links.slice(0, 1), { directed: true }).micros(2, 1, () => 0)).toBe(
      10_000,
    )
  })

  test('lie on top of one another', () => {
    const more = withLinkLatencies(model, [{ from: 2, to: 1, latency: constantLatency(7) }])
    expect([more.micros(1, 2, () => 0), more.micros(0, 3, () => 0)]).toEqual([7000, 5000])
  })

  test('tell links apart up to the largest network', () => {
    const far = withLinkLatencies(constantLatency(10), [{ from: 0, to: 9_999_999, latency: constantLatency(5) }])
    expect(far.micros(9_999_999, 0, () => 0)).toBe(5000)
    for (const [from, to] of [
      [1, 0],
      [0, 9_999_998],
      [9_999_998, 1],
      [9_999_999, 9_999_999],
    ] as const) {
      expect(
        far.micros(from, to, () => 0),
        `${from} → ${to}`,
      ).toBe(10_000)
    }
  })

  test('are what packets take in a simulation', () => {
    const simulation = startedSimulation({ topology: complete(4), latency: model, protocol: talker })
    const taken: number[] = []
    simulation.observe({ onSend: (time, _from, _to, _message, arrival) => void taken.push(arrival - time) })
    for (const [from, to] of [
      [1, 2],
      [2, 1],
      [0, 1],
    ] as const) {
      say(simulation, from, to, 'hello')
    }
    expect(taken).toEqual([300, 300, 10])
  })

  test('refuse a link that is given twice and a node that cannot be', () => {
    const latency = constantLatency(1)
    const twice = [
      { from: 1, to: 2, latency },
      { from: 2, to: 1, latency },
    ]
    expect(() => withLinkLatencies(latency, twice)).toThrow(
      'the latency of link 2 → 1 is given twice; keep one of them',
    )
    expect(() => withLinkLatencies(latency, twice, { directed: true })).not.toThrow()
    expect(() => withLinkLatencies(latency, [{ from: -1, to: 2, latency }])).toThrow('link: from is -1')
    expect(() => withLinkLatencies(latency, [{ from: 1, to: 0.5, latency }])).toThrow('link: to is 0.5')
  })
})
