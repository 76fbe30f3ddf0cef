import { complete, constantLatency, Simulation, uniformLatency } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { deviateFromUniform, fairDeviate } from '../support/chi-square.ts'
import { journal, node, say, startedSimulation, talker } from '../support/nodes.ts'

/** Timers at 10, 20 and 30, and one at 15 that is cancelled. */
function ticking(): Simulation {
  return new Simulation({
    seed: 1,
    topology: complete(1),
    protocol: node(() => ({
      onStart: (host) => {
        for (const time of [10, 15, 20, 30]) host.setTimer(`at ${time}`, time)
        host.cancelTimer('at 15')
      },
    })),
  })
}

describe('run', () => {
  test('stops when nothing is left to do, with the clock at the last event', () => {
    const simulation = ticking()
    expect([simulation.run(), simulation.now, simulation.lastEventTime]).toEqual(['idle', 30, 30])
    expect(simulation.nextTime).toBe(Infinity)
  })

  test('stops at the time given, after all events of that time, with the clock there', () => {
    const simulation = ticking()
    expect([simulation.run({ until: 20 }), simulation.now, simulation.events]).toEqual(['time', 20, 3])
    expect([simulation.run({ until: 25 }), simulation.now, simulation.lastEventTime]).toEqual(['time', 25, 20])
    expect([simulation.run({ until: 40 }), simulation.now, simulation.lastEventTime]).toEqual(['idle', 40, 30])
  })

  test('stops after the number of events given, with the clock at the last of them', () => {
    const simulation = ticking()
    expect([simulation.run({ maxEvents: 2 }), simulation.now, simulation.events]).toEqual(['events', 10, 2])
    expect([simulation.run({ maxEvents: 0 }), simulation.events]).toEqual(['events', 2])
    expect([simulation.run({ until: 12, maxEvents: 5 }), simulation.now]).toEqual(['time', 12])
  })
})

describe('step', () => {
  test('dispatches one event and says so, until there is none', () => {
    const simulation = ticking()
    const counts: [boolean, number][] = Array.from({ length: 6 }, () => [simulation.step(), simulation.events])
    expect(counts).toEqual([
      [true, 1],
      [true, 2],
      [true, 3],
      [true, 4],
      [false, 4],
      [false, 4],
    ])
  })

  test('by step comes to the same as run', () => {
    const stepped = ticking()
    while (stepped.step());
    const ran = ticking()
    ran.run()
    expect([stepped.fingerprint, stepped.events, stepped.now]).toEqual([ran.fingerprint, ran.events, ran.now])
  })
})

describe('events of one time', () => {
  test('come in the order in which they were brought about', () => {
    const simulation = startedSimulation({ protocol: talker, latency: constantLatency(0) })
    const lines = journal(simulation)
    say(simulation, 0, 1, 'a', 'b')
    say(simulation, 2, 1, 'c')
    simulation.inject(3, 1, { type: 'd' })
    simulation.run()
    expect(lines.filter((line) => line.includes('message'))).toEqual([
      '0 message 0→1 a',
      '0 message 0→1 b',
      '0 message 2→1 c',
      '0 message 3→1 d',
    ])
  })
})

describe('latency', () => {
  test('is constant where it is said to be', () => {
    const simulation = startedSimulation({ protocol: talker, latency: constantLatency(12.3456) })
    const lines = journal(simulation)
    say(simulation, 0, 1, 'a')
    simulation.run()
    expect(lines[1]).toBe('12.346 message 0→1 a')
  })

  test('is uniform between its bounds, both included', () => {
    const simulation = startedSimulation({ protocol: talker, latency: uniformLatency(0.01, 0.019) })
    const counts = new Array<number>(10).fill(0)
    simulation.observe({
      onSend: (time, _from, _to, _message, arrival) => void counts[Math.round((arrival - time) * 1000) - 10]!++,
    })
    say(simulation, 0, 1, ...Array.from({ length: 20_000 }, (_, i) => `m${i}`))
    expect(counts.length).toBe(10)
    expect(deviateFromUniform(counts)).toBeLessThan(fairDeviate)
  })

  test('is 50 ms where nothing is said', () => {
    const simulation = new Simulation({ seed: 1, topology: complete(2), protocol: talker })
    simulation.runUntil(0)
    const lines = journal(simulation)
    say(simulation, 0, 1, 'a')
    simulation.run()
    expect(lines[1]).toBe('50 message 0→1 a')
  })
})
