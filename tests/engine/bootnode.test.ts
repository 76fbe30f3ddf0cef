/** The bootnode that checks nothing, and the liar among peers. */
import {
  Bootnode,
  constantLatency,
  PeerLiar,
  PeerLinks,
  Simulation,
  topologyFromEdges,
  type Address,
  type DiscoveryMessage,
  type DiscoveryPeers,
  type Host,
  type Message,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'

/** Node 0 runs this; the others do nothing, and what they get is kept. */
function around(
  make: (host: Host<DiscoveryMessage>) => { onMessage(from: Address, message: Message): void },
  neighbors: readonly (readonly [number, number])[] = [],
) {
  const got: { readonly node: number; readonly message: DiscoveryPeers }[] = []
  const simulation = new Simulation({
    seed: 1,
    topology: topologyFromEdges(8, neighbors, { directed: true }),
    latency: constantLatency(10),
    strict: true,
    protocol: (host, node) =>
      node === 0
        ? make(host as never)
        : {
            onMessage: (_from: Address, message: Message) =>
              void got.push({ node, message: message as DiscoveryPeers }),
          },
  })
  const say = (from: number, message: object): readonly string[] => {
    const before = got.length
    simulation.inject(from, 0, message as Message)
    simulation.runUntil(simulation.now + 30)
    return got
      .slice(before)
      .map(({ node, message: { type, peers } }) =>
        peers === undefined ? `${type}>${node}` : `${type}>${node}: ${[...peers].sort((a, b) => a - b).join(',')}`,
      )
  }
  return { simulation, say }
}

describe('a bootnode', () => {
  test('welcomes who calls, and names it to whoever asks, also to itself', () => {
    const { say } = around((host) => new Bootnode(host))
    expect(say(1, { type: 'hello' })).toEqual(['welcome>1'])
    expect(say(2, { type: 'hello' })).toEqual(['welcome>2'])
    expect(say(1, { type: 'get-peers' })).toEqual(['peers>1: 1,2'])
    expect(say(3, { type: 'ping' })).toEqual(['pong>3'])
  })

  test('names so many at most, and forgets who called longest ago', () => {
    const listed = [5, 6] as Address[]
    let bootnode!: Bootnode
    const { simulation, say } = around(
      (host) => (bootnode = new Bootnode(host, { maxListed: 3, maxShared: 2, listed })),
    )
    simulation.runUntil(0)
    expect([...bootnode.listed]).toEqual([5, 6])
    for (const node of [1, 6, 2]) say(node, { type: 'hello' })
    expect([...bootnode.listed]).toEqual([1, 6, 2])
    const [answer = ''] = say(3, { type: 'get-peers' })
    expect(answer).toMatch(/^peers>3: \d,\d$/)
  })

  test('reports what makes no sense, and believes no list', () => {
    let bootnode!: Bootnode
    const { simulation, say } = around((host) => (bootnode = new Bootnode(host)))
    const reports: string[] = []
    simulation.observe({ onReport: (_time, _node, event) => void reports.push(event) })
    expect(say(1, { type: 'peers', peers: 'all' })).toEqual([])
    expect(say(1, { type: 'peers', peers: [4] })).toEqual([])
    expect(reports).toEqual(['malformed'])
    expect(bootnode.listed.size).toBe(0)
  })
})

describe('a liar among peers', () => {
  test('calls its bootnodes again and again, and everybody of whom it hears once', () => {
    const { simulation, say } = around((host) => new PeerLiar(host, { period: 1000 }), [[0, 7]])
    const calls: number[] = []
    simulation.observe({ onSend: (_time, _from, to, { type }) => void (type === 'hello' && calls.push(to)) })
    simulation.runUntil(2500)
    expect(calls).toEqual([7, 7, 7])
    expect(say(7, { type: 'welcome' })).toEqual(['get-peers>7'])
    expect(say(7, { type: 'peers', peers: [0, 1, 2, 1] })).toEqual(['hello>1', 'hello>2'])
    expect(say(3, { type: 'full', peers: [1, 4] })).toEqual(expect.arrayContaining(['hello>4']))
    expect(calls.filter((node) => node === 1)).toHaveLength(1)
  })

  test('names its accomplices, or makes addresses up where it has none', () => {
    const ask = (names: readonly number[]) =>
      around((host) => new PeerLiar(host, { names: names as Address[], lies: 3 })).say(1, { type: 'get-peers' })
    expect(ask([5, 6])).toEqual(['peers>1: 5,6'])
    const [made = ''] = ask([])
    expect(made).toMatch(/^peers>1: \d{6,15},\d{6,15},\d{6,15}$/)
  })
})

describe('what nodes say of their peers', () => {
  const addresses = new Simulation({
    seed: 1,
    topology: topologyFromEdges(4, []),
    protocol: () => ({ onMessage() {} }),
  }).addresses

  test('is a connection where both say so, and nothing after a crash', () => {
    const links = new PeerLinks(4, addresses)
    const all = () => true
    links.onReport(1, 0, 'connected', { peer: 1, isOutgoing: true })
    expect(links.peersOf(0)).toEqual([])
    links.onReport(2, 1, 'connected', { peer: 0, isOutgoing: false })
    links.onReport(3, 2, 'connected', { peer: 99, isOutgoing: true })
    expect([links.peersOf(0), links.peersOf(1), links.peersOf(2)]).toEqual([[1], [0], []])
    expect(links.parts(all)).toEqual([2, 1, 1])
    links.onEvent(1, 4, 'crash', 1)
    expect(links.parts(all)).toEqual([1, 1, 1, 1])
  })

  test('may be nonsense, which changes nothing', () => {
    const links = new PeerLinks(4, addresses)
    for (const detail of [undefined, null, 'x', { peer: 'x' }, [1]]) links.onReport(1, 0, 'connected', detail as never)
    expect(links.linksOf(0).size).toBe(0)
    expect(links.hasKnown).toBe(false)
    links.onReport(2, 0, 'learned', { peer: 2 })
    links.onReport(3, 0, 'verified', { peer: 2 })
    expect([...links.knownTo(0)]).toEqual([[2, { isVerified: true }]])
  })
})
