/**
 * What limits floods. The token bucket is arithmetic, and exact; the limits are those of Bitcoin Core (net_processing.cpp),
 * of libp2p (go-libp2p, connmgr and rcmgr) and of go-ethereum (p2p/discover/table.go, p2p/server.go).
 */
import {
  bitcoinAddressRate,
  deriveStream,
  endpointOf,
  gethDialed,
  GethTable,
  libp2pBaseLimits,
  libp2pWatermarks,
  TokenBucket,
} from '@peerlab/engine'
import { expect, test } from 'vitest'
import { expectExact, expectPublished, seeds } from './results.ts'

const second = 1000
const gethSource = 'Marcus et al. 2018; go-ethereum'

// Rates in tokens a second; packets come evenly, one token each, the first at 0.
for (const { burst, rate, offered } of [
  { burst: 100, rate: 10, offered: 20 },
  { burst: 1000, rate: 100, offered: 500 },
  { burst: 64, rate: 1, offered: 1000 },
  { burst: 500, rate: 250, offered: 1000 },
]) {
  const lasts = burst / (offered - rate)
  test(`a burst of ${offered}/s through a bucket of ${burst} and ${rate}/s lasts ${lasts.toFixed(3)} s, to the token`, () => {
    const bucket = new TokenBucket({ burst, tokens: rate, per: second })
    let passed = 0
    while (bucket.take((passed * second) / offered)) passed++
    // The packet of number i (from 0) is the first too much when i + 1 > b + r · i / R.
    expect(passed).toBe(Math.floor(((burst - 1) * offered) / (offered - rate)) + 1)
    // b / (R - r) is for a fluid; here the last token is whole or not there.
    expectPublished(
      {
        quantity: `token bucket: how long a burst of ${offered}/s lasts, b = ${burst}, r = ${rate}/s, in s`,
        source: 'b / (R - r)',
        published: lasts,
        tolerance: 1 / (offered - rate),
      },
      [passed / offered],
    )
  })

  test(`a flood of ${offered}/s gets b + r·t of it through, b = ${burst}, r = ${rate}/s`, () => {
    const bucket = new TokenBucket({ burst, tokens: rate, per: second })
    let passed = 0
    for (let i = 0; i <= 100 * offered; i++) if (bucket.take((i * second) / offered)) passed++
    expectExact(
      { quantity: `token bucket: passed in 100 s of ${offered}/s, b = ${burst}, r = ${rate}/s`, source: 'b + r·t' },
      { tokens: passed },
      { tokens: burst + rate * 100 },
    )
  })
}

test('Bitcoin Core looks at 0.1 addresses a second of one peer, and at 1000 at once', () => {
  const { burst, tokens, per, initial } = bitcoinAddressRate
  expectExact(
    { quantity: 'addresses that Bitcoin Core takes of a peer', source: 'net_processing.cpp' },
    { perSecond: tokens / (per / second), cap: burst, initial },
    { perSecond: 0.1, cap: 1000, initial: 1 },
  )
  const bucket = new TokenBucket(bitcoinAddressRate)
  let passed = 0
  for (let now = 0; now <= 86_400 * second; now += second) while (bucket.take(now)) passed++
  expect(passed).toBe(1 + 8640)
  expect(bucket.available(10 * 86_400 * second)).toBe(1000)
})

test('libp2p keeps 160 to 192 connections, and has the base limits of its resource manager', () => {
  const { low, high } = libp2pWatermarks
  expectExact({ quantity: 'libp2p: watermarks', source: 'go-libp2p, connmgr' }, { low, high }, { low: 160, high: 192 })
  const { system, perPeer } = libp2pBaseLimits
  const source = 'go-libp2p, rcmgr'
  expectExact(
    { quantity: 'libp2p: base limits of the system', source },
    { ...system, mebibytes: system.memory / 2 ** 20 },
    { inboundConnections: 64, outboundConnections: 128, connections: 128, streams: 2048, mebibytes: 128 },
  )
  expectExact(
    { quantity: 'libp2p: base limits of a peer', source },
    { ...perPeer, mebibytes: perPeer.memory / 2 ** 20 },
    { connections: 8, streams: 512, mebibytes: 64 },
  )
})

test('geth has at most 10 nodes of a /24 in its table and 2 in a bucket, whatever ids are tried', () => {
  const most = { inTable: 0, inBucket: 0 }
  for (const seed of seeds(50, 5)) {
    const random = deriveStream(seed, 'ids')
    const table = new GethTable(Uint8Array.from({ length: 32 }, () => random.integer(256)))
    for (let i = 0; i < 20_000; i++) {
      // An attacker makes keys until the id is as close as it likes.
      const bit = random.integer(20)
      const id = table.self.map((byte, at) => (at > bit >> 3 ? random.integer(256) : byte))
      id[bit >> 3]! ^= 0x80 >> (bit & 7)
      table.add({ id, endpoint: endpointOf(`45.6.7.${random.integer(256)}:${1 + random.integer(65_535)}`) })
    }
    expect(table.nodes.length).toBe(10)
    const inBuckets = Array.from({ length: 17 }, (_, i) => table.bucket(i).nodes.length)
    most.inTable = Math.max(most.inTable, table.nodes.length)
    most.inBucket = Math.max(most.inBucket, ...inBuckets)
  }
  expectExact({ quantity: 'geth: most nodes of a /24', source: gethSource }, most, { inTable: 10, inBucket: 2 })
})

test('geth dials MaxPeers / 3', () => {
  expectExact(
    { quantity: 'geth: dialed of MaxPeers', source: gethSource },
    { of50: gethDialed(50), of25: gethDialed(25) },
    { of50: 16, of25: 8 },
  )
})
