import { exponentialSpans, replayChurn, ring, startChurn, weibullSpans, type ChurnChange } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { changesOf } from '../support/churn.ts'
import { cases, fc } from '../support/fast-check.ts'
import { journal, startedSimulation } from '../support/nodes.ts'

const size = 6

const change = fc.record(
  {
    time: fc.integer({ min: 0, max: 40 }).map((half) => half / 2),
    node: fc.nat(size - 1),
    up: fc.boolean(),
  },
  { noNullPrototype: true },
)
const changeList = fc.array(change, { maxLength: 30 }).map((list) => list.sort((a, b) => a.time - b.time))

describe('a replay', () => {
  test('makes the changes that are listed, at their times and in their order', () => {
    fc.assert(
      fc.property(changeList, (list) => {
        const simulation = startedSimulation({ topology: ring(size) })
        const changes = changesOf(simulation)
        replayChurn(simulation, list)
        simulation.run()
        const isUp = new Array<boolean>(size).fill(true)
        const expected = list.filter(({ node, up }) => {
          const isNew = isUp[node] !== up
          isUp[node] = up
          return isNew
        })
        expect(changes).toEqual(expected)
        expect(isUp).toEqual(isUp.map((_, node) => simulation.isUp(node)))
      }),
      cases(200),
    )
  })

  test('of recorded churn is that churn', () => {
    const original = startedSimulation({ topology: ring(30) })
    const recorded = changesOf(original)
    startChurn(original, { up: weibullSpans(300, 0.5), down: exponentialSpans(200), begin: 'stationary' })
    original.runUntil(5000)
    const replayed = startedSimulation({ topology: ring(30) })
    const changes = changesOf(replayed)
    replayChurn(replayed, recorded)
    replayed.runUntil(5000)
    expect(recorded.length).toBeGreaterThan(300)
    expect(changes).toEqual(recorded)
  })

  test('makes the changes of one moment together, and is over after the last', () => {
    const simulation = startedSimulation({ topology: ring(size) })
    const lines = journal(simulation)
    replayChurn(simulation, [
      { time: 5, node: 1, up: false },
      { time: 5, node: 2, up: false },
      { time: 5.0001, node: 1, up: true }, // the same microsecond
      { time: 7, node: 2, up: true },
    ])
    expect(simulation.run()).toBe('idle')
    expect(lines).toEqual([
      '5 control -1 churn',
      '5 crash 1',
      '5 crash 2',
      '5 restart 1',
      '7 control -1 churn',
      '7 restart 2',
    ])
  })

  test('has one moment waiting, however long the list', () => {
    const simulation = startedSimulation({ topology: ring(size) })
    const schedule = simulation.schedule.bind(simulation)
    let [waiting, most] = [0, 0]
    simulation.schedule = (time, label, action) => {
      most = Math.max(most, ++waiting)
      schedule(time, label, () => {
        waiting--
        action()
      })
    }
    replayChurn(
      simulation,
      Array.from({ length: 1000 }, (_, i): ChurnChange => ({ time: i, node: 0, up: i % 2 === 1 })),
    )
    simulation.run()
    expect([most, simulation.incarnation(0)]).toEqual([1, 500])
  })

  test('ends where it is told to', () => {
    const simulation = startedSimulation({ topology: ring(size) })
    const stop = replayChurn(simulation, [
      { time: 5, node: 1, up: false },
      { time: 9, node: 1, up: true },
    ])
    simulation.runUntil(6)
    stop()
    simulation.run()
    expect(simulation.isUp(1)).toBe(false)
  })

  test('of nothing is nothing', () => {
    const simulation = startedSimulation({ topology: ring(size) })
    replayChurn(simulation, [])
    expect(simulation.run()).toBe('idle')
  })

  test.each<[string, ChurnChange, string]>([
    ['a node that does not exist', { time: 9, node: 6, up: true }, 'change 2: node is 6; it must be a whole number'],
    ['a time before the last', { time: 4, node: 1, up: true }, 'change 2 is at 4 ms, after one at 5 ms; sort the list'],
    ['no time', { time: NaN, node: 1, up: true }, 'change 2: time (ms) is NaN'],
    [
      'neither up nor down',
      { time: 9, node: 1, up: 'yes' as never },
      'change 2: up is "yes"; it must be true or false',
    ],
  ])('with %s is refused, and nothing of it happens', (_name, wrong, message) => {
    const simulation = startedSimulation({ topology: ring(size) })
    expect(() => replayChurn(simulation, [{ time: 5, node: 1, up: false }, wrong])).toThrow(message)
    simulation.run()
    expect(simulation.isUp(1)).toBe(true)
  })

  test('of what has passed already is refused', () => {
    const simulation = startedSimulation({ topology: ring(size) })
    simulation.runUntil(10)
    expect(() => replayChurn(simulation, [{ time: 9, node: 1, up: false }])).toThrow(
      'change 1 is at 9 ms, but it is 10 ms already; leave out what has passed',
    )
    expect(() => replayChurn(simulation, [{ time: 10, node: 1, up: false }])).not.toThrow()
  })
})
