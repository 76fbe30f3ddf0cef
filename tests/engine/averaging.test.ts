import {
  Averaging,
  complete,
  constantLatency,
  duplication,
  loss,
  partition,
  ring,
  Simulation,
  uniformLatency,
  type AveragingOptions,
  type Command,
  type LatencyModel,
  type Message,
  type Topology,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { plainData } from '../support/plain-data.ts'

interface Averagers {
  readonly simulation: Simulation
  /** The instance that each node runs now. */
  readonly nodes: readonly Averaging[]
}

interface Setup {
  readonly seed?: number
  readonly topology?: Topology
  readonly latency?: LatencyModel
  readonly timing?: NonNullable<AveragingOptions['timing']>
  readonly value?: (node: number) => number
  readonly period?: number
}

const period = 1000

/** Averagers that have started. By default 50 of them, node i with the value i. */
function averagers({
  seed = 1,
  topology = complete(50),
  latency,
  timing,
  value = (node) => node,
  ...beat
}: Setup = {}): Averagers {
  const nodes: Averaging[] = []
  const simulation = new Simulation({
    seed,
    topology,
    latency: latency ?? constantLatency(20),
    strict: true,
    protocol: (host, node) => {
      const options = { period, value: value(node), ...beat, ...(timing === undefined ? {} : { timing }) }
      return (nodes[node] = new Averaging(host, options))
    },
  })
  simulation.runUntil(0)
  return { simulation, nodes }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const sumOf = ({ nodes }: Averagers): number => sum(nodes.map(({ value }) => value))

/** How far apart the estimates are. */
function spreadOf({ nodes }: Averagers): number {
  const values = nodes.map(({ value }) => value)
  return Math.max(...values) - Math.min(...values)
}

/** Runs until no exchange is under way: no node begins one any more, and the last packets arrive. */
function settle({ simulation }: Averagers, time = 30 * period): void {
  const silence = simulation.addRule({
    name: 'no more offers',
    judge: ({ message }) => ({ kind: message.type === 'offer' ? 'drop' : 'pass' }),
  })
  simulation.runUntil(simulation.now + time)
  silence()
}

describe('without loss', () => {
  test.each(['cycles', 'periodic', 'poisson', 'rounds'] as const)(
    'the sum stays, however the exchanges of %s beats overlap',
    (timing) => {
      const run = averagers({ timing, latency: uniformLatency(0, 3 * period) })
      const before = sumOf(run)
      run.simulation.runUntil(40 * period)
      settle(run)
      expect(sumOf(run)).toBeCloseTo(before, 6)
    },
  )

  test('every estimate comes to the average of all values', () => {
    const run = averagers()
    run.simulation.runUntil(40 * period)
    for (const { value } of run.nodes) expect(value).toBeCloseTo(24.5, 6)
  })

  test('the sum stays where a node has several beats in one microsecond', () => {
    const run = averagers({ topology: complete(5), timing: 'poisson', period: 0.001, latency: constantLatency(0.1) })
    run.simulation.run({ maxEvents: 20_000 })
    expect(new Set(run.nodes.map(({ value }) => value)).size).toBeGreaterThan(1)
    settle(run, 0.3)
    expect(sumOf(run)).toBeCloseTo(10, 6)
  })

  test('it also does where nodes have two neighbors only', () => {
    const run = averagers({ topology: ring(20) })
    run.simulation.runUntil(1000 * period)
    expect(run.nodes[0]!.value).toBeCloseTo(9.5, 6)
    expect(spreadOf(run)).toBeLessThan(1e-6)
  })

  test('one node at 1 and the others at 0 come to 1 / n: the inverse counts the nodes', () => {
    const run = averagers({ value: (node) => (node === 0 ? 1 : 0) })
    run.simulation.runUntil(60 * period)
    for (const { value } of run.nodes) expect(1 / value).toBeCloseTo(50, 4)
  })

  test('a node makes one offer in each cycle, at a moment of its own', () => {
    const { simulation } = averagers()
    const offers: number[][] = Array.from({ length: 50 }, () => [])
    simulation.observe({
      onSend: (time, from, _to, { type }) => void (type === 'offer' && offers[from]!.push(time)),
    })
    simulation.runUntil(30 * period - 0.001)
    for (const times of offers) {
      expect(times.map((time) => Math.floor(time / period))).toEqual(Array.from({ length: 30 }, (_, cycle) => cycle))
      // Not on a beat: the places in the cycle spread over it.
      const places = times.map((time) => time % period)
      expect(Math.max(...places) - Math.min(...places)).toBeGreaterThan(period / 2)
    }
  })

  test('a new value moves the average, and nothing else', () => {
    const run = averagers()
    run.simulation.runUntil(10 * period)
    run.simulation.command(7, { type: 'set', value: 57 } as Command)
    run.simulation.runUntil(60 * period)
    for (const { value } of run.nodes) expect(value).toBeCloseTo(25.5, 6)
  })
})

describe('under faults', () => {
  test('copies of packets change nothing: each exchange counts once', () => {
    const run = averagers({ latency: uniformLatency(0, period / 2) })
    run.simulation.addRule(duplication(0.5))
    const before = sumOf(run)
    run.simulation.runUntil(40 * period)
    settle(run)
    expect(run.simulation.packets.copied).toBeGreaterThan(1000)
    expect(sumOf(run)).toBeCloseTo(before, 6)
  })

  test('lost offers cost time only', () => {
    const run = averagers()
    run.simulation.addRule({
      name: 'lose offers',
      judge: ({ message }, draw) => ({ kind: message.type === 'offer' && draw() < 0.5 ? 'drop' : 'pass' }),
    })
    const before = sumOf(run)
    run.simulation.runUntil(80 * period)
    expect(sumOf(run)).toBeCloseTo(before, 6)
    expect(spreadOf(run)).toBeLessThan(1e-6)
  })

  test('lost answers move the sum, and still everybody agrees in the end', () => {
    const run = averagers()
    run.simulation.addRule(loss(0.2))
    const before = sumOf(run)
    run.simulation.runUntil(80 * period)
    expect(Math.abs(sumOf(run) - before)).toBeGreaterThan(1)
    expect(spreadOf(run)).toBeLessThan(1e-4)
  })

  test('a cut makes two averages, and its end makes one', () => {
    const run = averagers()
    const heal = run.simulation.addRule(partition(Array.from({ length: 10 }, (_, node) => node)))
    run.simulation.runUntil(60 * period)
    expect(run.nodes[0]!.value).toBeCloseTo(4.5, 3)
    expect(run.nodes[49]!.value).toBeCloseTo(29.5, 3)
    heal()
    run.simulation.runUntil(120 * period)
    for (const { value } of run.nodes) expect(value).toBeCloseTo(24.5, 3)
  })

  test('a restart begins with the own value again, and the exchanges go on', () => {
    const run = averagers()
    run.simulation.runUntil(20.5 * period)
    run.simulation.crash(3)
    run.simulation.runUntil(22 * period)
    run.simulation.restart(3)
    expect(run.nodes[3]!.value).toBe(3)
    run.simulation.runUntil(80 * period)
    expect(spreadOf(run)).toBeLessThan(1e-6)
    // It took its share of the sum along, 24.5, and brought 3.
    expect(run.nodes[3]!.value).toBeCloseTo((50 * 24.5 - 24.5 + 3) / 50, 2)
  })
})

describe('from liars', () => {
  test('an answer that was not asked for changes nothing', () => {
    const run = averagers()
    run.simulation.runUntil(5.5 * period)
    const { value } = run.nodes[1]!
    run.simulation.inject(0, 1, { type: 'settle', time: run.simulation.now, difference: 1e6 } as Message)
    run.simulation.inject(0, 1, { type: 'settle', time: 0, difference: 1e6 } as Message)
    run.simulation.addRule(loss(1))
    run.simulation.runUntil(run.simulation.now + 20)
    expect(Math.abs(run.nodes[1]!.value - value)).toBeLessThan(50)
  })

  test('nothing malformed moves a value or stops a node', () => {
    const message = fc.oneof(
      fc.record({
        type: fc.constantFrom('offer', 'settle'),
        time: plainData,
        value: plainData,
        difference: plainData,
      }),
      fc.constantFrom(
        { type: 'offer', time: -1, value: 0 },
        { type: 'offer', time: 5, value: 1e16 },
        { type: 'offer', value: 4 },
        { type: 'settle', time: 5 },
        { type: 'hello' },
      ),
    )
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 10 }), (messages) => {
        const isOffer = ({ type, time, value }: { type: string; time?: unknown; value?: unknown }): boolean =>
          type === 'offer' && typeof time === 'number' && time >= 0 && typeof value === 'number'
        const garbage = messages.filter((each) => !isOffer(each) || Math.abs((each as { value: number }).value) > 1e15)
        const run = averagers({ topology: complete(2), latency: constantLatency(0) })
        const reports: string[] = []
        run.simulation.observe({ onReport: (_time, _node, event) => void reports.push(event) })
        for (const each of garbage) run.simulation.inject(0, 1, each as Message)
        run.simulation.runUntil(0)
        expect(run.nodes[1]!.value).toBe(1)
        expect(reports.every((event) => event === 'malformed')).toBe(true)
        run.simulation.runUntil(5 * period)
        expect(run.nodes[1]!.value).toBe(0.5)
      }),
      cases(100),
    )
  })
})

test('values and periods that are none are refused with name and range', () => {
  const make = (options: Partial<AveragingOptions>) => (): void => {
    new Simulation({
      seed: 1,
      topology: complete(2),
      protocol: (host) => new Averaging(host, { period, value: 0, ...options }),
    }).runUntil(0)
  }
  expect(make({ value: NaN })).toThrow('value is NaN; it must be a number from -1000000000000000 to 1000000000000000')
  expect(make({ period: 0 })).toThrow('period is 0; it must be a number from 0.001')
})
