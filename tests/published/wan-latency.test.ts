/**
 * The WAN fixture: mean one-way latencies between six regions and the share of Bitcoin's nodes in each, 2019, as in
 * SimBlock (Aoki et al., 2019). Between two random nodes they make a mean that follows from the table alone; packets in
 * a simulation have to take that long, with and without SimBlock's jitter.
 */
import {
  assignRegions,
  bitcoinRegions2019,
  deriveStream,
  meanRegionalLatency,
  regionalLatency,
  ring,
  Simulation,
  type Address,
} from '@peerlab/engine'
import { expect, test } from 'vitest'
import { node } from '../support/nodes.ts'
import { expectExact, expectPublished, mean, seeds } from './results.ts'

const source = 'SimBlock; Aoki et al. 2019'
const size = 4000
const packetsEach = 5

// Upper triangle by row, and shares, as published.
const triangle = [
  [32, 124, 184, 198, 151, 189],
  [11, 227, 237, 252, 294],
  [88, 325, 301, 322],
  [85, 58, 198],
  [12, 126],
  [16],
]
const shares = [0.3316, 0.4998, 0.009, 0.1177, 0.0224, 0.0195]

/** The mean over all packets that nodes send to random others. */
function measuredMean(seed: number, jitter: number): number {
  const random = deriveStream(seed, 'targets')
  const simulation = new Simulation({
    seed,
    topology: ring(size),
    protocol: node(() => ({
      onStart: (host) => {
        for (let i = 0; i < packetsEach; i++) host.send(random.integer(size) as Address, { type: 'probe' })
      },
    })),
    latency: regionalLatency({
      regions: assignRegions(size, seed, bitcoinRegions2019),
      table: bitcoinRegions2019,
      jitter,
    }),
  })
  const taken: number[] = []
  simulation.observe({ onSend: (time, _from, _to, _message, arrival) => void taken.push(arrival - time) })
  simulation.run()
  return mean(taken)
}

/** Σ p_i p_j L_ij, straight from the published triangle. */
function computedMean(): number {
  let sum = 0
  for (const [from, row] of triangle.entries()) {
    for (const [i, latency] of row.entries()) sum += (i === 0 ? 1 : 2) * shares[from]! * shares[from + i]! * latency
  }
  return sum
}

test('the table has the published latencies and shares', () => {
  const { latencies, shares: ours } = bitcoinRegions2019
  const inText = (rows: readonly (readonly number[])[]): string => rows.map((row) => row.join(' ')).join(' / ')
  expectExact(
    { quantity: 'WAN: latencies between six regions in ms, and their shares of the nodes', source },
    { latencies: inText(latencies.map((row, from) => row.slice(from))), shares: ours.join(' ') },
    { latencies: inText(triangle), shares: shares.join(' ') },
  )
  // As long in the other direction.
  for (const [from, row] of triangle.entries()) {
    for (const [i, latency] of row.entries()) expect(latencies[from + i]![from]).toBe(latency)
  }
})

for (const jitter of [0, 5]) {
  test(`a packet between random nodes takes what the table says on average, with ${jitter} ms of jitter`, () => {
    const expected = computedMean()
    expect(meanRegionalLatency(bitcoinRegions2019)).toBeCloseTo(expected, 10)
    const measured = seeds(100, 12).map((seed) => measuredMean(seed, jitter))
    expectPublished(
      {
        quantity: `WAN: mean latency between random nodes, jitter ${jitter} ms, in ms`,
        source,
        published: expected,
        tolerance: 0.005 * expected,
      },
      measured,
    )
  })
}
