/**
 * libp2p/specs, gossipsub v1.0 and v1.1; go-libp2p-pubsub's defaults; ethereum/consensus-specs, phase 0, "The gossip
 * domain".
 */
import {
  ethereumBlockScoring,
  ethereumGossipSub,
  ethereumScoring,
  GossipSub,
  gossipSubDefaults,
  Simulation,
  star,
  uniformLatency,
  type Address,
  type Command,
  type GossipSubMessage,
  type Host,
} from '@peerlab/engine'
import { expect, test } from 'vitest'
import { expectExact, expectPublished, seeds } from './results.ts'

test('the defaults are those of v1.1 and of go-libp2p-pubsub', () => {
  expectExact({ quantity: 'GossipSub v1.1: parameters', source: 'libp2p/specs, go-libp2p-pubsub' }, gossipSubDefaults, {
    d: 6,
    dLow: 5,
    dHigh: 12,
    dScore: 4,
    dOut: 2,
    dLazy: 6,
    gossipFactor: 0.25,
    historyLength: 5,
    historyGossip: 3,
    heartbeatInterval: 1000,
    fanoutTtl: 60_000,
    pruneBackoff: 60_000,
    maxIHaveLength: 5000,
    seenTtl: 120_000,
  })
  const { d, dLow, dOut } = gossipSubDefaults
  expect(dOut < dLow && dOut <= d / 2).toBe(true)
})

test('the numbers of Ethereum are those of its consensus layer', () => {
  expectExact(
    { quantity: 'GossipSub in Ethereum: parameters', source: 'ethereum/consensus-specs' },
    ethereumGossipSub,
    {
      d: 8,
      dLow: 6,
      dHigh: 12,
      dLazy: 6,
      heartbeatInterval: 700,
      historyLength: 6,
      historyGossip: 3,
      fanoutTtl: 60_000,
      seenTtl: 2 * 32 * 12_000,
    },
  )
})

/** The share of the peers outside of the mesh that one node tells nothing of its message, on all heartbeats. */
function untold(seed: number): number {
  // A multiple of 4 stays outside of the mesh of 6, so that a quarter of it is a whole number.
  const size = 1 + 6 + 400
  let hub: GossipSub | undefined
  const told = new Set<number>()
  const simulation = new Simulation({
    seed,
    topology: star(size),
    latency: uniformLatency(20, 80),
    protocol: (host, node) => {
      const protocol = new GossipSub(host as unknown as Host<GossipSubMessage>, { floodPublish: false })
      if (node === 0) hub = protocol
      return protocol as never
    },
  })
  simulation.runUntil(20_000)
  simulation.observe({
    onSend: (_time, from, to, message) => {
      if (from === 0 && message.type === 'ihave') told.add(to)
    },
  })
  const mesh = hub!.meshOf('news').length
  simulation.command(0, { type: 'publish', id: 'm', payload: seed } as Command)
  simulation.runUntil(30_000)
  return 1 - told.size / (size - 1 - mesh)
}

test('a peer gets no IHAVE in three rounds at a gossip factor of 1/4 with probability (3/4)³ (v1.1)', () => {
  const quantity = 'GossipSub: no IHAVE in three rounds'
  expectPublished(
    { quantity, source: 'libp2p/specs, gossipsub v1.1', published: 27 / 64, tolerance: 0.01 },
    seeds(200, 25).map(untold),
  )
})

test('a decay of 0.97 makes 116.4 of 120 first deliveries: the 110.4 that the text of v1.1 prints is a slip', () => {
  // Only P2 counts, and it counts as it is.
  const topic = {
    ...ethereumBlockScoring,
    topicWeight: 1,
    timeInMeshWeight: 0,
    meshMessageDeliveriesWeight: 0,
    firstMessageDeliveriesDecay: 0.97,
    firstMessageDeliveriesCap: 1000,
  }
  const scoring = { ...ethereumScoring({ news: topic }), topicScoreCap: 0, decayInterval: 1000 }
  let node: GossipSub | undefined
  const simulation = new Simulation({
    seed: 1,
    topology: star(2),
    protocol: (host, index) => {
      const protocol = new GossipSub(host as unknown as Host<GossipSubMessage>, { scoring, timing: 'rounds' })
      if (index === 0) node = protocol
      return protocol as never
    },
  })
  simulation.runUntil(5100)
  for (let i = 0; i < 120; i++) {
    const message: GossipSubMessage = { type: 'publish', topic: 'news', id: `m${i}`, payload: i }
    simulation.inject(1, 0, message)
  }
  const peer = simulation.addresses.addressOf(1)
  const scoreAt = (time: number, of: Address): number => {
    simulation.runUntil(time)
    return node!.scoreOf(of)
  }
  expect(scoreAt(5900, peer)).toBe(120)
  expectPublished(
    {
      quantity: 'GossipSub: 120 first deliveries after one decay of 0.97',
      source: 'libp2p/specs, gossipsub v1.1',
      published: 116.4,
      tolerance: 1e-10,
    },
    [scoreAt(6100, peer)],
  )
})
