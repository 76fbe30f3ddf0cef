import {
  anomalySigns,
  bitcoinCore,
  bitcoind093,
  deriveStream,
  EclipseAttacker,
  endpointOf,
  formatEndpoint,
  groupedEndpoints,
  groupOf,
  withCountermeasures,
  type Ipv4Endpoint,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { hour, minute } from '../support/address-table.ts'
import { Guest, network, peersOf, visited, type Network } from '../support/bitcoin.ts'

const random = deriveStream(1, 'incoming')

/** Endpoints of one host: many ports. */
const ports = (count: number): Ipv4Endpoint[] =>
  Array.from({ length: count }, (_, i) => endpointOf(`45.6.7.8:${1000 + i}`))

describe('the slots for incoming connections', () => {
  test('of 0.9.3 go to whoever comes first, all to one host if it likes', () => {
    const run = visited({ strangers: ports(200), honest: 1, seeds: 0 })
    const peers = peersOf(run, 0, 'incoming')
    expect(peers.length).toBe(117)
    expect(run.guests.filter(({ peers }) => peers.length > 0).length).toBe(117)
    run.simulation.runUntil(hour)
    expect(new Set(peersOf(run, 0, 'incoming'))).toEqual(new Set(peers))
  })

  test('go to one connection a host where they are diversified', () => {
    const parameters = withCountermeasures(bitcoind093, { diversifyIncoming: true })
    const others = groupedEndpoints(random, { groups: 3, perGroup: 3 })
    const run = visited({ strangers: [...ports(200), ...others], honest: 1, seeds: 0, parameters })
    const peers = peersOf(run, 0, 'incoming')
    expect(peers.length).toBe(1 + 9)
    for (const other of others) expect(peers).toContain(other)
    // Who comes later is sent away before it is connected.
    const late = run.guests.findIndex(({ peers }) => peers.length === 0)
    run.tell(late, { type: 'dial', to: run.endpoints[0]! })
    run.simulation.runUntil(run.simulation.now + 1000)
    expect(run.guests[late]!.closed.at(-1)).toBe('refused')
  })

  test('of Core are full for a crowd from one group only until somebody else comes: that takes the place of the youngest', () => {
    const crowd = groupedEndpoints(random, { groups: 1, perGroup: 60 })
    const honest = groupedEndpoints(random, { groups: 40, perGroup: 1 })
    const parameters = { ...bitcoinCore, incoming: 40, feelerInterval: 0 }
    const run = visited({ strangers: [...crowd, ...honest], honest: 1, seeds: 0, parameters, dial: false })
    const dial = (strangers: readonly Ipv4Endpoint[]): void => {
      for (const each of strangers) run.tell(run.endpoints.indexOf(each) - 1, { type: 'dial', to: run.endpoints[0]! })
      run.simulation.runUntil(run.simulation.now + 1000)
    }
    dial(crowd)
    expect(peersOf(run, 0, 'incoming').length).toBe(40)
    const first = peersOf(run, 0, 'incoming').slice(0, 20)
    dial(honest)
    const peers = peersOf(run, 0, 'incoming')
    expect(peers.length).toBe(40)
    // The older half is safe; of the rest the crowd has to go, until one of it is left like one of any other group.
    for (const each of first) expect(peers).toContain(each)
    expect(peers.filter((peer) => groupOf(peer) === groupOf(crowd[0]!)).length).toBe(21)
  })

  test('are not taken by strangers who only begin to connect, and no more than a thousand of those are remembered', () => {
    const strangers = groupedEndpoints(random, { groups: 1200, perGroup: 1 })
    // All but the last say nothing: what a flood of forged first packets looks like, whose answers go to others.
    let guest!: Guest
    const run = network({
      strangers,
      honest: 1,
      seeds: 0,
      stranger: (host, i) => (i === 1199 ? (guest = new Guest(host as never)) : { onMessage: () => {} }) as never,
    })
    let answers = 0
    run.simulation.observe({ onSend: (_time, from) => void (from === 0 && answers++) })
    const flood = (count: number): void => {
      const step = { type: 'connection', step: 'dial', dialed: 1, accepted: 0 }
      for (let i = 0; i < count; i++) run.simulation.inject(1 + i, 0, step)
      run.simulation.runUntil(run.simulation.now + 1000)
    }
    flood(900)
    expect(answers).toBe(900)
    run.simulation.command(1200, { type: 'dial', to: run.endpoints[0]! } as never)
    run.simulation.runUntil(run.simulation.now + 1000)
    expect([peersOf(run, 0, 'incoming'), guest.peers]).toEqual([[run.endpoints[1200]], [run.endpoints[0]]])
    run.simulation.runUntil(minute)
    const before = answers
    const refused = countRefusals(run)
    flood(1199)
    expect([answers - before, refused()]).toEqual([1199, 199])
  })
})

function countRefusals(run: Network): () => number {
  let count = 0
  run.simulation.observe({
    onSend: (_time, from, _to, message) =>
      void (from === 0 && (message as { step?: string }).step === 'refuse' && count++),
  })
  return () => count
}

describe('anomaly detection', () => {
  const attackers = groupedEndpoints(deriveStream(1, 'a'), { groups: 30, perGroup: 2 })
  const attacked = (chosen: object): ReturnType<typeof network> =>
    network({
      victim: withCountermeasures(bitcoind093, chosen),
      parameters: bitcoind093,
      strangers: attackers,
      stranger: (host, i, { endpoints }) =>
        new EclipseAttacker(host, {
          victim: endpoints[0]!,
          round: 10 * minute,
          phase: i / attackers.length,
          trash: 100,
        }) as never,
    })
  const triedAttackers = (run: ReturnType<typeof network>): number =>
    attackers.filter((each) => run.nodes[0]!.table.find(each)?.inTried).length

  test('raises the alarm after some of the attack, and nobody gets into the table by coming in then', () => {
    const run = attacked({ anomalyDetection: true })
    run.simulation.runUntil(hour)
    const alarms = run.reports.filter(({ node, event }) => node === 0 && event === 'anomaly')
    expect(alarms.length).toBe(1)
    expect(triedAttackers(run)).toBeGreaterThan(anomalySigns.tolerated / 2)
    expect(triedAttackers(run)).toBeLessThan(2 * anomalySigns.tolerated)
  })

  test('switched off lets all of the attack in', () => {
    const run = attacked({})
    run.simulation.runUntil(hour)
    expect(run.reports.filter(({ event }) => event === 'anomaly')).toEqual([])
    expect(triedAttackers(run)).toBe(attackers.length)
  })

  test('raises none in a network in order, though nodes come and go', () => {
    const run = network({ honest: 25, parameters: withCountermeasures(bitcoind093, { anomalyDetection: true }) })
    for (let round = 1; round < 12; round++) {
      run.simulation.runUntil(round * 2 * minute)
      const node = 1 + (round % 20)
      run.simulation.command(node, { type: 'shutdown' })
      run.simulation.crash(node)
      run.simulation.runUntil(round * 2 * minute + 20_000)
      run.simulation.restart(node)
    }
    expect(run.reports.filter(({ event }) => event === 'anomaly')).toEqual([])
  })
})

test('what a node reports names peers as endpoints', () => {
  const run = visited({ strangers: groupedEndpoints(random, { groups: 1, perGroup: 1 }), honest: 1, seeds: 0 })
  const [opened] = run.reports.filter(({ event }) => event === 'opened')
  expect(opened!.detail).toEqual({ peer: formatEndpoint(run.endpoints[1]!), kind: 'incoming' })
})
