import { loss, MessageCache, star, type GossipSubOptions, type Publication } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { SeenCache } from '../../engine/protocols/gossipsub/seen-cache.ts'
import { cases, fc } from '../support/fast-check.ts'
import { addressOf, GossipSubNetwork } from '../support/gossipsub.ts'

/** A mesh so thin that a lost packet is felt: two links at most nodes. */
const thin: GossipSubOptions = { d: 2, dLow: 2, dHigh: 3, dScore: 1, dOut: 1, floodPublish: false }
const noGossip: GossipSubOptions = { dLazy: 0, gossipFactor: 0 }

/** Publishes 30 messages from different nodes, one in a second, while every fifth packet is lost. */
function holesUnderLoss(seed: number, options: GossipSubOptions): number {
  const network = new GossipSubNetwork({ seed, options }).runUntil(5000)
  network.simulation.addRule(loss(0.2))
  for (let i = 0; i < 30; i++) {
    network.publish(2 * i, `m${i}`)
    network.runUntil(6000 + i * 1000)
  }
  return network.runUntil(60_000).holes
}

describe('a message', () => {
  test('reaches every subscriber once, and goes no way twice', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(59), (seed, publisher) => {
        const network = new GossipSubNetwork({ seed, options: noGossip }).runUntil(5000)
        network.publish(publisher, 'm')
        network.runUntil(10_000)
        const delivered = network.reported('delivered').map(({ node }) => node)
        expect(delivered.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, node) => node))
        const ways = network.sentOf('publish').map(({ from, to }) => `${from}→${to}`)
        expect(new Set(ways).size).toBe(ways.length)
      }),
      cases(10),
    )
  })

  test('reaches everybody although every fifth packet is lost: IHAVE and IWANT mend the holes', () => {
    for (const seed of [1, 2, 3]) expect(holesUnderLoss(seed, thin)).toBe(0)
  })

  test('leaves holes under the same loss without lazy gossip', () => {
    for (const seed of [1, 2, 3]) expect(holesUnderLoss(seed, { ...thin, ...noGossip })).toBeGreaterThan(0)
  })

  test('that is published with flooding goes to all neighbors, otherwise to the mesh', () => {
    for (const floodPublish of [true, false]) {
      const network = new GossipSubNetwork({ options: { floodPublish } }).runUntil(5000)
      network.publish(0, 'm')
      const receivers = network.sentOf('publish').map(({ to }) => to)
      const neighbors = [...network.simulation.topology.neighbors(0)]
      expect(new Set(receivers)).toEqual(new Set(floodPublish ? neighbors : network.meshOf(0)))
      expect(network.meshOf(0).length).toBeLessThan(neighbors.length)
    }
  })

  test('that was published is not published again', () => {
    const network = new GossipSubNetwork().runUntil(5000)
    network.publish(0, 'm')
    network.runUntil(6000)
    const sent = network.sentOf('publish').length
    network.publish(0, 'm')
    expect(network.sentOf('publish').length).toBe(sent)
  })

  test('is not delivered again for 120 s, and then it is new', () => {
    const network = new GossipSubNetwork({ topology: star(2) }).runUntil(3000)
    const message: Publication = { type: 'publish', topic: 'news', id: 'm', payload: 1 }
    for (const time of [4000, 5000, 123_000, 125_000]) {
      network.runUntil(time)
      network.inject(1, 0, message)
    }
    network.runUntil(126_000)
    expect(network.reported('delivered', 0).map(({ time }) => Math.floor(time / 1000))).toEqual([4, 125])
    expect(network.reported('duplicate', 0).length).toBe(2)
  })

  test('that the application rejects or ignores is neither delivered nor passed on', () => {
    const validate = (_topic: string, payload: unknown): 'reject' | 'ignore' | 'accept' =>
      payload === 'payload of bad' ? 'reject' : payload === 'payload of old' ? 'ignore' : 'accept'
    const network = new GossipSubNetwork({ options: { validate } }).runUntil(5000)
    for (const id of ['bad', 'old', 'good']) network.publish(0, id)
    network.runUntil(10_000)
    expect(network.reported('delivered').filter(({ node, detail }) => node !== 0 && detail['id'] !== 'good')).toEqual(
      [],
    )
    expect(network.sentOf('publish').filter(({ from, message }) => from !== 0 && message.id !== 'good')).toEqual([])
    expect(network.reported('refused').length).toBe(2 * network.simulation.topology.neighbors(0).length)
  })
})

describe('a publisher without a subscription', () => {
  const options = (node: number): GossipSubOptions => (node === 0 ? { topics: [], floodPublish: false } : {})

  test('reaches all subscribers by D peers that it keeps', () => {
    const network = new GossipSubNetwork({ options }).runUntil(5000)
    network.publish(0, 'a')
    const fanout = network.node(0).fanoutOf('news')
    expect(fanout.length).toBe(6)
    network.runUntil(30_000)
    network.publish(0, 'b')
    const receivers = network.sentOf('publish').filter(({ from, message }) => from === 0 && message.id === 'b')
    expect(receivers.map(({ to }) => addressOf(to))).toEqual(fanout)
    expect(network.runUntil(35_000).holes).toBe(2)
    expect(network.reported('delivered', 0)).toEqual([])
  })

  test('gossips to the others about its messages', () => {
    const network = new GossipSubNetwork({ options }).runUntil(5000)
    network.publish(0, 'a')
    network.runUntil(10_000)
    const named = network.sentOf('ihave').filter(({ from }) => from === 0)
    expect(named.length).toBe(3 * 6)
    expect(named.filter(({ to }) => network.node(0).fanoutOf('news').includes(addressOf(to)))).toEqual([])
  })

  test('forgets them 60 s after its last message', () => {
    const network = new GossipSubNetwork({ options }).runUntil(5000)
    network.publish(0, 'a')
    expect(network.runUntil(64_900).node(0).fanoutOf('news').length).toBe(6)
    expect(network.runUntil(66_100).node(0).fanoutOf('news').length).toBe(0)
  })

  test('replaces those that leave the topic', () => {
    const network = new GossipSubNetwork({ options }).runUntil(5000)
    network.publish(0, 'a')
    const left = network.node(0).fanoutOf('news')[0]!
    network.command(left, { type: 'unsubscribe', topic: 'news' })
    network.runUntil(8000)
    expect(network.node(0).fanoutOf('news')).not.toContain(left)
    expect(network.node(0).fanoutOf('news').length).toBe(6)
  })

  test('that subscribes takes them into its mesh', () => {
    const network = new GossipSubNetwork({ options }).runUntil(5000)
    network.publish(0, 'a')
    const fanout = network.node(0).fanoutOf('news')
    network.command(0, { type: 'subscribe', topic: 'news' })
    expect(new Set(network.meshOf(0))).toEqual(new Set(fanout))
    expect(network.node(0).fanoutOf('news')).toEqual([])
    expect(network.runUntil(8000).oneSided()).toEqual([])
  })
})

describe('lazy gossip', () => {
  test('names a message on three heartbeats, to peers outside of the mesh only', () => {
    const network = new GossipSubNetwork({ options: { timing: 'rounds' } }).runUntil(5500)
    const mesh = network.meshOf(0)
    network.publish(0, 'm')
    network.runUntil(20_000)
    const named = network.sentOf('ihave').filter(({ from }) => from === 0)
    expect(new Set(named.map(({ time }) => time))).toEqual(new Set([6000, 7000, 8000]))
    expect(named.filter(({ to }) => mesh.includes(to))).toEqual([])
    // 20 neighbors less the mesh: D_lazy is more than a quarter of that.
    expect(named.length).toBe(3 * 6)
  })

  test('reaches a quarter of the peers outside of the mesh where that is more than D_lazy', () => {
    const network = new GossipSubNetwork({ topology: star(107), options: { timing: 'rounds' } }).runUntil(20_500)
    expect(network.meshOf(0).length).toBe(6)
    network.publish(0, 'm')
    network.runUntil(21_500)
    expect(network.sentOf('ihave').filter(({ from }) => from === 0).length).toBe(25)
  })
})

describe('the message cache', () => {
  const message = (id: string, topic = 'news'): Publication => ({ type: 'publish', topic, id, payload: id })

  test('gossips about the newest windows, answers for all, and forgets after the last', () => {
    const cache = new MessageCache(5, 3)
    for (let window = 0; window < 8; window++) {
      if (window === 0) cache.put(message('m'))
      expect(cache.gossipIds('news').includes('m'), `window ${window}`).toBe(window < 3)
      expect(cache.get('m') !== undefined, `window ${window}`).toBe(window < 5)
      cache.shift()
    }
  })

  test('lists the ids of one topic, the newest window first', () => {
    const cache = new MessageCache(5, 3)
    for (const id of ['a', 'b']) cache.put(message(id))
    cache.put(message('x', 'other'))
    cache.shift()
    cache.put(message('c'))
    expect(cache.gossipIds('news')).toEqual(['c', 'a', 'b'])
    expect(cache.gossipIds('other')).toEqual(['x'])
  })

  test('keeps a message in the window of its first arrival', () => {
    const cache = new MessageCache(2, 1)
    cache.put(message('m'))
    cache.shift()
    cache.put(message('m'))
    expect(cache.gossipIds('news')).toEqual([])
    cache.shift()
    expect(cache.get('m')).toBeUndefined()
  })

  test('gives a peer the same message a few times only, and another peer as often', () => {
    const cache = new MessageCache(5, 3)
    cache.put(message('m'))
    const [one, other] = [addressOf(1), addressOf(2)]
    expect([1, 2, 3, 4, 5].map(() => cache.take('m', one, 3)?.id)).toEqual(['m', 'm', 'm', undefined, undefined])
    expect(cache.take('m', other, 3)?.id).toBe('m')
    expect(cache.take('unknown', one, 3)).toBeUndefined()
  })
})

describe('the seen cache', () => {
  test('knows an id until its time is over, and forgets it then', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), pause: fc.integer({ min: 0, max: 80 }) })),
        (arrivals) => {
          const seen = new SeenCache(100)
          const first = new Map<string, number>()
          let now = 0
          for (const { id, pause } of arrivals) {
            now += pause
            if (pause % 2 === 0) seen.expire(now)
            const isNew = now - (first.get(id) ?? -Infinity) >= 100
            expect(seen.get(id, now) === undefined).toBe(isNew)
            if (!isNew) continue
            first.set(id, now)
            seen.put(id, now, 'accept')
          }
        },
      ),
      cases(300),
    )
  })
})
