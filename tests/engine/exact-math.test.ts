import { exp, gamma, ln, pow } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { FixedPoint, ulpsBetween } from '../support/fixed-point.ts'

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

  test('is within 2 units in the last place of the exact value', () => {
    const numbers = new FixedPoint(300)
    const tame = fc.integer({ min: -(2 ** 38), max: 2 ** 38 }).map((part) => part / 2 ** 33) // -32 to 32
    fc.assert(
      fc.property(tame, (x) => {
        expect(ulpsBetween(exp(x), numbers.exp(numbers.of(x)), numbers)).toBeLessThanOrEqual(2)
      }),
      cases(500),
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

describe('pow', () => {
  test('agrees with Math.pow, to 1e-15 for each unit of |exponent · ln base|', () => {
    const base = fc.double({ min: 1e-12, max: 1e12, noNaN: true })
    const exponent = fc.double({ min: -25, max: 25, noNaN: true })
    fc.assert(
      fc.property(base, exponent, (x, y) => {
        const error = Math.abs(pow(x, y) / Math.pow(x, y) - 1)
        expect(error).toBeLessThan(2e-15 * (1 + Math.abs(y * Math.log(x))))
      }),
      cases(5000),
    )
  })

  test('is 0 at base 0 and 1 at exponent 0', () => {
    expect([pow(0, 0.5), pow(0, 3), pow(7, 0), pow(1, 500)]).toEqual([0, 0, 1, 1])
  })

  test.each([
    [0, 0, 'ln of 0'],
    [0, -1, 'ln of 0'],
    [-2, 3, 'ln of -2'],
    [10, 400, 'exp of 921'],
  ])('refuses %d to the power of %d', (base, exponent, message) => {
    expect(() => pow(base, exponent)).toThrow(message)
  })
})

describe('gamma', () => {
  test('is the factorial of one less, for whole numbers', () => {
    let factorial = 1
    for (let n = 1; n <= 30; n++) {
      expect(Math.abs(gamma(n) / factorial - 1), `gamma of ${n}`).toBeLessThan(1e-13)
      factorial *= n
    }
  })

  test('is √π at one half, and follows Γ(x + 1) = x Γ(x)', () => {
    expect(Math.abs(gamma(0.5) / Math.sqrt(Math.PI) - 1)).toBeLessThan(1e-14)
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 29, noNaN: true }), (x) => {
        expect(Math.abs(gamma(x + 1) / (x * gamma(x)) - 1)).toBeLessThan(1e-13)
      }),
      cases(2000),
    )
  })

  test('obeys Euler’s reflection, Γ(x) Γ(1 - x) = π / sin πx', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.95, noNaN: true }), (x) => {
        expect(Math.abs((gamma(x) * gamma(1 - x) * Math.sin(Math.PI * x)) / Math.PI - 1)).toBeLessThan(1e-13)
      }),
      cases(2000),
    )
  })

  test.each([0, -0.5, 30.1, NaN])('refuses %d with the range', (x) => {
    expect(() => gamma(x)).toThrow(`gamma of ${x}; it must be over 0 and at most 30`)
  })
})
