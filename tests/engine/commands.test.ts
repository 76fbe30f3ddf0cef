import { complete, drop, Simulation, type Command } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { journal, node, received, silent, startedSimulation, talker } from '../support/nodes.ts'

describe('a command', () => {
  test('is handled at once, at the present time, as an event of its own', () => {
    const simulation = startedSimulation({ protocol: talker })
    const lines = journal(simulation)
    simulation.runUntil(30)
    expect(simulation.command(2, { type: 'say', to: 1, messages: [] } as Command)).toBe(true)
    expect(lines).toEqual(['30 command 2 say'])
    expect(simulation.events).toBe(5)
  })

  test('comes to the node as a copy, so that the caller can go on using its object', () => {
    const seen: unknown[] = []
    const simulation = startedSimulation({
      protocol: node(() => ({ onCommand: (_host, command) => seen.push(command) })),
    })
    const command = { type: 'put', value: { list: [1] } }
    simulation.command(0, command)
    command.value.list.push(2)
    expect(seen).toEqual([{ type: 'put', value: { list: [1] } }])
  })

  test('is refused when it is not plain, and when it has no type', () => {
    const simulation = startedSimulation({ protocol: talker })
    const command =
      (value: unknown): (() => boolean) =>
      () =>
        simulation.command(0, value as Command)
    expect(command({ type: 'put', value: undefined })).toThrow('command.value is undefined')
    expect(command({ type: 'put', at: new Date(0) })).toThrow('command.at is a Date')
    for (const untyped of [{}, { type: 7 }, null, 'publish', [1]])
      expect(command(untyped)).toThrow(/^command\b.*\btype\b/)
    expect(simulation.events).toBe(4)
  })

  test('is refused by a protocol that takes none, with its name', () => {
    const simulation = startedSimulation({ protocol: () => ({ onMessage: () => undefined }) })
    expect(() => simulation.command(0, { type: 'publish' })).toThrow('the protocol has no onCommand for "publish"')
  })
})

describe('an injected packet', () => {
  test('comes in the name of the node that is claimed, which does not notice', () => {
    const simulation = startedSimulation({ protocol: talker })
    const lines = journal(simulation)
    const got = received(simulation)
    simulation.inject(3, 1, { type: 'forged' })
    simulation.runUntil(100)
    expect(lines).toEqual(['0 control -1 inject', '10 message 3→1 forged', '10 report 1 got'])
    expect(got).toEqual([{ time: 10, from: 3, to: 1, message: { type: 'forged' } }])
    expect(simulation.packets).toEqual({ sent: 1, copied: 0, delivered: 1, dropped: 0, inFlight: 0 })
  })

  test('meets the rules like any other', () => {
    const simulation = startedSimulation({ protocol: talker })
    simulation.addRule({ name: 'censor', judge: () => drop })
    simulation.inject(3, 1, { type: 'forged' })
    expect(simulation.packets.dropped).toBe(1)
  })

  test('is a copy of what is given', () => {
    const simulation = startedSimulation({ protocol: talker })
    const got = received(simulation)
    const message = { type: 'forged', list: [1] }
    simulation.inject(3, 1, message)
    message.list.push(2)
    simulation.runUntil(100)
    expect(got[0]!.message).toEqual({ type: 'forged', list: [1] })
  })

  test.each([[{}], [null], [7], ['noise'], [{ type: 5 }], [[]]])('is refused when it is no message: %j', (message) => {
    const simulation = startedSimulation({ protocol: talker })
    expect(() => {
      simulation.inject(0, 1, message as never)
      simulation.runUntil(100)
    }).toThrow(/^message\b.*\btype\b/)
  })

  test('is refused when it is not plain', () => {
    const simulation = startedSimulation({ protocol: talker })
    expect(() => simulation.inject(0, 1, { type: 'x', at: NaN } as never)).toThrow('message.at is NaN')
  })
})

describe('a scheduled action', () => {
  test('is called at its time, between the events of that time in order of scheduling', () => {
    const simulation = startedSimulation({ protocol: talker })
    const lines = journal(simulation)
    const at: number[] = []
    simulation.schedule(20, 'second', () => at.push(simulation.now))
    simulation.schedule(20, 'third', () => simulation.crash(1))
    simulation.schedule(10, 'first', () => at.push(simulation.now))
    simulation.run()
    expect(at).toEqual([10, 20])
    expect(lines).toEqual(['10 control -1 first', '20 control -1 second', '20 control -1 third', '20 crash 1'])
  })

  test('may give commands, inject packets, and schedule more', () => {
    const simulation = startedSimulation({ protocol: talker })
    const got = received(simulation)
    simulation.schedule(5, 'go', () => {
      simulation.command(0, { type: 'say', to: 1, messages: [{ type: 'a' }] } as Command)
      simulation.inject(2, 1, { type: 'b' })
      simulation.schedule(6, 'more', () => simulation.inject(2, 1, { type: 'c' }))
    })
    simulation.run()
    expect(got.map(({ time, from, message }) => [time, from, message.type])).toEqual([
      [15, 0, 'a'],
      [15, 2, 'b'],
      [16, 2, 'c'],
    ])
  })

  test('in the past is refused, with both times', () => {
    const simulation = startedSimulation()
    simulation.runUntil(50)
    expect(() => simulation.schedule(49, 'late', () => undefined)).toThrow('schedule at 49 ms: it is 50 ms already')
  })
})

describe('a control', () => {
  test('acts now and shows in the trace under its label', () => {
    const simulation = startedSimulation({ protocol: talker })
    const lines = journal(simulation)
    const { fingerprint } = simulation
    simulation.control('cut', () => simulation.addRule({ name: 'cut', judge: () => drop }))
    simulation.inject(0, 1, { type: 'x' })
    expect(lines).toEqual(['0 control -1 cut', '0 control -1 inject', '0 lost 0→1 cut'])
    expect(simulation.fingerprint).not.toBe(fingerprint)
  })
})

describe('what comes from outside', () => {
  test.each<[string, (simulation: Simulation) => unknown]>([
    ['a command', (simulation) => simulation.command(0, { type: 'x' })],
    ['a crash', (simulation) => simulation.crash(0)],
    ['an injected packet', (simulation) => simulation.inject(0, 1, { type: 'x' })],
    ['a control', (simulation) => simulation.control('x', () => undefined)],
  ])('%s is refused inside a handler', (_name, act) => {
    const simulation: Simulation = new Simulation({
      seed: 1,
      topology: complete(2),
      protocol: node((index) => ({ onStart: () => index === 1 && act(simulation) })),
    })
    expect(() => simulation.runUntil(0)).toThrow('commands and faults come from outside, not from a handler')
  })

  test('and changes nothing leaves the fingerprint as it is: observers, rules that were never asked, a moved clock', () => {
    const simulation = startedSimulation({ protocol: silent })
    const { fingerprint } = simulation
    simulation.observe({})()
    simulation.addRule({ name: 'censor', judge: () => drop })()
    simulation.runUntil(100)
    expect(simulation.fingerprint).toBe(fingerprint)
  })
})
