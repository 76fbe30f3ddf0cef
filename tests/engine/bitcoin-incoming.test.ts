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
import { network, peersOf, visited } from '../support/bitcoin.ts'

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

  test('are not taken by strangers who only begin to connect', () => {
    const run = visited({
      strangers: groupedEndpoints(random, { groups: 3, perGroup: 1 }),
      honest: 1,
      seeds: 0,
      dial: false,
    })
    for (let i = 0; i < 2000; i++) {
      // What a flood of forged first packets looks like: the second step goes to somebody who knows nothing of it.
      const step = { type: 'connection', step: 'dial', dialed: i + 1, accepted: 0 }
      run.simulation.inject(1 + (i % 2), 0, step)
    }
    run.tell(2, { type: 'dial', to: run.endpoints[0]! })
    run.simulation.runUntil(run.simulation.now + 1000)
    expect(peersOf(run, 0, 'incoming')).toEqual([run.endpoints[3]])
  })
})

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
