import { complete, Simulation, uniformLatency, type Command } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { journal, node, say, silent, startedSimulation, talker } from '../support/nodes.ts'

const poke: Command = { type: 'poke' }

describe('a crash', () => {
  test('ends the timers of the node', () => {
    const simulation = startedSimulation({ protocol: node(() => ({ onStart: (host) => host.setTimer('tick', 50) })) })
    const lines = journal(simulation)
    simulation.crash(1)
    simulation.runUntil(100)
    expect(lines).toEqual(['0 crash 1', '50 timer 0 tick', '50 timer 2 tick', '50 timer 3 tick'])
  })

  test('ends the timers for good: they do not come back with a restart, even under the same name', () => {
    const simulation = startedSimulation({ protocol: node(() => ({ onCommand: (host) => host.setTimer('tick', 50) })) })
    const lines = journal(simulation)
    simulation.command(1, poke)
    simulation.runUntil(10)
    simulation.crash(1)
    simulation.restart(1)
    simulation.runUntil(20)
    simulation.command(1, poke)
    simulation.runUntil(200)
    expect(lines).toEqual(['0 command 1 poke', '10 crash 1', '10 restart 1', '20 command 1 poke', '70 timer 1 tick'])
  })

  test('loses packets that arrive while the node is down, and only those', () => {
    const simulation = startedSimulation({ protocol: talker })
    const lines = journal(simulation)
    say(simulation, 0, 1, 'arrives while it is down')
    simulation.runUntil(5)
    simulation.crash(1)
    simulation.runUntil(12)
    say(simulation, 0, 1, 'arrives after the restart')
    simulation.restart(1)
    simulation.runUntil(100)
    expect(lines.slice(1)).toEqual([
      '5 crash 1',
      '10 lost 0→1 receiver down',
      '12 command 0 say',
      '12 restart 1',
      '22 message 0→1 arrives after the restart',
      '22 report 1 got',
    ])
    expect(simulation.packets).toEqual({ sent: 2, copied: 0, delivered: 1, dropped: 1, inFlight: 0 })
  })

  test('does not call back what the node has sent', () => {
    const simulation = startedSimulation({ protocol: talker })
    say(simulation, 1, 0, 'last words')
    simulation.crash(1)
    simulation.runUntil(100)
    expect(simulation.packets.delivered).toBe(1)
  })

  test('of a node that is down does nothing and says so', () => {
    const simulation = startedSimulation()
    expect([simulation.crash(2), simulation.crash(2)]).toEqual([true, false])
    expect(simulation.events).toBe(5)
  })

  test('or a restart before the first start is none: nothing runs yet', () => {
    const simulation = new Simulation({ seed: 1, topology: complete(2), protocol: silent })
    expect([simulation.isUp(0), simulation.crash(0), simulation.restart(0), simulation.events]).toEqual([
      false,
      false,
      false,
      0,
    ])
    simulation.runUntil(0)
    expect([simulation.isUp(0), simulation.incarnation(0)]).toEqual([true, 0])
  })
})

describe('a restart', () => {
  test('makes a new instance: memory is gone, storage stays', () => {
    const counts: string[] = []
    const simulation = startedSimulation({
      protocol: node(() => {
        let inMemory = 0
        return {
          onCommand: ({ storage, address }) => {
            const stored = ((storage.get('count') as number | undefined) ?? 0) + 1
            storage.set('count', stored)
            counts.push(`node ${address}: ${++inMemory} in memory, ${stored} stored`)
          },
        }
      }),
    })
    simulation.command(1, poke)
    simulation.command(1, poke)
    simulation.crash(1)
    simulation.restart(1)
    simulation.command(1, poke)
    simulation.command(2, poke)
    expect(counts).toEqual([
      'node 1: 1 in memory, 1 stored',
      'node 1: 2 in memory, 2 stored',
      'node 1: 1 in memory, 3 stored',
      'node 2: 1 in memory, 1 stored',
    ])
  })

  test('runs onStart again, on the same address and neighbors, and counts incarnations', () => {
    const starts: [address: number, neighbors: number[]][] = []
    const simulation = startedSimulation({
      protocol: node(() => ({ onStart: (host) => starts.push([host.address, Array.from(host.neighbors)]) })),
    })
    simulation.crash(3)
    expect(simulation.isUp(3)).toBe(false)
    simulation.restart(3)
    expect(starts[4]).toEqual(starts[3])
    expect(simulation.isUp(3)).toBe(true)
    expect([2, 3].map((index) => simulation.incarnation(index))).toEqual([0, 1])
    simulation.crash(3)
    simulation.restart(3)
    expect(simulation.incarnation(3)).toBe(2)
  })

  test('has a new random stream, the same in every run of the seed', () => {
    const draws = (): number[] => {
      const drawn: number[] = []
      const simulation = startedSimulation({
        protocol: node(() => ({ onStart: ({ random }) => drawn.push(random.next()) })),
      })
      for (let i = 0; i < 3; i++) {
        simulation.crash(0)
        simulation.restart(0)
      }
      return drawn
    }
    expect(draws()).toEqual(draws())
    expect(new Set(draws()).size).toBe(7)
  })

  test('does not repeat the latencies of packets sent before the crash', () => {
    const simulation = startedSimulation({ protocol: talker, latency: uniformLatency(0, 1000) })
    const arrivals: number[] = []
    simulation.observe({ onSend: (time, _from, _to, _message, arrival) => void arrivals.push(arrival - time) })
    say(simulation, 0, 1, 'a', 'b')
    simulation.crash(0)
    simulation.restart(0)
    say(simulation, 0, 1, 'c', 'd')
    expect(new Set(arrivals).size).toBe(4)
  })

  test('of a node that is up does nothing and says so', () => {
    const simulation = startedSimulation()
    const { events, fingerprint } = simulation
    expect(simulation.restart(0)).toBe(false)
    expect([simulation.events, simulation.fingerprint]).toEqual([events, fingerprint])
  })
})

describe('a node that is down', () => {
  test('takes no command, and the command tells', () => {
    const simulation = startedSimulation({ protocol: talker })
    simulation.crash(1)
    const { events } = simulation
    expect(simulation.command(1, poke)).toBe(false)
    expect(simulation.events).toBe(events)
  })

  test('still has its name used by whoever injects packets', () => {
    const simulation = startedSimulation({ protocol: silent })
    simulation.crash(0)
    simulation.inject(0, 1, { type: 'ghost' })
    simulation.runUntil(100)
    expect(simulation.packets.delivered).toBe(1)
  })
})
