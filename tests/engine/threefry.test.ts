import { CounterHash, threefryBlock } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { deviateFromUniform, fairDeviate, tally } from '../support/chi-square.ts'

/** From kat_vectors of Random123 (Salmon et al., SC 2011): `threefry2x32 20 ctr0 ctr1 key0 key1 out0 out1`. */
const vectors = [
  { counter: [0, 0], key: [0, 0], expected: [0x6b200159, 0x99ba4efe] },
  { counter: [0xffffffff, 0xffffffff], key: [0xffffffff, 0xffffffff], expected: [0x1cb996fc, 0xbb002be7] },
  { counter: [0x243f6a88, 0x85a308d3], key: [0x13198a2e, 0x03707344], expected: [0xc4923a9c, 0x483df7a0] },
] as const

describe('Threefry-2x32 with 20 rounds', () => {
  test.each(vectors)(
    'gives the known answer of Random123 for counter $counter and key $key',
    ({ counter, key, expected }) => {
      expect(threefryBlock(key[0], key[1], counter[0], counter[1])).toEqual(expected)
    },
  )
})

describe('the counter hash', () => {
  test('has the same value whatever was drawn before', () => {
    const hash = new CounterHash(7, 'loss')
    const first = hash.uniform(3, 14)
    for (let packet = 0; packet < 100; packet++) hash.uniform(2, packet)
    expect(hash.uniform(3, 14)).toBe(first)
    expect(new CounterHash(7, 'loss').uniform(3, 14)).toBe(first)
  })

  test('differs by seed, purpose, sender, packet, fork and draw', () => {
    const value = (seed: number, purpose: string, ...rest: [number, number, number, number]): number =>
      new CounterHash(seed, purpose).uniform(...rest)
    const values = [
      value(7, 'loss', 3, 14, 0, 0),
      value(8, 'loss', 3, 14, 0, 0),
      value(7, 'latency', 3, 14, 0, 0),
      value(7, 'loss', 4, 14, 0, 0),
      value(7, 'loss', 3, 15, 0, 0),
      value(7, 'loss', 3, 14, 1, 0),
      value(7, 'loss', 3, 14, 0, 1),
      value(7, 'loss', 14, 3, 0, 0),
      value(7, 'loss', 3, 14, 1, 1),
    ]
    expect(new Set(values).size).toBe(values.length)
  })

  test.each([
    ['packets of one sender', (hash: CounterHash, i: number) => hash.uniform(5, i)],
    ['senders of a first packet', (hash: CounterHash, i: number) => hash.uniform(i, 0)],
    ['draws for one packet', (hash: CounterHash, i: number) => hash.uniform(5, 7, 0, i & 0xffff)],
  ])('is uniform over the %s', (_name, draw) => {
    const hash = new CounterHash(11, 'uniformity')
    let i = 0
    const counts = tally(64, 60_000, () => Math.floor(draw(hash, i++) * 64))
    expect(deviateFromUniform(counts)).toBeLessThan(fairDeviate)
  })

  test('stays within [0, 1) and uses bits beyond the first 32', () => {
    const hash = new CounterHash(3, 'range')
    const values = Array.from({ length: 1000 }, (_, i) => hash.uniform(i, i))
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
    expect(values.filter((value) => !Number.isInteger(value * 2 ** 32)).length).toBeGreaterThan(990)
  })
})
