import { digest, isInRange, isNewer, merge, type Address, type StoreEntry } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { isStoreEntry } from '../../engine/protocols/anti-entropy/store.ts'
import { cases, fc } from '../support/fast-check.ts'
import { plainData } from '../support/plain-data.ts'

/** Few keys, times, writers and values, so that all kinds of ties come up. */
const entry: fc.Arbitrary<StoreEntry> = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd', '', '__proto__', '\ud800', 'é'),
  value: fc.constantFrom(null, '', 'x', 'y', 'x\u0000', 'null'),
  time: fc.integer({ min: 1, max: 3 }),
  writer: fc.nat(2).map((address) => address as Address),
})
const entries = fc.array(entry, { maxLength: 12 })
/** A store: one entry of each key. */
const store = entries.map((list) => merge(list, []))

describe('merge', () => {
  test('is commutative: who tells whom first makes no difference', () => {
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        expect(merge(a, b)).toEqual(merge(b, a))
      }),
      cases(500),
    )
  })

  test('is associative: the way by which writes come makes no difference', () => {
    fc.assert(
      fc.property(entries, entries, entries, (a, b, c) => {
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)))
      }),
      cases(500),
    )
  })

  test('is idempotent: what comes twice changes nothing', () => {
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        const merged = merge(a, b)
        expect(merge(merged, b)).toEqual(merged)
        expect(merge(merged, merged)).toEqual(merged)
      }),
      cases(500),
    )
  })

  test('has each key once, in order, with the entry that counts more than all others', () => {
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        const merged = merge(a, b)
        const keys = merged.map(({ key }) => key)
        expect(keys).toEqual([...new Set([...a, ...b].map(({ key }) => key))].sort())
        for (const each of [...a, ...b]) {
          const winner = merged.find(({ key }) => key === each.key)!
          expect([...a, ...b]).toContain(winner)
          expect(isNewer(each, winner)).toBe(false)
        }
      }),
      cases(300),
    )
  })

  test('changes neither of the two', () => {
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        const before = JSON.stringify([a, b])
        merge(a, b)
        expect(JSON.stringify([a, b])).toBe(before)
      }),
      cases(100),
    )
  })
})

describe('of two writes of one key', () => {
  const sameKey = entry.map((each) => ({ ...each, key: 'a' }))

  test('that differ exactly one counts more', () => {
    fc.assert(
      fc.property(sameKey, sameKey, (a, b) => {
        const isSame = JSON.stringify(a) === JSON.stringify(b)
        expect(Number(isNewer(a, b)) + Number(isNewer(b, a))).toBe(isSame ? 0 : 1)
      }),
      cases(500),
    )
  })

  test('what counts more than one that counts more, counts more', () => {
    fc.assert(
      fc.property(sameKey, sameKey, sameKey, (a, b, c) => {
        if (isNewer(a, b) && isNewer(b, c)) expect(isNewer(a, c)).toBe(true)
      }),
      cases(1000),
    )
  })

  test('the later one counts, whatever it says; at the same time the higher address', () => {
    const write = (value: string | null, time: number, writer: number): StoreEntry => {
      return { key: 'a', value, time, writer: writer as Address }
    }
    expect(isNewer(write('a', 2, 0), write('z', 1, 9))).toBe(true)
    expect(isNewer(write('back', 2, 0), write(null, 1, 9))).toBe(true)
    expect(isNewer(write('a', 2, 5), write('z', 2, 4))).toBe(true)
    expect(isNewer(write(null, 2, 4), write('z', 2, 4))).toBe(true)
  })
})

describe('digest', () => {
  test('is the same for the same entries in any order, and another for other entries', () => {
    fc.assert(
      fc.property(store, store, fc.nat(), (a, b, turn) => {
        const turned = [...a.slice(turn % (a.length + 1)), ...a.slice(0, turn % (a.length + 1))].reverse()
        expect(digest(turned)).toBe(digest(a))
        expect(digest(a) === digest(b)).toBe(JSON.stringify(a) === JSON.stringify(b))
      }),
      cases(500),
    )
  })

  test('of a range has the entries of that range, and no other', () => {
    fc.assert(
      fc.property(store, fc.constantFrom('', '0', '7', 'f', 'a3'), (a, prefix) => {
        const inside = a.filter((each) => isInRange(each, prefix))
        expect(digest(a, prefix)).toBe(digest(inside))
        expect(digest(a, prefix)).toBe(digest(inside, prefix))
      }),
      cases(300),
    )
  })

  test('splits: each entry is in one of the sixteen parts of a range, whatever its key', () => {
    const many = Array.from({ length: 1600 }, (_, i): StoreEntry => ({
      key: `key ${i}`,
      value: '',
      time: 1,
      writer: 0 as Address,
    }))
    for (const prefix of ['', '4']) {
      const whole = many.filter((each) => isInRange(each, prefix))
      const parts = [...'0123456789abcdef'].map(
        (digit) => whole.filter((each) => isInRange(each, prefix + digit)).length,
      )
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(whole.length)
      // Even: a part has a sixteenth, within four standard deviations.
      const expected = whole.length / 16
      for (const part of parts) expect(Math.abs(part - expected)).toBeLessThan(4 * Math.sqrt(expected))
    }
  })

  test('is sixteen hexadecimal digits, the empty store included', () => {
    for (const a of [[], [{ key: 'a', value: 'b', time: 1, writer: 0 as Address }]])
      expect(digest(a)).toMatch(/^[0-9a-f]{16}$/)
  })

  test('tells apart what would read the same if it were only written one after the other', () => {
    const one = (key: string, value: string | null): StoreEntry => ({ key, value, time: 1, writer: 1 as Address })
    const alike = [
      one('a', 'b'),
      one('a', 'b,c'),
      one('a,b', 'c'),
      one('a', 'null'),
      one('a', null),
      one('a","b', 'c'),
      one('a', '","'),
      one('\u0161', 'b'),
      one('a\u0000', 'b'),
    ]
    expect(new Set(alike.map((each) => digest([each]))).size).toBe(alike.length)
  })
})

test('an entry has all its fields in their ranges', () => {
  const good = { key: 'a', value: null, time: 1, writer: 0 }
  expect(isStoreEntry(good)).toBe(true)
  for (const bad of [
    { ...good, key: 5 },
    { ...good, key: 'k'.repeat(257) },
    { ...good, value: undefined },
    { ...good, value: 7 },
    { ...good, value: 'v'.repeat(4097) },
    { ...good, time: 0 },
    { ...good, time: 1.5 },
    { ...good, time: 2 ** 48 + 1 },
    { ...good, writer: -1 },
    { ...good, writer: '0' },
    null,
    'entry',
  ]) {
    expect(isStoreEntry(bad), JSON.stringify(bad)).toBe(false)
  }
  fc.assert(
    fc.property(plainData, (data) => {
      expect(() => isStoreEntry(data)).not.toThrow()
    }),
  )
})
