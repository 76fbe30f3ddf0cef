import {
  bitcoinCore,
  bitcoind093,
  complete,
  groupedEndpoints,
  deriveStream,
  groupOf,
  loss,
  randomEndpoint,
  Simulation,
  BitcoinNode,
  endpointBook,
  AddressLiar,
  uniformLatency,
  withCountermeasures,
  type Host,
  type Ipv4Endpoint,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { contents, hour, minute } from '../support/address-table.ts'
import { network, peersOf, restart, type Network } from '../support/bitcoin.ts'

const outgoing = ['full-relay', 'block-only'] as const
const all = (run: Network): number[] => run.nodes.map((_, node) => node)

const presets = [
  ['bitcoind 0.9.3', bitcoind093],
  ['Bitcoin Core', bitcoinCore],
] as const

describe.each(presets)('nodes of %s that know five others', (_name, parameters) => {
  const run = network({ parameters, honest: 60, latency: uniformLatency(20, 200) })
  run.simulation.runUntil(5 * minute)

  test('soon have all their outgoing connections, to others, in as many groups', () => {
    for (const node of all(run)) {
      const peers = peersOf(run, node, ...outgoing)
      expect(peers.length, `node ${node}`).toBe(parameters.outgoing + parameters.blockOnly)
      expect(new Set(peers.map(groupOf)).size).toBe(peers.length)
      expect(peers).not.toContain(run.endpoints[node])
    }
  })

  test('agree on who is connected to whom', () => {
    const open = (a: number, b: number): boolean => run.nodes[a]!.links.some(({ peer }) => peer === run.endpoints[b])
    for (const a of all(run)) for (const b of all(run)) expect(open(a, b), `${a} and ${b}`).toBe(open(b, a))
  })

  test('have whom they connected to in tried', () => {
    for (const node of all(run))
      for (const peer of peersOf(run, node, ...outgoing)) expect(run.nodes[node]!.table.find(peer)!.inTried).toBe(true)
  })

  test('know nobody who is not there, and not themselves', () => {
    for (const node of all(run))
      for (const { endpoint } of run.nodes[node]!.table.store.entries) {
        expect(run.endpoints).toContain(endpoint)
        expect(endpoint).not.toBe(run.endpoints[node])
      }
  })
})

test('who comes in is in tried at once for 0.9.3, and for Core only in new, by what it says itself', () => {
  for (const [name, parameters] of presets) {
    const run = network({ parameters, seeds: 1 })
    run.simulation.runUntil(minute)
    const last = run.nodes.length - 1 // the seed, whom all connect to
    const incoming = peersOf(run, last, 'incoming')
    expect(incoming.length, name).toBeGreaterThan(5)
    const tried = incoming.filter((peer) => run.nodes[last]!.table.find(peer)?.inTried)
    expect(tried.length, name).toBe(parameters === bitcoind093 ? incoming.length : 0)
  }
})

test('connections come about and last though a fifth of all packets is lost', () => {
  const run = network({ honest: 20 })
  run.simulation.addRule(loss(0.2))
  run.simulation.runUntil(30 * minute)
  const counts = all(run).map((node) => peersOf(run, node, ...outgoing).length)
  expect(Math.min(...counts)).toBeGreaterThan(5)
})

test('a peer that has died is noticed within twenty minutes and replaced', () => {
  const run = network()
  run.simulation.runUntil(5 * minute)
  const dead = run.endpoints.length - 1
  run.simulation.crash(dead)
  run.simulation.runUntil(5 * minute + 24 * minute)
  for (const node of all(run).slice(0, -1)) {
    const peers = peersOf(run, node, 'full-relay', 'incoming')
    expect(peers).not.toContain(run.endpoints[dead])
    expect(peersOf(run, node, 'full-relay').length).toBe(8)
  }
})

test('of the addresses of one group a node connects to one, however many it knows', () => {
  const strangers = groupedEndpoints(deriveStream(1, 'groups'), { groups: 3, perGroup: 10 })
  const run = network({
    honest: 1,
    seeds: 0,
    strangers,
    stranger: (host) => new AddressLiar(host, { lies: 0 }) as never,
  })
  for (const each of strangers) run.nodes[0]!.table.add(each, each, 0)
  run.simulation.runUntil(10 * minute)
  const groups = peersOf(run, 0, 'full-relay').map(groupOf)
  expect([groups.length, new Set(groups).size]).toEqual([3, 3])
})

describe('a restart', () => {
  test('in order keeps the table, and the node is connected again, first to somebody of its table', () => {
    const run = network()
    run.simulation.runUntil(5 * minute)
    const before = run.nodes[0]!
    const known = new Set(Array.from(before.table.store.entries, ({ endpoint }) => endpoint))
    run.simulation.command(0, { type: 'shutdown' })
    const saved = contents(before.table)
    run.simulation.crash(0)
    run.simulation.runUntil(6 * minute)
    run.simulation.restart(0)
    expect(contents(run.nodes[0]!.table)).toEqual(saved)
    expect(run.nodes[0]).not.toBe(before)
    run.simulation.runUntil(7 * minute)
    const peers = peersOf(run, 0, 'full-relay')
    expect([peers.length, known.has(peers[0]!)]).toEqual([8, true])
  })

  test('after a crash has what was saved, at most fifteen minutes ago', () => {
    const run = network()
    run.simulation.runUntil(14 * minute)
    // Between two saves somebody new comes.
    const state = (): string[] => contents(run.nodes[0]!.table)
    let saved: string[] = []
    run.simulation.observe({
      onEvent: (_number, _time, kind, node, _peer, subject) => {
        if (kind === 'timer' && node === 0 && subject === 'save') saved = state()
      },
    })
    run.simulation.runUntil(40 * minute)
    const current = state()
    run.simulation.crash(0)
    run.simulation.restart(0)
    expect(saved.length).toBeGreaterThan(0)
    expect(state()).toEqual(saved)
    expect(state().length).toBe(current.length)
  })

  test('comes first to the anchors, where there are any', () => {
    for (const seed of [1, 2, 3, 4]) {
      const run = network({ seed, parameters: withCountermeasures(bitcoind093, { anchors: true }) })
      run.simulation.runUntil(5 * minute)
      const anchors = peersOf(run, 0, 'block-only')
      expect(anchors.length).toBe(2)
      restart(run, 0)
      const begin = run.reports.length
      run.simulation.runUntil(6 * minute)
      const opened = run.reports.slice(begin).filter(({ node, event }) => node === 0 && event === 'opened')
      const own = opened.filter(({ detail }) => detail['kind'] !== 'incoming')
      expect(own.slice(0, 2).map(({ detail }) => detail['kind'])).toEqual(['block-only', 'block-only'])
      expect(new Set(peersOf(run, 0, 'block-only'))).toEqual(new Set(anchors))
    }
  })

  test('goes on without the anchors when they are gone', () => {
    const run = network({ parameters: bitcoinCore })
    run.simulation.runUntil(5 * minute)
    const anchors = peersOf(run, 0, 'block-only')
    for (const anchor of anchors) run.simulation.crash(run.endpoints.indexOf(anchor))
    restart(run, 0)
    run.simulation.runUntil(8 * minute)
    const peers = peersOf(run, 0, ...outgoing)
    expect(peers.length).toBe(10)
    for (const anchor of anchors) expect(peers).not.toContain(anchor)
  })
})

describe('seeds', () => {
  test('are asked when nobody of the table answers for eleven seconds', () => {
    const random = deriveStream(1, 'seeds')
    const [own, ...others] = Array.from({ length: 6 }, () => randomEndpoint(random, 8333))
    const nodes: BitcoinNode[] = []
    const simulation = new Simulation({
      seed: 1,
      topology: complete(6),
      addresses: endpointBook([own!, ...others]),
      // The node learns of its seeds with the restart only. They open no connections themselves.
      protocol: (host, node, incarnation) => {
        const seeds = node === 0 && incarnation > 0 ? others : []
        return (
          node > 0
            ? new AddressLiar(host as never, { lies: 0 })
            : (nodes[0] = new BitcoinNode(host as never, { seeds }))
        ) as never
      },
    })
    simulation.runUntil(0)
    for (let i = 0; i < 10; i++) nodes[0]!.table.add(randomEndpoint(random, 8333), own!, 0)
    simulation.command(0, { type: 'shutdown' })
    simulation.crash(0)
    simulation.restart(0)
    simulation.runUntil(10_900)
    expect(nodes[0]!.table.size).toBe(10)
    simulation.runUntil(20 * minute)
    expect(nodes[0]!.links.map(({ kind }) => kind)).toEqual(Array.from({ length: 5 }, () => 'full-relay'))
  })

  test('none and nobody known: the node waits for who comes, without haste', () => {
    const run = network({ honest: 2, seeds: 0 })
    run.simulation.runUntil(hour)
    expect(run.nodes.map(({ links }) => links.length)).toEqual([0, 0])
    expect(run.simulation.events).toBeLessThan(400)
  })
})

describe('feelers', () => {
  const tried = (run: Network): number => run.nodes[0]!.table.triedCount

  test('bring addresses that work from new to tried, up to one in two minutes', () => {
    const [without, feeling] = [{}, { feelers: true }].map((chosen) => {
      const parameters = withCountermeasures({ ...bitcoind093, incomingToTried: false }, chosen)
      const run = network({ parameters, honest: 60 })
      run.simulation.runUntil(hour)
      return run
    })
    expect(tried(without!)).toBe(8)
    // Some of the thirty go to who is known already, or connected.
    expect(tried(feeling!)).toBeGreaterThan(8 + 10)
    expect(peersOf(feeling!, 0, 'feeler')).toEqual([])
  })

  test('leave no trace of addresses where nobody is but failures', () => {
    const random = deriveStream(1, 'dead')
    const dead = Array.from({ length: 20 }, () => randomEndpoint(random, 8333))
    const run = network({ parameters: withCountermeasures(bitcoind093, { feelers: true }) })
    run.simulation.runUntil(minute)
    for (const each of dead) run.nodes[0]!.table.add(each, each, minute)
    run.simulation.runUntil(2 * hour)
    const failed = dead.filter((each) => run.nodes[0]!.table.find(each)!.attempts > 0)
    expect(failed.length).toBeGreaterThan(5)
    expect(dead.some((each) => run.nodes[0]!.table.find(each)!.inTried)).toBe(false)
  })
})

describe('a tried address whose place another wants', () => {
  // A table with one place: whoever is in it stands in everybody's way.
  const tiny = { ...bitcoind093.table, triedBuckets: 1, triedBucketsPerGroup: 1, bucketSize: 1 }
  const wide = { newBuckets: 4096, newBucketsPerSourceGroup: 4096 }
  const parameters = withCountermeasures(
    { ...bitcoind093, outgoing: 1, table: { ...tiny, ...wide } },
    { testBeforeEvict: true },
  )
  const inTried = (run: Network): Ipv4Endpoint[] =>
    Array.from(run.nodes[0]!.table.store.entries)
      .filter((entry) => entry.inTried)
      .map(({ endpoint }) => endpoint)

  test('stays while it answers the test', () => {
    const run = network({ victim: parameters, parameters: bitcoind093 })
    run.simulation.runUntil(minute)
    const first = inTried(run)
    run.simulation.runUntil(12 * hour)
    expect(first.length).toBe(1)
    expect(inTried(run)).toEqual(first)
  })

  test('goes when it does not', () => {
    const run = network({ victim: parameters, parameters: bitcoind093 })
    run.simulation.runUntil(minute)
    const [first] = inTried(run)
    run.simulation.crash(run.endpoints.indexOf(first!))
    run.simulation.runUntil(12 * hour)
    // Somebody came in meanwhile, to take the place.
    const random = deriveStream(1, 'new')
    const source = randomEndpoint(random, 1)
    // While the node runs: the table draws from its stream.
    const end = run.simulation.observe({
      onSend: (now, from) => {
        if (from !== 0) return
        run.nodes[0]!.table.add(run.endpoints[7]!, source, now)
        run.nodes[0]!.table.good(run.endpoints[7]!)
        end()
      },
    })
    run.simulation.runUntil(14 * hour)
    expect(inTried(run)).not.toContain(first)
    expect(inTried(run).length).toBe(1)
  })
})

test('a node has to be at an endpoint that others can reach', () => {
  const simulation = new Simulation({
    seed: 1,
    topology: complete(2),
    protocol: (host) => new BitcoinNode(host as unknown as Host<never>) as never,
  })
  expect(() => simulation.runUntil(0)).toThrow('run it with an endpointBook')
})

test('parameters out of range are refused', () => {
  for (const [change, message] of [
    [{ outgoing: 0 }, 'outgoing is 0'],
    [{ incoming: -1 }, 'incoming is -1'],
    [{ anchors: 3 }, 'anchors is 3'],
    [{ feelerInterval: NaN }, 'feelerInterval is NaN'],
    [{ table: { ...bitcoind093.table, triedBuckets: 0 } }, 'triedBuckets is 0'],
    [{ table: { ...bitcoind093.table, failureFactor: 2 } }, 'failureFactor is 2'],
  ] as const) {
    expect(() => new BitcoinNode({} as Host<never>, { parameters: { ...bitcoind093, ...change } })).toThrow(message)
  }
})

test('a network runs the same twice, and with payloads folded', () => {
  const fingerprint = (): string => {
    const run = network({
      honest: 12,
      strangers: groupedEndpoints(deriveStream(1, 'g'), { groups: 1, perGroup: 1 }),
      stranger: () => ({ onMessage: () => {} }),
    })
    run.simulation.runUntil(10 * minute)
    restart(run, 0)
    run.simulation.runUntil(20 * minute)
    return run.simulation.fingerprint
  }
  expect(fingerprint()).toBe(fingerprint())
})
