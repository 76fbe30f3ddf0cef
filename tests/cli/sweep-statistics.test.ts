/** Sums without rounding, and Student's t. */
import { describe, expect, it } from 'vitest'
import { ExactSums } from '../../cli/sweep/exact-sums.ts'
import { summarize } from '../../cli/sweep/statistics.ts'
import { t95, withinT } from '../../cli/sweep/student-t.ts'
import { cases, fc } from '../support/fast-check.ts'

function sumsOf(values: readonly number[]): ExactSums {
  const sums = new ExactSums()
  for (const value of values) sums.add(value)
  return sums
}

const anyValues = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 30 })

describe('exact sums', () => {
  it('do not depend on the order, nor on how they are put together', () => {
    fc.assert(
      fc.property(anyValues, fc.array(fc.nat(), { maxLength: 30 }), fc.nat(), (values, keys, cut) => {
        const shuffled = values
          .map((value, i) => ({ value, key: keys[i] ?? -i }))
          .sort((a, b) => a.key - b.key)
          .map(({ value }) => value)
        const [whole, parts] = [sumsOf(values), sumsOf(shuffled.slice(0, cut % values.length))]
        parts.addAll(sumsOf(shuffled.slice(cut % values.length)))
        expect([parts.count, parts.min, parts.max]).toEqual([whole.count, whole.min, whole.max])
        expect([parts.mean, parts.variance]).toEqual([whole.mean, whole.variance])
      }),
      cases(300),
    )
  })

  it('of whole numbers are those of a calculation in whole numbers', () => {
    const whole = fc.array(fc.integer({ min: -1e6, max: 1e6 }), { minLength: 2, maxLength: 50 })
    fc.assert(
      fc.property(whole, (values) => {
        const n = values.length
        const sum = values.reduce((a, b) => a + b, 0)
        const squares = values.reduce((a, b) => a + b * b, 0)
        const { mean, variance } = sumsOf(values)
        expect(mean).toBe(sum / n)
        // Both sides of this division are whole and under 2^53.
        if (n * squares < 2 ** 53) expect(variance).toBe((n * squares - sum * sum) / (n * (n - 1)))
        else expect(variance).toBeCloseTo((squares - (sum * sum) / n) / (n - 1), -3)
      }),
      cases(300),
    )
  })

  it.each<readonly [values: readonly number[], mean: number, variance: number]>([
    [[0.1, 0.1, 0.1], 0.1, 0],
    [[1e16, 1, -1e16], 1 / 3, 1e32],
    [[Number.MAX_VALUE, Number.MAX_VALUE], Number.MAX_VALUE, 0],
    [[Number.MIN_VALUE, Number.MIN_VALUE], Number.MIN_VALUE, 0],
    [[-0, 0], 0, 0],
    [[1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16], 1e9 + 10, 30],
  ])('lose nothing of %j', (values, mean, variance) => {
    expect(sumsOf(values).mean).toBe(mean)
    expect(sumsOf(values).variance).toBe(variance)
  })

  it.each([NaN, Infinity, -Infinity])('take no %s', (value) => expect(() => sumsOf([value])).toThrow('finite'))

  it('have no mean of nothing, and no variance of one', () => {
    expect(sumsOf([]).mean).toBeNaN()
    expect(sumsOf([3]).variance).toBeNaN()
  })
})

describe("Student's t", () => {
  // Abramowitz and Stegun, table 26.10.
  it.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [5, 2.571],
    [9, 2.262],
    [10, 2.228],
    [29, 2.045],
    [30, 2.042],
    [60, 2.0],
    [120, 1.98],
    [1e9, 1.96],
  ])('of %i degrees has the value of the table', (degrees, t) => expect(t95(degrees)).toBeCloseTo(t, 3))

  it('has its closed forms for one and two degrees', () => {
    expect(t95(1)).toBeCloseTo(Math.tan((Math.PI * 0.95) / 2), 10)
    expect(t95(2)).toBeCloseTo(0.95 * Math.sqrt(2 / (1 - 0.95 ** 2)), 12)
  })

  it('holds 95 % within, also where it comes from an expansion', () => {
    for (const degrees of [1, 2, 3, 7, 50, 198, 199, 200, 201, 333, 1000, 5001]) {
      expect(withinT(t95(degrees), degrees)).toBeCloseTo(0.95, 10)
    }
  })
})

describe('a summary', () => {
  const summaryOf = (values: readonly number[], notReached = 0) => summarize([{ sums: sumsOf(values), notReached }])

  it('has the interval of a calculation by hand', () => {
    // Mean 4, s = √2.5, and t of 4 degrees is 2.776445105.
    expect(summaryOf([2, 3, 4, 5, 6])).toMatchObject({ n: 5, mean: 4, min: 2, max: 6, notReached: 0 })
    expect(summaryOf([2, 3, 4, 5, 6]).standardDeviation).toBe(Math.sqrt(2.5))
    expect(summaryOf([2, 3, 4, 5, 6]).halfWidth).toBeCloseTo((2.776445105 * Math.sqrt(2.5)) / Math.sqrt(5), 9)
  })

  it('has no interval of one value, no mean of none, and counts what was not reached', () => {
    const none = { standardDeviation: null, halfWidth: null }
    expect(summaryOf([7], 3)).toEqual({ n: 1, notReached: 3, mean: 7, ...none, min: 7, max: 7 })
    expect(summaryOf([], 4)).toEqual({ n: 0, notReached: 4, mean: null, ...none, min: null, max: null })
  })
})
