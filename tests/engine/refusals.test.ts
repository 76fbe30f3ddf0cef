import {
  complete,
  constantLatency,
  denseAddresses,
  Simulation,
  topologyFromEdges,
  uniformLatency,
  type Host,
  type LatencyModel,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { node, say, silent, startedSimulation, talker } from '../support/nodes.ts'

describe('a simulation refuses, with name, value and range,', () => {
  test.each([undefined, null, NaN, -1, 1.5, Infinity, '7', 2 ** 53])('the seed %s', (seed) => {
    const make = () => new Simulation({ seed: seed as number, topology: complete(2), protocol: silent })
    expect(make).toThrow(/^seed is .*; it must be a whole number from 0 to 9007199254740991$/)
  })

  test.each<[string, (simulation: Simulation, index: number) => unknown]>([
    ['isUp', (simulation, index) => simulation.isUp(index)],
    ['incarnation', (simulation, index) => simulation.incarnation(index)],
    ['crash', (simulation, index) => simulation.crash(index)],
    ['restart', (simulation, index) => simulation.restart(index)],
    ['command', (simulation, index) => simulation.command(index, { type: 'x' })],
    ['inject from', (simulation, index) => simulation.inject(index, 0, { type: 'x' })],
    ['inject to', (simulation, index) => simulation.inject(0, index, { type: 'x' })],
  ])('an unknown node: %s', (_name, call) => {
    const simulation = startedSimulation()
    for (const index of [-1, 4, 0.5, NaN, undefined, '1']) {
      expect(() => call(simulation, index as number)).toThrow(/^node is .*; it must be a whole number from 0 to 3$/)
    }
    expect(simulation.events).toBe(4)
  })

  test.each([-1, NaN, Infinity, 1e12 + 1, undefined, '5'])('a delay of %s', (delay) => {
    const simulation = startedSimulation({
      protocol: node(() => ({ onCommand: (host: Host) => host.setTimer('tick', delay as number) })),
    })
    expect(() => simulation.command(0, { type: 'go' })).toThrow(
      /delay \(ms\) is .*; it must be a number from 0 to 1000000000000$/,
    )
  })

  test.each([-1, NaN, Infinity, 1e12 + 1, '5'])('the time %s to schedule at', (time) => {
    expect(() => startedSimulation().schedule(time as number, 'x', () => undefined)).toThrow(
      /^time \(ms\) is .*; it must be a number from 0 to 1000000000000$/,
    )
  })

  test.each([-1, NaN, Infinity, 1e12 + 1, '5'])('the time %s to run until', (until) => {
    const simulation = startedSimulation()
    expect(() => simulation.runUntil(until as number)).toThrow(
      /^until \(ms\) is .*; it must be a number from 0 to 1000000000000$/,
    )
    expect(simulation.now).toBe(0)
  })

  test('to run backwards', () => {
    const simulation = startedSimulation()
    simulation.runUntil(50)
    expect(() => simulation.runUntil(49)).toThrow('run until 49 ms: it is 50 ms already; seek goes back')
  })

  test.each([-1, NaN])('%d as the number of events to run', (maxEvents) => {
    // NaN is never reached: such a run would go on for ever.
    const simulation = startedSimulation()
    simulation.inject(0, 1, { type: 'x' })
    expect(() => simulation.run({ maxEvents })).toThrow(`maxEvents is ${maxEvents}`)
  })
})

describe('latency models refuse, with name, value and range,', () => {
  test.each([-1, NaN, Infinity])('a latency of %d', (latency) => {
    expect(() => constantLatency(latency)).toThrow(
      `latency (ms) is ${latency}; it must be a number from 0 to 1000000000000`,
    )
    expect(() => uniformLatency(latency, 5)).toThrow(`minimum latency (ms) is ${latency}; it must be a number from 0`)
  })

  test('bounds that are upside down', () => {
    expect(() => uniformLatency(10, 5)).toThrow('maximum latency is 5; it must be a number from 10 to 1000000000000')
  })

  test.each([-1, 0.5, NaN, Infinity])("%d µs from a model of one's own", (micros) => {
    const latency: LatencyModel = { micros: () => micros }
    const simulation = startedSimulation({ protocol: talker, latency })
    expect(() => say(simulation, 0, 1, 'x')).toThrow(
      `latency from 0 to 1 is ${micros} µs; a model returns whole numbers from 0`,
    )
  })
})

describe('a simulation takes what is at the edge:', () => {
  test('one node, no neighbors, latency 0, the largest seed', () => {
    const simulation = new Simulation({
      seed: 2 ** 53 - 1,
      topology: topologyFromEdges(1, []),
      latency: constantLatency(0),
      addresses: denseAddresses(1),
      protocol: node(() => ({ onStart: (host) => host.send(host.address, { type: 'x' }) })),
    })
    expect(simulation.run()).toBe('idle')
    expect([simulation.now, simulation.packets.delivered]).toEqual([0, 1])
  })

  test('a timer at the end of time', () => {
    const simulation = startedSimulation({
      protocol: node(() => ({ onCommand: (host) => host.setTimer('last', 1e12) })),
    })
    simulation.command(0, { type: 'go' })
    expect(simulation.run()).toBe('idle')
    expect(simulation.now).toBe(1e12)
  })
})
