import { deriveStream, exponential, gamma, pareto, poisson, weibull } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { gammaDeviate, weibullScale } from '../../engine/core/distributions.ts'
import { summarize } from '../support/statistics.ts'

const draws = 40_000

/** Values of one distribution from a fixed seed. */
function sample(name: string, draw: (random: ReturnType<typeof deriveStream>) => number): number[] {
  const random = deriveStream(31, name)
  return Array.from({ length: draws }, () => draw(random))
}

describe('exponential', () => {
  test.each([0.5, 1, 200])(
    'has mean and standard deviation %d, and its share past each time is e^(-t/mean)',
    (mean) => {
      const values = sample(`exponential ${mean}`, (random) => exponential(random, mean))
      const { mean: measured, standardError } = summarize(values)
      // Four standard errors: theory says mean/√n for the mean, and √8 of that for the deviation's square.
      expect(Math.abs(measured - mean)).toBeLessThan(4 * (mean / Math.sqrt(draws)))
      expect(Math.abs(standardError * Math.sqrt(draws) - mean)).toBeLessThan(4 * Math.SQRT2 * (mean / Math.sqrt(draws)))
      for (const multiple of [0.1, 0.5, 1, 2, 4]) {
        const share = values.filter((value) => value > multiple * mean).length / draws
        const expected = Math.exp(-multiple)
        expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / draws))
      }
      expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true)
    },
  )
})

describe('poisson', () => {
  test.each([0.3, 1, 7.6, 50, 400])('has mean and variance %d', (mean) => {
    const values = sample(`poisson ${mean}`, (random) => poisson(random, mean))
    const { mean: measured, standardError } = summarize(values)
    const variance = standardError ** 2 * draws
    expect(Math.abs(measured - mean)).toBeLessThan(4 * Math.sqrt(mean / draws))
    // The variance of a sample variance is (μ₄ - σ⁴)/n, and μ₄ = 3m² + m.
    expect(Math.abs(variance - mean)).toBeLessThan(4 * Math.sqrt((2 * mean ** 2 + mean) / draws))
    expect(values.every((value) => Number.isInteger(value) && value >= 0)).toBe(true)
  })

  test('gives 0, 1, 2 … with the probabilities of the distribution', () => {
    const mean = 2.5
    const values = sample('poisson shares', (random) => poisson(random, mean))
    let expected = Math.exp(-mean)
    for (let count = 0; count <= 8; count++) {
      const share = values.filter((value) => value === count).length / draws
      expect(Math.abs(share - expected)).toBeLessThan(4 * Math.sqrt((expected * (1 - expected)) / draws))
      expected *= mean / (count + 1)
    }
  })

  test('is 0 at mean 0', () => {
    expect(sample('poisson 0', (random) => poisson(random, 0)).every((value) => value === 0)).toBe(true)
  })

  test.each([-1, 501, NaN])('refuses the mean %d with name, value and range', (mean) => {
    expect(() => poisson(deriveStream(1, 'bad'), mean)).toThrow(`mean is ${mean}; it must be a number from 0 to 500`)
  })
})

/** Holds the share of values over each of these times against the tail of the distribution, within 4 standard errors. */
function expectTail(values: readonly number[], times: readonly number[], tail: (time: number) => number): void {
  for (const time of times) {
    const share = values.filter((value) => value > time).length / values.length
    const expected = tail(time)
    expect(Math.abs(share - expected), `share over ${time}: ${share}, expected ${expected}`).toBeLessThan(
      4 * Math.sqrt((expected * (1 - expected)) / values.length),
    )
  }
}

describe('weibull', () => {
  test.each([0.3, 0.59, 1, 2.5, 40])('of shape %d has the tail e^(-(x/scale)^shape)', (shape) => {
    const values = sample(`weibull ${shape}`, (random) => weibull(random, 7, shape))
    const times = [0.05, 0.3, 0.7, 0.95].map((p) => 7 * Math.pow(-Math.log(p), 1 / shape))
    expectTail(values, times, (time) => Math.exp(-Math.pow(time / 7, shape)))
    expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true)
  })

  test.each([0.5, 1, 3])('of shape %d has the mean that its scale was made for', (shape) => {
    const scale = weibullScale(20, shape)
    const { mean } = summarize(sample(`weibull mean ${shape}`, (random) => weibull(random, scale, shape)))
    const variance = scale ** 2 * gamma(1 + 2 / shape) - 20 ** 2
    expect(Math.abs(mean - 20)).toBeLessThan(4 * Math.sqrt(variance / draws))
  })

  test('of shape 1 is the exponential distribution, value by value', () => {
    const exponentials = sample('same', (random) => exponential(random, 12))
    const weibulls = sample('same', (random) => weibull(random, 12, 1))
    expect(Math.max(...exponentials.map((value, i) => Math.abs(value - weibulls[i]!)))).toBeLessThan(1e-12)
  })
})

describe('pareto', () => {
  test.each([0.5, 1.5, 3, 20])('of shape %d has the tail (1 + x/scale)^-shape', (shape) => {
    const values = sample(`pareto ${shape}`, (random) => pareto(random, 5, shape))
    const times = [0.02, 0.3, 0.7, 0.95].map((p) => 5 * (Math.pow(p, -1 / shape) - 1))
    expectTail(values, times, (time) => Math.pow(1 + time / 5, -shape))
    expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true)
  })

  test('has the mean scale / (shape - 1)', () => {
    const shape = 5
    const { mean } = summarize(sample('pareto mean', (random) => pareto(random, 8, shape)))
    const variance = (64 * shape) / ((shape - 1) ** 2 * (shape - 2))
    expect(Math.abs(mean - 2)).toBeLessThan(4 * Math.sqrt(variance / draws))
  })
})

describe('gamma deviates', () => {
  test.each([1, 2, 4.3, 11])('of shape %d have mean and variance of that size', (shape) => {
    const values = sample(`gamma ${shape}`, (random) => gammaDeviate(random, shape))
    const { mean, standardError } = summarize(values)
    expect(Math.abs(mean - shape)).toBeLessThan(4 * Math.sqrt(shape / draws))
    // μ₄ = 3s² + 6s, so the variance of a sample variance is (2s² + 6s)/n.
    expect(Math.abs(standardError ** 2 * draws - shape)).toBeLessThan(
      4 * Math.sqrt((2 * shape ** 2 + 6 * shape) / draws),
    )
  })

  test('of shape 3 have the tail e^-x (1 + x + x²/2)', () => {
    const values = sample('gamma tail', (random) => gammaDeviate(random, 3))
    expectTail(values, [0.5, 1.5, 3, 6, 9], (x) => Math.exp(-x) * (1 + x + (x * x) / 2))
  })
})

test.each([
  ['weibull', (shape: number) => weibull(deriveStream(1, 'bad'), 1, shape), 0.1],
  ['pareto', (shape: number) => pareto(deriveStream(1, 'bad'), 1, shape), 0.1],
  ['gamma deviates', (shape: number) => gammaDeviate(deriveStream(1, 'bad'), shape), 1],
])('%s refuse a shape that is out of range, with the range', (_name, draw, min) => {
  for (const shape of [min - 0.01, 101, NaN]) {
    expect(() => draw(shape)).toThrow(`shape is ${shape}; it must be a number from ${min} to 100`)
  }
})
