import {
  deriveStream,
  drop,
  loss,
  pass,
  randomRegular,
  star,
  topologyFromEdges,
  type GossipSubMessage,
  type Host,
  type Message,
  type Topology,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { Backoffs } from '../../engine/protocols/gossipsub/backoffs.ts'
import { chooseSurvivors } from '../../engine/protocols/gossipsub/survivors.ts'
import { cases, fc } from '../support/fast-check.ts'
import { actor, addressOf, GossipSubNetwork } from '../support/gossipsub.ts'

/** Node 0 dials the first `dialed` others; all others dial node 0. */
function crowd(size: number, dialed: number): Topology {
  const edges = Array.from({ length: size - 1 }, (_, i) => (i < dialed ? [0, i + 1] : [i + 1, 0]) as [number, number])
  return topologyFromEdges(size, edges, { directed: true })
}

describe('a mesh', () => {
  test('has between D_low and D_high links at every node, a few heartbeats after the start', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 8, max: 30 }), (seed, degree) => {
        const topology = randomRegular(60, degree, deriveStream(seed, 'topology'))
        const network = new GossipSubNetwork({ seed, topology }).runUntil(5000)
        const degrees = network.nodes.map((_, node) => network.meshOf(node).length)
        expect(Math.min(...degrees)).toBeGreaterThanOrEqual(5)
        expect(Math.max(...degrees)).toBeLessThanOrEqual(12)
      }),
      cases(15),
    )
  })

  test('goes both ways when no control message is under way', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const network = new GossipSubNetwork({ seed, options: { timing: 'rounds' } })
        for (const round of [1, 2, 3, 10, 70]) expect(network.runUntil(round * 1000 + 900).oneSided()).toEqual([])
      }),
      cases(5),
    )
  })

  test('goes both ways although every fifth packet is lost', () => {
    const network = new GossipSubNetwork({ options: { timing: 'rounds' } })
    network.simulation.addRule(loss(0.2))
    expect(network.runUntil(1900).oneSided().length).toBeGreaterThan(0)
    expect(network.runUntil(60_900).oneSided()).toEqual([])
  })

  test('costs honest nodes no penalty, not even under loss', () => {
    const network = new GossipSubNetwork({ topology: star(40) })
    network.simulation.addRule(loss(0.2))
    network.runUntil(200_000)
    expect(network.sentOf('prune').length).toBeGreaterThan(20)
    expect(network.reported('penalized')).toEqual([])
  })

  test('is cut down to D when more than D_high grafted', () => {
    const network = new GossipSubNetwork({ topology: star(40) }).runUntil(10_000)
    expect(network.meshOf(0).length).toBe(6)
    expect(new Set(network.reported('pruned', 0).map(({ detail }) => detail['peer'])).size).toBe(33)
  })

  test('that is full takes no strangers, and tells them so', () => {
    const network = new GossipSubNetwork({ topology: crowd(40, 0) })
    let largest = 0
    for (let time = 100; time <= 10_000; time += 100) {
      largest = Math.max(largest, network.runUntil(time).meshOf(0).length)
    }
    expect(largest).toBe(12)
    expect(network.oneSided()).toEqual([])
    expect(network.sentOf('prune').length).toBe(27)
  })

  test('keeps D_out links to peers that the node has dialed, however many others dial it', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const network = new GossipSubNetwork({ seed, topology: crowd(60, 4), options: { dHigh: 8 } })
      for (let time = 3000; time <= 20_000; time += 1000) {
        const dialed = network
          .runUntil(time)
          .meshOf(0)
          .filter((peer) => peer <= 4)
        expect(dialed.length).toBeGreaterThanOrEqual(2)
      }
    }
  })

  test('grafts dialed peers when it has links enough, but not D_out of those', () => {
    const dialed = [1, 2, 3, 4]
    const network = new GossipSubNetwork({
      topology: crowd(12, 4),
      options: { timing: 'rounds' },
      otherNodes: dialed,
      others: actor(),
    })
    // The dialed ones graft nobody, and say late that they are in the topic: strangers are in the mesh by then.
    network.runUntil(5500)
    expect(network.meshOf(0).length).toBe(7)
    for (const node of dialed) network.inject(node, 0, { type: 'subscribe', number: 1, born: 1, topics: ['news'] })
    expect(network.runUntil(6500).meshOf(0).length).toBe(7 + 2)
    expect(network.meshOf(0).filter((peer) => dialed.includes(peer)).length).toBe(2)
  })

  test('stays as it is when a member grafts again, even if it is full', () => {
    const network = new GossipSubNetwork({ topology: crowd(40, 0) }).runUntil(5000)
    const mesh = network.meshOf(0)
    expect(mesh.length).toBe(12)
    network.inject(mesh[0]!, 0, { type: 'graft', number: 9_000_000, topic: 'news' })
    expect(network.runUntil(6000).meshOf(0)).toEqual(mesh)
  })

  test('has no member that says it has left the topic', () => {
    const network = new GossipSubNetwork().runUntil(5000)
    const member = network.meshOf(0)[0]!
    network.inject(member, 0, { type: 'subscribe', number: 9_000_000, born: 0, topics: ['sports'] })
    expect(network.runUntil(5200).meshOf(0)).not.toContain(member)
  })

  test('of a bootstrap node is empty', () => {
    const none = { d: 0, dLow: 0, dHigh: 0, dScore: 0, dOut: 0 }
    const network = new GossipSubNetwork({ topology: crowd(20, 0), options: (node) => (node === 0 ? none : {}) })
    network.runUntil(10_000)
    expect(network.meshOf(0)).toEqual([])
    expect(network.oneSided()).toEqual([])
  })
})

describe('a backoff', () => {
  test('is kept: nobody grafts a peer that pruned it or that it pruned, for 60 s', () => {
    const network = new GossipSubNetwork({ topology: star(40) }).runUntil(200_000)
    const prunes = network.sentOf('prune')
    const grafts = network.sentOf('graft')
    let late = 0
    for (const prune of prunes) {
      const same = grafts.filter(({ from, to }) => [from, to].includes(prune.from) && [from, to].includes(prune.to))
      const next = same.find(({ time }) => time > prune.time)
      if (next === undefined) continue
      expect(next.time - prune.time).toBeGreaterThan(60_000)
      late++
    }
    // Leaves have one neighbor only, so they do come back.
    expect(late).toBeGreaterThan(30)
  })

  test('makes a node refuse who grafts too early, and begins anew', () => {
    const topology = topologyFromEdges(3, [
      [0, 1],
      [0, 2],
    ])
    const network = new GossipSubNetwork({ topology, otherNodes: [1], others: () => ({ onMessage: () => undefined }) })
    network.runUntil(1000)
    network.inject(1, 0, { type: 'subscribe', number: 1, born: 1, topics: ['news'] })
    network.inject(1, 0, { type: 'prune', number: 2, topic: 'news', backoff: 30_000, peers: [] })
    network.runUntil(30_000)
    network.inject(1, 0, { type: 'graft', number: 3, topic: 'news' })
    network.runUntil(40_000)
    expect(network.meshOf(0)).toEqual([2])
    // Node 1 acknowledges nothing, so it is told again and again.
    const refusals = network.sentOf('prune').filter(({ from }) => from === 0)
    expect(refusals[0]).toMatchObject({ to: 1, message: { topic: 'news', backoff: 60_000, peers: [] } })
    expect(new Set(refusals.map(({ message }) => message.number)).size).toBe(1)
    // Each refusal counts from its own time: until 90 s, then until 100 s, then until 155 s.
    network.inject(1, 0, { type: 'graft', number: 4, topic: 'news' })
    network.runUntil(45_000)
    expect(network.meshOf(0)).toEqual([2])
    network.runUntil(95_000)
    network.inject(1, 0, { type: 'graft', number: 5, topic: 'news' })
    expect(network.runUntil(95_500).meshOf(0)).toEqual([2])
    network.runUntil(156_000)
    network.inject(1, 0, { type: 'graft', number: 6, topic: 'news' })
    expect(network.runUntil(156_500).meshOf(0)).toContain(1)
  })
})

describe('backoffs', () => {
  const peer = addressOf(1)

  test('end with the latest of what was asked for, and a while later for own grafts', () => {
    const backoffs = new Backoffs(1000)
    backoffs.add('news', peer, 0, 60_000)
    backoffs.add('news', peer, 10_000, 5000)
    expect(backoffs.runningSince('news', peer, 59_999)).toBe(10_000)
    expect(backoffs.runningSince('news', peer, 60_000)).toBeUndefined()
    expect(backoffs.allowsGraft('news', peer, 60_999)).toBe(false)
    expect(backoffs.allowsGraft('news', peer, 61_000)).toBe(true)
  })

  test('hold for one topic and one peer, and expire no sooner than they end', () => {
    const backoffs = new Backoffs(1000)
    backoffs.add('news', peer, 0, 60_000)
    expect(backoffs.allowsGraft('sports', peer, 1)).toBe(true)
    expect(backoffs.allowsGraft('news', addressOf(2), 1)).toBe(true)
    backoffs.expire(60_999)
    expect(backoffs.allowsGraft('news', peer, 60_999)).toBe(false)
    backoffs.expire(61_000)
    expect(backoffs.allowsGraft('news', peer, 61_000)).toBe(true)
  })
})

describe('a GRAFT', () => {
  test('is not said again after the peer has refused', () => {
    // Node 1 never acknowledges a GRAFT, it prunes.
    const refuse = (host: Host<GossipSubMessage>, from: number, message: Message): void => {
      if (message.type === 'graft') {
        host.send(addressOf(from), { type: 'prune', number: 2, topic: 'news', backoff: 60_000, peers: [] })
      }
    }
    const network = new GossipSubNetwork({ topology: star(2), otherNodes: [1], others: actor(refuse) })
    network.simulation.addRule({
      name: 'no acknowledgement',
      judge: ({ message }) => (message.type === 'ack' ? drop : pass),
    })
    expect(network.runUntil(30_000).meshOf(0)).toEqual([])
    expect(network.sentOf('graft').length).toBe(1)
  })

  test('for a topic that the node is not in has no answer', () => {
    const network = new GossipSubNetwork().runUntil(3000)
    network.inject(1, 0, { type: 'graft', number: 3_000_000, topic: 'gossip about gossip' })
    network.runUntil(6000)
    expect(network.sentOf('prune').filter(({ message }) => message.topic !== 'news')).toEqual([])
    expect(network.node(0).topics).toEqual(['news'])
  })

  test('that is older than a PRUNE of the same peer changes nothing', () => {
    const network = new GossipSubNetwork({ topology: star(2), minLatency: 10, maxLatency: 10 }).runUntil(3000)
    expect(network.meshOf(0)).toEqual([1])
    network.inject(1, 0, { type: 'prune', number: 9_000_001, topic: 'news', backoff: 1, peers: [] })
    network.runUntil(3011)
    network.inject(1, 0, { type: 'graft', number: 9_000_000, topic: 'news' })
    expect(network.runUntil(3021).meshOf(0)).toEqual([])
  })
})

describe('a topic', () => {
  test('that is left has no mesh, and its messages no longer come', () => {
    const network = new GossipSubNetwork().runUntil(3000)
    network.command(7, { type: 'unsubscribe', topic: 'news' })
    network.runUntil(5000)
    expect(network.node(7).topics).toEqual([])
    expect(network.nodes.filter((_, node) => network.meshOf(node).includes(7))).toEqual([])
    network.publish(0, 'm')
    network.runUntil(10_000)
    expect(network.spread.has(7, 'm')).toBe(false)
    expect(network.holes).toBe(1)
  })

  test('that is joined again has a mesh again, after the backoff of 10 s', () => {
    const network = new GossipSubNetwork().runUntil(3000)
    const before = network.meshOf(7)
    network.command(7, { type: 'unsubscribe', topic: 'news' })
    network.runUntil(4000)
    network.command(7, { type: 'subscribe', topic: 'news' })
    network.runUntil(7000)
    expect(network.meshOf(7).length).toBeGreaterThanOrEqual(5)
    expect(network.meshOf(7).filter((peer) => before.includes(peer))).toEqual([])
    network.publish(0, 'm')
    network.runUntil(10_000)
    expect(network.holes).toBe(0)
    expect(network.reported('penalized')).toEqual([])
  })

  test('has a mesh of its own', () => {
    const network = new GossipSubNetwork({
      options: (node) => ({ topics: node % 2 === 0 ? ['even', 'all'] : ['all'] }),
    }).runUntil(5000)
    network.nodes.forEach((_, node) => {
      expect(network.meshOf(node, 'all').length).toBeGreaterThanOrEqual(5)
      expect(network.meshOf(node, 'even').every((peer) => peer % 2 === 0 && node % 2 === 0)).toBe(true)
    })
    network.publish(2, 'e', 'even')
    network.runUntil(8000)
    expect(network.holes).toBe(30)
  })
})

describe('the survivors of a mesh that is too large', () => {
  const member = fc.record({ score: fc.integer({ min: 0, max: 5 }), outbound: fc.boolean() })
  const quotas = fc
    .record({ d: fc.integer({ min: 2, max: 8 }), dScore: fc.nat(8), dOut: fc.nat(4) })
    .map(({ d, dScore, dOut }) => ({ d, dScore: Math.min(dScore, d), dOut: Math.min(dOut, Math.floor(d / 2)) }))

  test('are D, among them D_out dialed ones if there are that many', () => {
    fc.assert(
      fc.property(fc.array(member, { minLength: 8, maxLength: 30 }), quotas, fc.nat(), (members, quota, seed) => {
        const chosen = choose(members, quota, seed)
        expect(new Set(chosen).size).toBe(quota.d)
        const dialed = members.filter(({ outbound }) => outbound).length
        const kept = chosen.filter((index) => members[index]!.outbound).length
        expect(kept).toBeGreaterThanOrEqual(Math.min(quota.dOut, dialed))
      }),
      cases(300),
    )
  })

  test('are the best D_score by score, where the quota of dialed ones does not stand against it', () => {
    fc.assert(
      fc.property(fc.array(member, { minLength: 8, maxLength: 30 }), quotas, fc.nat(), (members, quota, seed) => {
        const chosen = choose(members, { ...quota, dOut: 0 }, seed)
        const best = members.map(({ score }) => score).sort((a, b) => b - a)
        const kept = chosen.map((index) => members[index]!.score).sort((a, b) => b - a)
        expect(kept.slice(0, quota.dScore)).toEqual(best.slice(0, quota.dScore))
      }),
      cases(300),
    )
  })

  test('are chosen at random beyond the best, whatever their scores', () => {
    const members = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0].map((score) => ({ score, outbound: false }))
    const counts = new Array<number>(10).fill(0)
    for (let seed = 0; seed < 900; seed++) {
      for (const index of choose(members, { d: 6, dScore: 4, dOut: 0 }, seed)) counts[index]!++
    }
    expect(counts.slice(0, 4)).toEqual([900, 900, 900, 900])
    // Two of six: 300 each is expected, with a standard deviation of 14.
    for (const count of counts.slice(4)) expect(Math.abs(count - 300)).toBeLessThan(4 * 14.2)
  })

  test('of equal score are chosen at random, and not by their order', () => {
    const members = Array.from({ length: 10 }, () => ({ score: 0, outbound: false }))
    const counts = new Array<number>(10).fill(0)
    for (let seed = 0; seed < 900; seed++) {
      for (const index of choose(members, { d: 4, dScore: 4, dOut: 0 }, seed)) counts[index]!++
    }
    for (const count of counts) expect(Math.abs(count - 360)).toBeLessThan(4 * 14.7)
  })

  test('give way to dialed ones from the end: those chosen at random first, then the lower scores', () => {
    const members = [9, 8, 7, 6, 0, 0, 0, 0].map((score, i) => ({ score, outbound: i >= 6 }))
    for (let seed = 0; seed < 20; seed++) {
      const chosen = choose(members, { d: 4, dScore: 3, dOut: 2 }, seed)
      expect(chosen.toSorted((a, b) => a - b)).toEqual([0, 1, 6, 7])
    }
  })

  function choose(
    members: readonly { readonly score: number; readonly outbound: boolean }[],
    quota: { readonly d: number; readonly dScore: number; readonly dOut: number },
    seed: number,
  ): number[] {
    return chooseSurvivors(
      deriveStream(seed, 'survivors'),
      members.map((_, index) => addressOf(index)),
      quota,
      (peer) => members[peer]!.score,
      (peer) => members[peer]!.outbound,
    )
  }
})
