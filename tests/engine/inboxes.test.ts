import { type Inbox, type Message } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { received, say, startedSimulation, talker } from '../support/nodes.ts'

const numbered = (count: number): Message[] => Array.from({ length: count }, (_, i) => ({ type: 'n', i }) as Message)
const numbers = (got: ReturnType<typeof received>): number[] =>
  got.map(({ message }) => (message as unknown as { i: number }).i)

/** Node 1 gets `count` messages at 10 ms, all at once. */
function flood(inbox: Inbox, count: number, seed = 1) {
  const simulation = startedSimulation({ protocol: talker, inbox: () => inbox, seed })
  const got = received(simulation)
  const lost: number[] = []
  simulation.observe({
    onDrop: (_time, _from, _to, message, reason) => {
      expect(reason).toBe('inbox full')
      lost.push((message as unknown as { i: number }).i)
    },
  })
  say(simulation, 0, 1, ...numbered(count))
  simulation.run()
  return { simulation, got, lost }
}

describe('an inbox', () => {
  test('handles one message after the other, in the order of arrival, at its rate', () => {
    const { got } = flood({ capacity: 100, service: 3, policy: 'drop-newest' }, 5)
    expect(got.map(({ time }) => time)).toEqual([13, 16, 19, 22, 25])
    expect(numbers(got)).toEqual([0, 1, 2, 3, 4])
  })

  test('is idle again after a pause: who comes then waits for nobody', () => {
    const { simulation, got } = flood({ capacity: 100, service: 3, policy: 'drop-newest' }, 2)
    simulation.runUntil(100)
    say(simulation, 0, 1, 'late')
    simulation.run()
    expect(got.at(-1)!.time).toBe(113)
  })

  test('loses what has no room: the newest, or the oldest of those that wait', () => {
    const newest = flood({ capacity: 2, service: 3, policy: 'drop-newest' }, 6)
    expect([numbers(newest.got), newest.lost]).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ])
    const oldest = flood({ capacity: 2, service: 3, policy: 'drop-oldest' }, 6)
    expect([numbers(oldest.got), oldest.lost]).toEqual([
      [0, 4, 5],
      [1, 2, 3],
    ])
  })

  test('at random, gives each that waits the same chance to stay', () => {
    const stayed = new Array<number>(6).fill(0)
    const runs = 3000
    for (let seed = 0; seed < runs; seed++) {
      const { got } = flood({ capacity: 1, service: 3, policy: 'drop-random' }, 3, seed)
      for (const i of numbers(got)) stayed[i]!++
    }
    // The first is served at once; of the other two one stays.
    expect(stayed[0]).toBe(runs)
    for (const count of stayed.slice(1, 3))
      expect(Math.abs(count / runs - 0.5)).toBeLessThan(4 * Math.sqrt(0.25 / runs))
  })

  test('loses nothing and adds nothing in any policy: each packet is handled or dropped once', () => {
    const inboxes = fc.record({
      capacity: fc.nat(5),
      service: fc.nat(20),
      policy: fc.constantFrom<Inbox['policy']>('drop-newest', 'drop-oldest', 'drop-random'),
    })
    fc.assert(
      fc.property(inboxes, fc.nat(30), (inbox, count) => {
        const { simulation, got, lost } = flood(inbox, count)
        expect([...numbers(got), ...lost].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, i) => i))
        expect(simulation.packets).toMatchObject({
          sent: count,
          delivered: got.length,
          dropped: lost.length,
          inFlight: 0,
        })
      }),
      cases(100),
    )
  })

  test('is lost with its node, and empty after a restart', () => {
    const simulation = startedSimulation({
      protocol: talker,
      inbox: () => ({ capacity: 10, service: 5, policy: 'drop-newest' }),
    })
    const got = received(simulation)
    const reasons: string[] = []
    simulation.observe({ onDrop: (_time, _from, _to, _message, reason) => void reasons.push(reason) })
    say(simulation, 0, 1, ...numbered(4))
    simulation.runUntil(16) // one is handled, one is being served, two wait
    simulation.crash(1)
    simulation.restart(1)
    say(simulation, 0, 1, { type: 'n', i: 9 } as Message)
    simulation.run()
    expect(numbers(got)).toEqual([0, 9])
    expect(reasons).toEqual(['receiver down', 'receiver down', 'receiver down'])
    expect(got.at(-1)!.time).toBe(16 + 10 + 5)
    expect(simulation.packets.inFlight).toBe(0)
  })

  test.each([
    [{ capacity: -1, service: 1, policy: 'drop-newest' }, 'inbox capacity of node 0 is -1'],
    [{ capacity: 1, service: -1, policy: 'drop-newest' }, 'service time of node 0 (ms) is -1'],
    [{ capacity: 1, service: 1, policy: 'drop-it' }, 'inbox policy of node 0 is drop-it'],
  ])('refuses %j', (inbox, message) => {
    expect(() => startedSimulation({ inbox: () => inbox as Inbox })).toThrow(message)
  })
})
