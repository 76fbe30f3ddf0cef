/**
 * Heilman, Kendler, Zohar, Goldberg, "Eclipse Attacks on Bitcoin's Peer-to-Peer Network", USENIX Security 2015. The
 * table is the real one; the attack is rounds of connections to it. What the paper calls the predicted success is its
 * formula of section 3.3, with the share of the tried table that the attacker has after the attack (see predictedEclipse).
 */
import {
  bitcoinCore,
  bitcoind093,
  bucketsReached,
  captureOdds,
  groupedEndpoints,
  predictedEclipse,
  randomEndpoint,
  trashEndpoint,
  type Ipv4Endpoint,
} from '@peerlab/engine'
import { expect, test } from 'vitest'
import { connect, connectAtRandom, hour, minute, restarted, tableUnderTest } from '../support/address-table.ts'
import { attack, restarts } from '../support/eclipse.ts'
import { expectExact, expectProbability, expectPublished, isFull, mean, seeds, standardError } from './results.ts'

const source = 'Heilman et al. 2015'

for (const [groups, buckets] of [
  [20, 45.84],
  [32, 55.47],
  [67, 63.06],
] as const) {
  test(`${groups} groups reach ${buckets} of the 64 tried buckets`, () => {
    const reached = seeds(300, 30).map((seed) => {
      const run = tableUnderTest({}, seed)
      for (const address of groupedEndpoints(run.random, { groups, perGroup: 40 })) connect(run, address)
      return run.table.store.tried.occupied
    })
    expectPublished(
      { quantity: `eclipse: tried buckets reached, s = ${groups}`, source, published: buckets, tolerance: 0.3 },
      reached,
    )
    expect(Math.abs(bucketsReached(groups) - buckets)).toBeLessThan(0.005)
  })
}

for (const share of [0.7, 0.9, 0.987]) {
  const odds = captureOdds(share)
  test(`with uniform selection and ${share} of the table, all eight are captured with probability ${odds.toFixed(3)}`, () => {
    // A tried table that is full, and nothing in new.
    const run = tableUnderTest({ selection: 'uniform' })
    const addresses: Ipv4Endpoint[] = []
    while (addresses.length < 4096) {
      const address = randomEndpoint(run.random, 8333)
      if (run.table.store.tried.isFull(run.table.store.placement.triedBucket(address))) continue
      connect(run, address)
      addresses.push(address)
    }
    const attackers = new Set(run.random.sample(addresses, Math.round(share * 4096)))
    const { table } = restarted(run)
    const captured = seeds(20_000, 3000).map(() => {
      for (let outgoing = 0; outgoing < 8; outgoing++) if (!attackers.has(table.select({ outgoing })!)) return 0
      return 1
    })
    expectProbability(
      { quantity: `eclipse: f^8 under uniform selection, f = ${share}`, source, published: odds },
      captured,
    )
  })
}

for (const outgoing of [0, 4, 7]) {
  test(`the choice between tried and new prefers new the more, the more connections there are: ${outgoing}`, () => {
    const run = tableUnderTest()
    connectAtRandom(run, 400)
    for (let i = 0; i < 100; i++) run.table.add(trashEndpoint(run.random), randomEndpoint(run.random, 8333), 0)
    const root = Math.sqrt(run.table.triedCount / run.table.newCount) * (9 - outgoing)
    const isTried = seeds(100_000, 5000).map(() => (run.table.find(run.table.select({ outgoing })!)!.inTried ? 1 : 0))
    expectProbability(
      { quantity: `bitcoind 0.9.3: P(tried), ω = ${outgoing}`, source, published: root / (outgoing + 1 + root) },
      isTried,
    )
  })
}

test('90 % of success with uniform selection needs 0.987 of the table', () => {
  expect(captureOdds(0.987)).toBeGreaterThanOrEqual(0.9)
  expect(captureOdds(0.986)).toBeLessThan(0.9)
})

test('with fresh addresses preferred, 0.72 of the table is enough for 90 % after 48 hours (section 3.3)', () => {
  const situation = { share: 0.72, connectedShare: 8 / 4096, round: 27 * minute, duration: 48 * hour }
  expect(Math.abs(predictedEclipse(situation) - 0.9)).toBeLessThan(0.02)
})

test('for 0.98 of the table, 5 hours and rounds of 26 minutes the formula gives 0.94', () => {
  const situation = { share: 0.98, connectedShare: 8 / 4096, round: 26 * minute, duration: 5 * hour }
  expect(predictedEclipse(situation)).toBeCloseTo(0.94, 2)
})

const full = 12_000 // connections at random leave no room in any of the buckets

// `filled` is what the paper expects in section 4. The reference allows ten points of success; the paper prints whole per
// cents, which is half a point more. The botnet's 0.84 is another matter: for 0.98 of the table, its own number, the
// paper's own formula gives 0.94. So does the table here, and it was left at that; the test says by how much they differ.
const tolerance = 0.1 + 0.005
const attacks = [
  {
    name: 'a provider with 32 groups of 256 addresses, after 10 hours, the table full',
    attack: { groups: 32, perGroup: 256, round: 43 * minute, duration: 10 * hour, honest: full },
    filled: { share: 0.86, tolerance: 0.03 },
    predicted: { success: 0.87, tolerance },
    seeds: [100, 5],
  },
  {
    name: 'a botnet with 2300 groups of 2 addresses, after 5 hours, the table full',
    attack: { groups: 2300, perGroup: 2, round: 26 * minute, duration: 5 * hour, honest: full },
    filled: { share: 0.98, tolerance: 0.005 },
    predicted: { success: 0.84, tolerance: 0.11 },
    seeds: [100, 5],
  },
  {
    name: 'a botnet of 400 against a table as they really are, with 278 addresses, after an hour',
    attack: { groups: 400, perGroup: 1, round: 90_000, duration: hour, honest: 278 },
    filled: undefined,
    predicted: { success: 0.34, tolerance },
    seeds: [100, 20],
  },
] as const

for (const {
  name,
  attack: setup,
  filled,
  predicted,
  seeds: [inFull, sampled],
} of attacks) {
  test(`${name}, succeeds with ${predicted.success} (Table 2)`, () => {
    const attacked = seeds(inFull, sampled).map((seed) => attack(setup, seed))
    const shares = attacked.map(({ share }) => share)
    if (filled !== undefined) {
      const { share: published, tolerance } = filled
      expectPublished({ quantity: `eclipse: share of tried, ${name}`, source, published, tolerance }, shares)
    }
    const predictions = attacked.map((each) => each.predicted)
    const { success: published, tolerance } = predicted
    const quantity = `eclipse: predicted success, ${name}`
    expectPublished({ quantity, source: `${source}, table 2`, published, tolerance }, predictions)
    // And what is predicted is a lower bound, as the paper says: ages are taken at their worst.
    const tries = isFull ? 50 : 40
    const wins = attacked.flatMap((each) => restarts(each, tries))
    expect(mean(wins) + 3 * standardError(wins)).toBeGreaterThanOrEqual(mean(predictions))
  })
}

test('bitcoind 0.9.3 has the tables and connections of the paper', () => {
  const { table, outgoing, incoming } = bitcoind093
  expectExact(
    { quantity: 'bitcoind 0.9.3: constants', source },
    { ...table, outgoing, incoming },
    { triedBuckets: 64, newBuckets: 256, bucketSize: 64, triedBucketsPerGroup: 4, outgoing: 8, incoming: 117 },
  )
})

test('Bitcoin Core has the constants of addrman and net.h', () => {
  const { table, outgoing, blockOnly, incoming, anchors, feelerInterval } = bitcoinCore
  const feelers = 1
  const connections = outgoing + blockOnly + feelers + incoming
  expectExact(
    { quantity: 'Bitcoin Core: constants', source: 'addrman.h, net.h' },
    { ...table, outgoing, blockOnly, anchors, feelerInterval, connections },
    {
      triedBuckets: 256,
      newBuckets: 1024,
      bucketSize: 64,
      triedBucketsPerGroup: 8,
      newBucketsPerSourceGroup: 64,
      maxNewPositions: 8,
      horizon: 30 * 24 * hour,
      outgoing: 8,
      blockOnly: 2,
      anchors: 2,
      feelerInterval: 2 * minute,
      connections: 125,
    },
  )
})
