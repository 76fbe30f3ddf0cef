import { complete, type Command } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { journal, node, startedSimulation, type Handlers } from '../support/nodes.ts'

/** What one node does and what then happens, from its start on. */
function alone(handlers: Handlers, until = 1000): string[] {
  const simulation = startedSimulation({
    topology: complete(1),
    protocol: node(() => ({ onCommand: handlers.onStart!, ...handlers })),
  })
  const lines = journal(simulation)
  simulation.command(0, { type: 'go' } as Command)
  simulation.runUntil(until)
  return lines.slice(1).map((line) => line.replace(' 0 ', ' '))
}

const once = (onStart: NonNullable<Handlers['onStart']>): Handlers => ({ onCommand: onStart })

describe('a timer', () => {
  test('fires once, after its delay', () => {
    expect(alone(once((host) => host.setTimer('tick', 12.5)))).toEqual(['12.5 timer tick'])
  })

  test('of delay 0 fires at the same time, after what is due then already', () => {
    expect(
      alone(
        once((host) => {
          host.setTimer('zero', 0)
          host.send(host.address, { type: 'self' })
          host.setTimer('also zero', 0)
        }),
      ),
    ).toEqual(['0 timer zero', '0 timer also zero', '10 message 0→0 self'])
  })

  test('rounds its delay to whole microseconds', () => {
    expect(alone(once((host) => host.setTimer('tick', 1 / 3)))).toEqual(['0.333 timer tick'])
  })

  test('set again under its name is replaced, whether the new one is later or sooner', () => {
    expect(alone(once((host) => (host.setTimer('tick', 10), host.setTimer('tick', 30))))).toEqual(['30 timer tick'])
    expect(alone(once((host) => (host.setTimer('tick', 30), host.setTimer('tick', 10))))).toEqual(['10 timer tick'])
    expect(alone(once((host) => (host.setTimer('tick', 30), host.setTimer('tick', 30))))).toEqual(['30 timer tick'])
  })

  test('of another name runs on its own', () => {
    expect(alone(once((host) => (host.setTimer('b', 10), host.setTimer('a', 10), host.setTimer('c', 5))))).toEqual([
      '5 timer c',
      '10 timer b',
      '10 timer a',
    ])
  })

  test('that was cancelled does not fire, and can be set anew', () => {
    expect(alone(once((host) => (host.setTimer('tick', 10), host.cancelTimer('tick'))))).toEqual([])
    expect(
      alone(once((host) => (host.setTimer('tick', 10), host.cancelTimer('tick'), host.setTimer('tick', 20)))),
    ).toEqual(['20 timer tick'])
  })

  test('that does not run can be cancelled', () => {
    expect(alone(once((host) => host.cancelTimer('never set')))).toEqual([])
  })

  test('may set itself again while it fires, and a cancel then stops the new one', () => {
    let left = 3
    const again: Handlers = {
      onCommand: (host) => host.setTimer('tick', 10),
      onTimer: (host) => {
        if (--left > 0) host.setTimer('tick', 10)
      },
    }
    expect(alone(again)).toEqual(['10 timer tick', '20 timer tick', '30 timer tick'])
    const undecided: Handlers = { ...again, onTimer: (host) => (host.setTimer('tick', 10), host.cancelTimer('tick')) }
    expect(alone(undecided)).toEqual(['10 timer tick'])
  })

  test('belongs to its node: another node may use the same name', () => {
    const simulation = startedSimulation({
      topology: complete(2),
      protocol: node((index) => ({
        onCommand: (host) => {
          host.setTimer('tick', 10 + index)
          if (index === 0) host.cancelTimer('tick')
        },
      })),
    })
    const lines = journal(simulation)
    simulation.command(1, { type: 'go' })
    simulation.command(0, { type: 'go' })
    simulation.runUntil(100)
    expect(lines.slice(2)).toEqual(['11 timer 1 tick'])
  })

  test('that is void counts as no event, and no observer hears of it', () => {
    const run = (cancel: boolean): [number, string[]] => {
      const simulation = startedSimulation({
        topology: complete(1),
        protocol: node(() => ({
          onStart: (host) => {
            host.setTimer('tick', 10)
            if (cancel) host.cancelTimer('tick')
          },
        })),
      })
      const lines = journal(simulation)
      simulation.runUntil(100)
      return [simulation.events, lines]
    }
    expect(run(true)).toEqual([1, []])
    expect(run(false)).toEqual([2, ['10 timer 0 tick']])
  })
})
