import { deriveStream, normal, normalQuantile } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { normalDeviate } from '../../engine/core/normal.ts'
import { cases, fc } from '../support/fast-check.ts'
import { FixedPoint, ulpsBetween } from '../support/fixed-point.ts'

/** p at any scale, down to 1e-300, where the quantile is -37. */
const anyTail = fc
  .tuple(fc.double({ min: 1, max: 2, maxExcluded: true, noNaN: true }), fc.integer({ min: -996, max: -2 }))
  .map(([mantissa, exponent]) => mantissa * 2 ** exponent)

const wide = new FixedPoint(2200)
const narrow = new FixedPoint(300)

/** Two polynomials of degree 7 and a quotient round some 30 times, by half a unit and in both directions. */
const ulps = 8

describe('the normal quantile', () => {
  test('is within 8 units in the last place of the exact value, at every scale of p', () => {
    fc.assert(
      fc.property(anyTail, (p) => {
        const z = normalQuantile(p)
        expect(ulpsBetween(z, wide.normalQuantile(wide.of(p), z), wide)).toBeLessThanOrEqual(ulps)
      }),
      cases(60),
    )
  })

  test('is within 8 units in the last place of the exact value, in the middle', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), (p) => {
        const z = normalQuantile(p)
        expect(ulpsBetween(z, narrow.normalQuantile(narrow.of(p), z), narrow)).toBeLessThanOrEqual(ulps)
      }),
      cases(500),
    )
  })

  test('does not jump and does not turn where one approximation takes over from another', () => {
    for (const border of [0.075, 0.925, Math.exp(-25)]) {
      const [below, above] = [border * (1 - 1e-12), border * (1 + 1e-12)].map(normalQuantile) as [number, number]
      expect(above).toBeGreaterThan(below)
      expect(above - below).toBeLessThan(1e-10)
    }
  })

  test('is odd around one half, and 0 there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 30 }), (part) => {
        const p = part / 2 ** 32 // so that 1 - p is exact
        expect(normalQuantile(1 - p)).toBe(-normalQuantile(p))
      }),
    )
    expect(normalQuantile(0.5)).toBe(0)
  })

  test.each([0, 1, -0.1, 1.1, NaN])('refuses %d with the range', (p) => {
    expect(() => normalQuantile(p)).toThrow(`normal quantile of ${p}; it must be between 0 and 1, both excluded`)
  })
})

describe('the normal deviate of a uniform value', () => {
  const last = (2 ** 53 - 1) / 2 ** 53

  test('is the quantile of the middle of its cell, to 8 units in the last place', () => {
    fc.assert(
      fc.property(fc.oneof(fc.bigInt(0n, 2n ** 53n - 1n), fc.bigInt(0n, 1000n)), (cell) => {
        const z = normalDeviate(Number(cell) / 2 ** 53)
        const middle = ((2n * cell + 1n) * narrow.one) >> 54n
        expect(ulpsBetween(z, narrow.normalQuantile(middle, z), narrow)).toBeLessThanOrEqual(ulps)
      }),
      cases(500),
    )
  })

  test('is finite and symmetric from the first value to the last', () => {
    expect(normalDeviate(0)).toBeGreaterThan(-8.3)
    expect(normalDeviate(0)).toBeLessThan(-8.2)
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 53n - 1n), (cell) => {
        const uniform = Number(cell) / 2 ** 53
        expect(normalDeviate(last - uniform)).toBe(-normalDeviate(uniform))
      }),
    )
  })

  test('grows with the value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 - 2 }), (part) => {
        expect(normalDeviate((part + 1) / 2 ** 31)).toBeGreaterThan(normalDeviate(part / 2 ** 31))
      }),
    )
  })
})

describe('normal draws', () => {
  test('have the mean, the variance and the shares of the distribution', () => {
    const draws = 40_000
    const random = deriveStream(31, 'normal')
    const values = Array.from({ length: draws }, () => normal(random))
    const mean = values.reduce((sum, value) => sum + value, 0) / draws
    const variance = values.reduce((sum, value) => sum + value * value, 0) / draws
    // Four standard errors: 1/√n of the mean and √(2/n) of the variance.
    expect(Math.abs(mean)).toBeLessThan(4 / Math.sqrt(draws))
    expect(Math.abs(variance - 1)).toBeLessThan(4 * Math.sqrt(2 / draws))
    for (const p of [0.001, 0.1, 0.5, 0.9, 0.999]) {
      const share = values.filter((value) => value < normalQuantile(p)).length / draws
      expect(Math.abs(share - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / draws))
    }
  })
})
