import { createHash } from 'node:crypto'
import { deriveStream, deriveWords, Stream } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/fast-check.ts'

/**
 * xoshiro128starstar.c by Blackman and Vigna (https://prng.di.unimi.it/xoshiro128starstar.c), line by line in BigInt:
 * slow, and with nothing in common with the engine's 32-bit operations.
 */
function* reference(words: readonly number[]): Generator<number, never> {
  const mask = 0xffffffffn
  const s = words.map((word) => BigInt(word) & mask)
  const rotl = (x: bigint, k: bigint): bigint => ((x << k) | (x >> (32n - k))) & mask
  for (;;) {
    const result = (rotl((s[1]! * 5n) & mask, 7n) * 9n) & mask
    const t = (s[1]! << 9n) & mask
    s[2]! ^= s[0]!
    s[3]! ^= s[1]!
    s[1]! ^= s[2]!
    s[0]! ^= s[3]!
    s[2]! ^= t
    s[3] = rotl(s[3]!, 11n)
    yield Number(result)
  }
}

const word = fc.integer({ min: 0, max: 0xffffffff })
const state = fc.tuple(word, word, word, word).filter((words) => words.some((value) => value !== 0))

describe('xoshiro128**', () => {
  test('gives the words of its C reference from any state', () => {
    fc.assert(
      fc.property(state, (words) => {
        const expected = reference(words)
        const stream = new Stream(words)
        for (let i = 0; i < 200; i++) expect(stream.word()).toBe(expected.next().value)
      }),
    )
  })

  test('makes a number of 53 bits from two words, the first one high', () => {
    fc.assert(
      fc.property(state, (words) => {
        const expected = reference(words)
        const high = BigInt(expected.next().value)
        const low = BigInt(expected.next().value)
        expect(new Stream(words).next()).toBe(Number((high << 21n) | (low >> 11n)) / 2 ** 53)
      }),
    )
  })

  test('refuses to start from all zeros, where it would stay', () => {
    expect(() => new Stream([0, 0, 0, 0])).toThrow('cannot start from all zeros')
  })
})

describe('derived streams', () => {
  test('come from SHA-256 of the seed and the path, as an independent implementation says', () => {
    const digest = createHash('sha256').update('peerlab/1/42/node/3/0').digest()
    const expected = Array.from({ length: 8 }, (_, i) => digest.readUInt32LE(4 * i))
    expect([...deriveWords(42, 'node', 3, 0)]).toEqual(expected)
    expect(deriveStream(42, 'node', 3, 0).word()).toBe(new Stream(expected).word())
  })

  test('differ by seed and by each step of the path', () => {
    const first = (seed: number, ...path: (string | number)[]): number => deriveStream(seed, ...path).next()
    const values = [
      first(1, 'node', 2, 0),
      first(2, 'node', 2, 0),
      first(1, 'node', 3, 0),
      first(1, 'node', 2, 1),
      first(1, 'address', 2, 0),
    ]
    expect(new Set(values).size).toBe(values.length)
  })
})
