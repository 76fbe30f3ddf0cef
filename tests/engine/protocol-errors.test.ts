import {
  complete,
  ProtocolError,
  Simulation,
  type Command,
  type Host,
  type Message,
  type Protocol,
  type SimulationOptions,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { node, startedSimulation } from '../support/nodes.ts'

function caught(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return expect.fail('nothing was thrown')
}

/** Every node sends to its first neighbor on a timer at 20; node 2 breaks on what arrives at 30. */
const breakable = (mistake: () => void): SimulationOptions['protocol'] =>
  node((index) => ({
    onStart: (host) => host.setTimer('go', 20),
    onTimer: (host) => host.send(host.neighbors[0]!, { type: 'hello' }),
    onMessage: () => {
      if (index === 2) mistake()
    },
  }))

describe('a handler that throws', () => {
  const cause = new RangeError('ttl ran out')
  const broken = () =>
    startedSimulation({
      protocol: breakable(() => {
        throw cause
      }),
    })

  test('ends the run with an error that carries node, time, event and cause', () => {
    const error = caught(() => broken().run()) as ProtocolError
    expect(error).toBeInstanceOf(ProtocolError)
    expect([error.node, error.time, error.event, error.cause]).toEqual([2, 30, 10, cause])
    expect(error.message).toBe('node 2 threw at 30 ms (event 10, message): RangeError: ttl ran out')
  })

  test('makes every later call throw the same error: the state is half changed', () => {
    const simulation = broken()
    const error = caught(() => simulation.run())
    const later: (() => unknown)[] = [
      () => simulation.run(),
      () => simulation.step(),
      () => simulation.runUntil(1000),
      () => simulation.crash(0),
      () => simulation.command(0, { type: 'x' }),
      () => simulation.inject(0, 1, { type: 'x' }),
      () => simulation.control('x', () => undefined),
    ]
    for (const call of later) expect(caught(call)).toBe(error)
  })

  test('leaves the run where it was for whoever looks: time, events, who is up', () => {
    const simulation = broken()
    caught(() => simulation.run())
    expect([simulation.now, simulation.events, simulation.isUp(2), simulation.packets.delivered]).toEqual([
      30,
      10,
      true,
      2,
    ])
  })

  test('that throws something else than an error is told by what it threw', () => {
    const simulation = startedSimulation({
      protocol: breakable(() => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        throw 'just text'
      }),
    })
    expect((caught(() => simulation.run()) as Error).message).toContain(
      'node 2 threw at 30 ms (event 10, message): just text',
    )
  })

  const fail = (): never => {
    throw cause
  }
  const poke: Command = { type: 'poke' }

  test.each<[string, Partial<Protocol<Message, Command>>, (simulation: Simulation) => unknown]>([
    ['start', { onStart: fail }, () => undefined],
    ['command', { onCommand: fail }, (simulation) => simulation.command(0, poke)],
    ['message', { onMessage: fail }, (simulation) => simulation.inject(1, 0, poke)],
    ['timer', { onTimer: fail }, () => undefined],
  ])('is named by the kind of event: %s', (kind, handlers, act) => {
    const simulation = new Simulation({
      seed: 1,
      topology: complete(2),
      protocol: (host, index) =>
        ({
          onStart: () => (host as unknown as Host).setTimer('x', 20),
          onMessage: () => undefined,
          onTimer: () => undefined,
          ...(index === 0 ? handlers : {}),
        }) as unknown as Protocol<never, never>,
    })
    const error = caught(() => (simulation.runUntil(0), act(simulation), simulation.run())) as Error
    expect(error.message).toMatch(
      new RegExp(`^node 0 threw at \\d+ ms \\(event \\d+, ${kind}\\): RangeError: ttl ran out$`),
    )
  })

  test('on a restart is named so', () => {
    let starts = 0
    const simulation = startedSimulation({ protocol: node(() => ({ onStart: () => void (starts++ === 4 && fail()) })) })
    simulation.crash(1)
    expect((caught(() => simulation.restart(1)) as Error).message).toBe(
      'node 1 threw at 0 ms (event 6, restart): RangeError: ttl ran out',
    )
  })

  test('in a constructor is told with its node as well', () => {
    const simulation = new Simulation({
      seed: 1,
      topology: complete(3),
      protocol: (_host, index) => {
        if (index === 1) throw cause
        return { onMessage: () => undefined }
      },
    })
    const error = caught(() => simulation.runUntil(0)) as ProtocolError
    expect(error).toBeInstanceOf(ProtocolError)
    expect([error.node, error.event]).toEqual([1, 2])
    expect(caught(() => simulation.run())).toBe(error)
  })
})

describe('a handler that returns a promise', () => {
  test.each(['onStart', 'onCommand', 'onMessage', 'onTimer'])('is refused: %s', (name) => {
    const simulation = new Simulation({
      seed: 1,
      topology: complete(1),
      protocol: (host) => ({
        onStart: () => (host as unknown as Host).setTimer('x', 20),
        onMessage: () => undefined,
        onCommand: () => undefined,
        onTimer: () => undefined,
        ...({ [name]: async () => undefined } as unknown as object),
      }),
    })
    const act = (): void => {
      simulation.runUntil(0)
      simulation.command(0, { type: 'x' })
      simulation.inject(0, 0, { type: 'x' })
      simulation.run()
    }
    expect(act).toThrow(`TypeError: ${name} returned a promise; handlers are synchronous, so remove async and await`)
  })
})

describe('a missing handler', () => {
  test('for a timer that was set is an error', () => {
    const simulation = new Simulation({
      seed: 1,
      topology: complete(1),
      protocol: (host) => ({
        onStart: () => (host as unknown as Host).setTimer('beat', 5),
        onMessage: () => undefined,
      }),
    })
    expect(() => simulation.run()).toThrow(
      'node 0 threw at 5 ms (event 2, timer): Error: a timer "beat" was set, but the protocol has no onTimer',
    )
  })
})

describe('an error of the caller', () => {
  test('in a scheduled action comes as it is, and blames no node', () => {
    const simulation = startedSimulation()
    const mistake = new Error('mine')
    simulation.schedule(5, 'mistake', () => {
      throw mistake
    })
    expect(caught(() => simulation.run())).toBe(mistake)
    expect(simulation.run()).toBe('idle')
  })
})
