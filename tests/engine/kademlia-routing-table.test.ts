import {
  closestContacts,
  commonPrefixLength,
  deriveStream,
  idOf,
  KBucket,
  randomIdAt,
  RoutingTable,
  type Address,
  type Contact,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

const contact = (name: string | number): Contact => ({ id: idOf(String(name)), address: Number(name) as Address })
const addresses = (contacts: readonly Contact[]): number[] => contacts.map(({ address }) => address)

/** A bucket of three that has seen these, one a millisecond. */
function bucketOf(...names: number[]): KBucket {
  const bucket = new KBucket(3)
  names.forEach((name, time) => bucket.seen(contact(name), time))
  return bucket
}

describe('a k-bucket', () => {
  test('has the least recently seen contact first, whatever the order in which they came', () => {
    expect(addresses(bucketOf(1, 2, 3).contacts)).toEqual([1, 2, 3])
    expect(addresses(bucketOf(1, 2, 3, 1).contacts)).toEqual([2, 3, 1])
    expect(addresses(bucketOf(1, 2, 3, 1, 3, 3).contacts)).toEqual([2, 1, 3])
  })

  test('that is full keeps whom it has, and names the least recently seen', () => {
    const bucket = bucketOf(1, 2, 3, 1)
    expect(bucket.seen(contact(4), 9)).toEqual({ contact: contact(2), lastSeen: 1 })
    expect(addresses(bucket.contacts)).toEqual([2, 3, 1])
  })

  test('has room again when one is removed, at the end', () => {
    const bucket = bucketOf(1, 2, 3)
    expect([bucket.remove(contact(2)), bucket.remove(contact(2))]).toEqual([true, false])
    expect(bucket.seen(contact(4), 9)).toBeUndefined()
    expect(addresses(bucket.contacts)).toEqual([1, 3, 4])
  })

  test('lets nobody take a known id to another address: it names who has it, full or not', () => {
    const bucket = bucketOf(1, 2)
    const thief = { id: idOf('1'), address: 66 as Address }
    expect(bucket.seen(thief, 9)).toEqual({ contact: contact(1), lastSeen: 0 })
    expect(addresses(bucket.contacts)).toEqual([1, 2])
    expect(bucket.remove(thief)).toBe(false)
  })

  test('never holds more than k, nor anybody twice, and those that stay are the oldest', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 9 })), (names) => {
        const contacts = addresses(bucketOf(...names).contacts)
        expect(contacts).toHaveLength(new Set(contacts).size)
        expect(new Set(contacts)).toEqual(new Set([...new Set(names)].slice(0, 3)))
      }),
      cases(300),
    )
  })

  test('gives out a list of its own', () => {
    const bucket = bucketOf(1, 2)
    bucket.contacts.pop()
    expect(addresses(bucket.contacts)).toEqual([1, 2])
  })
})

/** A table of the node `self` that has seen these nodes at time 0. */
function tableOf(self: string, count: number, options: ConstructorParameters<typeof RoutingTable>[1]): RoutingTable {
  const table = new RoutingTable(idOf(self), options)
  for (let name = 0; name < count; name++) table.seen(contact(name), 0)
  return table
}

describe('a routing table', () => {
  test('has each contact in the bucket of the prefix that it shares with the node, and k in each at most', () => {
    const table = tableOf('self', 500, { k: 5 })
    const depths = Array.from({ length: table.depth }, (_, length) => table.bucket(length))
    for (const [length, bucket] of depths.entries()) {
      for (const { id } of bucket) expect(commonPrefixLength(idOf('self'), id)).toBe(length)
      const inRange = Array.from({ length: 500 }, (_, name) => contact(name)).filter(
        ({ id }) => commonPrefixLength(idOf('self'), id) === length,
      )
      expect(bucket).toEqual(inRange.slice(0, 5))
    }
    expect(table.contacts).toEqual(depths.flat())
    expect(depths[0]).toHaveLength(5)
  })

  test('has no place for the node itself, at whatever address', () => {
    const table = new RoutingTable(idOf('self'))
    expect(table.seen({ id: idOf('self'), address: 5 as Address }, 0)).toBeUndefined()
    expect(table.contacts).toEqual([])
  })

  test('answers with the closest of all that it knows, as sorting them would', () => {
    for (const k of [1, 3, 20]) {
      const table = tableOf('self', 300, { k })
      const random = deriveStream(k, 'targets')
      const targets = [
        idOf('self'),
        ...table.contacts.map(({ id }) => id),
        ...Array.from({ length: 256 }, (_, length) => randomIdAt(idOf('self'), length, random)),
      ]
      for (const target of targets) {
        for (const count of [0, 1, 8, 1000]) {
          expect(table.closest(target, count)).toEqual(closestContacts(table.contacts, target, count))
        }
      }
    }
  })

  test('knows nobody at first, and says so', () => {
    const table = new RoutingTable(idOf('self'))
    expect([table.closest(idOf('x'), 20), table.bucket(0), table.depth]).toEqual([[], [], 0])
    expect(table.remove(contact(1))).toBe(false)
  })

  test('forgets a contact that is removed, and has room for another then', () => {
    const table = tableOf('self', 300, { k: 3 })
    const [first] = table.bucket(0)
    const next = Array.from({ length: 300 }, (_, name) => contact(name)).filter(
      ({ id }) => commonPrefixLength(idOf('self'), id) === 0,
    )[3]!
    expect(table.seen(next, 1)).toEqual(first)
    expect(table.remove(first!)).toBe(true)
    expect(table.seen(next, 1)).toBeUndefined()
    expect(table.bucket(0).at(-1)).toEqual(next)
    expect(table.bucket(0)).not.toContainEqual(first)
  })
})

describe('a contact that stands in the way of another', () => {
  const rivals = Array.from({ length: 50 }, (_, name) => contact(name)).filter(
    ({ id }) => commonPrefixLength(idOf('self'), id) === 0,
  )

  test('is doubted at once in the paper', () => {
    const table = new RoutingTable(idOf('self'), { k: 1 })
    table.seen(rivals[0]!, 100)
    expect(table.seen(rivals[1]!, 100)).toEqual(rivals[0])
  })

  test('is doubted after a time of silence where there is one, and every sign of life begins it anew', () => {
    const table = new RoutingTable(idOf('self'), { k: 1, questionableAfter: 1000 })
    table.seen(rivals[0]!, 0)
    expect(table.seen(rivals[1]!, 999)).toBeUndefined()
    table.seen(rivals[0]!, 999)
    expect(table.seen(rivals[1]!, 1998)).toBeUndefined()
    expect(table.seen(rivals[1]!, 1999)).toEqual(rivals[0])
    expect(table.contacts).toEqual([rivals[0]])
  })
})

test.each([
  [{ k: 0 }, 'k is 0; it must be a whole number from 1 to 100'],
  [{ k: 101 }, 'k is 101'],
  [{ questionableAfter: -1 }, 'questionableAfter is -1; it must be a number from 0'],
])('the options %j are refused', (options, message) => {
  expect(() => new RoutingTable(idOf('self'), options)).toThrow(message)
})
