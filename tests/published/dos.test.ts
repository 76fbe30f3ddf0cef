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
import { seeds } from './results.ts'

const second = 1000

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
    expect(Math.abs(passed / offered - lasts)).toBeLessThanOrEqual(1 / (offered - rate))
  })

  test(`a flood of ${offered}/s gets b + r·t of it through, b = ${burst}, r = ${rate}/s`, () => {
    const bucket = new TokenBucket({ burst, tokens: rate, per: second })
    let passed = 0
    for (let i = 0; i <= 100 * offered; i++) if (bucket.take((i * second) / offered)) passed++
    expect(passed).toBe(burst + rate * 100)
  })
}

test('Bitcoin Core looks at 0.1 addresses a second of one peer, and at 1000 at once', () => {
  const { burst, tokens, per, initial } = bitcoinAddressRate
  expect([burst, tokens / (per / second), initial]).toEqual([1000, 0.1, 1])
  const bucket = new TokenBucket(bitcoinAddressRate)
  let passed = 0
  for (let now = 0; now <= 86_400 * second; now += second) while (bucket.take(now)) passed++
  expect(passed).toBe(1 + 8640)
  expect(bucket.available(10 * 86_400 * second)).toBe(1000)
})

test('libp2p keeps 160 to 192 connections, and has the base limits of its resource manager', () => {
  expect([libp2pWatermarks.low, libp2pWatermarks.high]).toEqual([160, 192])
  const { system, perPeer } = libp2pBaseLimits
  const { inboundConnections, outboundConnections, connections, streams, memory } = system
  expect([inboundConnections, outboundConnections, connections]).toEqual([64, 128, 128])
  expect([streams, memory / 2 ** 20]).toEqual([2048, 128])
  expect([perPeer.connections, perPeer.streams, perPeer.memory / 2 ** 20]).toEqual([8, 512, 64])
})

test('geth has at most 10 nodes of a /24 in its table and 2 in a bucket, whatever ids are tried', () => {
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
    expect(Math.max(...Array.from({ length: 17 }, (_, i) => table.bucket(i).nodes.length))).toBeLessThanOrEqual(2)
  }
})

test('geth dials MaxPeers / 3', () => {
  expect([gethDialed(50), gethDialed(25)]).toEqual([16, 8])
})
