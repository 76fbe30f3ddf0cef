import type { Data } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { Fingerprint } from '../../engine/core/fingerprint.ts'
import { cases, fc } from '../support/fast-check.ts'
import { plainData, spelled } from '../support/plain-data.ts'

function fold(work: (fingerprint: Fingerprint) => void): string {
  const fingerprint = new Fingerprint()
  work(fingerprint)
  return fingerprint.toString()
}

describe('the fingerprint', () => {
  test('is sixteen hexadecimal digits, the same for the same folds', () => {
    const once = fold((fingerprint) => fingerprint.integer(12))
    expect(once).toMatch(/^[0-9a-f]{16}$/)
    expect(fold((fingerprint) => fingerprint.integer(12))).toBe(once)
  })

  test('tells the order of two different words', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        fc.pre(a !== b)
        expect(fold((f) => (f.word(a), f.word(b)))).not.toBe(fold((f) => (f.word(b), f.word(a))))
      }),
    )
  })

  test('tells integers apart beyond 32 bits', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), (a, b) => {
        fc.pre(a !== b)
        expect(fold((f) => f.integer(a))).not.toBe(fold((f) => f.integer(b)))
      }),
    )
    expect(fold((f) => f.integer(5))).not.toBe(fold((f) => f.integer(5 + 2 ** 32)))
  })

  test('tells names apart, whether it meets them for the first time or again', () => {
    const prints = [
      ['a', 'b', 'a'],
      ['a', 'b', 'b'],
      ['b', 'a', 'a'],
      ['a', 'a', 'b'],
      ['ab', 'a', ''],
    ].map((names) => fold((f) => names.forEach((name) => f.name(name))))
    expect(new Set(prints).size).toBe(5)
  })

  test('tells plain values apart, shape and type included', () => {
    fc.assert(
      fc.property(plainData, plainData, (a, b) => {
        fc.pre(spelled(a) !== spelled(b))
        expect(fold((f) => f.data(a))).not.toBe(fold((f) => f.data(b)))
      }),
      cases(500),
    )
  })

  test('tells empty and nested shapes apart', () => {
    const values: (Data | undefined)[] = [
      undefined,
      null,
      true,
      false,
      0,
      1,
      '',
      '0',
      [],
      {},
      new Uint8Array(),
      [[]],
      [{}],
      [null],
      { a: null },
      { b: null },
      { a: [] },
      [1, [2]],
      [[1], 2],
      [1, 2],
      new Uint8Array([1, 2]),
      { a: 1, b: 2 },
      { b: 2, a: 1 },
      { a: { b: 1 } },
      [0],
      ['', ''],
    ]
    const prints = values.map((value) => fold((f) => f.data(value)))
    expect(new Set(prints).size).toBe(values.length)
  })

  test('shows no collision among a hundred thousand small differences', () => {
    const prints = new Set(
      Array.from({ length: 100_000 }, (_, i) => fold((f) => (f.integer(i % 317), f.word(Math.floor(i / 317))))),
    )
    expect(prints.size).toBe(100_000)
  })
})
