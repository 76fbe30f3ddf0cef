import {
  complete,
  deriveStream,
  exponentialSpans,
  gamma,
  paretoSpans,
  ring,
  startChurn,
  weibullSpans,
  type ChurnChange,
  type ChurnOptions,
  type Simulation,
  type Spans,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { Chatter } from '../support/chatter.ts'
import { changesOf, firstSpans } from '../support/churn.ts'
import { silent, startedSimulation } from '../support/nodes.ts'
import { summarize } from '../support/statistics.ts'

interface Shape {
  readonly spans: Spans
  /** The share that lasts longer. */
  readonly tail: (time: number) => number
  readonly deviation: number
}

/** Mean 1000, each with the textbook's tail and standard deviation. */
const weibullScale = 1000 / gamma(1 + 1 / 0.6)
const shapes: { readonly [name: string]: Shape } = {
  exponential: { spans: exponentialSpans(1000), tail: (time) => Math.exp(-time / 1000), deviation: 1000 },
  Weibull: {
    spans: weibullSpans(1000, 0.6),
    tail: (time) => Math.exp(-Math.pow(time / weibullScale, 0.6)),
    deviation: Math.sqrt(weibullScale ** 2 * gamma(1 + 2 / 0.6) - 1000 ** 2),
  },
  Pareto: {
    spans: paretoSpans(1000, 3),
    tail: (time) => Math.pow(1 + time / 2000, -3),
    deviation: Math.sqrt(3) * 1000,
  },
}

function expectShare(share: number, expected: number, count: number): void {
  const error = Math.sqrt((expected * (1 - expected)) / count)
  expect(Math.abs(share - expected), `${share}, expected ${expected} ± ${error}`).toBeLessThan(4 * error)
}

/** All nodes on a ring, with churn from time 0. */
function churning(size: number, options: ChurnOptions, seed = 1): { simulation: Simulation; changes: ChurnChange[] } {
  const simulation = startedSimulation({ seed, topology: ring(size), protocol: silent })
  const changes = changesOf(simulation)
  startChurn(simulation, options)
  return { simulation, changes }
}

function shareUp(simulation: Simulation): number {
  let up = 0
  for (let node = 0; node < simulation.size; node++) if (simulation.isUp(node)) up++
  return up / simulation.size
}

describe.each(Object.entries(shapes))('%s spans', (name, { spans, tail, deviation }) => {
  test('are what nodes stay up, and down: their mean and their tail', () => {
    const [size, count] = [100, 60]
    const { simulation, changes } = churning(size, { up: spans, down: exponentialSpans(50) })
    simulation.runUntil(count * 8000)
    const { up, down } = firstSpans(changes, size, count)
    expect(Math.abs(summarize(up).mean - 1000)).toBeLessThan((4 * deviation) / Math.sqrt(up.length))
    expect(Math.abs(summarize(down).mean - 50)).toBeLessThan((4 * 50) / Math.sqrt(down.length))
    for (const time of [50, 300, 1000, 3000, 6000]) {
      expectShare(up.filter((span) => span > time).length / up.length, tail(time), up.length)
    }
  })

  test('leave over, at a moment of no meaning to them, what the integral of the tail says', () => {
    const count = 20_000
    const random = deriveStream(4, 'remaining', name)
    const left = Array.from({ length: count }, () => spans.remaining(random))
    for (const time of [50, 300, 1000, 3000]) {
      // 1 - 1/mean · ∫ tail over 0 … time, by the midpoint rule.
      const steps = 20_000
      let integral = 0
      for (let step = 0; step < steps; step++) integral += (tail(((step + 0.5) * time) / steps) * time) / steps
      expectShare(left.filter((span) => span > time).length / count, 1 - integral / 1000, count)
    }
  })

  test('make availability mean up / (mean up + mean down), whatever the downtimes', () => {
    for (const { spans: down } of Object.values(shapes)) {
      const { simulation } = churning(4000, { up: spans, down, begin: 'stationary' })
      simulation.runUntil(5000)
      expectShare(shareUp(simulation), 0.5, simulation.size)
    }
    const { simulation } = churning(4000, { up: spans, down: weibullSpans(250, 0.7), begin: 'stationary' })
    simulation.runUntil(5000)
    expectShare(shareUp(simulation), 0.8, simulation.size)
  })

  test('begin in the stationary state when asked to: availability and changes are the same from the first moment on', () => {
    const size = 3000
    const { simulation, changes } = churning(size, { up: spans, down: weibullSpans(500, 0.5), begin: 'stationary' })
    simulation.runUntil(0)
    expectShare(shareUp(simulation), 2 / 3, size)
    changes.length = 0
    for (const window of [0, 1, 2, 3, 4, 5]) {
      simulation.runUntil((window + 1) * 100)
      expectShare(shareUp(simulation), 2 / 3, size)
      const crashes = new Array<number>(size).fill(0)
      for (const { node, up, time } of changes) if (!up && time > window * 100) crashes[node]!++
      const { mean, standardError } = summarize(crashes)
      expect(Math.abs(mean - 100 / 1500), `window ${window}`).toBeLessThan(4 * standardError)
    }
  })
})

describe('churn', () => {
  const options: ChurnOptions = { up: weibullSpans(400, 0.5), down: paretoSpans(200, 2), begin: 'stationary' }

  test('begins with everybody up unless told otherwise', () => {
    const { simulation, changes } = churning(500, { up: exponentialSpans(1e6), down: exponentialSpans(1e6) })
    simulation.runUntil(1)
    expect([shareUp(simulation), changes]).toEqual([1, []])
  })

  test('is the same in every run of a seed, and another with another seed', () => {
    const run = (seed: number): [string, ChurnChange[]] => {
      const { simulation, changes } = churning(50, options, seed)
      simulation.runUntil(3000)
      return [simulation.fingerprint, changes]
    }
    expect(run(7)).toEqual(run(7))
    expect(run(7)[1]).not.toEqual(run(8)[1])
  })

  test('of a node does not depend on how many others there are, nor on who else comes and goes', () => {
    const timesOf = (node: number, size: number, nodes?: number[]): ChurnChange[] => {
      const { simulation, changes } = churning(size, nodes === undefined ? options : { ...options, nodes })
      simulation.runUntil(20_000)
      return changes.filter((change) => change.node === node)
    }
    expect(timesOf(3, 5).length).toBeGreaterThan(10)
    expect(timesOf(3, 6)).toEqual(timesOf(3, 5))
    expect(timesOf(3, 40)).toEqual(timesOf(3, 5))
    expect(timesOf(3, 5, [4, 3])).toEqual(timesOf(3, 5))
  })

  test('of a node does not depend on what the nodes do', () => {
    const ledger = new Map()
    const chatty = startedSimulation({
      topology: complete(8),
      protocol: (host) => new Chatter(host, ledger),
    })
    const changes = changesOf(chatty)
    startChurn(chatty, options)
    chatty.runUntil(3000)
    const quiet = churning(8, options)
    quiet.simulation.runUntil(3000)
    expect(ledger.size).toBeGreaterThan(100)
    expect(changes).toEqual(quiet.changes)
  })

  test('takes only the nodes that it is given', () => {
    const { simulation, changes } = churning(10, { ...options, nodes: new Set([2, 5]) })
    simulation.runUntil(20_000)
    expect(new Set(changes.map(({ node }) => node))).toEqual(new Set([2, 5]))
  })

  test('has one change of each node waiting, and no more', () => {
    const simulation = startedSimulation({ topology: ring(20) })
    const schedule = simulation.schedule.bind(simulation)
    let [waiting, most, total] = [0, 0, 0]
    simulation.schedule = (time, label, action) => {
      most = Math.max(most, ++waiting)
      total++
      schedule(time, label, () => {
        waiting--
        action()
      })
    }
    startChurn(simulation, options)
    simulation.runUntil(50_000)
    expect(total).toBeGreaterThan(1000)
    expect(most).toBeLessThanOrEqual(20)
  })

  test('ends where it is told to, and leaves the nodes as they are', () => {
    const simulation = startedSimulation({ topology: ring(50) })
    const changes = changesOf(simulation)
    const stop = startChurn(simulation, options)
    simulation.runUntil(500)
    const [count, up] = [changes.length, shareUp(simulation)]
    stop()
    stop()
    expect(simulation.run({ until: 100_000 })).toBe('idle')
    expect([changes.length, shareUp(simulation)]).toEqual([count, up])
    expect(count).toBeGreaterThan(50)
    startChurn(simulation, options)()
    simulation.runUntil(200_000)
    expect(changes.length).toBe(count)
  })

  test('that is started again repeats itself, unless it has another label', () => {
    const spansAfter = (label: string): number[] => {
      const simulation = startedSimulation({ topology: ring(3) })
      startChurn(simulation, { ...options, begin: 'all-up' })()
      simulation.runUntil(1000)
      const changes = changesOf(simulation)
      startChurn(simulation, { ...options, begin: 'all-up', label })
      simulation.runUntil(100_000)
      return changes.map(({ time }) => time - 1000)
    }
    const first = churning(3, { ...options, begin: 'all-up' })
    first.simulation.runUntil(99_000)
    const times = first.changes.map(({ time }) => time)
    const farthest = (label: string): number => {
      const again = spansAfter(label)
      return Math.max(...again.slice(0, 20).map((time, i) => Math.abs(time - times[i]!)))
    }
    expect(spansAfter('').length).toBe(times.length)
    expect(farthest('')).toBeLessThan(0.01) // the clock of one of them starts at 1000
    expect(farthest('again')).toBeGreaterThan(1)
  })

  test('is not shifted by a crash or a restart that others make', () => {
    const alone = churning(6, options)
    alone.simulation.runUntil(20_000)
    const disturbed = churning(6, options)
    for (const time of [300, 900, 1500, 4000]) {
      disturbed.simulation.runUntil(time)
      for (let node = 0; node < 3; node++) {
        if (disturbed.simulation.isUp(node)) disturbed.simulation.crash(node)
        else disturbed.simulation.restart(node)
      }
    }
    disturbed.simulation.runUntil(20_000)
    const times = ({ changes }: { changes: ChurnChange[] }): string[] =>
      changes.map(({ time, node }) => `${time} ${node}`)
    const own = new Set(times(alone))
    const left = times(disturbed).filter((line) => !own.has(line))
    // What is left are the acts of others: at their times, and only there.
    expect(new Set(left.map((line) => Number(line.split(' ')[0])))).toEqual(new Set([300, 900, 1500, 4000]))
    expect(times(disturbed).filter((line) => Number(line.split(' ')[1]) >= 3)).toEqual(
      times(alone).filter((line) => Number(line.split(' ')[1]) >= 3),
    )
    for (let node = 0; node < 6; node++) expect(disturbed.simulation.isUp(node)).toBe(alone.simulation.isUp(node))
  })

  test('goes on to the end of virtual time, and not past it', () => {
    const { simulation, changes } = churning(20, { up: exponentialSpans(4e11), down: paretoSpans(4e11, 1.1) })
    expect(simulation.run()).toBe('idle')
    expect(changes.length).toBeGreaterThan(10)
    expect(simulation.now).toBeLessThanOrEqual(1e12)
  })

  test('starts a node anew with each restart', () => {
    const { simulation, changes } = churning(4, options)
    simulation.runUntil(10_000)
    for (let node = 0; node < 4; node++) {
      expect(simulation.incarnation(node)).toBe(changes.filter((change) => change.node === node && change.up).length)
    }
  })

  test.each<[string, () => unknown, string]>([
    [
      'a node that does not exist',
      () => churning(5, { ...options, nodes: [5] }),
      'churn: node is 5; it must be a whole',
    ],
    ['a node that comes twice', () => churning(5, { ...options, nodes: [1, 2, 1] }), 'churn: node 1 is listed twice'],
    ['spans of no length', () => exponentialSpans(0), 'mean span (ms) is 0; it must be a number from 0.001 to'],
    ['spans without a mean', () => paretoSpans(10, 1), 'shape is 1; it must be a number from 1.1 to 100'],
    ['a Weibull shape of 0', () => weibullSpans(10, 0), 'shape is 0; it must be a number from 0.1 to 100'],
    ['spans that are no number', () => weibullSpans(NaN, 1), 'mean span (ms) is NaN'],
  ])('refuses %s', (_name, make, message) => {
    expect(make).toThrow(message)
  })
})
