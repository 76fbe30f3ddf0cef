import {
  closestContacts,
  commonPrefixLength,
  complete,
  deriveStream,
  idOf,
  idToHex,
  loss,
  star,
  topologyFromEdges,
  uniformLatency,
  type Message,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { KademliaNetwork, type KademliaNetworkOptions, type Report } from '../support/dht.ts'

const minute = 60_000
const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `key ${i}`)

/** A network whose nodes have joined, and refreshed their tables once or twice. */
function settled(options: Partial<KademliaNetworkOptions> = {}): KademliaNetwork {
  const network = new KademliaNetwork({ size: 60, latency: uniformLatency(5, 80), ...options })
  network.simulation.runUntil(21 * minute)
  return network
}

function crashSome(network: KademliaNetwork, share: number, seed: number): void {
  const random = deriveStream(seed, 'crash')
  for (const { address } of network.contacts) if (random.chance(share)) network.simulation.crash(address)
}

interface Comparison {
  readonly found: number[][]
  readonly expected: number[][]
}

/** What lookups from random nodes find, beside the k closest of all nodes that are up. */
function compare(network: KademliaNetwork, seed: number, k = 8): Comparison {
  const random = deriveStream(seed, 'from')
  const comparison: Comparison = { found: [], expected: [] }
  for (const key of keys(25)) {
    const from = random.pick(network.contacts.filter(({ address }) => network.simulation.isUp(address))).address
    comparison.expected.push(network.oracle(from, idOf(key), k))
    comparison.found.push(closest(network.do(from, { type: 'lookup', target: idOf(key) })))
  }
  return comparison
}

function closest({ detail }: Report): number[] {
  return detail['closest'] as number[]
}

describe('nodes that know one address at first', () => {
  const network = settled()

  test('get to know somebody in every part of the key space that is not empty', () => {
    for (const { id, address } of network.contacts) {
      const inhabited = network.contacts
        .map((other) => commonPrefixLength(id, other.id))
        .filter((length) => length < 256)
      const { table } = network.nodes[address]!
      const empty = [...new Set(inhabited)].filter((length) => table.bucket(length).length === 0)
      expect(empty, `node ${address}`).toEqual([])
    }
  })

  test('find the k closest of all nodes to any key', () => {
    const { found, expected } = compare(network, 1)
    expect(found).toEqual(expected)
  })

  test('report what a lookup found, how many it asked and in how many hops', () => {
    const { detail } = network.do(7, { type: 'lookup', target: idOf('x') })
    expect(detail).toEqual({
      target: idToHex(idOf('x')),
      closest: network.oracle(7, idOf('x'), 8),
      asked: expect.any(Number),
      hops: expect.any(Number),
    })
    expect(detail['asked']).toBeGreaterThanOrEqual(8)
    expect(detail['asked']).toBeLessThan(25)
    expect(detail['hops']).toBeGreaterThanOrEqual(1)
  })

  test('report each lookup once', () => {
    network.simulation.runUntil(network.simulation.now + minute)
    const before = network.events('lookup').length
    network.do(7, { type: 'lookup', target: idOf('y') })
    network.simulation.runUntil(network.simulation.now + minute)
    expect(network.events('lookup')).toHaveLength(before + 1)
  })
})

test.each([
  ['with the alpha of the paper', { alpha: 3 }],
  ['one request at a time', { alpha: 1 }],
  ['when a contact is doubted each time', { questionableAfter: 0 }],
  ['with the k of libp2p', { k: 20, size: 40 }],
])('lookups find the k closest %s', (_, options: Partial<KademliaNetworkOptions>) => {
  const network = settled(options)
  const { found, expected } = compare(network, 2, options.k)
  expect(found).toEqual(expected)
})

test('ids may have any length: 160 bits are a matter of the ids alone', () => {
  const network = settled({ size: 40, idBytes: 20 })
  const target = idOf('x', 20)
  expect(closest(network.do(3, { type: 'lookup', target }))).toEqual(network.oracle(3, target, 8))
})

describe.each([1, 2, 3])('after a crash of a third of the nodes (seed %i)', (seed) => {
  const network = settled({ seed })
  crashSome(network, 1 / 3, seed)

  // An answer names the k closest that a node knows, and the dead take some of these places until they are found out.
  test('lookups find at once all who live among the k that were closest before', () => {
    for (const key of keys(25)) {
      const target = idOf(key)
      const from = network.oracle(-1, target, 100).at(-1)!
      const before = closestContacts(network.contacts, target, 8).map(({ address }) => address)
      const found = closest(network.do(from, { type: 'lookup', target }))
      expect(found).toEqual(expect.arrayContaining(before.filter((address) => network.simulation.isUp(address))))
      expect(found.filter((address) => !network.simulation.isUp(address))).toEqual([])
    }
  })

  test('and all k of them when the tables are refreshed', () => {
    network.simulation.runUntil(network.simulation.now + 21 * minute)
    const { found, expected } = compare(network, seed)
    expect(found).toEqual(expected)
  })
})

test('lost packets are asked for again: with enough attempts a tenth of loss changes nothing', () => {
  const network = settled({ attempts: 8, timeout: 200 })
  network.simulation.addRule(loss(0.1))
  const { found, expected } = compare(network, 4)
  expect(found).toEqual(expected)
})

test('a node that is told of contacts needs no neighbors to begin with', () => {
  const met = settled({ size: 30 })
  const topology = topologyFromEdges(30, [])
  const network = new KademliaNetwork({ size: 30, topology, contacts: met.contacts, refreshInterval: 0 })
  expect(network.simulation.run()).toBe('idle')
  expect(network.simulation.packets.sent).toBe(0)
  const { found, expected } = compare(network, 5)
  expect(found).toEqual(expected)
})

test('a node joins by k of its neighbors at most, and still finds all', () => {
  const network = new KademliaNetwork({ size: 40, topology: complete(40), refreshInterval: 0 })
  let first = 0
  network.simulation.observe({ onSend: (time, from) => void (time === 0 && from === 0 && first++) })
  network.simulation.crash(0)
  network.simulation.restart(0)
  expect(first).toBe(8)
  network.simulation.run()
  const { found, expected } = compare(network, 6)
  expect(found).toEqual(expected)
})

test('a node that comes back is found again', () => {
  const network = settled()
  const { id } = network.contacts[42]!
  network.simulation.crash(42)
  expect(closest(network.do(1, { type: 'lookup', target: id }))).not.toContain(42)
  network.simulation.restart(42)
  network.simulation.runUntil(network.simulation.now + minute)
  expect(closest(network.do(1, { type: 'lookup', target: id }))[0]).toBe(42)
})

test('a node that comes back knows those who answered it, though they never asked it', () => {
  const network = new KademliaNetwork({ size: 8, refreshInterval: 0 })
  network.simulation.runUntil(minute)
  network.simulation.crash(5)
  network.simulation.restart(5)
  const askers = new Set<number>()
  network.simulation.observe({
    onSend: (_time, from, to, message) => to === 5 && 'requestId' in message && askers.add(from),
  })
  network.simulation.runUntil(2 * minute)
  expect(askers).toEqual(new Set())
  expect(new Set(network.nodes[5]!.table.contacts.map(({ address }) => address))).toEqual(
    new Set([0, 1, 2, 3, 4, 6, 7]),
  )
})

test('a node that met nobody tries again at the next refresh', () => {
  const waysIn = Array.from({ length: 9 }, (_, i) => [i + 1, 0] as const)
  const network = new KademliaNetwork({ size: 10, topology: topologyFromEdges(10, waysIn, { directed: true }) })
  network.simulation.crash(0)
  network.simulation.runUntil(minute)
  const { detail } = network.do(5, { type: 'lookup', target: idOf('x') })
  expect(detail).toMatchObject({ closest: [], asked: 0, hops: 0 })
  network.simulation.restart(0)
  network.simulation.runUntil(21 * minute)
  expect(closest(network.do(5, { type: 'lookup', target: idOf('x') }))).toEqual(network.oracle(5, idOf('x'), 8))
})

describe('a refresh', () => {
  /** The buckets of node 3 into which it looks in a while, and its own id, which is 256 bits deep. */
  function depths(network: KademliaNetwork, until: number): Set<number> {
    const self = network.contacts[3]!.id
    const found = new Set<number>()
    const stop = network.simulation.observe({
      onSend: (_time, from, _to, message) => {
        if (from === 3 && message.type === 'find-node') found.add(commonPrefixLength(self, (message as Find).target))
      },
    })
    network.simulation.runUntil(until)
    stop()
    return found
  }
  interface Find extends Message {
    readonly target: Uint8Array
  }

  test('looks for the own id and into every bucket, but not where a lookup went since the last one', () => {
    const network = settled()
    const { depth } = network.nodes[3]!.table
    const all = [...Array.from({ length: depth }, (_, length) => length), 256]
    expect([...depths(network, 31 * minute)].sort((a, b) => a - b)).toEqual(all)
    // Node 3 refreshes once in ten minutes; this lookup is between two of these times.
    const far = network.contacts.find(({ id }) => commonPrefixLength(id, network.contacts[3]!.id) === 0)!
    network.do(3, { type: 'lookup', target: far.id })
    expect([...depths(network, 41 * minute)].sort((a, b) => a - b)).toEqual(all.slice(1))
    expect([...depths(network, 51 * minute)].sort((a, b) => a - b)).toEqual(all)
  })
})

test('an answer does not name who asked, and so has a place for another', () => {
  const network = new KademliaNetwork({ size: 20, refreshInterval: 0 })
  network.simulation.run()
  const { id } = network.contacts[4]!
  const told: number[][] = []
  network.simulation.observe({
    onSend: (_time, from, _to, message) => {
      const { contacts } = message as Message & { readonly contacts?: { readonly address: number }[] }
      if (from === 0 && contacts !== undefined) told.push(contacts.map(({ address }) => address))
    },
  })
  expect(network.nodes[0]!.table.contacts.map(({ address }) => address)).toContain(4)
  network.simulation.inject(4, 0, { type: 'find-node', requestId: 1, sender: id, target: id } as Message)
  network.simulation.run()
  expect(told[0]).toHaveLength(8)
  expect(told[0]).not.toContain(4)
})

test('a node that comes back knows those who answered it, though they never asked it', () => {
  const network = new KademliaNetwork({ size: 8, refreshInterval: 0 })
  network.simulation.runUntil(minute)
  network.simulation.crash(5)
  network.simulation.restart(5)
  const askers = new Set<number>()
  network.simulation.observe({
    onSend: (_time, from, to, message) => to === 5 && 'requestId' in message && askers.add(from),
  })
  network.simulation.runUntil(2 * minute)
  expect(askers).toEqual(new Set())
  expect(new Set(network.nodes[5]!.table.contacts.map(({ address }) => address))).toEqual(
    new Set([0, 1, 2, 3, 4, 6, 7]),
  )
})

test('a node that met nobody tries again at the next refresh', () => {
  const network = new KademliaNetwork({ size: 10, topology: star(10) })
  network.simulation.crash(0)
  network.simulation.runUntil(minute)
  expect(network.do(5, { type: 'lookup', target: idOf('x') }).detail).toMatchObject({ closest: [], asked: 0, hops: 0 })
  network.simulation.restart(0)
  network.simulation.runUntil(21 * minute)
  expect(closest(network.do(5, { type: 'lookup', target: idOf('x') }))).toEqual(network.oracle(5, idOf('x'), 8))
})

test('without a refresh all falls idle', () => {
  const network = new KademliaNetwork({ size: 60, k: 2, refreshInterval: 0, questionableAfter: 0 })
  expect(network.simulation.run({ maxEvents: 200_000 })).toBe('idle')
})

test('who asks something is known from then on, but not who pings', () => {
  const network = new KademliaNetwork({ size: 3, topology: topologyFromEdges(3, []), refreshInterval: 0 })
  const [, one, two] = network.contacts
  network.simulation.inject(1, 0, { type: 'ping', requestId: 1, sender: one!.id } as Message)
  network.simulation.inject(2, 0, { type: 'find-node', requestId: 1, sender: two!.id, target: two!.id } as Message)
  network.simulation.run()
  expect(network.nodes[0]!.table.contacts).toEqual([two])
})

test('the same seed gives the same run, to the last byte', () => {
  const fingerprints = [1, 1, 2].map((seed) => settled({ seed, size: 30 }).simulation.fingerprint)
  expect(fingerprints[0]).toBe(fingerprints[1])
  expect(fingerprints[0]).not.toBe(fingerprints[2])
})

describe('a full bucket', () => {
  /** Node 0, whose buckets have one place, and two nodes that belong into the same of them. Nobody knows anybody. */
  function rivalry(): { network: KademliaNetwork; first: number; second: number; meet: (node: number) => void } {
    const network = new KademliaNetwork({
      size: 10,
      k: 1,
      topology: topologyFromEdges(10, []),
      refreshInterval: 0,
      questionableAfter: 0,
      timeout: 500,
      attempts: 2,
    })
    const self = network.contacts[0]!.id
    const [first, second] = network.contacts.filter(({ id }) => commonPrefixLength(self, id) === 0)
    const meet = (node: number): void => {
      const { id } = network.contacts[node]!
      network.simulation.inject(node, 0, { type: 'find-node', requestId: node, sender: id, target: id } as Message)
      network.simulation.run()
    }
    return { network, first: first!.address, second: second!.address, meet }
  }
  const known = (network: KademliaNetwork): number[] => network.nodes[0]!.table.contacts.map(({ address }) => address)

  test('asks the oldest contact whether it is there, and keeps it when it is', () => {
    const { network, first, second, meet } = rivalry()
    const pings: [number, number][] = []
    network.simulation.observe({ onSend: (_t, from, to, { type }) => type === 'ping' && pings.push([from, to]) })
    meet(first)
    expect([pings, known(network)]).toEqual([[], [first]])
    meet(second)
    expect([pings, known(network)]).toEqual([[[0, first]], [first]])
  })

  test('gives the place of one that does not answer to the newcomer, though it answered before', () => {
    const { network, first, second, meet } = rivalry()
    meet(first)
    meet(second)
    expect(known(network)).toEqual([first])
    network.simulation.crash(first)
    meet(second)
    expect(known(network)).toEqual([second])
  })

  test('asks once, however many newcomers there are meanwhile', () => {
    const { network, first, second } = rivalry()
    const send = (node: number, requestId: number): void => {
      const { id } = network.contacts[node]!
      network.simulation.inject(node, 0, { type: 'find-node', requestId, sender: id, target: id } as Message)
    }
    send(first, 0)
    network.simulation.run()
    for (let i = 1; i < 10; i++) send(second, i)
    let pings = 0
    network.simulation.observe({ onSend: (_t, _from, _to, { type }) => void (type === 'ping' && pings++) })
    network.simulation.run()
    expect(pings).toBe(1)
  })
})

test.each([
  [{ k: 101 }, 'k is 101; it must be a whole number from 1 to 100'],
  [{ alpha: 0 }, 'alpha is 0'],
  [{ resiliency: 0 }, 'resiliency is 0'],
  [{ refreshInterval: -1 }, 'refreshInterval is -1'],
  [{ expiry: -1 }, 'expiry is -1'],
  [{ republishInterval: 0 }, 'republishInterval is 0'],
  [{ maxRecords: -1 }, 'maxRecords is -1'],
  [{ timeout: 0 }, 'timeout is 0'],
])('the options %j are refused when the node is made', (options: Partial<KademliaNetworkOptions>, message) => {
  expect(() => new KademliaNetwork({ size: 2, ...options })).toThrow(message)
})

test('a target of another length is the mistake of who asks for it, and says so', () => {
  const network = new KademliaNetwork({ size: 2 })
  expect(() => network.do(0, { type: 'lookup', target: idOf('x', 20) })).toThrow(
    'target is 20 bytes; it must be an id of 32 bytes, such as idOf(name, 32)',
  )
})
