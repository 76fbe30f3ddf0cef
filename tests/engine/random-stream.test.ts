import { deriveStream, type Random } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { deviateFromUniform, fairDeviate, tally } from '../support/chi-square.ts'
import { fc } from '../support/fast-check.ts'

const stream = (name: string): Random => deriveStream(2024, name)
const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] as const

/** A permutation's place in the list of all permutations of its length (Lehmer code). */
function rank(permutation: readonly number[]): number {
  return permutation.reduce((sum, item, i) => {
    const smaller = permutation.slice(i + 1).filter((later) => later < item).length
    return sum * (permutation.length - i) + smaller
  }, 0)
}

describe('integer', () => {
  test.each([2, 3, 7, 10, 64, 100])('is uniform below %i', (bound) => {
    const random = stream(`integer ${bound}`)
    expect(deviateFromUniform(tally(bound, 2000 * bound, () => random.integer(bound)))).toBeLessThan(fairDeviate)
  })

  test('favours no value where the bound does not divide 2^32', () => {
    // A bare remainder would give the lower half of this range twice the weight of the upper.
    const bound = 3 * 2 ** 30
    const random = stream('rejection')
    const counts = tally(3, 30_000, () => Math.floor(random.integer(bound) / 2 ** 30))
    expect(deviateFromUniform(counts)).toBeLessThan(fairDeviate)
  })

  test('is a whole number below any bound it accepts', () => {
    const random = stream('range')
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 32 }), (bound) => {
        const value = random.integer(bound)
        expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true)
      }),
    )
  })

  test.each([0, -1, 1.5, NaN, Infinity, 2 ** 32 + 1])('refuses the bound %d with name, value and range', (bound) => {
    expect(() => stream('bad').integer(bound)).toThrow(
      `bound is ${bound}; it must be a whole number from 1 to ${2 ** 32}`,
    )
  })
})

describe('next and chance', () => {
  test('next is uniform in [0, 1)', () => {
    const random = stream('next')
    expect(deviateFromUniform(tally(100, 100_000, () => Math.floor(random.next() * 100)))).toBeLessThan(fairDeviate)
  })

  test('chance comes true as often as asked, never at 0 and always at 1', () => {
    const random = stream('chance')
    const share = (probability: number): number =>
      tally(2, 200_000, () => (random.chance(probability) ? 1 : 0))[1]! / 200_000
    // Four standard errors.
    expect(Math.abs(share(0.3) - 0.3)).toBeLessThan(4 * Math.sqrt((0.3 * 0.7) / 200_000))
    expect(share(0)).toBe(0)
    expect(share(1)).toBe(1)
  })

  test.each([-0.1, 1.1, NaN])('chance refuses the probability %d', (probability) => {
    expect(() => stream('bad').chance(probability)).toThrow(
      `probability is ${probability}; it must be a number from 0 to 1`,
    )
  })
})

describe('pick, sample and shuffle', () => {
  test('pick favours no item', () => {
    const random = stream('pick')
    const counts = tally(10, 20_000, () => letters.indexOf(random.pick(letters)))
    expect(deviateFromUniform(counts)).toBeLessThan(fairDeviate)
  })

  test('pick refuses an empty list', () => {
    expect(() => stream('empty').pick([])).toThrow('the list is empty')
  })

  test('a shuffle of four gives each of the 24 orders equally often', () => {
    const random = stream('shuffle')
    const counts = tally(24, 24_000, () => rank(random.shuffle([0, 1, 2, 3])))
    expect(deviateFromUniform(counts)).toBeLessThan(fairDeviate)
  })

  // Below a third of the list the engine draws positions, above it shuffles: both ways must be fair.
  test.each([1, 2, 3, 5, 9])('a sample of %i from ten favours no item at no place', (count) => {
    const random = stream(`sample ${count}`)
    const counts = new Array<number>(count * 10).fill(0)
    for (let i = 0; i < 4000; i++) {
      random.sample(letters, count).forEach((letter, place) => counts[10 * place + letters.indexOf(letter)]!++)
    }
    expect(deviateFromUniform(counts)).toBeLessThan(fairDeviate)
  })

  test.each([2, 4])('a sample of %i from ten favours no pair', (count) => {
    const random = stream(`pairs ${count}`)
    const counts = tally(45, 20_000, () => {
      const [low, high] = random
        .sample(letters, count)
        .slice(0, 2)
        .map((letter) => letters.indexOf(letter))
        .sort((a, b) => a - b)
      return (high! * (high! - 1)) / 2 + low!
    })
    expect(deviateFromUniform(counts)).toBeLessThan(fairDeviate)
  })

  test('a sample holds different positions, as many as there are at most, and leaves the list as it was', () => {
    const random = stream('distinct')
    fc.assert(
      fc.property(fc.nat(40), fc.nat(50), (length, count) => {
        const items = Array.from({ length }, (_, i) => i)
        const sample = random.sample(items, count)
        expect(sample.length).toBe(Math.min(length, count))
        expect(new Set(sample).size).toBe(sample.length)
        expect(sample.every((item) => item < length)).toBe(true)
        expect(items).toEqual(Array.from({ length }, (_, i) => i))
      }),
    )
  })

  test('a shuffle holds every item once and leaves the list as it was', () => {
    const random = stream('permutation')
    fc.assert(
      fc.property(fc.nat(40), (length) => {
        const items = Array.from({ length }, (_, i) => i)
        expect(random.shuffle(items).sort((a, b) => a - b)).toEqual(items)
        expect(items).toEqual(Array.from({ length }, (_, i) => i))
      }),
    )
  })

  test.each([-1, 1.5, NaN])('a sample refuses the count %d', (count) => {
    expect(() => stream('bad').sample(letters, count)).toThrow(`count is ${count}; it must be a whole number`)
  })
})
