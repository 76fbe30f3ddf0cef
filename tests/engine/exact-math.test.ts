import { exp, ln } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

/** Any finite double over 0, each exponent equally likely; subnormals as well. */
const positive = fc
  .tuple(fc.double({ min: 1, max: 2, maxExcluded: true, noNaN: true }), fc.integer({ min: -1070, max: 1023 }))
  .map(([mantissa, exponent]) => mantissa * 2 ** exponent)

describe('exp', () => {
  test('agrees with Math.exp to 1e-14 over its whole range', () => {
    fc.assert(
      fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
        expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-14)
      }),
      cases(5000),
    )
  })

  test('is exact at 0 and near e at 1', () => {
    expect(exp(0)).toBe(1)
    expect(Math.abs(exp(1) - Math.E)).toBeLessThan(1e-15)
    expect(Math.abs(exp(700) / Math.exp(700) - 1)).toBeLessThan(1e-14)
    expect(Math.abs(exp(-700) / Math.exp(-700) - 1)).toBeLessThan(1e-14)
  })

  test.each([701, -701, NaN, Infinity, -Infinity])('refuses %d with the range', (x) => {
    expect(() => exp(x)).toThrow(`exp of ${x}; it must be from -700 to 700`)
  })
})

describe('ln', () => {
  test('agrees with Math.log to 1e-14 for every double over 0', () => {
    fc.assert(
      fc.property(positive, (x) => {
        // Where ln is near 0, an absolute bound is all that a double allows.
        expect(Math.abs(ln(x) - Math.log(x))).toBeLessThanOrEqual(1e-14 * Math.max(Math.abs(Math.log(x)), 1e-2))
      }),
      cases(5000),
    )
  })

  test('agrees with Math.log to 1e-14 close to 1, where the logarithm vanishes', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.9, max: 1.1, noNaN: true }), (x) => {
        expect(Math.abs(ln(x) - Math.log(x))).toBeLessThanOrEqual(1e-14 * Math.abs(Math.log(x)))
      }),
      cases(5000),
    )
    expect(ln(1)).toBe(0)
  })

  test('undoes exp', () => {
    fc.assert(
      fc.property(fc.double({ min: -690, max: 690, noNaN: true }), (x) => {
        expect(Math.abs(ln(exp(x)) - x)).toBeLessThan(1e-13)
      }),
    )
  })

  test.each([0, -1, NaN, Infinity])('refuses %d', (x) => {
    expect(() => ln(x)).toThrow(`ln of ${x}; it must be over 0 and finite`)
  })
})
