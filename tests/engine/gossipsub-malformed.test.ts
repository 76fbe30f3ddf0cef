import { star, topologyFromEdges, type Message } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { addressOf, GossipSubNetwork } from '../support/gossipsub.ts'
import { node } from '../support/nodes.ts'

const anything = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, NaN, Infinity, -1, 0.5, 2 ** 53, '', 'news', [], {}, new Uint8Array(3)),
  fc.array(fc.oneof(fc.string(), fc.integer(), fc.constant(null)), { maxLength: 3 }),
  fc.string(),
  fc.integer(),
)
const name = fc.constantFrom('news', 'sports', 'm', 'a', 'b', '__proto__', 'constructor')
const number = fc.integer({ min: 0, max: 40 })
const address = fc.integer({ min: 0, max: 30 })

/** By field: what an honest peer might say. */
const plausible = {
  number,
  born: number,
  topic: name,
  topics: fc.array(name, { maxLength: 3 }),
  ids: fc.array(name, { maxLength: 5 }),
  id: name,
  payload: anything,
  backoff: fc.integer({ min: 0, max: 5000 }),
  peers: fc.array(address, { maxLength: 5 }),
}
const type = fc.constantFrom('subscribe', 'graft', 'prune', 'ihave', 'iwant', 'publish', 'ack')

const wellFormed = fc.record({ type, ...plausible })
const malformed = fc.record(
  {
    type: fc.oneof(type, fc.constantFrom('hello', '', '__proto__')),
    ...Object.fromEntries(Object.keys(plausible).map((field) => [field, anything])),
  },
  { requiredKeys: ['type'] },
)

describe('whatever a peer says', () => {
  test('no node throws, the mesh keeps its size, and messages of others reach everybody', () => {
    const messages = fc.array(fc.oneof(wellFormed, malformed), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.nat(), messages, (seed, list) => {
        let said = 0
        const speaker = node(() => ({
          onStart: (host) => host.setTimer('speak', 300),
          onTimer: (host) => {
            host.send(addressOf(0), list[said++] as unknown as Message)
            if (said < list.length) host.setTimer('speak', 300)
          },
        }))
        const options = { topics: ['news', 'sports'] }
        const network = new GossipSubNetwork({ seed, topology: star(12), options, otherNodes: [1], others: speaker })
        network.runUntil(20_000)
        expect(said).toBe(list.length)
        network.publish(0, 'ours')
        network.runUntil(30_000)
        expect(network.holes).toBe(1)
        expect(network.meshOf(0).length).toBeGreaterThanOrEqual(5)
        expect(network.meshOf(0).length).toBeLessThanOrEqual(12)
      }),
      cases(150),
    )
  })
})

describe('malformed messages', () => {
  test.each([
    ['a type that is not known', { type: 'dance' }],
    ['a GRAFT without a topic', { type: 'graft', number: 1 }],
    ['a number that is none', { type: 'graft', number: -1, topic: 'news' }],
    ['a topic that is a number', { type: 'ihave', topic: 3, ids: [] }],
    ['ids that are no names', { type: 'iwant', ids: [1, 2] }],
    ['more ids than any honest node sends', { type: 'iwant', ids: Array.from({ length: 10_001 }, String) }],
    ['a name without end', { type: 'publish', topic: 'news', id: 'x'.repeat(257), payload: 1 }],
    ['a message without a payload', { type: 'publish', topic: 'news', id: 'x' }],
    ['a backoff from the past', { type: 'prune', number: 1, topic: 'news', backoff: -1, peers: [] }],
    ['peers that cannot be addresses', { type: 'prune', number: 1, topic: 'news', backoff: 1, peers: [2 ** 49] }],
    ['topics that are no list', { type: 'subscribe', number: 1, born: 1, topics: 'news' }],
  ])('%s: dropped and reported', (_what, message: Message) => {
    const network = new GossipSubNetwork({ topology: star(3) }).runUntil(3000)
    network.inject(1, 0, message as never)
    network.runUntil(3500)
    expect(network.reported('malformed', 0).map(({ detail }) => detail['type'])).toEqual([message.type])
  })

  test('from a stranger that never said its topics: all is dropped', () => {
    const topology = topologyFromEdges(3, [[0, 1]])
    const network = new GossipSubNetwork({ topology }).runUntil(3000)
    network.inject(2, 0, { type: 'publish', topic: 'news', id: 'm', payload: 1 })
    network.inject(2, 0, { type: 'graft', number: 1, topic: 'news' })
    network.runUntil(4000)
    expect(network.reported('delivered')).toEqual([])
    expect(network.meshOf(0)).toEqual([1])
  })
})
