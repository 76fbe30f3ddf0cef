/**
 * Latency by region: nodes live in regions of the world, and a packet's way depends on the two regions. The table of
 * Bitcoin in 2019 is the one that SimBlock comes with: Aoki et al., "SimBlock: a blockchain network simulator", 2019
 * (https://github.com/dsg-titech/simblock). A node's region is drawn from the seed, independently of all other nodes.
 */
import { CounterHash } from './counter-hash.ts'
import { checkInteger, checkNumber } from './errors.ts'
import { exp, ln } from './exact-math.ts'
import { maxMicros, type LatencyModel } from './latency.ts'
import { toMicros, toMillis, type Millis } from './time.ts'
import { checkSize } from './topology.ts'

export interface RegionTable {
  /** 1 to 256 of them. A region's number is its place here. */
  readonly names: readonly string[]
  /** Which share of all nodes lives in each region, 0 to 1; they add up to 1. */
  readonly shares: readonly number[]
  /** Mean one-way latency, by the sender's region and then the receiver's. */
  readonly latencies: readonly (readonly Millis[])[]
}

/** The reachable nodes of Bitcoin in 2019, and mean latencies between their regions in that year, as in SimBlock. */
export const bitcoinRegions2019: RegionTable = {
  names: ['North America', 'Europe', 'South America', 'Asia-Pacific', 'Japan', 'Australia'],
  shares: [0.3316, 0.4998, 0.009, 0.1177, 0.0224, 0.0195],
  latencies: [
    [32, 124, 184, 198, 151, 189],
    [124, 11, 227, 237, 252, 294],
    [184, 227, 88, 325, 301, 322],
    [198, 237, 325, 85, 58, 198],
    [151, 252, 301, 58, 12, 126],
    [189, 294, 322, 198, 126, 16],
  ],
}

/** The region number of each node. One more node changes no other node's region. */
export function assignRegions(size: number, seed: number, table: RegionTable): Uint8Array {
  checkSize(size)
  checkTable(table)
  const draws = new CounterHash(seed, 'region')
  return Uint8Array.from({ length: size }, (_, node) => {
    let left = draws.uniform(node, 0)
    let region = 0
    let lastPossible = 0 // where shares that add up to a hair less than 1 leave something over
    for (; region < table.shares.length; region++) {
      const share = table.shares[region]!
      if (left < share) return region
      if (share > 0) lastPossible = region
      left -= share
    }
    return lastPossible
  })
}

export interface RegionalLatencyOptions {
  /** The region number of each node; {@link assignRegions} draws them. */
  readonly regions: ArrayLike<number>
  readonly table: RegionTable
  /**
   * How far the mean latency lies over the least, which is all that varies: a Pareto distribution with the table's mean,
   * as in SimBlock, which has 5 ms. Under every latency of the table. Default 0: no packet differs from the mean.
   */
  readonly jitter?: Millis
}

/** A packet takes what the table says for the regions of its sender and its receiver. */
export function regionalLatency({ regions, table, jitter = 0 }: RegionalLatencyOptions): LatencyModel {
  const count = checkTable(table)
  for (let node = 0; node < regions.length; node++) {
    const region = regions[node]!
    if (!(Number.isInteger(region) && region >= 0 && region < count)) {
      checkInteger(`region of node ${node}`, region, { min: 0, max: count - 1 })
    }
  }
  const means = Float64Array.from(table.latencies.flat(), (latency) => toMicros('latency', latency))
  const slack = toMicros('jitter', jitter)
  const least = Math.min(...means)
  if (slack > 0 && slack >= least) {
    throw new RangeError(
      `jitter is ${jitter} ms; it must be under the least latency of the table, ${toMillis(least)} ms`,
    )
  }
  const meanOf = (from: number, to: number): number => {
    const mean = means[regions[from]! * count + regions[to]!]
    if (mean !== undefined) return mean
    throw new RangeError(`link ${from} → ${to}: regions lists ${regions.length} nodes; assign a region to every node`)
  }
  if (slack === 0) return { micros: meanOf }
  return {
    micros(from, to, draw) {
      const mean = meanOf(from, to)
      // Scale m - j and shape m/j: then the mean, scale · shape / (shape - 1), is m again.
      return Math.min(Math.round((mean - slack) * exp((-slack / mean) * ln(1 - draw()))), maxMicros)
    },
  }
}

/** The mean one-way latency between two nodes that are picked at random: the table's means, weighted by the shares. */
export function meanRegionalLatency(table: RegionTable): Millis {
  checkTable(table)
  const { shares, latencies } = table
  let sum = 0
  for (const [from, row] of latencies.entries()) {
    for (const [to, latency] of row.entries()) sum += shares[from]! * shares[to]! * latency
  }
  return sum
}

/** Returns how many regions there are. */
function checkTable({ names, shares, latencies }: RegionTable): number {
  const count = checkInteger('number of regions', names.length, { min: 1, max: 256 })
  const isSquare = latencies.length === count && latencies.every((row) => row.length === count)
  if (shares.length !== count || !isSquare) {
    throw new RangeError(`region table: ${count} names need ${count} shares and ${count} rows of ${count} latencies`)
  }
  let sum = 0
  for (const [region, share] of shares.entries())
    sum += checkNumber(`share of ${names[region]}`, share, { min: 0, max: 1 })
  if (Math.abs(sum - 1) > 1e-9) throw new RangeError(`region table: the shares add up to ${sum}; they must add up to 1`)
  for (const row of latencies) for (const latency of row) toMicros('latency', latency)
  return count
}
