import {
  deriveStream,
  idOf,
  idToHex,
  loss,
  maxAddress,
  pass,
  replace,
  star,
  topologyFromEdges,
  uniformLatency,
  xorDistance,
  type Address,
  type Contact,
  type Id,
  type Message,
  type Rule,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { ChordNetwork, type ChordNetworkOptions, type Report } from '../support/dht.ts'

const second = 1000
const minute = 60 * second
const keys = Array.from({ length: 30 }, (_, i) => idOf(`key ${i}`))

function lookup(network: ChordNetwork, from: number, target: Id): Report['detail'] {
  return network.do(from, { type: 'lookup', target }).detail
}

/** The owners that random nodes find, beside those that they should find. */
function compare(network: ChordNetwork, seed: number): { found: unknown[]; expected: unknown[] } {
  const random = deriveStream(seed, 'from')
  const found = keys.map((key) => lookup(network, random.pick(network.up).address, key)['owner'])
  return { found, expected: keys.map((key) => network.oracle(key)) }
}

/** Whether all know who is in front of them and behind them, as many as they should. */
function expectRing(network: ChordNetwork, successors: number): void {
  const ring = network.ring.map(({ address }) => address)
  for (const [i, address] of ring.entries()) {
    const { table } = network.nodes[address]!
    const behind = [...ring.slice(i + 1), ...ring.slice(0, i)]
    expect(table.successors.map((contact) => contact.address)).toEqual(behind.slice(0, successors))
    expect(table.predecessor?.address).toEqual(behind.at(-1))
  }
}

function run(network: ChordNetwork, span: number): void {
  network.simulation.runUntil(network.simulation.now + span)
}

/** A network whose nodes come one after the other, a new one every ten seconds. */
function grown(options: Partial<ChordNetworkOptions> = {}): ChordNetwork {
  const network = new ChordNetwork({ size: 40, latency: uniformLatency(5, 80), ...options })
  for (let node = 1; node < network.contacts.length; node++) network.simulation.crash(node)
  for (let node = 1; node < network.contacts.length; node++) {
    network.simulation.restart(node)
    run(network, 10 * second)
  }
  run(network, 5 * minute)
  return network
}

describe('nodes that come one after the other', () => {
  const network = grown()

  test('make one ring, and know those behind them several deep', () => {
    expectRing(network, 8)
  })

  test('find the owner of every key, as somebody who sees all', () => {
    const { found, expected } = compare(network, 1)
    expect(found).toEqual(expected)
  })

  test('get fingers that are the owners of the ids half the ring away, a quarter and so on', () => {
    for (const { address } of network.contacts) {
      const stable = new ChordNetwork({ size: 40, isStable: true }).nodes[address]!.table
      expect(network.nodes[address]!.table.fingers).toEqual(stable.fingers)
    }
  })

  test('report the owner, the hops and whom they asked; their own keys they find at home', () => {
    const target = idOf('x')
    const owner = network.oracle(target)
    expect(lookup(network, owner, target)).toEqual({ target: idToHex(target), owner, hops: 0, asked: 0 })
    const before = network.ring.at(network.ring.findIndex(({ address }) => address === owner) - 1)!.address
    expect(lookup(network, before, target)).toEqual({ target: idToHex(target), owner, hops: 1, asked: 1 })
  })
})

test('nodes that all come at once make one ring as well, with a beat for each, and one for each place in their lists', () => {
  const network = new ChordNetwork({ size: 24, stabilizeInterval: 10 * second })
  run(network, (24 + 8) * 10 * second)
  expectRing(network, 8)
})

test('two nodes are a ring', () => {
  const network = grown({ size: 2 })
  expectRing(network, 1)
  const { found, expected } = compare(network, 1)
  expect(found).toEqual(expected)
})

test('a node that meets nobody owns every key, and tries again on its beats', () => {
  const network = new ChordNetwork({ size: 3, topology: star(3) })
  network.simulation.crash(0)
  run(network, 10 * second)
  expect(lookup(network, 1, keys[0]!)).toMatchObject({ owner: 1, hops: 0 })
  network.simulation.restart(0)
  run(network, 5 * minute)
  expectRing(network, 2)
})

test('who joins tries one neighbor after the other', () => {
  const topology = topologyFromEdges(4, [
    [3, 0],
    [3, 1],
    [3, 2],
    [2, 1],
  ])
  const network = new ChordNetwork({ size: 4, topology, timeout: second })
  for (const node of [0, 3]) network.simulation.crash(node)
  run(network, 2 * minute)
  network.simulation.crash(1)
  run(network, 2 * minute)
  network.simulation.restart(3)
  run(network, 2 * minute)
  expectRing(network, 1)
})

describe.each([1, 2, 3])('when a third of the nodes crash at once (seed %i)', (seed) => {
  const network = new ChordNetwork({ size: 60, seed, isStable: true, latency: uniformLatency(5, 80) })
  const random = deriveStream(seed, 'crash')
  for (let node = 0; node < 60; node++) if (random.chance(1 / 3)) network.simulation.crash(node)

  test('lookups find the owners of now before anything is repaired: they go around the dead', () => {
    const { found, expected } = compare(network, seed)
    expect(found).toEqual(expected)
  })

  test('the ring closes in a few beats', () => {
    run(network, 5 * minute)
    expectRing(network, 8)
  })

  test('and takes those back who come again', () => {
    for (let node = 0; node < 60; node++) network.simulation.restart(node)
    run(network, 10 * minute)
    expectRing(network, 8)
    const { found, expected } = compare(network, seed)
    expect(found).toEqual(expected)
  })
})

test('the ring closes over the crash of all successors, by a finger and then backwards', () => {
  const network = new ChordNetwork({ size: 40, isStable: true, successors: 3, stabilizeInterval: 10 * second })
  for (const { address } of network.ring.slice(10, 13)) network.simulation.crash(address)
  run(network, 10 * minute)
  expectRing(network, 3)
})

test('a lookup says that it found nobody when all that could own the key are gone', () => {
  const network = new ChordNetwork({ size: 12, isStable: true, successors: 2 })
  const [asker, ...others] = network.ring
  for (const { address } of others) network.simulation.crash(address)
  const { detail } = network.do(asker!.address, { type: 'lookup', target: others[4]!.id })
  expect(detail).toMatchObject({ owner: null, hops: 0 })
  expect(detail['asked']).toBeGreaterThan(0)
})

test('lost packets are asked for again: with enough attempts a tenth of loss changes nothing', () => {
  const network = new ChordNetwork({ size: 40, isStable: true, attempts: 8, timeout: 200 })
  network.simulation.addRule(loss(0.1))
  const { found, expected } = compare(network, 1)
  expect(found).toEqual(expected)
  run(network, 5 * minute)
  expectRing(network, 8)
})

test('fewer successors than the dead in a row: the ring still closes, by fingers', () => {
  const network = new ChordNetwork({ size: 30, isStable: true, successors: 1 })
  network.simulation.crash(network.ring[7]!.address)
  run(network, 10 * minute)
  expectRing(network, 1)
})

test('the same seed gives the same run, to the last byte', () => {
  const fingerprints = [1, 1, 2].map((seed) => grown({ seed, size: 10 }).simulation.fingerprint)
  expect(fingerprints[0]).toBe(fingerprints[1])
  expect(fingerprints[0]).not.toBe(fingerprints[2])
})

describe('a message that is malformed', () => {
  const id = idOf('somebody')
  const messages: [what: string, message: unknown][] = [
    ['a request without an id of its own', { type: 'ping', sender: id }],
    ['an unknown type', { type: 'find-node', requestId: 1, sender: id }],
    ['no sender', { type: 'ping', requestId: 1 }],
    ['a sender of 20 bytes', { type: 'get-neighbors', requestId: 1, sender: idOf('x', 20) }],
    ['no target', { type: 'find-successor', requestId: 1, sender: id }],
    ['a target that is text', { type: 'find-successor', requestId: 1, sender: id, target: 'x' }],
    ['a notice without a sender', { type: 'notify' }],
    ['a notice with a short sender', { type: 'notify', sender: Uint8Array.of(1) }],
  ]

  test.each(messages)('is reported and dropped: %s', (_, message) => {
    const network = new ChordNetwork({ size: 2, topology: topologyFromEdges(2, []) })
    network.simulation.inject(1, 0, message as Message)
    run(network, second)
    expect(network.reports.map(({ node, event }) => [node, event])).toEqual([[0, 'malformed']])
    expect(network.simulation.packets.sent).toBe(1)
    expect(network.nodes[0]!.table.predecessor).toBeUndefined()
  })
})

describe('a third of the nodes lie, and lookups of the others find the owner among those that do not:', () => {
  interface Answer extends Message {
    readonly closer: readonly Contact[]
    readonly owners: readonly Contact[]
  }
  const nobody = (id: Id, address = maxAddress): Contact => ({ id, address: address as Address })
  const near = (target: Id): Id => xorDistance(target, new Uint8Array(32).fill(1, 31))

  function deceived(lie: (answer: Answer) => object): ChordNetwork {
    const network = new ChordNetwork({ size: 40, isStable: true, timeout: 500, successors: 12 })
    const rule: Rule = {
      name: 'lie',
      judge: ({ from, message }) =>
        from % 3 === 0 && message.type === 'route' ? replace(lie(message as Answer) as Message) : pass,
    }
    network.simulation.addRule(rule)
    return network
  }

  const lies: [what: string, lie: (answer: Answer) => object][] = [
    ['no lists', (answer) => ({ ...answer, closer: null })],
    ['owners that are none', (answer) => ({ ...answer, owners: [1, null] })],
    ['an address that is none', (answer) => ({ ...answer, closer: [nobody(keys[0]!, -1)] })],
    ['an answer of another kind', (answer) => ({ ...answer, type: 'neighbors' })],
    ['an id that is not theirs', (answer) => ({ ...answer, sender: idOf('mask') })],
    ['nobody just before the key', (answer) => ({ ...answer, closer: keys.map((key) => nobody(near(key))) })],
    ['nobody as the owner', (answer) => ({ ...answer, closer: [], owners: keys.map((key) => nobody(key)) })],
    ['nothing at all', (answer) => ({ ...answer, closer: [], owners: [] })],
  ]

  test.each(lies)('%s', (_, lie) => {
    const network = deceived(lie)
    for (const key of keys) {
      const { owner } = lookup(network, 1, key)
      // Who answers pings truly is there, whatever it says of others.
      expect(owner).toBe(network.oracle(key))
    }
  })
})

test('a target of another length is the mistake of who asks for it, and says so', () => {
  const network = new ChordNetwork({ size: 2 })
  expect(() => lookup(network, 0, idOf('x', 20))).toThrow('target is 20 bytes; it must be an id of 32 bytes')
})
