import {
  deriveStream,
  drop,
  idOf,
  idToHex,
  loss,
  pass,
  star,
  topologyFromEdges,
  uniformLatency,
  type Id,
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

test('two nodes are a ring, though the first knows of nobody', () => {
  const network = grown({ size: 2, topology: topologyFromEdges(2, [[1, 0]], { directed: true }) })
  expectRing(network, 1)
  const { found, expected } = compare(network, 1)
  expect(found).toEqual(expected)
})

test.each([2, 30])('a node that comes back at once has its place at once (of %i nodes)', (size) => {
  const network = new ChordNetwork({ size, isStable: true })
  const place = network.ring.findIndex(({ address }) => address === size - 1)
  const back = new ChordNetwork({ size, isStable: true, joining: size - 1 })
  back.simulation.crash(size - 1)
  back.simulation.restart(size - 1)
  run(back, 2 * second)
  const [before, after] = [back.ring.at(place - 1)!, back.ring[(place + 1) % size]!]
  expect(back.nodes[size - 1]!.table.successors[0]).toEqual(after)
  expect(back.nodes[after.address]!.table.predecessor?.address).toBe(size - 1)
  expect(back.nodes[before.address]!.table.successors[0]?.address).toBe(size - 1)
})

test('a node that joins is known to its successor at once, and to who is before it after a beat', () => {
  const network = new ChordNetwork({ size: 30, isStable: true, joining: 29 })
  const place = network.ring.findIndex(({ address }) => address === 29)
  const [before, after] = [network.ring.at(place - 1)!.address, network.ring[(place + 1) % 30]!.address]
  network.simulation.crash(29)
  run(network, 5 * minute)
  expect(network.nodes[after]!.table.predecessor?.address).toBe(before)
  network.simulation.restart(29)
  run(network, second)
  expect(network.nodes[after]!.table.predecessor?.address).toBe(29)
  run(network, 31 * second)
  expect(network.nodes[before]!.table.successors[0]?.address).toBe(29)
})

test('a node whose successor has just come back, and knows nobody, keeps those behind it', () => {
  const network = new ChordNetwork({ size: 30, isStable: true, joining: 29 })
  const place = network.ring.findIndex(({ address }) => address === 29)
  const before = network.ring.at(place - 1)!.address
  const list = network.nodes[before]!.table.successors
  network.simulation.addRule({
    name: 'mute',
    judge: ({ from, message }) => (from === 29 && 'requestId' in message ? drop : pass),
  })
  network.simulation.crash(29)
  network.simulation.restart(29)
  run(network, minute)
  expect(network.nodes[29]!.table.successors).toEqual([])
  expect(network.nodes[before]!.table.successors).toEqual(list)
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

describe('who joins tries one neighbor after the other,', () => {
  const edges: [number, number][] = [
    [3, 0],
    [3, 1],
    [3, 2],
    [2, 1],
  ]
  function joined(breakFirst: (network: ChordNetwork) => void): ChordNetwork {
    const topology = topologyFromEdges(4, edges, { directed: true })
    const network = new ChordNetwork({ size: 4, topology, timeout: second })
    network.simulation.crash(3)
    run(network, 2 * minute)
    breakFirst(network)
    network.simulation.restart(3)
    run(network, 20 * second)
    return network
  }

  test('when the first is down', () => {
    const network = joined(({ simulation }) => simulation.crash(0))
    run(network, 2 * minute)
    expectRing(network, 2)
  })

  test('when the first is there but of no help', () => {
    const rule: Rule = {
      name: 'no help',
      judge: ({ to, message }) => (to === 0 && message.type === 'find-successor' ? drop : pass),
    }
    const network = joined(({ simulation }) => void simulation.addRule(rule))
    expect(network.nodes[3]!.table.successors.length).toBeGreaterThan(0)
    expect(network.nodes[3]!.table.successors.map(({ address }) => address)).not.toContain(0)
  })
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

test('a node whose next two successors crash has the third within one beat', () => {
  const network = new ChordNetwork({ size: 20, isStable: true, timeout: second })
  const ring = network.ring
  for (const { address } of ring.slice(1, 3)) network.simulation.crash(address)
  // Each of the two is asked twice.
  run(network, 30 * second + 4 * second)
  expect(network.nodes[ring[0]!.address]!.table.successors[0]).toEqual(ring[3])
})

test('a node that inherits keys by a crash is told so by others, and does not ask itself', () => {
  const network = new ChordNetwork({ size: 20, isStable: true })
  const [heir, dead] = [network.ring[5]!, network.ring[4]!]
  network.simulation.crash(dead.address)
  let toItself = 0
  network.simulation.observe({ onSend: (_time, from, to) => void (from === to && toItself++) })
  expect(lookup(network, heir.address, dead.id)['owner']).toBe(heir.address)
  expect(toItself).toBe(0)
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

test('a target of another length is the mistake of who asks for it, and says so', () => {
  const network = new ChordNetwork({ size: 2 })
  expect(() => lookup(network, 0, idOf('x', 20))).toThrow('target is 20 bytes; it must be an id of 32 bytes')
})
