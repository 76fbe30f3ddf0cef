import {
  bitcoind093,
  deriveStream,
  EclipseAttacker,
  formatEndpoint,
  groupedEndpoints,
  groupOf,
  hostOf,
  isRoutable,
  trashEndpoint,
  withCountermeasures,
  type BitcoinParameters,
  type Host,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { hour, minute } from '../support/address-table.ts'
import { network, peersOf, restart, type Network } from '../support/bitcoin.ts'

/** Addresses that fill the tables, and some that stay connected, once the tables are full: as many as there are slots. */
const strikers = 60
const occupiers = 20
const begin = 10 * minute
const enough = hour

interface Setup {
  readonly seed?: number
  readonly victim?: BitcoinParameters
  readonly trash?: number
}

/** Twenty honest nodes and an attacker who connects from all of its addresses once in five minutes. */
function underAttack({ seed = 1, victim = { ...bitcoind093, incoming: occupiers }, trash = 100 }: Setup = {}): Network {
  const strangers = groupedEndpoints(deriveStream(seed, 'attackers'), { groups: strikers + occupiers, perGroup: 1 })
  return network({
    seed,
    honest: 20,
    parameters: bitcoind093,
    victim,
    strangers,
    stranger: (host, i, { endpoints }) => {
      const occupies = i >= strikers
      const options = { victim: endpoints[0]!, phase: i / strangers.length, occupies }
      const part = occupies ? { start: enough, round: 10_000, trash: 0 } : { start: begin, round: 5 * minute, trash }
      return new EclipseAttacker(host, { ...options, ...part }) as never
    },
  })
}

const isAttacker = (run: Network, peer: number): boolean => run.endpoints.indexOf(peer as never) >= run.nodes.length

function captured(run: Network, ...kinds: string[]): number {
  return peersOf(run, 0, ...kinds).filter((peer) => isAttacker(run, peer)).length
}

describe('an eclipse attack', () => {
  const run = underAttack()
  run.simulation.runUntil(enough + minute)
  const before = {
    outgoing: captured(run, 'full-relay'),
    all: peersOf(run, 0, 'full-relay').length,
    incoming: captured(run, 'incoming'),
    tried: [...run.nodes[0]!.table.store.entries].filter(({ inTried }) => inTried),
    trash: [...run.nodes[0]!.table.store.entries].filter(({ endpoint }) => hostOf(endpoint) >= 240 * 2 ** 24).length,
  }
  const struck = run.simulation.now
  restart(run, 0)
  run.simulation.runUntil(struck + 30 * minute)

  test('brings all of its addresses into tried, fresh, and a thousand trash addresses into new', () => {
    const attackers = before.tried.filter(({ endpoint }) => isAttacker(run, endpoint))
    const strikes = attackers.filter(({ endpoint }) => run.endpoints.indexOf(endpoint) < run.nodes.length + strikers)
    expect(strikes.length).toBe(strikers)
    for (const { time } of strikes) expect(time).toBeGreaterThan(struck - 6 * minute)
    expect(before.trash).toBeGreaterThan(1000)
    expect(run.nodes[0]!.table.newCount).toBeLessThanOrEqual(256 * 64)
  })

  test('leaves the connections that the victim has alone: its screen looks healthy', () => {
    expect(before.outgoing).toBeLessThan(3)
    expect(before.all).toBe(8)
  })

  test('occupies the slots for incoming connections that are free', () => {
    expect(before.incoming).toBeGreaterThan(occupiers / 4)
    expect(captured(run, 'incoming')).toBeGreaterThan(occupiers / 2)
  })

  test('has most of the connections after the restart', () => {
    const outgoing = peersOf(run, 0, 'full-relay').length
    expect(captured(run, 'full-relay')).toBeGreaterThan(outgoing / 2)
    expect(captured(run, 'full-relay')).toBeGreaterThan(before.outgoing)
    expect(
      run.reports.some(
        ({ event, detail }) => event === 'captured' && detail['peer'] === formatEndpoint(run.endpoints[0]!),
      ),
    ).toBe(true)
  })
})

test('more of the connections are captured without countermeasures than with anchors, feelers, tests and no large addr', () => {
  const chosen = { anchors: true, feelers: true, testBeforeEvict: true, banUnsolicited: true, randomSelection: true }
  const honest = [{}, chosen].map((countermeasures) => {
    let count = 0
    for (const seed of [1, 2, 3]) {
      const victim = withCountermeasures({ ...bitcoind093, incoming: occupiers }, countermeasures)
      const run = underAttack({ seed, victim })
      run.simulation.runUntil(enough)
      restart(run, 0)
      run.simulation.runUntil(enough + 20 * minute)
      count += peersOf(run, 0, 'full-relay', 'block-only').length - captured(run, 'full-relay', 'block-only')
    }
    return count
  })
  expect(honest[1]).toBeGreaterThan(honest[0]!)
  // The anchors alone are two honest connections each time.
  expect(honest[1]).toBeGreaterThanOrEqual(6)
})

test('an attacker never leaves a victim that has come to it by itself', () => {
  const run = underAttack()
  run.simulation.runUntil(enough)
  restart(run, 0)
  run.simulation.runUntil(enough + 10 * minute)
  const peers = peersOf(run, 0, 'full-relay').filter((peer) => isAttacker(run, peer))
  run.simulation.runUntil(2 * hour)
  expect(peers.length).toBeGreaterThan(0)
  for (const peer of peers) expect(peersOf(run, 0, 'full-relay')).toContain(peer)
})

test('nor one that comes to it just when it is about to leave', () => {
  const strangers = groupedEndpoints(deriveStream(1, 'one'), { groups: 1, perGroup: 1 })
  const run = network({
    honest: 1,
    seeds: 0,
    strangers,
    stranger: (host, _i, { endpoints }) =>
      new EclipseAttacker(host, { victim: endpoints[0]!, round: hour, start: 10_000, trash: 0 }) as never,
  })
  run.simulation.runUntil(10_500)
  expect(peersOf(run, 0, 'incoming')).toEqual(strangers)
  restart(run, 0)
  run.simulation.runUntil(30 * minute)
  expect(peersOf(run, 0, 'full-relay')).toEqual(strangers)
  const closed = run.reports.filter(({ event, node }) => event === 'closed' && node === 0)
  expect(closed.map(({ detail }) => detail['why'])).toEqual(['shutdown'])
})

describe('the addresses of an attacker', () => {
  test('are as many in as many groups as it has paid for, all different', () => {
    for (const [groups, perGroup] of [
      [32, 256],
      [2300, 2],
      [1, 65_536],
    ] as const) {
      const endpoints = groupedEndpoints(deriveStream(1, 'grouped'), { groups, perGroup })
      expect(new Set(endpoints).size).toBe(groups * perGroup)
      const counts = new Map<number, number>()
      for (const each of endpoints) counts.set(groupOf(each), (counts.get(groupOf(each)) ?? 0) + 1)
      expect([counts.size, ...new Set(counts.values())]).toEqual([groups, perGroup])
    }
  })

  test('that are trash lie where nobody is, and are taken for routable', () => {
    const random = deriveStream(1, 'trash')
    for (let i = 0; i < 1000; i++) {
      const trash = trashEndpoint(random)
      expect([isRoutable(trash), hostOf(trash) >= 240 * 2 ** 24]).toEqual([true, true])
    }
  })
})

test('options out of range are refused', () => {
  const victim = 1 as never
  for (const [options, message] of [
    [{ round: 0 }, 'round is 0'],
    [{ round: 1, phase: 2 }, 'phase is 2'],
    [{ round: 1, trash: 1001 }, 'trash is 1001'],
  ] as const)
    expect(() => new EclipseAttacker({} as Host<never>, { victim, ...options })).toThrow(message)
  expect(() => groupedEndpoints(deriveStream(1, ''), { groups: 0, perGroup: 1 })).toThrow('groups is 0')
})
