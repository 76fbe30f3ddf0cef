import { deriveStream, exponential, poisson } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
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
