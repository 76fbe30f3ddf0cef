import {
  closestContacts,
  commonPrefixLength,
  compareDistance,
  deriveStream,
  idOf,
  idToHex,
  randomIdAt,
  sameId,
  sha256,
  xorDistance,
  type Address,
  type Id,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

/** Ids of one length; those of one byte make near misses likely. */
const ids = (count: number): fc.Arbitrary<Id[]> =>
  fc
    .constantFrom(1, 2, 20, 32)
    .chain((bytes) =>
      fc.array(fc.uint8Array({ minLength: bytes, maxLength: bytes }), { minLength: count, maxLength: count }),
    )

/** The oracle: an id as one big number. */
const asNumber = (id: Id): bigint => BigInt(`0x${idToHex(id)}`)

function holds(count: number, property: (...sampled: Id[]) => void): void {
  fc.assert(
    fc.property(ids(count), (sampled) => void property(...sampled)),
    cases(500),
  )
}

describe('the XOR distance', () => {
  test('is the exclusive or of the two numbers', () => {
    holds(2, (a, b) => expect(asNumber(xorDistance(a!, b!))).toBe(asNumber(a!) ^ asNumber(b!)))
  })

  test('is 0 from an id to itself, and to nothing else', () => {
    holds(2, (a, b) => {
      expect(asNumber(xorDistance(a!, a!))).toBe(0n)
      expect(asNumber(xorDistance(a!, b!)) === 0n).toBe(sameId(a!, b!))
    })
  })

  test('is the same in both directions', () => {
    holds(2, (a, b) => expect(xorDistance(a!, b!)).toEqual(xorDistance(b!, a!)))
  })

  test('obeys the triangle inequality', () => {
    holds(3, (a, b, c) => {
      const [ab, bc, ac] = [xorDistance(a!, b!), xorDistance(b!, c!), xorDistance(a!, c!)].map(asNumber)
      expect(ab! + bc!).toBeGreaterThanOrEqual(ac!)
    })
  })

  test('is unidirectional: for an id and a distance there is just one other id', () => {
    holds(3, (a, delta, other) => {
      const there = xorDistance(a!, delta!)
      expect(xorDistance(a!, there)).toEqual(delta)
      expect(sameId(xorDistance(a!, other!), delta!)).toBe(sameId(other!, there))
    })
  })

  test('leaves its arguments as they were', () => {
    holds(2, (a, b) => {
      const copies = [a!.slice(), b!.slice()]
      xorDistance(a!, b!)
      expect([a, b]).toEqual(copies)
    })
  })
})

describe('comparing distances', () => {
  test('agrees with the difference of the big numbers', () => {
    holds(3, (target, a, b) => {
      const difference = (asNumber(a!) ^ asNumber(target!)) - (asNumber(b!) ^ asNumber(target!))
      expect(Math.sign(compareDistance(target!, a!, b!))).toBe(difference > 0n ? 1 : difference < 0n ? -1 : 0)
    })
  })

  test('never calls two different ids equally close', () => {
    holds(3, (target, a, b) => expect(compareDistance(target!, a!, b!) === 0).toBe(sameId(a!, b!)))
  })
})

describe('the common prefix', () => {
  test('has as many bits as the distance has leading zeros', () => {
    holds(2, (a, b) => {
      const bits = 8 * a!.length
      const distance = asNumber(xorDistance(a!, b!))
      const length = distance === 0n ? 0 : distance.toString(2).length
      expect(commonPrefixLength(a!, b!)).toBe(bits - length)
    })
  })

  test('of a random id made for it has just the length that was asked for, at every length', () => {
    const random = deriveStream(1, 'prefix')
    for (const id of [idOf('a'), idOf('b', 20), Uint8Array.of(0), Uint8Array.of(255)]) {
      for (let length = 0; length < 8 * id.length; length++) {
        expect(commonPrefixLength(id, randomIdAt(id, length, random))).toBe(length)
      }
    }
  })

  test('fixes nothing else: every id with it comes up', () => {
    const random = deriveStream(1, 'all')
    const id = Uint8Array.of(0b1010_0000)
    const seen = new Set(Array.from({ length: 400 }, () => randomIdAt(id, 3, random)[0]))
    expect([...seen].sort((a, b) => a! - b!)).toEqual(Array.from({ length: 16 }, (_, low) => 0b1011_0000 + low))
  })
})

test('the closest contacts are the first of all, sorted by distance as big numbers', () => {
  fc.assert(
    fc.property(ids(12), fc.integer({ min: 0, max: 12 }), ([target, ...others], count) => {
      const contacts = others.map((id, i) => ({ id, address: i as Address }))
      const distance = (id: Id): bigint => asNumber(id) ^ asNumber(target!)
      const byNumber = contacts.map(({ id }) => distance(id)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      const closest = closestContacts(contacts, target!, count)
      expect(closest.map(({ id }) => distance(id))).toEqual(byNumber.slice(0, count))
      expect(contacts.map(({ address }) => address)).toEqual(others.map((_, i) => i))
    }),
    cases(500),
  )
})

describe('the id of a name', () => {
  test('is the SHA-256 of its UTF-8 bytes (FIPS 180-2, appendix B.1)', () => {
    expect(idToHex(idOf('abc'))).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(idOf(Uint8Array.of(97, 98, 99))).toEqual(idOf('abc'))
  })

  test.each(['', 'naïve', '€', '𝄞', '\0', '%41', 'a\ud800b', '\udc00'])(
    'takes %j as TextEncoder encodes it',
    (text) => {
      expect(idOf(text)).toEqual(sha256(new TextEncoder().encode(text)))
    },
  )

  test('of a shorter network is the beginning of the long one', () => {
    expect(idOf('abc', 20)).toEqual(idOf('abc').subarray(0, 20))
  })
})
