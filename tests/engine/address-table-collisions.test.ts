/** Test before evict. */
import { collisionLimits } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import {
  checkTable,
  connect,
  connectAtRandom,
  endpoint,
  hour,
  minute,
  tableUnderTest,
} from '../support/address-table.ts'

type Run = ReturnType<typeof tableUnderTest>

const old = endpoint('8.8.8.8:8333')
const newcomer = endpoint('9.9.9.9:8333')

/** A tried table with one place, taken by `old` five hours ago, and a newcomer who wants it. */
function contested(eviction: 'oldest-of-four' | 'fixed-position' = 'fixed-position'): Run {
  const one = { triedBuckets: 1, triedBucketsPerGroup: 1, bucketSize: 1 }
  const run = tableUnderTest({
    ...one,
    newBuckets: 4096,
    newBucketsPerSourceGroup: 4096,
    testBeforeEvict: true,
    eviction,
  })
  connect(run, old)
  run.clock.now = 5 * hour
  connect(run, newcomer)
  return run
}

const isTried = (run: Run, address: typeof old): boolean => run.table.find(address)!.inTried

describe.each(['oldest-of-four', 'fixed-position'] as const)('with eviction %s, an address in tried', (eviction) => {
  test('stays when it answers, however often others come', () => {
    const run = contested(eviction)
    for (let i = 0; i < 20; i++) {
      const asked = run.table.drawTest()
      if (asked !== undefined) {
        expect(asked).toBe(old)
        run.table.attempt(old)
        run.table.good(old)
      }
      run.clock.now += hour
      connect(run, newcomer)
      run.table.settleTests()
      expect([isTried(run, old), isTried(run, newcomer)]).toEqual([true, false])
    }
  })

  test('goes when it does not answer, a minute after it was dialed', () => {
    const run = contested(eviction)
    expect(run.table.drawTest()).toBe(old)
    run.table.attempt(old)
    run.clock.now += collisionLimits.patience - 1
    run.table.settleTests()
    expect([isTried(run, old), isTried(run, newcomer)]).toEqual([true, false])
    run.clock.now += 1
    run.table.settleTests()
    expect([isTried(run, old), isTried(run, newcomer), run.table.drawTest()]).toEqual([false, true, undefined])
    checkTable(run.table)
  })
})

test('who had a connection within four hours need not be tested: the newcomer stays in new', () => {
  const run = contested()
  run.table.good(old)
  run.table.settleTests()
  run.clock.now += 10 * hour
  run.table.settleTests()
  expect([isTried(run, old), isTried(run, newcomer), run.table.drawTest()]).toEqual([true, false, undefined])
})

test('where nobody dials for forty minutes, the old one goes', () => {
  const run = contested()
  run.clock.now += collisionLimits.window - 1
  run.table.settleTests()
  expect(isTried(run, old)).toBe(true)
  run.clock.now += 1
  run.table.settleTests()
  expect([isTried(run, old), isTried(run, newcomer)]).toEqual([false, true])
})

test('no more than ten wait, and no one waits twice: an attacker has to wait for the tests', () => {
  const run = tableUnderTest({
    triedBuckets: 1,
    triedBucketsPerGroup: 1,
    bucketSize: 64,
    newBuckets: 4096,
    newBucketsPerSourceGroup: 4096,
    testBeforeEvict: true,
    eviction: 'fixed-position',
  })
  connectAtRandom(run, 1000)
  const before = [...run.table.store.entries].filter(({ inTried }) => inTried)
  run.clock.now = 5 * hour
  const attackers = connectAtRandom(run, 500)
  for (const attacker of attackers) run.table.good(attacker)
  run.clock.now += collisionLimits.window
  run.table.settleTests()
  // Ten came in; some of the rest found an empty place.
  const evicted = before.filter(({ inTried }) => !inTried).length
  expect(evicted).toBeGreaterThan(0)
  expect(evicted).toBeLessThanOrEqual(collisionLimits.waiting)
  checkTable(run.table)
})

test('who comes again and again does not take the places of others in the list', () => {
  const two = { triedBuckets: 64, triedBucketsPerGroup: 1, bucketSize: 1, testBeforeEvict: true }
  const run = tableUnderTest({ ...two, newBuckets: 4096, newBucketsPerSourceGroup: 4096, eviction: 'fixed-position' })
  connectAtRandom(run, 300)
  run.clock.now = 5 * hour
  run.table.settleTests() // now nobody waits
  const incumbents = [...run.table.store.entries].filter(({ inTried }) => inTried)
  let [pushy] = connectAtRandom(run, 1)
  while (isTried(run, pushy!)) [pushy] = connectAtRandom(run, 1) // some find an empty place
  for (let i = 0; i < 50; i++) run.table.good(pushy!)
  const others = connectAtRandom(run, 7).filter((address) => !isTried(run, address))
  run.clock.now += collisionLimits.window
  run.table.settleTests()
  expect(others.length).toBeGreaterThan(3)
  expect(incumbents.filter(({ inTried }) => !inTried).length).toBeGreaterThan(others.length / 2)
})

test('a newcomer takes a place that has become free, and forgets what it waits for when it is forgotten itself', () => {
  const run = contested()
  const third = endpoint('11.9.9.9:8333')
  connect(run, third)
  expect(run.table.drawTest()).toBe(old)
  run.table.attempt(old)
  run.clock.now += minute
  run.table.settleTests()
  // One of the two has the place; the other waited for somebody who has left, and stays in new.
  expect([isTried(run, newcomer), isTried(run, third), isTried(run, old)]).toEqual([true, false, false])
  expect(run.table.drawTest()).toBeUndefined()
  checkTable(run.table)
})
