import {
  addPowerOfTwo,
  ChordTable,
  clockwiseFrom,
  compareIds,
  idOf,
  idToHex,
  isBetween,
  isStrictlyBetween,
  ownerIn,
  sameId,
  type Address,
  type Contact,
  type Id,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

/** Ids of one length; those of one byte make equal ones and neighbors likely. */
const ids = (count: number): fc.Arbitrary<Id[]> =>
  fc
    .constantFrom(1, 2, 20, 32)
    .chain((bytes) =>
      fc.array(fc.uint8Array({ minLength: bytes, maxLength: bytes }), { minLength: count, maxLength: count }),
    )

const asNumber = (id: Id): bigint => BigInt(`0x${idToHex(id)}`)

/** The oracle: how far it is from one id to another, going clockwise. */
const clockwise = (from: Id, to: Id): bigint => BigInt.asUintN(8 * from.length, asNumber(to) - asNumber(from))

function holds(count: number, property: (...sampled: Id[]) => void): void {
  fc.assert(
    fc.property(ids(count), (sampled) => void property(...sampled)),
    cases(1000),
  )
}

describe('on the ring', () => {
  test('ids are in the order of their numbers', () => {
    holds(2, (a, b) => {
      const difference = asNumber(a!) - asNumber(b!)
      expect(Math.sign(compareIds(a!, b!))).toBe(difference > 0n ? 1 : difference < 0n ? -1 : 0)
    })
  })

  test('an id is between two others when one meets it on the way from the first up to the second', () => {
    holds(3, (id, after, upTo) => {
      const way = clockwise(after!, upTo!)
      const expected = way === 0n || (clockwise(after!, id!) > 0n && clockwise(after!, id!) <= way)
      expect(isBetween(id!, after!, upTo!)).toBe(expected)
    })
  })

  test('it is strictly between them when it is neither of the two', () => {
    holds(3, (id, after, before) => {
      const expected = isBetween(id!, after!, before!) && !sameId(id!, after!) && !sameId(id!, before!)
      expect(isStrictlyBetween(id!, after!, before!)).toBe(expected)
    })
    const [id, other] = [Uint8Array.of(7), Uint8Array.of(9)]
    expect([isStrictlyBetween(id, id, other), isStrictlyBetween(other, id, other)]).toEqual([false, false])
    expect([isBetween(id, id, id), isStrictlyBetween(id, id, id), isStrictlyBetween(other, id, id)]).toEqual([
      true,
      false,
      true,
    ])
  })

  test('adding a power of two goes so far clockwise, and over the end to the beginning', () => {
    fc.assert(
      fc.property(ids(1), fc.nat(255), ([id], n) => {
        const exponent = n % (8 * id!.length)
        expect(clockwise(id!, addPowerOfTwo(id!, exponent))).toBe(1n << BigInt(exponent))
      }),
      cases(1000),
    )
    expect(addPowerOfTwo(Uint8Array.of(255, 255), 0)).toEqual(Uint8Array.of(0, 0))
    expect(addPowerOfTwo(Uint8Array.of(0, 255), 3)).toEqual(Uint8Array.of(1, 7))
  })

  test('contacts are met clockwise from the target in the order of their distances, each once', () => {
    holds(12, (target, ...others) => {
      const contacts = [...others, ...others.slice(0, 4)].map((id) => ({ id, address: 0 as Address }))
      const met = clockwiseFrom(target!, contacts).map(({ id }) => clockwise(target!, id))
      const distances = new Set(others.map((id) => clockwise(target!, id)))
      expect(met).toEqual([...distances].sort((a, b) => (a < b ? -1 : 1)))
    })
  })

  test('the owner of an id is the node with the least way from it', () => {
    holds(12, (target, ...others) => {
      const ring = others.map((id) => ({ id, address: 0 as Address })).sort((a, b) => compareIds(a.id, b.id))
      const least = others.map((id) => clockwise(target!, id)).sort((a, b) => (a < b ? -1 : 1))[0]
      expect(clockwise(target!, ownerIn(ring, target!).id)).toBe(least)
    })
  })
})

/** A node with this number as its id, on a ring of 256. */
const at = (number: number): Contact => ({ id: Uint8Array.of(number), address: number as Address })
const numbers = (contacts: readonly Contact[]): number[] => contacts.map(({ address }) => address)
const ring = [10, 20, 30, 40, 80, 120, 160, 200, 240].map(at)

function tableOf(self: number, length = 3): ChordTable {
  const table = new ChordTable(at(self), length)
  table.fill(ring)
  return table
}

describe('the table of a stable ring', () => {
  test('has the nodes behind as successors, the one before as predecessor, and fingers that double the way', () => {
    const table = tableOf(240)
    expect(numbers(table.successors)).toEqual([10, 20, 30])
    expect(table.predecessor).toEqual(at(200))
    // 240 + 128, + 64 and + 32 on the ring of 256; 240 + 16 is not behind the successor any more.
    expect(numbers(table.fingers)).toEqual([120, 80, 20])
  })

  test('of one node alone owns everything', () => {
    const table = new ChordTable(at(5), 3)
    table.fill([at(5)])
    expect(table.predecessor).toBeUndefined()
    expect(table.route(Uint8Array.of(200))).toEqual({ closer: [], owners: [at(5)] })
  })

  test('cannot be made of a ring without the node', () => {
    expect(() => new ChordTable(at(5), 3).fill(ring)).toThrow(
      'the ring does not contain the node itself; add its contact',
    )
  })
})

describe('a route', () => {
  test('leads to those before the target that are closest to it, each once, and no more than the successors are', () => {
    expect(numbers(tableOf(240).route(Uint8Array.of(130)).closer)).toEqual([120, 80, 30])
    expect(numbers(tableOf(240, 8).route(Uint8Array.of(130)).closer)).toEqual([120, 80, 40, 30, 20, 10])
    expect(numbers(tableOf(240).route(Uint8Array.of(130)).owners)).toEqual([])
  })

  test('names the owner and those behind it when they are among the successors', () => {
    expect(tableOf(240).route(Uint8Array.of(5))).toEqual({ closer: [], owners: [at(10), at(20), at(30)] })
    expect(tableOf(240).route(Uint8Array.of(10))).toEqual({ closer: [], owners: [at(10), at(20), at(30)] })
    expect(tableOf(240).route(Uint8Array.of(11))).toEqual({ closer: [at(10)], owners: [at(20), at(30)] })
  })

  test('ends at the node itself when the target lies between its predecessor and itself', () => {
    expect(tableOf(240).route(Uint8Array.of(240))).toEqual({ closer: [], owners: [at(240)] })
    expect(tableOf(240).route(Uint8Array.of(201))).toEqual({ closer: [], owners: [at(240)] })
    expect(numbers(tableOf(240).route(Uint8Array.of(200)).closer)).toEqual([120, 80, 30])
  })

  test('halves the way to the node before the target, from every node to every id', () => {
    const members = Array.from({ length: 64 }, (_, node) => ({ id: idOf(`node ${node}`), address: node as Address }))
    const sorted = members.sort((a, b) => compareIds(a.id, b.id))
    const tables = new Map(
      sorted.map((self) => {
        const table = new ChordTable(self, 1)
        table.fill(sorted)
        return [self.address, table]
      }),
    )
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...sorted), (key, from) => {
        const target = idOf(key)
        const last = clockwiseFrom(target, sorted).at(-1)!.id
        let [table, hops] = [tables.get(from.address)!, 0]
        for (let { closer } = table.route(target); closer.length > 0; { closer } = table.route(target), hops++) {
          const next = closer[0]!
          expect(2n * clockwise(next.id, last)).toBeLessThan(clockwise(table.self.id, last))
          table = tables.get(next.address)!
        }
        expect(table.route(target).owners[0]).toEqual(ownerIn(sorted, target))
        expect(hops).toBeLessThan(64)
      }),
      cases(300),
    )
  })
})

describe('a table', () => {
  test('believes who says that it comes before, if it is nearer than who did so far', () => {
    const table = new ChordTable(at(100), 3)
    const after = (number: number): number => {
      table.notify(at(number))
      return table.predecessor!.address
    }
    expect([150, 50, 20, 60, 110, 99].map(after)).toEqual([150, 50, 50, 60, 60, 99])
  })

  test('does not believe that it comes before itself', () => {
    const table = new ChordTable(at(100), 3)
    table.notify({ id: Uint8Array.of(100), address: 66 as Address })
    expect(table.predecessor).toBeUndefined()
  })

  test('keeps as many successors as it may, each once, and stops where the ring comes back to the node', () => {
    const table = new ChordTable(at(100), 3)
    table.setSuccessors([110, 120, 110, 130, 140].map(at))
    expect(numbers(table.successors)).toEqual([110, 120, 130])
    table.setSuccessors([110, 120, 100, 130].map(at))
    expect(numbers(table.successors)).toEqual([110, 120])
  })

  test('forgets who failed wherever it stands', () => {
    const table = tableOf(240)
    for (const number of [200, 20, 120]) table.remove(at(number))
    expect(table.predecessor).toBeUndefined()
    expect(numbers(table.successors)).toEqual([10, 30])
    expect(numbers(table.fingers)).toEqual([80])
    table.remove({ id: Uint8Array.of(10), address: 99 as Address })
    expect(numbers(table.successors)).toEqual([10, 30])
  })

  test('goes on with its nearest finger when all successors have failed', () => {
    const table = tableOf(240)
    for (const number of [10, 20, 30]) table.remove(at(number))
    expect(numbers(table.successors)).toEqual([80])
    for (const number of [80, 120]) table.remove(at(number))
    expect(numbers(table.successors)).toEqual([])
  })

  test('is no finger of itself', () => {
    const table = new ChordTable(at(100), 3)
    table.setFinger(7, at(100))
    expect(table.fingers).toEqual([])
  })

  test.each([0, 101, 1.5])('refuses to know %d successors', (length) => {
    expect(() => new ChordTable(at(1), length)).toThrow(
      `successors is ${length}; it must be a whole number from 1 to 100`,
    )
  })
})
