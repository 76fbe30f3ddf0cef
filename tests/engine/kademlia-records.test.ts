import {
  bep5IdBytes,
  drop,
  idOf,
  idToHex,
  pass,
  replace,
  StoreTokens,
  tokenLifetime,
  tokenSecretInterval,
  type Address,
  type Host,
  type Id,
  type Message,
  type Rule,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { ExpiringRecords } from '../../engine/protocols/kademlia/expiring-records.ts'
import { KademliaNetwork, type KademliaNetworkOptions, type Report } from '../support/dht.ts'

const minute = 60_000
const hour = 60 * minute
const song = idOf('song')

/** Nodes that have met, and that send nothing of their own accord but what they publish. */
function quiet(options: Partial<KademliaNetworkOptions> = {}): KademliaNetwork {
  const network = new KademliaNetwork({ size: 40, refreshInterval: 0, ...options })
  network.simulation.runUntil(minute)
  return network
}

function providers(network: KademliaNetwork, from: number, target: Id = song, count = 1): unknown {
  return network.do(from, { type: 'find-providers', target, count }).detail['providers']
}

/** Who is asked to store something. */
function stores(network: KademliaNetwork): number[] {
  const receivers: number[] = []
  network.simulation.observe({
    onSend: (_time, _from, to, { type }) => {
      if (type === 'add-provider' || type === 'put-value') receivers.push(to)
    },
  })
  return receivers
}

const ascending = (numbers: readonly number[]): number[] => [...numbers].sort((a, b) => a - b)

describe('a provider record', () => {
  test('is stored at the k closest nodes, which the report counts', () => {
    const network = quiet()
    const asked = stores(network)
    expect(network.do(3, { type: 'provide', target: song }).detail).toEqual({ target: idToHex(song), stored: 8 })
    expect(ascending(asked)).toEqual(ascending(network.oracle(3, song, 8)))
  })

  test('is found by every node, and names the provider', () => {
    const network = quiet()
    network.do(3, { type: 'provide', target: song })
    for (let node = 0; node < 40; node++) if (node !== 3) expect(providers(network, node)).toEqual([3])
    // Who wants one is content with the first answer that names one; who wants two asks on.
    const [one, two] = [1, 2].map((count) => network.do(7, { type: 'find-providers', target: song, count }))
    expect(one!.detail['asked']).toBeLessThan(two!.detail['asked'] as number)
  })

  test('is stored nowhere by a node that knows nobody, and the report says so', () => {
    const network = quiet({ size: 2 })
    network.simulation.crash(0)
    network.simulation.restart(1)
    network.simulation.crash(1)
    network.simulation.restart(1)
    expect(network.do(1, { type: 'provide', target: song }).detail).toEqual({ target: idToHex(song), stored: 0 })
  })

  test('is not counted where it could not be stored', () => {
    const network = quiet()
    const [deaf] = network.oracle(3, song, 1)
    network.simulation.addRule({
      name: 'deaf',
      judge: ({ to, message }) => (to === deaf && message.type === 'add-provider' ? drop : pass),
    })
    expect(network.do(3, { type: 'provide', target: song }).detail['stored']).toBe(7)
  })

  test('of one id is not found under another', () => {
    const network = quiet()
    network.do(3, { type: 'provide', target: song })
    expect(providers(network, 7, idOf('another song'))).toEqual([])
  })

  test('stands beside those of other providers; who wants more of them asks on', () => {
    const network = quiet()
    for (const node of [3, 9, 30]) network.do(node, { type: 'provide', target: song })
    expect(ascending(providers(network, 7, song, 3) as number[])).toEqual([3, 9, 30])
    const [few, all] = [1, 100].map((count) => network.do(7, { type: 'find-providers', target: song, count }))
    expect(few!.detail['asked']).toBeLessThan(all!.detail['asked'] as number)
    network.simulation.runUntil(network.simulation.now + minute)
    expect(network.events('find-providers'), 'each search ends once').toHaveLength(3)
  })

  test('that the node keeps itself is found without asking anybody', () => {
    const network = quiet()
    network.do(3, { type: 'provide', target: song })
    const keeper = network.oracle(3, song, 1)[0]!
    expect(network.do(keeper, { type: 'find-providers', target: song }).detail).toMatchObject({
      providers: [3],
      asked: 0,
    })
  })

  test('survives the crash of all but one of those who keep it', () => {
    const network = quiet()
    network.do(3, { type: 'provide', target: song })
    for (const keeper of network.oracle(3, song, 8).slice(0, 7)) network.simulation.crash(keeper)
    const asker = network.contacts.find(({ address }) => address !== 3 && network.simulation.isUp(address))!.address
    expect(providers(network, asker, song)).toEqual([3])
  })

  test('is served for 48 hours after its provider has stored it for the last time, and no longer', () => {
    const network = quiet()
    const { time } = network.do(3, { type: 'provide', target: song })
    network.simulation.crash(3)
    network.simulation.runUntil(time + 48 * hour - minute)
    expect(providers(network, 7)).toEqual([3])
    network.simulation.runUntil(time + 48 * hour)
    expect(providers(network, 7)).toEqual([])
  })

  test('is stored again every 22 hours, as long as its provider is up', () => {
    const network = quiet()
    network.do(3, { type: 'provide', target: song })
    const start = network.simulation.now
    network.simulation.runUntil(start + 100 * hour)
    const hours = network.events('provide').map(({ time }) => Math.round((time - start) / hour))
    expect(hours).toEqual([0, 22, 44, 66, 88])
    expect(providers(network, 7)).toEqual([3])
    network.simulation.crash(3)
    network.simulation.runUntil(start + 200 * hour)
    expect(network.events('provide')).toHaveLength(5)
    expect(providers(network, 7)).toEqual([])
  })

  test('is back with the next storing when all who kept it have lost it', () => {
    const network = quiet()
    network.do(3, { type: 'provide', target: song })
    for (let node = 0; node < 40; node++)
      if (node !== 3 && network.simulation.crash(node)) network.simulation.restart(node)
    network.simulation.runUntil(network.simulation.now + minute)
    expect(providers(network, 7)).toEqual([])
    network.simulation.runUntil(22 * hour + 5 * minute)
    expect(providers(network, 7)).toEqual([3])
  })

  test('goes to who is closest by then when it is stored again', () => {
    const network = quiet({ refreshInterval: 10 * hour })
    network.do(3, { type: 'provide', target: song })
    for (const keeper of network.oracle(3, song, 8)) network.simulation.crash(keeper)
    const asked = stores(network)
    network.simulation.runUntil(23 * hour)
    expect(new Set(asked)).toEqual(new Set(network.oracle(3, song, 8)))
  })

  test('takes no room for ever: what has expired makes place', () => {
    const network = quiet({ maxRecords: 2, republishInterval: 1000 * hour })
    const keeper = network.oracle(3, song, 1)[0]!
    const store = (node: number): Report => network.do(node, { type: 'provide', target: song })
    const others = network.contacts.map(({ address }) => address).filter((address) => address !== keeper)
    store(others[0]!)
    store(others[1]!)
    expect(network.events('store-full')).toEqual([])
    store(others[2]!)
    expect(network.events('store-full').map(({ node }) => node)).toContain(keeper)
    const refused = network.events('store-full').length
    network.simulation.runUntil(network.simulation.now + 49 * hour)
    expect(store(others[3]!).detail['stored']).toBe(8)
    expect(network.events('store-full')).toHaveLength(refused)
    expect(providers(network, others[0]!)).toEqual([others[3]])
  })
})

describe('who stores something', () => {
  const request = (network: KademliaNetwork, node: number, token: Uint8Array): Message =>
    ({ type: 'add-provider', requestId: 1, sender: network.contacts[node]!.id, target: song, token }) as Message

  /** The token that node 0 gave to a node in its last answer. */
  function tokenOf(network: KademliaNetwork, node: number): Uint8Array {
    let token: Uint8Array = new Uint8Array(0)
    const stop = network.simulation.observe({
      onSend: (_time, from, to, message) => {
        if (from === 0 && to === node) token = (message as Message & { readonly token: Uint8Array }).token
      },
    })
    const { id } = network.contacts[node]!
    network.simulation.inject(node, 0, { type: 'find-node', requestId: 1, sender: id, target: id } as Message)
    network.simulation.runUntil(network.simulation.now + 1000)
    stop()
    return token
  }

  function accepts(network: KademliaNetwork, node: number, token: Uint8Array): boolean {
    network.simulation.inject(node, 0, request(network, node, token))
    const before = network.events('bad-token').length
    network.simulation.runUntil(network.simulation.now + 1000)
    const isKept = (providers(network, 0) as number[]).includes(node)
    expect(network.events('bad-token').length - before).toBe(isKept ? 0 : 1)
    return isKept
  }

  test('must show a token that it got at its own address', () => {
    const network = quiet({ size: 4 })
    const token = tokenOf(network, 2)
    expect(accepts(network, 1, new Uint8Array(8))).toBe(false)
    expect(accepts(network, 1, new Uint8Array(0))).toBe(false)
    expect(accepts(network, 1, token)).toBe(false)
    expect(accepts(network, 2, token)).toBe(true)
  })

  test('gets no use out of the token of another node', () => {
    const network = quiet({ size: 4 })
    const elsewhere = tokenOf(network, 2)
    network.simulation.inject(2, 1, request(network, 2, elsewhere))
    network.simulation.runUntil(network.simulation.now + 1000)
    expect(network.events('bad-token').map(({ node }) => node)).toEqual([1])
  })
})

describe('a token (BEP 5)', () => {
  /** A host with a clock that the test sets. */
  function tokensAt(): { tokens: StoreTokens; clock: { now: number } } {
    const clock = { now: 0 }
    let drawn = 0
    const random = { integer: (bound: number) => (drawn = (drawn * 75 + 74) % 65537) % bound }
    const host = Object.defineProperty({ random }, 'now', { get: () => clock.now })
    return { tokens: new StoreTokens(host as unknown as Host<never>), clock }
  }
  const [mine, yours] = [1 as Address, 2 as Address]

  test('is accepted for ten minutes from whenever it was issued, and never after fifteen', () => {
    for (let issued = 0; issued <= tokenLifetime; issued += minute / 2) {
      const { tokens, clock } = tokensAt()
      clock.now = issued
      const token = tokens.issue(mine)
      for (let age = 0; age <= tokenLifetime; age += minute / 2) {
        clock.now = issued + age
        tokens.issue(yours)
        expect(tokens.accepts(mine, token)).toBe(true)
      }
      clock.now = issued + tokenLifetime + tokenSecretInterval
      expect(tokens.accepts(mine, token)).toBe(false)
    }
  })

  test('is accepted from one address only, and only as it was issued', () => {
    const { tokens } = tokensAt()
    const token = tokens.issue(mine)
    expect(tokens.accepts(yours, token)).toBe(false)
    for (let bit = 0; bit < 8 * token.length; bit++) {
      const changed = token.slice()
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(tokens.accepts(mine, changed)).toBe(false)
    }
    expect(tokens.accepts(mine, token.subarray(0, 7))).toBe(false)
  })

  test('changes with the secret, every five minutes', () => {
    const { tokens, clock } = tokensAt()
    const issued = Array.from({ length: 15 }, (_, minutes) => {
      clock.now = minutes * minute
      return idToHex(tokens.issue(mine))
    })
    expect(new Set(issued.slice(0, 5)).size).toBe(1)
    expect(new Set(issued).size).toBe(3)
  })
})

describe('a value', () => {
  const value = Uint8Array.of(1, 2, 3)

  test('is found by its hash, by every node', () => {
    const network = quiet()
    expect(network.do(3, { type: 'put', value }).detail).toEqual({ target: idToHex(idOf(value)), stored: 8 })
    for (let node = 0; node < 40; node++) {
      expect(network.do(node, { type: 'get', target: idOf(value) }).detail['value']).toEqual(value)
    }
  })

  test('that a node keeps itself is found without asking anybody', () => {
    const network = quiet()
    network.do(3, { type: 'put', value })
    const [keeper] = network.oracle(3, idOf(value), 1)
    expect(network.do(keeper!, { type: 'get', target: idOf(value) }).detail).toMatchObject({ value, asked: 0 })
  })

  test('that has expired makes place for another', () => {
    const network = quiet({ size: 3, maxRecords: 1, republishInterval: 1000 * hour })
    const put = (byte: number): unknown => network.do(1, { type: 'put', value: Uint8Array.of(byte) }).detail['stored']
    expect([put(1), put(2)]).toEqual([2, 0])
    network.simulation.runUntil(49 * hour)
    expect(put(3)).toBe(2)
  })

  test('that nobody has put is not found, when all its closest nodes have been asked', () => {
    const network = quiet()
    const { detail } = network.do(3, { type: 'get', target: song })
    expect(detail['value']).toBeNull()
    expect(detail['asked']).toBeGreaterThanOrEqual(8)
  })

  test('that was forged on its way is not believed: who gave it is reported, and the next is asked', () => {
    const network = quiet()
    network.do(3, { type: 'put', value })
    const [forger] = network.oracle(7, idOf(value), 1)
    const rule: Rule = {
      name: 'forge',
      judge: ({ from, message }) =>
        from === forger && 'value' in message
          ? replace({ ...message, value: Uint8Array.of(6, 6, 6) } as Message)
          : pass,
    }
    network.simulation.addRule(rule)
    const honest = network.contacts.findIndex(({ address }) => !network.oracle(3, idOf(value), 8).includes(address))
    expect(network.do(honest, { type: 'get', target: idOf(value) }).detail['value']).toEqual(value)
    expect(network.events('forged-value').every(({ detail }) => detail['from'] === forger)).toBe(true)
    expect(network.events('forged-value').length).toBeGreaterThan(0)
  })

  test('expires and is put again as provider records are', () => {
    const network = quiet()
    network.do(3, { type: 'put', value })
    const got = (): unknown => network.do(7, { type: 'get', target: idOf(value) }).detail['value']
    network.simulation.runUntil(60 * hour)
    expect(got()).toEqual(value)
    network.simulation.crash(3)
    network.simulation.runUntil(120 * hour)
    expect(got()).toBeNull()
  })

  test('has its place in a network of shorter ids, too', () => {
    const network = quiet({ size: 20, idBytes: bep5IdBytes })
    network.do(3, { type: 'put', value })
    expect(network.do(7, { type: 'get', target: idOf(value, 20) }).detail['value']).toEqual(value)
  })

  test('that is too large is refused with the limit', () => {
    const network = quiet({ size: 2 })
    expect(() => network.do(0, { type: 'put', value: new Uint8Array(1001) })).toThrow(
      'the length of the value is 1001; it must be a whole number from 0 to 1000',
    )
  })
})

describe('expiring records', () => {
  test('are there until they expire; a record of the same name takes the place of the old one', () => {
    const records = new ExpiringRecords<string>(10)
    records.set(song, 1, 'a', 100)
    records.set(song, 2, 'b', 200)
    expect([records.get(song, 99), records.get(song, 100), records.get(song, 200)]).toEqual([['a', 'b'], ['b'], []])
    records.set(song, 1, 'c', 300)
    expect([records.get(song, 250), records.size]).toEqual([['c'], 2])
    expect(records.get(idOf('other'), 0)).toEqual([])
  })

  test('are no more than allowed, but those that are there can be renewed', () => {
    const records = new ExpiringRecords<string>(2)
    expect(records.set(song, 1, 'a', 100)).toBe(true)
    expect(records.set(idOf('other'), 1, 'b', 100)).toBe(true)
    expect(records.set(song, 2, 'c', 100)).toBe(false)
    expect(records.set(song, 1, 'd', 200)).toBe(true)
    expect([records.size, records.get(song, 0)]).toEqual([2, ['d']])
  })

  test('make room when they are pruned', () => {
    const records = new ExpiringRecords<string>(2)
    records.set(song, 1, 'a', 100)
    records.set(song, 2, 'b', 200)
    records.prune(99)
    expect(records.size).toBe(2)
    records.prune(100)
    expect([records.size, records.get(song, 0)]).toEqual([1, ['b']])
    records.prune(1000)
    expect([records.size, records.set(song, 3, 'c', 2000)]).toEqual([0, true])
  })
})
