import {
  assignRegions,
  bitcoinRegions2019,
  CounterHash,
  meanRegionalLatency,
  regionalLatency,
  type RegionTable,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

const table: RegionTable = {
  names: ['here', 'there', 'nowhere'],
  shares: [0.25, 0.75, 0],
  latencies: [
    [10, 60, 100],
    [70, 20.5, 100],
    [100, 100, 100],
  ],
}

describe('the table of Bitcoin in 2019', () => {
  test('has six regions, shares that add up to 1, and the same latency in both directions', () => {
    const { names, shares, latencies } = bitcoinRegions2019
    expect(names.length).toBe(6)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
    for (const [from, row] of latencies.entries()) {
      for (const [to, latency] of row.entries()) expect(latency).toBe(latencies[to]![from])
    }
  })
})

describe('the region of a node', () => {
  test('comes from the seed, and one more node changes no other', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 300 }), (seed, size) => {
        const regions = assignRegions(size, seed, bitcoinRegions2019)
        expect([...assignRegions(size + 1, seed, bitcoinRegions2019).subarray(0, size)]).toEqual([...regions])
      }),
      cases(50),
    )
    expect(assignRegions(100, 1, table)).not.toEqual(assignRegions(100, 2, table))
  })

  test('is each region with its share', () => {
    const size = 50_000
    const counts = new Array<number>(6).fill(0)
    for (const region of assignRegions(size, 3, bitcoinRegions2019)) counts[region]!++
    for (const [region, share] of bitcoinRegions2019.shares.entries()) {
      expect(Math.abs(counts[region]! / size - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / size))
    }
  })

  test('is never one without a share, even where rounding leaves something over', () => {
    const thirds: RegionTable = { ...table, shares: [1 / 3, 2 / 3 - 5e-10, 0] }
    expect(assignRegions(20_000, 1, thirds).includes(2)).toBe(false)
    expect(new Set(assignRegions(1000, 1, { ...table, shares: [0, 1, 0] }))).toEqual(new Set([1]))
  })
})

describe('latency by region', () => {
  const regions = Uint8Array.of(0, 0, 1, 1, 2)

  test('is what the table says from the sender’s to the receiver’s region', () => {
    const model = regionalLatency({ regions, table })
    for (let from = 0; from < 5; from++) {
      for (let to = 0; to < 5; to++) {
        const expected = table.latencies[regions[from]!]![regions[to]!]! * 1000
        expect(model.micros(from, to, () => 0.5)).toBe(expected)
      }
    }
  })

  test('with jitter has the table’s mean, at least the mean less the jitter, and a Pareto tail', () => {
    const count = 50_000
    const model = regionalLatency({ regions, table, jitter: 3 })
    const draws = new CounterHash(9, 'jitter')
    for (const [from, to, mean] of [
      [0, 1, 10],
      [0, 2, 60],
      [2, 0, 70],
    ] as const) {
      const values = Array.from({ length: count }, (_, packet) =>
        model.micros(from, to, () => draws.uniform(from, packet)),
      ).map((micros) => micros / 1000)
      const [least, shape] = [mean - 3, mean / 3]
      expect(Math.min(...values)).toBeGreaterThanOrEqual(least)
      const deviation = (least / (shape - 1)) * Math.sqrt(shape / (shape - 2))
      const average = values.reduce((sum, value) => sum + value, 0) / count
      expect(Math.abs(average - mean)).toBeLessThan((4 * deviation) / Math.sqrt(count))
      for (const tail of [0.5, 0.1, 0.01]) {
        const bound = least * Math.pow(tail, -1 / shape)
        const share = values.filter((value) => value > bound).length / count
        expect(Math.abs(share - tail)).toBeLessThan(4 * Math.sqrt((tail * (1 - tail)) / count))
      }
    }
  })

  test('is in whole microseconds, and finite for every draw', () => {
    const model = regionalLatency({ regions, table, jitter: 9.999 })
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 53n - 1n), fc.nat(4), fc.nat(4), (cell, from, to) => {
        const micros = model.micros(from, to, () => Number(cell) / 2 ** 53)
        expect(Number.isInteger(micros) && micros >= 0 && micros <= 1e15).toBe(true)
      }),
    )
    expect(model.micros(0, 0, () => 0)).toBe(1)
    expect(model.micros(0, 0, () => 1 - 1 / 2 ** 53)).toBeLessThanOrEqual(1e15)
  })

  test('is on average the table, weighted by the shares', () => {
    const expected = 0.25 * 0.25 * 10 + 0.25 * 0.75 * (60 + 70) + 0.75 * 0.75 * 20.5
    expect(meanRegionalLatency(table)).toBeCloseTo(expected, 12)
  })
})

describe('a mistake in a table is refused with what is wrong:', () => {
  const regions = [0]

  test.each<[string, Partial<RegionTable>, string]>([
    ['no region', { names: [] }, 'number of regions is 0; it must be a whole number from 1 to 256'],
    ['a share is missing', { shares: [1] }, 'region table: 3 names need 3 shares and 3 rows of 3 latencies'],
    ['a row is missing', { latencies: table.latencies.slice(1) }, 'region table: 3 names need'],
    ['a row is short', { latencies: [[1, 2, 3], [1, 2, 3], [1]] }, 'region table: 3 names need'],
    ['shares of more than all', { shares: [0.5, 0.6, 0] }, 'the shares add up to 1.1; they must add up to 1'],
    ['a negative share', { shares: [-0.5, 1.5, 0] }, 'share of here is -0.5; it must be a number from 0 to 1'],
    ['a negative latency', { latencies: table.latencies.map((row) => row.map(() => -1)) }, 'latency (ms) is -1'],
  ])('%s', (_name, mistake, message) => {
    expect(() => regionalLatency({ regions, table: { ...table, ...mistake } })).toThrow(message)
    expect(() => assignRegions(1, 1, { ...table, ...mistake })).toThrow(message)
    expect(() => meanRegionalLatency({ ...table, ...mistake })).toThrow(message)
  })

  test('a region that the table does not have, a node without one, and too much jitter', () => {
    expect(() => regionalLatency({ regions: [0, 3], table })).toThrow(
      'region of node 1 is 3; it must be a whole number',
    )
    expect(() => regionalLatency({ regions: [-1], table })).toThrow('region of node 0 is -1')
    expect(() => regionalLatency({ regions: [0, 1], table }).micros(0, 2, () => 0)).toThrow(
      'link 0 → 2: regions lists 2 nodes; assign a region to every node',
    )
    expect(() => regionalLatency({ regions, table, jitter: 10 })).toThrow(
      'jitter is 10 ms; it must be under the least latency of the table, 10 ms',
    )
    expect(() => regionalLatency({ regions, table, jitter: -1 })).toThrow('jitter (ms) is -1')
  })
})
