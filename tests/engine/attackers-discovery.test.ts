/** Sybil identities and poisoned discovery. */
import {
  AddressLiar,
  bitcoind093,
  complete,
  deriveStream,
  endpointBook,
  groupedEndpoints,
  randomEndpoint,
  Simulation,
  SybilIdentity,
  withCountermeasures,
  BitcoinNode,
  constantLatency,
  type BitcoinParameters,
  type Host,
  type Ipv4Endpoint,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { hour, minute } from '../support/address-table.ts'
import { network, peersOf, type Network } from '../support/bitcoin.ts'

/** Twenty honest nodes, and identities of one operator, who knows them all. */
function withSybils(groups: number, perGroup: number, parameters: BitcoinParameters = bitcoind093): Network {
  const siblings = groupedEndpoints(deriveStream(1, 'sybils'), { groups, perGroup })
  return network({
    honest: 20,
    parameters,
    strangers: siblings,
    stranger: (host, _i, { endpoints }) =>
      new SybilIdentity(host, { siblings, targets: endpoints.slice(0, 20) }) as never,
  })
}

const isSybil = (run: Network, peer: Ipv4Endpoint): boolean => run.endpoints.indexOf(peer) >= run.nodes.length

function sybilShare(run: Network): number {
  const tried = [...run.nodes[0]!.table.store.entries].filter(({ inTried }) => inTried)
  return tried.filter(({ endpoint }) => isSybil(run, endpoint)).length / tried.length
}

describe('Sybil identities', () => {
  test('fill the slots of everybody, and the tables', () => {
    const run = withSybils(40, 2, { ...bitcoind093, incoming: 60 })
    run.simulation.runUntil(20 * minute)
    for (const [node] of run.nodes.entries()) {
      const sybils = peersOf(run, node, 'incoming').filter((peer) => isSybil(run, peer))
      expect(sybils.length).toBeGreaterThan(30)
    }
    expect(sybilShare(run)).toBeGreaterThan(0.6)
  })

  test('tell of each other only', () => {
    const siblings = groupedEndpoints(deriveStream(1, 'sybils'), { groups: 30, perGroup: 1 })
    const own = randomEndpoint(deriveStream(1, 'own'), 8333)
    let node!: BitcoinNode
    const simulation = new Simulation({
      seed: 1,
      topology: complete(2),
      addresses: endpointBook([own, siblings[0]!]),
      latency: constantLatency(50),
      protocol: (host, i) =>
        (i === 0
          ? (node = new BitcoinNode(host as never, { seeds: [siblings[0]!] }))
          : new SybilIdentity(host as never, { siblings, targets: [] })) as never,
    })
    simulation.runUntil(5 * minute)
    const known = Array.from(node.table.store.entries, ({ endpoint }) => endpoint)
    expect(known.length).toBeGreaterThan(20)
    for (const each of known) expect(siblings).toContain(each)
  })

  test('in one group get few places in tried, however many they are; in many groups they get many', () => {
    const places = (groups: number, perGroup: number): number => {
      const run = withSybils(groups, perGroup)
      run.simulation.runUntil(10 * minute)
      return new Set(
        [...run.nodes[0]!.table.store.entries]
          .filter(({ endpoint, inTried }) => inTried && isSybil(run, endpoint))
          .map(({ endpoint }) => run.nodes[0]!.table.store.placement.triedBucket(endpoint)),
      ).size
    }
    expect(places(1, 80)).toBeLessThanOrEqual(4)
    expect(places(80, 1)).toBeGreaterThan(30)
  })

  test('are connected to once a group by those who choose, whatever their number', () => {
    const run = withSybils(2, 40)
    run.simulation.runUntil(30 * minute)
    for (const [node] of run.nodes.entries())
      expect(peersOf(run, node, 'full-relay').filter((peer) => isSybil(run, peer)).length).toBeLessThanOrEqual(2)
  })
})

describe('liars who are asked for addresses', () => {
  /** A newcomer who knows some of 20 honest nodes, and as many liars as it is told. */
  function newcomer(
    liars: number,
    options: object,
    parameters: BitcoinParameters = bitcoind093,
  ): Network & { connected: () => number } {
    const strangers = groupedEndpoints(deriveStream(3, 'liars'), { groups: 4, perGroup: 1 })
    const run = network({
      honest: 20,
      parameters,
      strangers,
      stranger: (host) => new AddressLiar(host, options) as never,
    })
    // The others are connected by the time it starts.
    run.simulation.crash(0)
    run.simulation.runUntil(5 * minute)
    run.simulation.restart(0)
    const { table } = run.nodes[0]!
    for (const liar of strangers.slice(0, liars)) table.add(liar, liar, run.simulation.now)
    return { ...run, connected: () => peersOf(run, 0, 'full-relay').length }
  }

  test('with trash make it dial into the void: it takes far longer to be connected', () => {
    const [honest, lied] = [0, 4].map((liars) => {
      const run = newcomer(liars, {})
      const start = run.simulation.now
      while (run.connected() < 8 && run.simulation.now < start + 3 * hour)
        run.simulation.runUntil(run.simulation.now + 1000)
      return run.simulation.now - start
    })
    expect(honest!).toBeLessThan(5 * minute)
    expect(lied!).toBeGreaterThan(3 * honest!)
  })

  test('with accomplices lead it to these', () => {
    const accomplices = groupedEndpoints(deriveStream(4, 'more'), { groups: 300, perGroup: 1 })
    const run = newcomer(4, { accomplices, lies: 100 })
    run.simulation.runUntil(run.simulation.now + 20 * minute)
    const known = accomplices.filter((each) => run.nodes[0]!.table.find(each) !== undefined)
    expect(known.length).toBeGreaterThan(100)
  })

  test('are asked no more and told no more than others', () => {
    const run = newcomer(4, { lies: 0 }, withCountermeasures(bitcoind093, { banUnsolicited: true }))
    run.simulation.runUntil(run.simulation.now + 5 * minute)
    expect(run.connected()).toBe(8)
  })
})

test('options out of range are refused', () => {
  expect(() => new AddressLiar({} as Host<never>, { lies: 1001 })).toThrow('lies is 1001')
  expect(() => new SybilIdentity({} as Host<never>, { siblings: [], targets: [], retry: 0 })).toThrow('retry is 0')
})
