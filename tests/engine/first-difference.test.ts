import { copyData, firstDifference } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/fast-check.ts'
import { plainData, spelled } from '../support/plain-data.ts'

describe('firstDifference', () => {
  test('finds none between a value and its copy', () => {
    fc.assert(
      fc.property(plainData, (value) => {
        expect(firstDifference(value, copyData(value, 'value'))).toBeUndefined()
      }),
    )
  })

  test('finds one between values that are not the same', () => {
    fc.assert(
      fc.property(plainData, plainData, (before, after) => {
        // The order of keys is no difference; a list and an object with the same keys, or bytes and a list, are.
        const sorted = (value: unknown): string => spelled(value).split('').sort().join('')
        fc.pre(sorted(before) !== sorted(after))
        expect(firstDifference(before, after)).toBeTypeOf('string')
      }),
    )
  })

  test.each([
    // Undefined is what a missing field reads as.
    [{ ttl: 4 }, { ttl: 3 }, '.ttl: 4 → 3'],
    [{ a: [1, { b: 'x' }] }, { a: [1, { b: 'y' }] }, '.a[1].b: "x" → "y"'],
    [[1, 2], [1], '[1]: 2 → undefined'],
    [{ a: 1 }, { a: 1, b: null }, '.b: undefined → null'],
    [1, '1', 'the value: 1 → "1"'],
    [{ a: [] }, { a: {} }, '.a: an array of 0 → an object with 0 keys'],
    [{ a: 0 }, { a: -0 }, '.a: 0 → -0'],
    [new Uint8Array([1, 2]), new Uint8Array([1, 3]), '.1: 2 → 3'],
    [new Uint8Array([]), {}, 'the value: 0 bytes → an object with 0 keys'],
    [new Uint8Array([7]), { 0: 7 }, 'the value: 1 bytes → an object with 1 keys'],
  ])('says where and what: %o, %o → %s', (before, after, expected) => {
    expect(firstDifference(before, after)).toBe(expected)
  })
})
