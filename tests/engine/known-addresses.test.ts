import { deriveStream, type Address, type Host } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { MemoryStorage } from '../../engine/core/storage.ts'
import { KnownAddresses } from '../../engine/protocols/discovery/known-addresses.ts'
import { withDefaults, type DiscoveryOptions } from '../../engine/protocols/discovery/options.ts'

const own = 0 as Address
const a = 1 as Address
const b = 2 as Address

function table(
  options: DiscoveryOptions = {},
  storage = new MemoryStorage(),
  report: (event: string, detail: { readonly peer: Address }) => void = () => undefined,
): KnownAddresses {
  const host = { address: own, random: deriveStream(1, 'table'), storage, report }
  return new KnownAddresses(host as unknown as Host<never>, withDefaults(options))
}

const names = (known: KnownAddresses): string[] =>
  Array.from(known.all, ([address, { isVerified }]) => `${address}${isVerified ? '!' : '?'}`)

describe('an address', () => {
  test('is hearsay until somebody has answered there, and the node itself is none', () => {
    const known = table()
    known.learn([a, own, b, a], b)
    known.verify(b)
    expect(names(known)).toEqual(['1?', '2!'])
    expect(known.verified).toEqual([b])
  })

  test('is forgotten after one call in vain if it is hearsay', () => {
    const known = table()
    known.learn([a], b)
    known.fail(a)
    expect(names(known)).toEqual([])
  })

  test('that is verified is forgotten after three calls in vain in a row', () => {
    const known = table()
    known.verify(a)
    known.fail(a)
    known.fail(a)
    known.verify(a)
    known.fail(a)
    known.fail(a)
    expect(names(known)).toEqual(['1!'])
    known.fail(a)
    expect(names(known)).toEqual([])
  })

  test('outlives a restart as hearsay if it was verified, and not if it was forgotten since', () => {
    const storage = new MemoryStorage()
    const before = table({}, storage)
    for (const address of [a, b]) before.verify(address)
    before.learn([3 as Address], a)
    before.save()
    for (let i = 0; i < 3; i++) before.fail(b)
    before.save()
    const after = table({}, storage)
    after.restore()
    expect(names(after)).toEqual(['1?'])
  })

  test('that storage has spoiled is left out', () => {
    const storage = new MemoryStorage()
    storage.set('peers', [1, 'two', -3, 4.5, null, 2])
    const known = table({}, storage)
    known.restore()
    expect(names(known)).toEqual(['1?', '2?'])
  })
})

describe('a full table', () => {
  const many = (from: number, count: number): Address[] =>
    Array.from({ length: count }, (_, i) => (from + i) as Address)

  test('gives up hearsay for hearsay, and for what is verified', () => {
    const known = table({ maxKnown: 8, maxPerSource: 8 })
    known.learn(many(10, 8), a)
    known.learn(many(20, 3), b)
    expect(names(known).length).toBe(8)
    expect(names(known).at(-1)).toBe('22?')
    known.verify(b)
    expect(names(known).length).toBe(8)
    expect(names(known).at(-1)).toBe('2!')
  })

  test('gives up nothing that is verified', () => {
    const known = table({ maxKnown: 8, maxPerSource: 8 })
    for (const address of many(10, 8)) known.verify(address)
    known.learn(many(20, 8), a)
    known.verify(b)
    expect(known.verified).toEqual(many(10, 8))
  })

  test('has room for so much hearsay of one source, however often that speaks', () => {
    const known = table({ maxKnown: 80 })
    for (let i = 0; i < 20; i++) known.learn(many(100 + 5 * i, 5), a)
    known.learn(many(50, 5), b)
    expect(names(known).length).toBe(10 + 5)
  })
})

test('what reports say came in and went is what is in the table', () => {
  const seen = new Map<Address, boolean>()
  const known = table({ maxKnown: 8, maxPerSource: 8 }, new MemoryStorage(), (event, { peer }) => {
    if (event === 'forgot') seen.delete(peer)
    else seen.set(peer, event === 'verified')
  })
  known.learn([a, b, 3, 4, 5, 6, 7, 8, 9, 10] as Address[], b)
  known.verify(b)
  known.verify(b)
  known.learn([11, 12] as Address[], a) // makes room
  for (const peer of [3, 4, 11] as Address[]) known.fail(peer)
  expect(seen.size).toBeGreaterThan(3)
  const inTable = new Map(Array.from(known.all, ([peer, { isVerified }]) => [peer, isVerified]))
  expect(seen).toEqual(inTable)
})
