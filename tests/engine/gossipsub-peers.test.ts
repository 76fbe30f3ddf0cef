import { loss, partition, star, topologyFromEdges, type Topology } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { GossipSubNetwork } from '../support/gossipsub.ts'

function links(network: GossipSubNetwork, to: number): number[] {
  return network.nodes.flatMap((_, node) =>
    network.simulation.isUp(node) && network.meshOf(node).includes(to) ? [node] : [],
  )
}

describe('a node that crashes', () => {
  test('is out of every mesh 90 s later, and others have taken its place', () => {
    const network = new GossipSubNetwork().runUntil(5000)
    const dead = [3, 14, 15]
    for (const node of dead) network.simulation.crash(node)
    expect(dead.flatMap((node) => links(network, node)).length).toBeGreaterThan(0)
    // 15 s of silence, 30 s without an answer; and some graft another dead node first.
    network.runUntil(95_000)
    expect(dead.flatMap((node) => links(network, node))).toEqual([])
    const degrees = network.nodes.flatMap((_, node) => (dead.includes(node) ? [] : [network.meshOf(node).length]))
    expect(Math.min(...degrees)).toBeGreaterThanOrEqual(5)
    network.publish(0, 'm')
    expect(network.runUntil(100_000).holes).toBe(0)
  })

  test('is greeted ever less often, and at least once in about a minute', () => {
    const network = new GossipSubNetwork({ topology: star(2), options: { timing: 'rounds' } }).runUntil(0)
    network.simulation.crash(1)
    network.runUntil(600_000)
    const times = network
      .sentOf('subscribe')
      .filter(({ from, time }) => from === 0 && time > 31_000)
      .map(({ time }) => time)
    const pauses = times.slice(1).map((time, i) => time - times[i]!)
    expect(pauses.toSorted((a, b) => a - b)).toEqual(pauses)
    expect(pauses.at(-1)).toBe(64_000)
  })
})

describe('a node that restarts', () => {
  test('has a mesh again within seconds, and no links of its earlier life stand', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 5000, max: 60_000 }), fc.nat(3000), (seed, crash, pause) => {
        const network = new GossipSubNetwork({ seed }).runUntil(crash)
        network.simulation.crash(7)
        network.runUntil(crash + pause)
        network.simulation.restart(7)
        network.runUntil(crash + pause + 4500)
        expect(network.meshOf(7).length).toBeGreaterThanOrEqual(5)
        expect(new Set(links(network, 7))).toEqual(new Set(network.meshOf(7)))
        network.publish(0, 'm')
        network.runUntil(crash + pause + 10_000)
        expect(network.spread.has(7, 'm')).toBe(true)
        expect(network.reported('penalized')).toEqual([])
      }),
      cases(15),
    )
  })

  test('may deliver again what it has delivered in its earlier life, since that is forgotten', () => {
    const network = new GossipSubNetwork().runUntil(5000)
    network.publish(0, 'm')
    network.runUntil(5600)
    network.simulation.crash(7)
    network.simulation.restart(7)
    network.runUntil(10_000)
    const times = network.reported('delivered', 7).map(({ time }) => time > 5600)
    expect(times).toEqual([false, true])
  })
})

describe('connections', () => {
  test('last although every fifth packet is lost, and nobody says anything for ten minutes', () => {
    const network = new GossipSubNetwork()
    network.simulation.addRule(loss(0.2))
    network.runUntil(600_000)
    expect(network.reported('disconnected')).toEqual([])
  })

  test('come back when a cut heals, and so do messages', () => {
    const network = new GossipSubNetwork().runUntil(5000)
    const undo = network.simulation.addRule(partition(Array.from({ length: 30 }, (_, node) => node)))
    network.runUntil(120_000)
    network.publish(0, 'during')
    expect(network.runUntil(130_000).holes).toBe(30)
    undo()
    network.runUntil(200_000)
    network.publish(0, 'after')
    expect(network.runUntil(210_000).holes).toBe(30)
    expect(network.oneSided()).toEqual([])
  })

  test('are as many as a thousand: further strangers are turned away', () => {
    const size = 1101
    const dialers = Array.from({ length: size - 1 }, (_, i) => [i + 1, 0] as [number, number])
    const topology: Topology = topologyFromEdges(size, dialers, { directed: true })
    const network = new GossipSubNetwork({ topology }).runUntil(3000)
    network.publish(0, 'm')
    expect(network.sentOf('publish').length).toBe(1000)
  })

  test('are the same in every run with the same seed, through loss, crashes and restarts', () => {
    const fingerprint = (seed: number): string => {
      const network = new GossipSubNetwork({ seed })
      network.simulation.addRule(loss(0.1))
      for (let step = 1; step <= 20; step++) {
        network.publish(step, `m${step}`)
        network.simulation.crash(step % 7)
        network.runUntil(step * 3000)
        network.simulation.restart(step % 7)
      }
      return network.simulation.fingerprint
    }
    expect(fingerprint(1)).toBe(fingerprint(1))
    expect(fingerprint(2)).not.toBe(fingerprint(1))
  })
})
