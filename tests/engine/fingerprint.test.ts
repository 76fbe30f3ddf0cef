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
    const once = fold((fingerprint) => fingerprint.word(12))
    expect(once).toMatch(/^[0-9a-f]{16}$/)
    expect(fold((fingerprint) => fingerprint.word(12))).toBe(once)
  })

  test('tells the order of two different words', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        fc.pre(a !== b)
        expect(fold((f) => (f.word(a), f.word(b)))).not.toBe(fold((f) => (f.word(b), f.word(a))))
      }),
    )
  })

  test('tells events apart by every field, times and sequence numbers beyond 32 bits', () => {
    const events = fc.record({
      time: fc.maxSafeNat(),
      sequence: fc.maxSafeNat(),
      kind: fc.nat(6),
      node: fc.integer({ min: -1, max: 9_999_999 }),
      peer: fc.integer({ min: -1, max: 9_999_999 }),
      type: fc.string(),
    })
    type Event = typeof events extends fc.Arbitrary<infer T> ? T : never
    const print = ({ time, sequence, kind, node, peer, type }: Event): string =>
      fold((f) => f.event(time, sequence, kind, node, peer, type))
    fc.assert(
      fc.property(
        events,
        events,
        fc.constantFrom<keyof Event>('time', 'sequence', 'kind', 'node', 'peer', 'type'),
        (a, b, field) => {
          fc.pre(a[field] !== b[field])
          expect(print(a)).not.toBe(print({ ...a, [field]: b[field] }))
          expect(print(a)).toBe(print({ ...a }))
        },
      ),
      cases(500),
    )
    const one = { time: 5, sequence: 1, kind: 1, node: 0, peer: 1, type: 'a' }
    expect(print(one)).not.toBe(print({ ...one, time: 5 + 2 ** 32 }))
    expect(print(one)).not.toBe(print({ ...one, sequence: 1 + 2 ** 32 }))
  })

  test('tells which of two names came when they take turns', () => {
    const names = (...types: string[]): string => fold((f) => types.forEach((type) => f.event(1, 1, 1, 1, 1, type)))
    expect(new Set([names('a', 'b', 'a'), names('a', 'b', 'b'), names('b', 'a', 'a'), names('a', 'a', 'b')]).size).toBe(
      4,
    )
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
      Array.from({ length: 100_000 }, (_, i) => fold((f) => f.event(i % 317, Math.floor(i / 317), 1, 2, 3, 'a'))),
    )
    expect(prints.size).toBe(100_000)
  })
})
