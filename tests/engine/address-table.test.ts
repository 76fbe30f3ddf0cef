import {
  bitcoinCoreTable,
  bitcoind093Table,
  groupedEndpoints,
  isTerrible,
  randomEndpoint,
  restoreTable,
  saveTable,
  trashEndpoint,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import {
  checkTable,
  connect,
  connectAtRandom,
  contents,
  day,
  endpoint,
  hour,
  minute,
  restarted,
  tableUnderTest,
} from '../support/address-table.ts'
import { cases, fc } from '../support/fast-check.ts'

const presets = [
  ['bitcoind 0.9.3', bitcoind093Table],
  ['Bitcoin Core', bitcoinCoreTable],
] as const

const some = endpoint('8.8.8.8:8333')
const source = endpoint('9.9.9.9:8333')

describe('an address that is heard of', () => {
  test('is in new, seen two hours before what its source says', () => {
    const { table, clock } = tableUnderTest()
    clock.now = 10 * hour
    expect(table.add(some, source, 9 * hour)).toBe(true)
    expect(table.find(some)).toMatchObject({ endpoint: some, source, time: 7 * hour, attempts: 0, inTried: false })
    expect([table.newCount, table.triedCount, table.size]).toEqual([1, 0, 1])
  })

  test('is taken by its word when it speaks of itself', () => {
    const { table } = tableUnderTest()
    table.add(some, some, 0)
    expect(table.find(some)!.time).toBe(0)
  })

  test('is not kept when nobody can get there', () => {
    const { table } = tableUnderTest()
    for (const text of ['10.0.0.1:8333', '127.0.0.1:8333', '255.255.255.255:8333'])
      expect(table.add(endpoint(text), source, 0), text).toBe(false)
    expect(table.add(0 as never, source, 0)).toBe(false)
    expect(table.size).toBe(0)
  })

  test('is younger when it is told of again with news, an hour at a time', () => {
    const { table, clock } = tableUnderTest()
    clock.now = 10 * hour
    table.add(some, source, 4 * hour)
    table.add(some, source, 4.9 * hour)
    expect(table.find(some)!.time).toBe(2 * hour)
    table.add(some, source, 5.1 * hour)
    expect(table.find(some)!.time).toBeCloseTo(3.1 * hour)
  })

  test('that is not online is younger a day at a time', () => {
    const { table, clock } = tableUnderTest()
    clock.now = 10 * day
    table.add(some, source, 2 * day)
    table.add(some, source, 2.9 * day)
    expect(table.find(some)!.time).toBe(2 * day - 2 * hour)
    table.add(some, source, 3.1 * day)
    expect(table.find(some)!.time).toBe(3.1 * day - 2 * hour)
  })

  test('twice from the same group of sources has one place, from many groups up to four', () => {
    const run = tableUnderTest()
    const news = (source: string): number => {
      run.clock.now += 1
      for (let i = 0; i < 200; i++) run.table.add(some, endpoint(source), run.clock.now + i * 4 * hour)
      return run.table.find(some)!.newBuckets.length
    }
    run.clock.now = 0
    expect(news('20.1.0.1:8333')).toBe(1)
    expect(news('20.1.7.9:8333')).toBe(1)
    for (let group = 2; group < 60; group++) news(`20.${group}.0.1:8333`)
    expect(run.table.find(some)!.newBuckets.length).toBe(4)
    expect(run.table.newCount).toBe(1)
  })

  test('gets each further place half as easily as the one before', () => {
    const told = { once: 0, twice: 0 }
    const random = tableUnderTest().random
    for (let seed = 0; seed < 2000; seed++) {
      const { table, clock } = tableUnderTest({}, seed)
      clock.now = day
      table.add(some, randomEndpoint(random, 1), 0)
      if (table.add(some, randomEndpoint(random, 1), 6 * hour)) told.once++
    }
    // One place is taken: the second comes with 1/2, unless both sources have the same bucket of 256.
    expect(Math.abs(told.once / 2000 - (0.5 * 255) / 256)).toBeLessThan(3 * Math.sqrt(0.25 / 2000))
  })

  test('under another port is another address for Core, and none for 0.9.3', () => {
    const other = endpoint('8.8.8.8:18333')
    for (const [name, parameters] of presets) {
      const { table } = tableUnderTest(parameters)
      table.add(some, source, 0)
      expect(table.add(other, source, 0), name).toBe(name === 'Bitcoin Core')
      expect(table.find(other) === undefined, name).toBe(name !== 'Bitcoin Core')
      table.good(other)
      expect(table.triedCount, name).toBe(name === 'Bitcoin Core' ? 1 : 0)
    }
  })
})

describe('an address that a connection succeeded with', () => {
  test('moves from new to tried, fresh, and stays there', () => {
    const run = tableUnderTest()
    run.table.add(some, source, -day)
    run.clock.now = hour
    run.table.good(some)
    expect(run.table.find(some)).toMatchObject({
      time: hour,
      lastSuccess: hour,
      attempts: 0,
      inTried: true,
      newBuckets: [],
    })
    run.table.good(some)
    expect(run.table.add(some, source, 2 * hour)).toBe(false)
    expect([run.table.newCount, run.table.triedCount]).toEqual([0, 1])
    checkTable(run.table)
  })

  test('is not fresh by that for Core, which tells nobody whom it is connected to', () => {
    const run = tableUnderTest(bitcoinCoreTable)
    run.table.add(some, source, -day)
    run.table.good(some)
    expect(run.table.find(some)).toMatchObject({ time: -day - 2 * hour, lastSuccess: 0, inTried: true })
  })

  test('is not known by that, if it was not before', () => {
    const { table } = tableUnderTest()
    table.good(some)
    table.attempt(some)
    table.connected(some)
    expect([table.size, table.find(some)]).toEqual([0, undefined])
  })

  test('is made fresh while the connection lasts, in steps of twenty minutes', () => {
    const run = tableUnderTest()
    connect(run, some)
    run.clock.now = 20 * minute
    run.table.connected(some)
    expect(run.table.find(some)!.time).toBe(0)
    run.clock.now = 21 * minute
    run.table.connected(some)
    expect(run.table.find(some)!.time).toBe(21 * minute)
  })
})

describe('a full bucket', () => {
  const one = { triedBuckets: 1, newBuckets: 1, triedBucketsPerGroup: 1, newBucketsPerSourceGroup: 1 }

  test('of tried gives way to a newcomer: the oldest of four goes back to new', () => {
    for (let seed = 0; seed < 50; seed++) {
      const run = tableUnderTest({ ...one, bucketSize: 8 }, seed)
      const addresses = connectAtRandom(run, 8, hour) // each younger than the one before
      const newcomer = randomEndpoint(run.random, 8333)
      connect(run, newcomer)
      const left = addresses.filter((address) => !run.table.find(address)!.inTried)
      expect([run.table.triedCount, run.table.newCount, left.length]).toEqual([8, 1, 1])
      // Three of eight are younger than the oldest of four, whichever four.
      expect(addresses.indexOf(left[0]!)).toBeLessThan(5)
      checkTable(run.table)
    }
  })

  test('of tried has the oldest go as often as it is among the four', () => {
    let oldestGone = 0
    for (let seed = 0; seed < 1000; seed++) {
      const run = tableUnderTest({ ...one, bucketSize: 8 }, seed)
      const [oldest] = connectAtRandom(run, 8, hour)
      connect(run, randomEndpoint(run.random, 8333))
      if (!run.table.find(oldest!)!.inTried) oldestGone++
    }
    expect(Math.abs(oldestGone / 1000 - 0.5)).toBeLessThan(3 * Math.sqrt(0.25 / 1000))
  })

  test('of new drops the terrible first: not seen for a month, from the future, or failed three times', () => {
    for (const spoil of ['old', 'future', 'failed']) {
      const run = tableUnderTest({ ...one, bucketSize: 8 })
      const addresses = Array.from({ length: 8 }, () => trashEndpoint(run.random))
      for (const [i, address] of addresses.entries()) {
        const isOld = i === 5 && spoil === 'old'
        run.table.add(address, address, isOld ? -31 * day : i === 5 && spoil === 'future' ? hour : 0)
      }
      if (spoil === 'failed') for (let i = 0; i < 3; i++) run.table.attempt(addresses[5]!)
      run.clock.now = 2 * minute // a try is under way for a minute
      run.table.add(randomEndpoint(run.random, 8333), source, 0)
      const gone = addresses.filter((address) => run.table.find(address) === undefined)
      expect(gone, spoil).toEqual([addresses[5]])
    }
  })

  test('of new drops the oldest of four otherwise, for good', () => {
    const run = tableUnderTest({ ...one, bucketSize: 8 })
    const addresses = Array.from({ length: 8 }, () => trashEndpoint(run.random))
    for (const [i, address] of addresses.entries()) run.table.add(address, address, i - day)
    run.table.add(randomEndpoint(run.random, 8333), source, 0)
    const gone = addresses.filter((address) => run.table.find(address) === undefined)
    expect([gone.length, run.table.newCount]).toEqual([1, 8])
    expect(addresses.indexOf(gone[0]!)).toBeLessThan(5)
  })

  test('where positions are fixed gives way in tried to who has the same position, and to nobody else', () => {
    // Room enough in new for everybody: who does not get in there gets no further.
    const room = { ...one, newBuckets: 4096, newBucketsPerSourceGroup: 4096, bucketSize: 8 }
    const run = tableUnderTest({ ...room, eviction: 'fixed-position' })
    const addresses = connectAtRandom(run, 200)
    const last = new Map(addresses.map((address) => [run.table.store.placement.position(address, 'tried', 0), address]))
    for (const [position, address] of last) expect(run.table.store.tried.at(0, position)!.endpoint).toBe(address)
    expect(run.table.triedCount).toBe(last.size)
    checkTable(run.table)
  })

  test('where positions are fixed does not give way in new to one more that was heard of', () => {
    const run = tableUnderTest({ ...one, bucketSize: 8, eviction: 'fixed-position' })
    const heard = Array.from({ length: 200 }, () => trashEndpoint(run.random))
    const first = new Map<number, number>()
    for (const address of heard) {
      const position = run.table.store.placement.position(address, 'new', 0)
      expect(run.table.add(address, source, 0)).toBe(!first.has(position))
      if (!first.has(position)) first.set(position, address)
    }
    for (const [position, address] of first) expect(run.table.store.new.at(0, position)!.endpoint).toBe(address)
  })

  test('where positions are fixed gives way in new when the old one is terrible or has other places', () => {
    const rivals = (): ReturnType<typeof tableUnderTest> =>
      tableUnderTest({
        ...one,
        newBuckets: 64,
        newBucketsPerSourceGroup: 64,
        bucketSize: 1,
        eviction: 'fixed-position',
      })
    const terrible = rivals()
    terrible.table.add(some, source, -40 * day)
    expect(terrible.table.add(endpoint('8.8.1.1:8333'), source, 0)).toBe(true)
    expect(terrible.table.find(some)).toBeUndefined()

    const spare = rivals()
    spare.clock.now = 160 * hour
    for (let i = 0; i < 40; i++) spare.table.add(some, endpoint(`20.${i}.0.1:8333`), i * 4 * hour)
    const places = spare.table.find(some)!.newBuckets.length
    expect(places).toBeGreaterThan(1)
    const rest = endpoint('8.8.1.1:8333')
    for (let i = 0; i < 40; i++) spare.table.add(rest, endpoint(`20.${i}.0.1:8333`), 0)
    expect(spare.table.find(rest)).toBeDefined()
    expect(spare.table.find(some)!.newBuckets.length).toBeLessThan(places)
    checkTable(spare.table)
  })
})

test('terrible is who was not seen for long, came from the future, or failed too often', () => {
  const now = 100 * day
  const entry = { endpoint: some, source, time: now, lastTry: undefined, inTried: false, newBuckets: [] }
  const terrible = (change: object): boolean =>
    isTerrible({ ...entry, lastSuccess: undefined, attempts: 0, ...change }, now, 30 * day)
  expect(terrible({})).toBe(false)
  expect([terrible({ time: now - 30 * day }), terrible({ time: now - 30 * day - 1 })]).toEqual([false, true])
  expect([terrible({ time: now + 10 * minute }), terrible({ time: now + 10 * minute + 1 })]).toEqual([false, true])
  expect([terrible({ attempts: 2 }), terrible({ attempts: 3 })]).toEqual([false, true])
  const succeeded = { lastSuccess: now - 7 * day - 1 }
  expect([terrible({ ...succeeded, attempts: 9 }), terrible({ ...succeeded, attempts: 10 })]).toEqual([false, true])
  expect(terrible({ lastSuccess: now - 7 * day, attempts: 10 })).toBe(false)
  // A try of the last minute may still succeed.
  const old = { time: now - 40 * day }
  expect([terrible({ ...old, lastTry: now - minute }), terrible({ ...old, lastTry: now - minute - 1 })]).toEqual([
    false,
    true,
  ])
})

describe('a group of addresses', () => {
  test.each(presets)('reaches in the tried table of %s no more buckets than it may', (_name, parameters) => {
    const run = tableUnderTest({ ...parameters, testBeforeEvict: false })
    const buckets = new Set<number>()
    for (const address of groupedEndpoints(run.random, { groups: 1, perGroup: 2000 })) {
      connect(run, address)
      buckets.add(run.table.store.placement.triedBucket(address))
    }
    expect(buckets.size).toBeLessThanOrEqual(parameters.triedBucketsPerGroup)
    expect(buckets.size).toBeGreaterThan(parameters.triedBucketsPerGroup / 2)
    expect(run.table.triedCount).toBeLessThanOrEqual(buckets.size * parameters.bucketSize)
    checkTable(run.table)
  })

  test.each(presets)('fills with what it tells no more new buckets of %s than it may', (_name, parameters) => {
    const run = tableUnderTest(parameters)
    for (let i = 0; i < 20_000; i++) run.table.add(trashEndpoint(run.random), source, 0)
    expect(run.table.store.new.occupied).toBeLessThanOrEqual(parameters.newBucketsPerSourceGroup)
    expect(run.table.store.new.occupied).toBeGreaterThan(parameters.newBucketsPerSourceGroup * 0.75)
    checkTable(run.table)
  })

  test('is in other buckets at another node, since each has a key of its own', () => {
    const buckets = Array.from({ length: 20 }, (_, seed) => {
      return tableUnderTest({}, seed).table.store.placement.triedBucket(some)
    })
    expect(new Set(buckets).size).toBeGreaterThan(10)
  })
})

describe('a restart', () => {
  test.each(presets)('keeps the table of %s as it is, but for the tries', (_name, parameters) => {
    const run = tableUnderTest({ ...parameters, testBeforeEvict: false })
    connectAtRandom(run, 3000, hour)
    for (let i = 0; i < 5000; i++) run.table.add(trashEndpoint(run.random), randomEndpoint(run.random, 1), -i)
    const first = [...run.table.store.entries][0]!.endpoint
    run.table.attempt(first)
    const { table } = restarted(run)
    expect(contents(table)).toEqual(contents(run.table))
    expect([table.key, table.find(first)!.lastTry, table.find(first)!.attempts]).toEqual([run.table.key, undefined, 1])
    checkTable(table)
  })

  test.each([presets, [...presets].reverse()].map(([[from, before], [to, after]]) => ({ from, before, to, after })))(
    'under other parameters, from $from to $to, keeps what has room',
    ({ before, after }) => {
      const run = tableUnderTest({ ...before, testBeforeEvict: false })
      connectAtRandom(run, 1000, hour)
      for (let i = 0; i < 2000; i++) run.table.add(trashEndpoint(run.random), randomEndpoint(run.random, 1), -i)
      const { table } = restarted(run, after)
      checkTable(table)
      expect(table.triedCount).toBeGreaterThan(0.85 * run.table.triedCount)
      expect(table.newCount).toBeGreaterThan(0.85 * run.table.newCount)
    },
  )

  test('with what no table was saved as is refused', () => {
    const run = tableUnderTest()
    connectAtRandom(run, 3)
    const options = { random: run.random, now: () => 0 }
    const { key, entries } = saveTable(run.table)
    for (const broken of [entries.slice(0, -1), [7, ...entries.slice(1)]]) {
      expect(() => restoreTable({ key, entries: broken }, options)).toThrow('store only what saveTable gives')
    }
    expect(() => restoreTable({ key }, options)).toThrow('has no entries')
    expect(restoreTable({ key, entries }, options).triedCount).toBe(3)
  })
})

test('whatever happens to a table, its parts agree', () => {
  const step = fc.record({
    kind: fc.constantFrom('add', 'add', 'good', 'good', 'attempt', 'connected', 'select', 'test', 'wait'),
    address: fc.nat(25),
    source: fc.nat(25),
    seen: fc.oneof(fc.integer({ min: -10 * day, max: 0 }), fc.integer({ min: -40 * day, max: day })),
  })
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 200, size: 'max' }),
      fc.record({
        eviction: fc.constantFrom('oldest-of-four' as const, 'fixed-position' as const),
        selection: fc.constantFrom('fresh' as const, 'uniform' as const),
        tableChoice: fc.constantFrom('by-size' as const, 'even' as const),
        testBeforeEvict: fc.boolean(),
        bucketSize: fc.integer({ min: 1, max: 5 }),
        maxNewPositions: fc.integer({ min: 1, max: 8 }),
        distinguishesPorts: fc.boolean(),
      }),
      (steps, options) => {
        const small = { triedBuckets: 3, newBuckets: 5, triedBucketsPerGroup: 2, newBucketsPerSourceGroup: 4 }
        const run = tableUnderTest({ ...small, ...options })
        const at = (i: number): ReturnType<typeof endpoint> => endpoint(`${20 + (i % 7)}.5.${i % 13}.9:${1 + (i % 3)}`)
        for (const { kind, address, source, seen } of steps) {
          if (kind === 'add') run.table.add(at(address), at(source), run.clock.now + seen)
          else if (kind === 'good') run.table.good(at(address))
          else if (kind === 'attempt') run.table.attempt(at(address))
          else if (kind === 'connected') run.table.connected(at(address))
          else if (kind === 'select') expect(run.table.select() === undefined).toBe(run.table.size === 0)
          else if (kind === 'test') run.table.drawTest()
          else run.clock.now += Math.abs(seen) / 50
          checkTable(run.table)
        }
        const { table } = restarted(run)
        checkTable(table)
        expect(contents(table)).toEqual(contents(run.table))
      },
    ),
    cases(60),
  )
})
