import { bitcoinCoreTable, chanceOf, randomEndpoint, trashEndpoint, type Ipv4Endpoint } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { connectAtRandom, day, endpoint, hour, minute, restarted, tableUnderTest } from '../support/address-table.ts'
import { cases, fc } from '../support/fast-check.ts'

type Run = ReturnType<typeof tableUnderTest>

/** How often each is selected, as a share. */
function shares(run: Run, draws: number, outgoing = 0): Map<Ipv4Endpoint, number> {
  const counts = new Map<Ipv4Endpoint, number>()
  for (let i = 0; i < draws; i++) {
    const selected = run.table.select({ outgoing })!
    counts.set(selected, (counts.get(selected) ?? 0) + 1 / draws)
  }
  return counts
}

function triedShare(run: Run, draws: number, outgoing: number): number {
  let share = 0
  for (const [address, each] of shares(run, draws, outgoing)) if (run.table.find(address)!.inTried) share += each
  return share
}

const within3Errors = (measured: number, p: number, n: number): void =>
  expect(Math.abs(measured - p)).toBeLessThan(3 * Math.sqrt((p * (1 - p)) / n))

describe('the choice between the tables', () => {
  test.each([0, 1, 4, 7, 8, 12])('is as in the paper, with %i connections', (outgoing) => {
    const run = tableUnderTest()
    connectAtRandom(run, 400)
    for (let i = 0; i < 100; i++) run.table.add(trashEndpoint(run.random), randomEndpoint(run.random, 1), 0)
    const rho = run.table.triedCount / run.table.newCount
    const omega = Math.min(outgoing, 8)
    const p = (Math.sqrt(rho) * (9 - omega)) / (omega + 1 + Math.sqrt(rho) * (9 - omega))
    within3Errors(triedShare(run, 2000, outgoing), p, 2000)
  })

  test('is a coin for Core, whatever their sizes', () => {
    const run = tableUnderTest(bitcoinCoreTable)
    connectAtRandom(run, 500)
    for (let i = 0; i < 10; i++) run.table.add(trashEndpoint(run.random), randomEndpoint(run.random, 1), 0)
    within3Errors(triedShare(run, 2000, 0), 0.5, 2000)
  })

  test('is none where one is empty, or only new ones are asked for', () => {
    const run = tableUnderTest()
    expect([run.table.select(), run.table.select({ newOnly: true })]).toEqual([undefined, undefined])
    const [tried] = connectAtRandom(run, 1)
    expect([run.table.select({ outgoing: 8 }), run.table.select({ newOnly: true })]).toEqual([tried, undefined])
    const heard = trashEndpoint(run.random)
    run.table.add(heard, tried!, 0)
    for (let i = 0; i < 20; i++) expect(run.table.select({ newOnly: true })).toBe(heard)
  })
})

describe('fresh addresses', () => {
  test('are accepted with min(1, 1.2^r / (1 + τ)) in the r-th round, τ in steps of ten minutes', () => {
    fc.assert(
      fc.property(fc.double({ min: -10, max: 500, noNaN: true }), (tau) => {
        const run = tableUnderTest()
        connectAtRandom(run, 1)
        const entry = [...run.table.store.entries][0]!
        const after = chanceOf({ ...entry, lastTry: undefined }, entry.time + tau * 10 * minute, run.table.parameters)
        expect(after).toBeCloseTo(1 / (1 + Math.max(0, tau)), 12)
      }),
      cases(100),
    )
  })

  test('are selected as often as that says, beside an old one', () => {
    const run = tableUnderTest({ triedBuckets: 1 })
    run.clock.now = -hour
    const [old] = connectAtRandom(run, 1)
    run.clock.now = 0
    connectAtRandom(run, 1)
    const after = restarted(run)
    // Drawn with 1/2 each, round by round, until one is accepted.
    let chosen = 0
    let undecided = 1
    for (let round = 0, factor = 1; round < 60; round++, factor *= 1.2) {
      const accepted = { old: Math.min(1, factor / 7) / 2, fresh: 1 / 2 }
      chosen += undecided * accepted.old
      undecided *= 1 - accepted.old - accepted.fresh
    }
    within3Errors(shares(after, 4000).get(old!)!, chosen, 4000)
  })

  test('are nothing special where selection is uniform', () => {
    const run = tableUnderTest({ triedBuckets: 1, bucketSize: 10, selection: 'uniform' })
    run.clock.now = -20 * day
    connectAtRandom(run, 5)
    run.clock.now = 0
    connectAtRandom(run, 5)
    const counts = shares(restarted(run), 5000)
    expect(counts.size).toBe(10)
    for (const share of counts.values()) expect(Math.abs(share - 0.1)).toBeLessThan(4 * Math.sqrt(0.09 / 5000))
  })
})

describe('an address that failed', () => {
  test('is hardly selected within ten minutes, and less after each failure', () => {
    const run = tableUnderTest({ triedBuckets: 1, selection: 'uniform' })
    const [failed] = connectAtRandom(run, 2)
    const entry = run.table.find(failed!)!
    const chance = (): number => chanceOf(entry, run.clock.now, run.table.parameters)
    expect(chance()).toBe(0.01)
    run.clock.now = 10 * minute
    expect(chance()).toBe(1)
    for (let failures = 1; failures < 5; failures++) {
      run.table.attempt(failed!)
      expect(chance()).toBeCloseTo(0.01 / 1.5 ** failures, 12)
      run.clock.now += 10 * minute
      expect(chance()).toBeCloseTo(1 / 1.5 ** failures, 12)
    }
    expect(shares(run, 3000).get(failed!)).toBeLessThan(0.3)
  })

  test('is not worth less than after eight failures to Core', () => {
    const run = tableUnderTest(bitcoinCoreTable)
    const [failed] = connectAtRandom(run, 1)
    for (let i = 0; i < 20; i++) run.table.attempt(failed!)
    run.clock.now = hour
    expect(chanceOf(run.table.find(failed!)!, hour, bitcoinCoreTable)).toBeCloseTo(0.66 ** 8, 12)
  })

  test('and is the only one is selected all the same', () => {
    const run = tableUnderTest()
    const [only] = connectAtRandom(run, 1)
    for (let i = 0; i < 40; i++) run.table.attempt(only!)
    run.clock.now = 20 * day
    expect(run.table.select()).toBe(only)
  })
})

describe('an answer to getaddr', () => {
  test('has 23 % of all addresses, and never more than its maximum', () => {
    for (const [parameters, most] of [
      [{}, 2500],
      [bitcoinCoreTable, 1000],
    ] as const) {
      const run = tableUnderTest(parameters)
      for (let i = 0; i < 1000; i++) run.table.add(trashEndpoint(run.random), randomEndpoint(run.random, 1), 0)
      expect(run.table.sample().length).toBe(Math.floor(0.23 * run.table.size))
      for (let i = 0; i < 14_000; i++) run.table.add(trashEndpoint(run.random), randomEndpoint(run.random, 1), 0)
      expect(run.table.sample().length).toBe(most)
    }
  })

  test('has no address twice, and none that is terrible', () => {
    const run = tableUnderTest({ answerShare: 1 })
    const good = connectAtRandom(run, 50)
    const old = endpoint('8.8.8.8:8333')
    run.table.add(old, old, -31 * day)
    const answer = run.table.sample().map(({ endpoint }) => endpoint)
    expect(answer.length).toBe(50)
    expect(new Set(answer)).toEqual(new Set(good))
  })
})

test('a table that is alike and has drawn alike selects alike', () => {
  const selections = (): unknown[] => {
    const run = tableUnderTest({}, 7)
    connectAtRandom(run, 200, hour)
    return Array.from({ length: 50 }, () => run.table.select())
  }
  expect(selections()).toEqual(selections())
})
