import {
  complete,
  constantLatency,
  corruption,
  duplication,
  extraDelay,
  loss,
  oneWayPartition,
  partition,
  type Message,
  type Rule,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { deviateFromUniform, fairDeviate } from '../support/chi-square.ts'
import { received, say, startedSimulation, talker } from '../support/nodes.ts'

const packets = 20_000

/** Node 0 sends numbered packets to node 1 under this rule; what arrives, and when. */
function flood(rule: Rule, simulation = startedSimulation({ protocol: talker })): ReturnType<typeof received> {
  simulation.addRule(rule)
  const got = received(simulation)
  say(simulation, 0, 1, ...Array.from({ length: packets }, (_, i) => ({ type: 'n', i }) as Message))
  simulation.run()
  return got
}

/** Four standard errors of a share among all packets. */
const bound = (share: number): number => 4 * Math.sqrt((share * (1 - share)) / packets)

/** Which pairs of four nodes a packet crosses. */
function crossings(rule: Rule): string {
  const simulation = startedSimulation({ protocol: talker, topology: complete(4), latency: constantLatency(1) })
  simulation.addRule(rule)
  const got = received(simulation)
  const pairs = [0, 1, 2, 3].flatMap((from) =>
    [0, 1, 2, 3].filter((to) => to !== from).map((to) => [from, to] as const),
  )
  for (const [from, to] of pairs) say(simulation, from, to, 'hello')
  simulation.run()
  return got
    .map(({ from, to }) => `${from}→${to}`)
    .sort()
    .join(' ')
}

describe('loss', () => {
  test.each([0.01, 0.3, 0.9])('loses the share %d of packets', (probability) => {
    expect(Math.abs(1 - flood(loss(probability)).length / packets - probability)).toBeLessThan(bound(probability))
  })

  test('loses nothing at 0 and all at 1', () => {
    expect(flood(loss(0)).length).toBe(packets)
    expect(flood(loss(1)).length).toBe(0)
  })

  test('strikes without a pattern: each place of ten is hit equally often', () => {
    const hits = new Array<number>(10).fill(0)
    for (const { message } of flood(loss(0.5))) hits[(message as unknown as { i: number }).i % 10]!++
    expect(deviateFromUniform(hits)).toBeLessThan(fairDeviate)
  })

  test('loses the same packets in every run of a seed, and more of them at a higher rate, never others', () => {
    const survivors = (probability: number): Set<number> =>
      new Set(flood(loss(probability)).map(({ message }) => (message as unknown as { i: number }).i))
    const many = survivors(0.3)
    expect(survivors(0.3)).toEqual(many)
    expect([...survivors(0.5)].every((i) => many.has(i))).toBe(true)
  })
})

describe('duplication', () => {
  test.each([0.05, 0.5])('doubles the share %d of packets', (probability) => {
    const simulation = startedSimulation({ protocol: talker })
    const got = flood(duplication(probability), simulation)
    expect(got.length).toBe(packets + simulation.packets.copied)
    expect(Math.abs(simulation.packets.copied / packets - probability)).toBeLessThan(bound(probability))
  })
})

describe('extra delay', () => {
  test('is uniform between its bounds', () => {
    const extras = flood(extraDelay(20, 60)).map(({ time }) => time - 10)
    expect(extras.every((extra) => extra >= 20 && extra <= 60)).toBe(true)
    const counts = new Array<number>(20).fill(0)
    for (const extra of extras) counts[Math.min(Math.floor((extra - 20) / 2), 19)]!++
    expect(deviateFromUniform(counts)).toBeLessThan(fairDeviate)
  })
})

describe('corruption', () => {
  test('changes the share asked for, and leaves the rest alone', () => {
    const got = flood(corruption(0.2, () => ({ type: 'garbage' })))
    const garbage = got.filter(({ message }) => message.type === 'garbage').length
    expect(got.length).toBe(packets)
    expect(Math.abs(garbage / packets - 0.2)).toBeLessThan(bound(0.2))
  })

  test('is given the message that it corrupts', () => {
    const got = flood(corruption(1, (message) => ({ ...message, type: `${message.type}!` })))
    expect(got[3]!.message).toEqual({ type: 'n!', i: 3 })
  })
})

describe('partitions', () => {
  test('cut both ways between the sides, and not inside them', () => {
    expect(crossings(partition([0, 2]))).toBe('0→2 1→3 2→0 3→1')
    expect(crossings(partition([1, 3]))).toBe('0→2 1→3 2→0 3→1')
  })

  test('of nobody or of everybody cut nothing', () => {
    expect(crossings(partition([])).split(' ').length).toBe(12)
    expect(crossings(partition([0, 1, 2, 3])).split(' ').length).toBe(12)
  })

  test('in one direction leave the other open', () => {
    expect(crossings(oneWayPartition([0, 2]))).toBe('0→2 1→0 1→2 1→3 2→0 3→0 3→1 3→2')
  })

  test('keep the sides they were made with, whatever becomes of the list', () => {
    const side = [0, 2]
    const rule = partition(side)
    side.push(1, 3)
    expect(crossings(rule)).toBe('0→2 1→3 2→0 3→1')
  })
})

describe('faults refuse, with name, value and range,', () => {
  const unchanged = (message: Message): Message => message

  test.each<[string, (probability: number) => Rule]>([
    ['loss', loss],
    ['duplication', duplication],
    ['corruption', (probability) => corruption(probability, unchanged)],
  ])('a probability of %s that is none', (name, make) => {
    for (const probability of [-0.1, 1.1, NaN, Infinity]) {
      expect(() => make(probability)).toThrow(`${name} is ${probability}; it must be a number from 0 to 1`)
    }
  })

  test('extra delays that are negative, endless or upside down', () => {
    expect(() => extraDelay(-1, 5)).toThrow('minimum delay is -1; it must be a number from 0 to 1000000000000')
    expect(() => extraDelay(0, Infinity)).toThrow(
      'maximum delay is Infinity; it must be a number from 0 to 1000000000000',
    )
    expect(() => extraDelay(10, 5)).toThrow('maximum delay is 5; it must be a number from 10 to 1000000000000')
    expect(() => extraDelay(NaN, 5)).toThrow('minimum delay is NaN')
  })
})
