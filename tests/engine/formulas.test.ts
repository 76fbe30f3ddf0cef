import {
  availability,
  clientServerTime,
  distancesFrom,
  floodReach,
  fragmentAvailability,
  peerToPeerTime,
  replicationAvailability,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { regularTree } from '../support/small-graphs.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })

describe('the reach of a flood', () => {
  test('is how many nodes of an endless tree lie within so many hops', () => {
    for (const degree of [1, 2, 3, 4, 5]) {
      for (const ttl of [0, 1, 2, 3, 4]) {
        const distances = distancesFrom(regularTree(degree, ttl + 1), 0)
        expect(floodReach(degree, ttl)).toBe(distances.filter((hops) => hops > 0 && hops <= ttl).length)
      }
    }
    expect(floodReach(0, 7)).toBe(0)
  })

  test('refuses what is no degree or no time to live', () => {
    expect(() => floodReach(-1, 7)).toThrow('degree is -1')
    expect(() => floodReach(3, 256)).toThrow('ttl is 256; it must be a whole number from 0 to 255')
  })
})

describe('availability', () => {
  test('is the share of time that a node is up', () => {
    expect([availability(90, 10), availability(5, 5), availability(1, 0)]).toEqual([0.9, 0.5, 1])
  })

  test('refuses spans that cannot be', () => {
    expect(() => availability(0, 1)).toThrow('mean up is 0; it must be over 0')
    expect(() => availability(1, -1)).toThrow('mean down is -1')
  })
})

describe('fragments of which some are needed', () => {
  /** The sum over all 2^n combinations of up and down. */
  function enumerate(needed: number, total: number, up: number): number {
    let sum = 0
    for (let set = 0; set < 2 ** total; set++) {
      let [count, probability] = [0, 1]
      for (let i = 0; i < total; i++) {
        const isUp = ((set >> i) & 1) === 1
        if (isUp) count++
        probability *= isUp ? up : 1 - up
      }
      if (count >= needed) sum += probability
    }
    return sum
  }

  test('are enough with the sum of the probabilities of all cases in which they are', () => {
    fc.assert(
      fc.property(fc.nat(10), fc.nat(11), share, (total, any, up) => {
        const needed = any % (total + 2)
        expect(Math.abs(fragmentAvailability(needed, total, up) - enumerate(needed, total, up))).toBeLessThan(1e-13)
      }),
      cases(300),
    )
  })

  test('and too many missing are each other’s complement, to the last digits of the smaller', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), fc.nat(2000), share, (total, any, up) => {
        const needed = any % (total + 1)
        const both = fragmentAvailability(needed, total, up) + fragmentAvailability(total - needed + 1, total, 1 - up)
        expect(Math.abs(both - 1)).toBeLessThan(1e-12)
      }),
      cases(300),
    )
    // 17 or more of 32 down at 0.1: the leading term alone is C(32,17) 0.1^17 0.9^15.
    const small = fragmentAvailability(17, 32, 0.1)
    const leading = 565_722_720 * 0.1 ** 17 * 0.9 ** 15
    expect(small / leading).toBeGreaterThan(1)
    expect(small / leading).toBeLessThan(1.12)
  })

  test('are exact at the ends of the range, and do not overflow', () => {
    expect([fragmentAvailability(0, 5, 0), fragmentAvailability(6, 5, 1), fragmentAvailability(5, 5, 1)]).toEqual([
      1, 0, 1,
    ])
    expect([fragmentAvailability(1, 5, 0), fragmentAvailability(0, 0, 0.5)]).toEqual([0, 1])
    expect(fragmentAvailability(500_000, 999_999, 0.5)).toBeCloseTo(0.5, 10) // one half or the other
    expect(fragmentAvailability(1_000_000, 1_000_000, 0.5)).toBe(0)
    expect(Math.abs(fragmentAvailability(100, 100, 0.01) / 1e-200 - 1)).toBeLessThan(1e-12)
  })

  test('are replicas where one is enough', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 60 }), share, (replicas, up) => {
        expect(Math.abs(replicationAvailability(replicas, up) - (1 - (1 - up) ** replicas))).toBeLessThan(1e-13)
      }),
    )
  })

  test('refuse more than there are, and what is no probability', () => {
    expect(() => fragmentAvailability(7, 5, 0.5)).toThrow('needed is 7; it must be a whole number from 0 to 6')
    expect(() => fragmentAvailability(1, 5, 1.5)).toThrow('up is 1.5; it must be a number from 0 to 1')
    expect(() => fragmentAvailability(1, -1, 0.5)).toThrow('total is -1')
  })
})

describe('distributing a file', () => {
  const file = { fileSize: 100, peers: 10, serverUpload: 20, slowestDownload: 4 }

  test('from a server takes as long as all copies on its uplink, or as the slowest peer needs', () => {
    expect(clientServerTime(file)).toBe(50)
    expect(clientServerTime({ ...file, slowestDownload: 1 })).toBe(100)
    expect(clientServerTime({ fileSize: 100, peers: 10, serverUpload: 20 })).toBe(50)
  })

  test('among peers is bound by one copy from the server, by the slowest peer, and by all uplinks together', () => {
    expect(peerToPeerTime(file, 0)).toBe(50)
    expect(peerToPeerTime(file, 10)).toBeCloseTo(1000 / 30, 12)
    expect(peerToPeerTime(file, 1e9)).toBe(25)
    expect(peerToPeerTime({ ...file, slowestDownload: Infinity }, Infinity)).toBe(5)
  })

  test('among peers is never slower than from a server, and grows with the peers as long as they upload less than it', () => {
    const rate = fc.double({ min: 0.01, max: 1e6, noNaN: true })
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 1000 }), rate, rate, rate, (fileSize, peers, server, own, down) => {
        const some = { fileSize, peers, serverUpload: server, slowestDownload: down }
        const time = peerToPeerTime(some, peers * own)
        expect(time).toBeLessThanOrEqual(clientServerTime(some))
        const more = { ...some, peers: peers + 1 }
        expect(peerToPeerTime(more, (peers + 1) * own)).toBeGreaterThanOrEqual(time * (1 - 1e-12))
      }),
    )
  })

  test('refuses rates of nothing', () => {
    expect(() => clientServerTime({ ...file, serverUpload: 0 })).toThrow('server upload is 0; it must be over 0')
    expect(() => clientServerTime({ ...file, slowestDownload: NaN })).toThrow(
      'slowest download is NaN; it must be over 0',
    )
    expect(() => clientServerTime({ ...file, peers: 0 })).toThrow('peers is 0; it must be a whole number from 1')
    expect(() => peerToPeerTime({ ...file, fileSize: -1 }, 1)).toThrow('file size is -1')
    expect(() => peerToPeerTime(file, -1)).toThrow('peer upload is -1')
  })
})
