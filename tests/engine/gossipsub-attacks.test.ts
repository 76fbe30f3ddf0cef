import {
  ethereumBlockScoring,
  ethereumScoring,
  partition,
  star,
  topologyFromEdges,
  type GossipSubOptions,
  type Scoring,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { actor, addressOf, GossipSubNetwork } from '../support/gossipsub.ts'

const scoring: Scoring = ethereumScoring({ news: ethereumBlockScoring })

describe('a spammer', () => {
  const validate: GossipSubOptions['validate'] = (_topic, payload) => (payload === 'spam' ? 'reject' : 'accept')

  test('loses score with every invalid message, is pruned at once and graylisted in the end', () => {
    const steady = { ...scoring, decayInterval: 3_600_000 }
    const network = new GossipSubNetwork({ options: { scoring: steady, validate }, otherNodes: [0], others: actor() })
    network.runUntil(5000)
    const victim = network.simulation.topology.neighbors(0)[0]!
    network.inject(0, victim, { type: 'graft', number: 2, topic: 'news' })
    expect(network.runUntil(5500).meshOf(victim)).toContain(0)
    const scores: number[] = []
    for (let i = 0; i < 25; i++) {
      network.inject(0, victim, { type: 'publish', topic: 'news', id: `spam ${i}`, payload: 'spam' })
      network.runUntil(5600 + i * 100)
      scores.push(network.node(victim).scoreOf(addressOf(0)))
    }
    network.runUntil(9500)
    expect(network.meshOf(victim)).not.toContain(0)
    const graylistedFrom = scores.findIndex((score) => score < -16_000)
    // 0.5 · 99 · n² passes 16,000 at the 18th message, and from there on nothing is read.
    expect(scores.slice(0, 18)).toEqual(Array.from({ length: 18 }, (_, i) => 0.5 * -99 * (i + 1) ** 2))
    expect(graylistedFrom).toBe(17)
    expect(new Set(scores.slice(17)).size).toBe(1)
    expect(network.reported('graylisted', victim).length).toBeGreaterThanOrEqual(7)
    expect(network.reported('refused', victim).length).toBe(18)
  })

  test('is penalized for each time that it sends the same spam, and so is whoever else sends it', () => {
    const topology = star(3)
    const steady = { ...scoring, decayInterval: 3_600_000 }
    const options = { scoring: steady, validate }
    const network = new GossipSubNetwork({ topology, options, otherNodes: [1, 2], others: actor() }).runUntil(1500)
    for (const node of [1, 1, 1, 2]) {
      network.inject(node, 0, { type: 'publish', topic: 'news', id: 'spam', payload: 'spam' })
    }
    network.runUntil(1900)
    expect(network.node(0).scoreOf(addressOf(1))).toBe(0.5 * -99 * 9)
    expect(network.node(0).scoreOf(addressOf(2))).toBe(0.5 * -99)
  })

  test('does not get its messages any further than its own neighbors', () => {
    const network = new GossipSubNetwork({ options: { scoring, validate }, otherNodes: [0], others: actor() })
    network.runUntil(5000)
    for (const peer of network.simulation.topology.neighbors(0)) {
      network.inject(0, peer, { type: 'publish', topic: 'news', id: 'spam', payload: 'spam' })
    }
    network.runUntil(10_000)
    expect(network.reported('delivered')).toEqual([])
    expect(network.sentOf('publish').filter(({ from }) => from !== 0)).toEqual([])
  })

  test('is not grafted any more while its score is negative, and those with a good conscience are', () => {
    const network = new GossipSubNetwork({
      topology: star(30),
      options: (node) =>
        node === 0 ? { scoring: { ...scoring, applicationScore: (peer) => (peer <= 10 ? -1 : 1) } } : {},
    })
    for (let time = 1000; time <= 100_000; time += 1000) {
      expect(Math.min(99, ...network.runUntil(time).meshOf(0))).toBeGreaterThan(10)
    }
    expect(network.sentOf('graft').filter(({ from, to }) => from === 0 && to <= 10)).toEqual([])
    expect(network.meshOf(0).length).toBeGreaterThanOrEqual(5)
  })
})

describe('a peer that grafts during its backoff', () => {
  test('is penalized, twice if it did not wait even 10 s', () => {
    const topology = topologyFromEdges(2, [[0, 1]])
    const network = new GossipSubNetwork({ topology, options: { scoring }, otherNodes: [1], others: actor() })
    network.runUntil(2000)
    network.inject(1, 0, { type: 'prune', number: 2, topic: 'news', backoff: 60_000, peers: [] })
    network.runUntil(3000)
    network.inject(1, 0, { type: 'graft', number: 3, topic: 'news' })
    network.runUntil(20_000)
    network.inject(1, 0, { type: 'graft', number: 4, topic: 'news' })
    network.runUntil(21_000)
    expect(network.reported('penalized').map(({ detail }) => detail)).toEqual([
      { peer: 1, times: 2, reason: 'early graft' },
      { peer: 1, times: 1, reason: 'early graft' },
    ])
    expect(network.node(0).scoreOf(addressOf(1))).toBeLessThan(0)
    expect(network.meshOf(0)).toEqual([])
  })
})

describe('the score of a peer in the network', () => {
  /** Time in the mesh is all that counts, and what was not delivered there. */
  const patient: Scoring = {
    ...scoring,
    topics: {
      news: {
        ...ethereumBlockScoring,
        topicWeight: 1,
        timeInMeshWeight: 1,
        timeInMeshQuantum: 1000,
        meshMessageDeliveriesActivation: 1000,
        meshMessageDeliveriesWeight: -0.001,
        meshMessageDeliveriesThreshold: 10,
        meshFailurePenaltyWeight: -1,
      },
    },
    decayInterval: 1000,
  }

  test('rises while it is in the mesh, and stays 0 outside', () => {
    const network = new GossipSubNetwork({ options: { scoring: patient } }).runUntil(12_000)
    const mesh = network.meshOf(0)
    for (const peer of network.simulation.topology.neighbors(0)) {
      const score = network.node(0).scoreOf(addressOf(peer))
      if (mesh.includes(peer)) expect(score).toBeGreaterThan(5)
      else expect(score).toBe(0)
    }
  })

  test('falls by what it did not deliver when it leaves the mesh', () => {
    const network = new GossipSubNetwork({ topology: star(2), options: { scoring: patient } }).runUntil(12_500)
    network.inject(1, 0, { type: 'prune', number: 99_000_000, topic: 'news', backoff: 0, peers: [] })
    network.runUntil(12_600)
    expect(network.node(0).scoreOf(addressOf(1))).toBe(-100)
  })

  test('that is good is forgotten when it restarts, and with it what it did not deliver', () => {
    const network = new GossipSubNetwork({ topology: star(2), options: { scoring: patient } }).runUntil(12_500)
    expect(network.node(0).scoreOf(addressOf(1))).toBeGreaterThan(5)
    network.simulation.crash(1)
    network.simulation.restart(1)
    network.runUntil(12_700)
    expect(network.node(0).scoreOf(addressOf(1))).toBe(0)
  })

  test('counts a near-first delivery, and counts it once, however often it comes', () => {
    const network = new GossipSubNetwork({
      topology: star(4),
      options: { scoring: patient, timing: 'rounds' },
      otherNodes: [1, 2, 3],
      others: actor(),
      minLatency: 10,
      maxLatency: 10,
    }).runUntil(3500)
    expect(network.meshOf(0).length).toBe(3)
    for (const node of [1, 2, 2, 2]) {
      network.inject(node, 0, { type: 'publish', topic: 'news', id: 'm', payload: 1 })
    }
    network.runUntil(3600)
    const [first, often, never] = [1, 2, 3].map((node) => network.node(0).scoreOf(addressOf(node)))
    // The first one has its first delivery as well, which weighs 1.
    expect(often! - never!).toBeCloseTo(0.001 * (10 ** 2 - 9 ** 2), 10)
    expect(first! - often!).toBeCloseTo(1, 10)
  })
})

describe('gossip', () => {
  const pair = topologyFromEdges(2, [[0, 1]])
  const options: GossipSubOptions = { scoring, timing: 'rounds' }

  test('about a message that never comes is a broken promise', () => {
    const network = new GossipSubNetwork({ topology: pair, options, otherNodes: [1], others: actor() }).runUntil(2500)
    network.inject(1, 0, { type: 'ihave', topic: 'news', ids: ['a', 'b', 'c'] })
    expect(network.runUntil(5000).reported('penalized')).toEqual([])
    network.runUntil(7500)
    expect(network.reported('penalized').map(({ detail }) => detail)).toEqual([
      { peer: 1, times: 1, reason: 'broken promise' },
    ])
    expect(network.node(0).scoreOf(addressOf(1))).toBe(-99)
  })

  test('about a message that comes from somebody else is no broken promise', () => {
    const topology = topologyFromEdges(3, [
      [0, 1],
      [0, 2],
    ])
    const network = new GossipSubNetwork({ topology, options, otherNodes: [1, 2], others: actor() }).runUntil(2500)
    network.inject(1, 0, { type: 'ihave', topic: 'news', ids: ['a'] })
    network.runUntil(3000)
    network.inject(2, 0, { type: 'publish', topic: 'news', id: 'a', payload: 1 })
    expect(network.runUntil(10_000).reported('penalized')).toEqual([])
  })

  test('makes a node ask a peer for 5000 ids in one heartbeat at most, and read ten IHAVE', () => {
    const ids = (from: number, count: number): string[] => Array.from({ length: count }, (_, i) => `m${from + i}`)
    const asked = (network: GossipSubNetwork): number[] =>
      network.sentOf('iwant').map(({ message }) => message.ids.length)
    const many = new GossipSubNetwork({ topology: pair, options, otherNodes: [1], others: actor() }).runUntil(2500)
    for (let i = 0; i < 3; i++) many.inject(1, 0, { type: 'ihave', topic: 'news', ids: ids(i * 3000, 3000) })
    expect(asked(many.runUntil(2900))).toEqual([3000, 2000])
    many.runUntil(3100)
    many.inject(1, 0, { type: 'ihave', topic: 'news', ids: ids(0, 10) })
    expect(asked(many.runUntil(3500))).toEqual([3000, 2000, 10])
    const often = new GossipSubNetwork({ topology: pair, options, otherNodes: [1], others: actor() }).runUntil(2500)
    for (let i = 0; i < 15; i++) often.inject(1, 0, { type: 'ihave', topic: 'news', ids: [`m${i}`] })
    expect(asked(often.runUntil(2900)).length).toBe(10)
  })

  test('names an id once more, and it is asked for once', () => {
    const network = new GossipSubNetwork({ topology: pair, options, otherNodes: [1], others: actor() }).runUntil(2500)
    network.inject(1, 0, { type: 'ihave', topic: 'news', ids: ['a', 'a', 'b', 'a'] })
    network.runUntil(2900)
    expect(network.sentOf('iwant').map(({ message }) => message.ids.toSorted())).toEqual([['a', 'b']])
  })

  test('is answered three times for each message, not more', () => {
    const network = new GossipSubNetwork({ topology: pair, options, otherNodes: [1], others: actor() }).runUntil(2500)
    network.publish(0, 'm')
    for (let i = 0; i < 6; i++) network.inject(1, 0, { type: 'iwant', ids: ['m', 'unknown', 'm'] })
    network.runUntil(2900)
    expect(network.sentOf('publish').filter(({ from }) => from === 0).length).toBe(1 + 3)
  })

  test('of a peer below the gossip threshold is not heard, and such a peer is told none and sent nothing', () => {
    const bad: Scoring = { ...scoring, applicationScore: (peer) => (peer === 1 ? -5000 : 0) }
    const network = new GossipSubNetwork({
      topology: star(3),
      options: { ...options, scoring: bad, floodPublish: false },
      otherNodes: [1],
      others: actor(),
    }).runUntil(2500)
    network.publish(0, 'm')
    network.inject(1, 0, { type: 'ihave', topic: 'news', ids: ['a'] })
    network.inject(1, 0, { type: 'iwant', ids: ['m'] })
    network.runUntil(10_000)
    expect(network.sentOf('iwant').filter(({ from }) => from === 0)).toEqual([])
    expect(
      [...network.sentOf('ihave'), ...network.sentOf('publish')].filter(({ from, to }) => from === 0 && to === 1),
    ).toEqual([])
  })
})

describe('own messages', () => {
  test('are not sent to peers below the publish threshold, flooding or not', () => {
    const bad: Scoring = { ...scoring, applicationScore: (peer) => (peer === 1 ? -9000 : 0) }
    const network = new GossipSubNetwork({ topology: star(4), options: { scoring: bad } }).runUntil(5000)
    network.publish(0, 'm')
    expect(network.sentOf('publish').map(({ to }) => to)).toEqual([2, 3])
  })

  test('do not go to them by a fanout either, not even if they were in it when they were good', () => {
    let grudge = 0
    const scores: Scoring = { ...scoring, applicationScore: (peer) => (peer === 1 ? -9000 : peer === 2 ? grudge : 0) }
    const network = new GossipSubNetwork({
      topology: star(4),
      options: (node) => (node === 0 ? { topics: [], floodPublish: false, scoring: scores } : {}),
    }).runUntil(5000)
    network.publish(0, 'm')
    expect(
      network
        .node(0)
        .fanoutOf('news')
        .toSorted((a, b) => a - b),
    ).toEqual([2, 3])
    grudge = -9000
    network.runUntil(7000)
    expect(network.node(0).fanoutOf('news')).toEqual([3])
  })
})

describe('peer exchange', () => {
  /** Node 0 prunes nobody but leaves the topic; 1 knows only 0, so 0 is its way to the others. */
  function pruned(acceptPx: number, peerExchange: boolean, grudge = 0): GossipSubNetwork {
    const own: Scoring = {
      ...scoring,
      thresholds: { ...scoring.thresholds, acceptPx },
      applicationScore: (peer) => (peer === 0 ? 50 : 0),
    }
    const atHub: Scoring = { ...scoring, applicationScore: (peer) => (peer === 1 ? grudge : peer === 5 ? -1 : 0) }
    const network = new GossipSubNetwork({
      topology: star(10),
      options: (node) => (node === 0 ? { scoring: atHub, peerExchange } : { scoring: own }),
    }).runUntil(3000)
    network.command(0, { type: 'unsubscribe', topic: 'news' })
    return network.runUntil(12_000)
  }

  test('gives a pruned node a mesh of peers that it did not know, if it trusts who names them', () => {
    const network = pruned(50, true)
    expect(network.meshOf(1).length).toBeGreaterThanOrEqual(5)
    network.publish(1, 'm')
    network.runUntil(15_000)
    // All but node 0, which has left, and node 5, which nobody was told of.
    expect(network.holes).toBe(2)
  })

  test('is not believed below the threshold', () => {
    const network = pruned(51, true)
    expect(network.sentOf('prune').some(({ message }) => message.peers.length > 0)).toBe(true)
    expect(network.meshOf(1)).toEqual([])
  })

  test('is not there where it is switched off, nor for peers with a negative score, and names none of those', () => {
    expect(
      pruned(50, false)
        .sentOf('prune')
        .flatMap(({ message }) => message.peers),
    ).toEqual([])
    const network = pruned(50, true, -1)
    const named = network.sentOf('prune').map(({ to, message }) => ({ to, peers: message.peers }))
    expect(named.filter(({ to, peers }) => to === 1 && peers.length > 0)).toEqual([])
    expect(named.some(({ to, peers }) => to === 2 && peers.length > 0)).toBe(true)
    expect(named.filter(({ to, peers }) => peers.includes(addressOf(5)) || peers.includes(addressOf(to)))).toEqual([])
  })

  test('of a liar with a good score costs a few packets to nowhere, and no more than 16 of them are dialed', () => {
    const network = new GossipSubNetwork({ topology: star(2), otherNodes: [1], others: actor() }).runUntil(2000)
    const peers = Array.from({ length: 500 }, (_, i) => addressOf(1000 + i))
    network.inject(1, 0, { type: 'prune', number: 9_000_000, topic: 'news', backoff: 1000, peers })
    let dialed = new Set<string>()
    network.simulation.observe({
      onDrop: (_time, from, _to, message) => {
        if (from === 0) dialed = dialed.add(JSON.stringify(message))
      },
    })
    network.runUntil(120_000)
    expect(dialed.size).toBe(16)
    expect(network.reported('disconnected').length).toBe(16)
    expect(network.runUntil(200_000).reported('disconnected').length).toBe(16)
  })
})

describe('opportunistic grafting', () => {
  test('takes in nobody who is no better than the median', () => {
    const own: Scoring = { ...scoring, topics: {}, applicationScore: () => 1 }
    const network = new GossipSubNetwork({
      topology: star(30),
      options: { scoring: own },
      otherNodes: Array.from({ length: 29 }, (_, i) => 1 + i),
      others: actor(),
    })
    expect(network.runUntil(65_000).meshOf(0).length).toBe(6)
  })

  test('takes in better peers when the median of the mesh is too low, after a minute', () => {
    const better = (peer: number): boolean => peer > 20
    const own: Scoring = { ...scoring, applicationScore: (peer) => (better(peer) ? 10 : 1) }
    const network = new GossipSubNetwork({
      topology: star(30),
      options: (node) => (node === 0 ? { scoring: own, dHigh: 29, timing: 'rounds' } : { timing: 'rounds' }),
      otherNodes: Array.from({ length: 9 }, (_, i) => 21 + i),
      others: actor(),
    })
    // The nodes over 20 graft nobody, and become subscribers late: the mesh is full by then.
    const undo = network.simulation.addRule(partition([21, 22, 23, 24, 25, 26, 27, 28, 29]))
    network.runUntil(50_500)
    undo()
    for (let node = 21; node < 30; node++) {
      network.inject(node, 0, { type: 'subscribe', number: 50_000_000, born: 50_000_000, topics: ['news'] })
    }
    network.runUntil(59_500)
    expect(network.meshOf(0).filter(better)).toEqual([])
    network.runUntil(60_500)
    expect(network.meshOf(0).filter(better).length).toBe(2)
    network.runUntil(119_500)
    expect(network.meshOf(0).filter(better).length).toBe(2)
    network.runUntil(120_500)
    expect(network.meshOf(0).filter(better).length).toBe(4)
  })
})
