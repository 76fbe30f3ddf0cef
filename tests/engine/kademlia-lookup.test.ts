import {
  closestContacts,
  deriveStream,
  idOf,
  IterativeLookup,
  RoutingTable,
  type Address,
  type Contact,
  type LookupOptions,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

const target = idOf('target')

/** Contacts sorted by their distance to the target: number 0 is the closest. */
const ranked: readonly Contact[] = closestContacts(
  Array.from({ length: 60 }, (_, name) => ({ id: idOf(`contact ${name}`), address: 0 as Address })),
  target,
  60,
).map(({ id }, rank) => ({ id, address: rank as Address }))

const rank = ({ address }: Contact): number => address
const ranks = (contacts: readonly Contact[]): number[] => contacts.map(rank)
const those = (...numbers: number[]): Contact[] => numbers.map((number) => ranked[number]!)

describe('a lookup', () => {
  test('asks the closest that it knows, alpha at a time', () => {
    const lookup = new IterativeLookup(target, those(50, 9, 30, 40, 20), { k: 4, alpha: 2, resiliency: 4 })
    expect(ranks(lookup.next())).toEqual([9, 20])
    expect(lookup.next()).toEqual([])
    lookup.answered(ranked[20]!, [])
    expect(ranks(lookup.next())).toEqual([30])
    expect([lookup.asked, lookup.isOver]).toEqual([3, false])
  })

  test('asks next who is closest now', () => {
    const lookup = new IterativeLookup(target, those(50, 40), { k: 2, alpha: 1, resiliency: 2 })
    lookup.next()
    lookup.answered(ranked[40]!, those(30, 8, 20))
    expect(ranks(lookup.next())).toEqual([8])
  })

  test('asks nobody twice, however often it hears of them', () => {
    const lookup = new IterativeLookup(target, those(5, 5, 6), { k: 3, alpha: 3 })
    expect(ranks(lookup.next())).toEqual([5, 6])
    lookup.answered(ranked[5]!, those(5, 6, 7))
    lookup.answered(ranked[6]!, those(7, 6, 5))
    expect(ranks(lookup.next())).toEqual([7])
    lookup.answered(ranked[7]!, those(5, 6))
    expect([lookup.next(), lookup.isOver, ranks(lookup.closest)]).toEqual([[], true, [5, 6, 7]])
  })

  test('does not ask who is farther than k others that are there', () => {
    const lookup = new IterativeLookup(target, those(1, 2, 3), { k: 2, alpha: 3 })
    expect(ranks(lookup.next())).toEqual([1, 2])
    lookup.answered(ranked[1]!, [])
    lookup.answered(ranked[2]!, [])
    expect([lookup.next(), lookup.isOver]).toEqual([[], true])
  })

  test('does without those that fail: the next closest take their places', () => {
    const lookup = new IterativeLookup(target, those(1, 2, 3), { k: 2, alpha: 2, resiliency: 2 })
    lookup.next()
    lookup.failed(ranked[1]!)
    expect(ranks(lookup.next())).toEqual([3])
    lookup.answered(ranked[2]!, [])
    lookup.failed(ranked[3]!)
    expect([lookup.isOver, ranks(lookup.closest), lookup.asked]).toEqual([true, [2], 3])
  })

  test('does not wait for those that closer ones have put out of the k closest', () => {
    const lookup = new IterativeLookup(target, those(40, 50), { k: 2, alpha: 2 })
    lookup.next()
    lookup.answered(ranked[40]!, those(1, 2))
    expect(ranks(lookup.next())).toEqual([1])
    lookup.answered(ranked[1]!, [])
    lookup.next()
    lookup.answered(ranked[2]!, [])
    expect([lookup.isOver, ranks(lookup.closest)]).toEqual([true, [1, 2]])
    lookup.answered(ranked[50]!, those(0))
    expect(lookup.isOver).toBe(false)
  })

  test('asks the rest of the k closest at once when the closest few have answered, and they are more than alpha', () => {
    const lookup = new IterativeLookup(target, those(1, 2, 3, 4, 5, 6, 7), { k: 6, alpha: 1, resiliency: 2 })
    expect(ranks(lookup.next())).toEqual([1])
    lookup.answered(ranked[1]!, [])
    expect(ranks(lookup.next())).toEqual([2])
    lookup.answered(ranked[2]!, [])
    expect(ranks(lookup.next())).toEqual([3, 4, 5, 6])
    lookup.answered(ranked[4]!, those(0))
    // Somebody closer: it has not converged after all, and alpha holds again.
    expect(lookup.next()).toEqual([])
  })

  test('that knows nobody is over at once, and found nothing', () => {
    const lookup = new IterativeLookup(target, [])
    expect([lookup.next(), lookup.isOver, lookup.closest, lookup.hops]).toEqual([[], true, [], 0])
  })

  test('counts the hops to the closest that answered', () => {
    const lookup = new IterativeLookup(target, those(40), { k: 2, alpha: 2 })
    lookup.next()
    expect(lookup.hops).toBe(0)
    lookup.answered(ranked[40]!, those(20, 40))
    expect(lookup.hops).toBe(1)
    lookup.next()
    lookup.answered(ranked[20]!, those(3))
    lookup.next()
    lookup.failed(ranked[3]!)
    expect([lookup.hops, ranks(lookup.closest)]).toEqual([2, [20, 40]])
  })

  test('takes the same id at two addresses for two contacts: a liar cannot hide the true one', () => {
    const liar = { id: ranked[1]!.id, address: 99 as Address }
    const lookup = new IterativeLookup(target, [liar], { k: 2, alpha: 2 })
    lookup.next()
    lookup.answered(liar, [liar, ranked[1]!])
    expect(ranks(lookup.next())).toEqual([1])
  })

  test('comes to an end among liars who always know somebody closer, after just as many as it may ask', () => {
    let made = 0
    /** Closer than all before, until the last bits are used up; then still at other addresses. */
    const closer = (): Contact => {
      const id = target.slice()
      id[Math.min(31, made >> 2)]! ^= 1
      return { id, address: (1000 + made++) as Address }
    }
    const lookup = new IterativeLookup(target, those(50), { k: 4, alpha: 2, maxAsked: 30 })
    for (let chosen = lookup.next(); chosen.length > 0 && lookup.asked < 100; chosen = lookup.next()) {
      for (const contact of chosen) lookup.answered(contact, [closer(), closer(), closer()])
    }
    expect([lookup.asked, lookup.isOver]).toEqual([30, true])
  })

  test('is told only of those whom it asked, and once', () => {
    const lookup = new IterativeLookup(target, those(1), { k: 2 })
    expect(() => lookup.failed(ranked[1]!)).toThrow('address 1 was not asked; settle each contact of next() once')
    lookup.next()
    lookup.answered(ranked[1]!, [])
    expect(() => lookup.answered(ranked[1]!, [])).toThrow('was not asked')
  })
})

/** Runs a lookup to its end in a world where `told` says what each contact knows; `order` says who answers next. */
function finish(
  lookup: IterativeLookup,
  told: (contact: Contact) => readonly Contact[] | undefined,
  order: (waiting: number) => number,
): { readonly mostAtOnce: number } {
  const waiting: Contact[] = []
  let mostAtOnce = 0
  for (let steps = 0; !lookup.isOver; steps++) {
    waiting.push(...lookup.next())
    mostAtOnce = Math.max(mostAtOnce, waiting.length)
    expect(waiting.length, 'the lookup is stuck').toBeGreaterThan(0)
    expect(steps).toBeLessThan(1000)
    const [contact] = waiting.splice(order(waiting.length), 1)
    const known = told(contact!)
    if (known === undefined) lookup.failed(contact!)
    else lookup.answered(contact!, known)
  }
  return { mostAtOnce }
}

test('over tables with full buckets it finds what the oracle finds, in whatever order answers come', () => {
  const contacts = Array.from({ length: 200 }, (_, node) => ({ id: idOf(`node ${node}`), address: node as Address }))
  const tables = contacts.map(({ id }) => new RoutingTable(id, { k: 6 }))
  for (const [node, table] of tables.entries()) {
    for (const contact of deriveStream(1, 'meet', node).shuffle(contacts)) table.seen(contact, 0)
  }
  const world = fc.record({ name: fc.string(), from: fc.integer({ min: 0, max: 199 }), seed: fc.nat() })
  fc.assert(
    fc.property(world, fc.integer({ min: 1, max: 8 }), ({ name, from, seed }, alpha) => {
      const [key, random] = [idOf(name), deriveStream(seed, 'order')]
      const options: LookupOptions = { k: 6, alpha, resiliency: 6 }
      const lookup = new IterativeLookup(key, tables[from]!.closest(key, 6), options)
      const others = contacts.filter(({ address }) => address !== from)
      const told = ({ address }: Contact): Contact[] =>
        tables[address]!.closest(key, 7)
          .filter((contact) => contact.address !== from)
          .slice(0, 6)
      const { mostAtOnce } = finish(lookup, told, (waiting) => random.integer(waiting))
      expect(lookup.closest).toEqual(closestContacts(others, key, 6))
      expect(mostAtOnce).toBeLessThanOrEqual(alpha)
    }),
    cases(200),
  )
})

test('whatever peers answer, it ends, asks nobody twice and finds only who answered', () => {
  const behaviour = fc.array(
    fc.oneof(fc.constant(undefined), fc.array(fc.integer({ min: 0, max: 59 }), { maxLength: 8 })),
    {
      minLength: 60,
      maxLength: 60,
    },
  )
  fc.assert(
    fc.property(behaviour, fc.uniqueArray(fc.integer({ min: 0, max: 59 })), fc.nat(), (answers, known, seed) => {
      const random = deriveStream(seed, 'order')
      const lookup = new IterativeLookup(target, those(...known), { k: 5, alpha: 3, resiliency: 2 })
      const asked: number[] = []
      const told = (contact: Contact): Contact[] | undefined => {
        asked.push(rank(contact))
        const answer = answers[rank(contact)]
        return answer === undefined ? undefined : those(...answer)
      }
      finish(lookup, told, (waiting) => random.integer(waiting))
      expect(new Set(asked).size).toBe(asked.length)
      const answered = asked.filter((each) => answers[each] !== undefined).sort((a, b) => a - b)
      expect(ranks(lookup.closest)).toEqual(answered.slice(0, 5))
    }),
    cases(500),
  )
})

test.each([
  [{ k: 0 }, 'k is 0; it must be a whole number from 1 to 100'],
  [{ alpha: 0 }, 'alpha is 0'],
  [{ k: 4, resiliency: 5 }, 'resiliency is 5; it must be a whole number from 1 to 4'],
  [{ maxAsked: 0 }, 'maxAsked is 0'],
])('the options %j are refused', (options, message) => {
  expect(() => new IterativeLookup(target, [], options)).toThrow(message)
})
