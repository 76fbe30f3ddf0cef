/** Each of the ten countermeasures of Heilman et al. 2015, switched on alone: what it changes, and what it is good for. */
import { bitcoind093, countermeasureNames, withCountermeasures, type Countermeasures } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { hour, minute } from '../support/address-table.ts'
import { summarize } from '../support/statistics.ts'
import { attack, restarts, type Attack } from '../support/eclipse.ts'

const withOne = (name: keyof Countermeasures): typeof bitcoind093 => withCountermeasures(bitcoind093, { [name]: true })

/** The fields that differ, as `table.eviction`. */
function changed(before: object, after: object, path = ''): string[] {
  return Object.entries(after).flatMap(([key, value]) => {
    const old = (before as Record<string, unknown>)[key]
    if (typeof value === 'object' && value !== null) return changed(old as object, value as object, `${path}${key}.`)
    return value === old ? [] : [path + key]
  })
}

test('there are ten, in the order of the paper', () => {
  expect(countermeasureNames.length).toBe(10)
  expect(new Set(countermeasureNames).size).toBe(10)
})

test('each changes what it is about and nothing else', () => {
  const changes = countermeasureNames.map((name) => changed(bitcoind093, withOne(name)).sort())
  expect(changes).toEqual([
    ['table.eviction'],
    ['table.selection'],
    ['table.testBeforeEvict'],
    ['feelerInterval'],
    ['anchors', 'blockOnly'],
    [
      'table.maxNewPositions',
      'table.newBuckets',
      'table.newBucketsPerSourceGroup',
      'table.triedBuckets',
      'table.triedBucketsPerGroup',
    ],
    ['outgoing'],
    ['acceptsUnsolicited'],
    ['incomingPerHost'],
    ['detectsAnomalies'],
  ])
})

test('none leaves the node as it is, and all ten together go', () => {
  expect(withCountermeasures(bitcoind093, {})).toEqual(bitcoind093)
  const off = Object.fromEntries(countermeasureNames.map((name) => [name, false]))
  expect(withCountermeasures(bitcoind093, off)).toEqual(bitcoind093)
  const all = withCountermeasures(bitcoind093, Object.fromEntries(countermeasureNames.map((name) => [name, true])))
  const each = countermeasureNames.flatMap((name) => changed(bitcoind093, withOne(name)))
  expect(changed(bitcoind093, all).sort()).toEqual(each.sort())
})

describe('against a botnet of 3000 on a full table,', () => {
  const botnet: Attack = { groups: 1500, perGroup: 2, round: 26 * minute, duration: 5 * hour, honest: 12_000 }

  interface Outcome {
    readonly share: number
    readonly success: number
  }

  function outcome(chosen: Partial<Countermeasures>): Outcome {
    const { table, outgoing } = withCountermeasures(bitcoind093, chosen)
    const attacked = attack({ ...botnet, parameters: table }, 1)
    return { share: attacked.share, success: summarize(restarts(attacked, tries, outgoing)).mean }
  }

  const tries = 400
  const none = outcome({})

  test('nothing helps a node without any: it is lost', () => {
    expect(none.share).toBeGreaterThan(0.65)
    expect(none.success).toBeGreaterThan(0.6)
  })

  test('1: an attacker that comes again and again gains nothing by it', () => {
    const { share, success } = outcome({ deterministicEviction: true })
    expect(share).toBeLessThan(none.share - 0.1)
    expect(success).toBeLessThan(none.success)
  })

  test('2: patience gains nothing: what counts is the share of the table alone', () => {
    const { share, success } = outcome({ randomSelection: true })
    expect(share).toBeCloseTo(none.share, 1)
    const odds = share ** 8
    expect(Math.abs(success - odds)).toBeLessThan(3 * Math.sqrt((odds * (1 - odds)) / tries))
    expect(success).toBeLessThan(none.success / 3)
  })

  test('3: addresses that answer stay, so that the attacker gets hardly any of a table that is full of them', () => {
    const { share, success } = outcome({ testBeforeEvict: true })
    expect(share).toBeLessThan(0.02)
    expect(success).toBe(0)
  })

  test('6: four times the buckets are four times the honest addresses to push out', () => {
    const { share, success } = outcome({ moreBuckets: true })
    expect(share).toBeLessThan(none.share / 1.5)
    expect(success).toBeLessThan(none.success)
  })

  test('7: more connections are more that have to be captured', () => {
    const more = outcome({ randomSelection: true, moreOutgoing: true })
    const odds = more.share ** 12
    expect(Math.abs(more.success - odds)).toBeLessThan(3 * Math.sqrt((odds * (1 - odds)) / 200) + 0.005)
  })
})
