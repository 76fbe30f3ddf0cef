import {
  componentSizes,
  constantLatency,
  Cyclon,
  deriveStream,
  duplication,
  loss,
  partition,
  randomOut,
  ring,
  Simulation,
  topologyFromEdges,
  uniformLatency,
  type CyclonOptions,
  type LatencyModel,
  type Message,
  type Topology,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { plainData } from '../support/plain-data.ts'
import { summarize } from '../support/statistics.ts'

const period = 1000

interface Overlay {
  readonly simulation: Simulation
  /** The instance that each node runs now. */
  readonly nodes: readonly Cyclon[]
}

interface Setup extends Partial<CyclonOptions> {
  readonly seed?: number
  readonly topology?: Topology
  readonly latency?: LatencyModel
}

/** Nodes that have started: by default 300, each knowing 20 at random. */
function overlay({ seed = 1, latency = constantLatency(0), ...options }: Setup = {}): Overlay {
  const nodes: Cyclon[] = []
  const { topology = randomOut(300, 20, deriveStream(seed, 'start')) } = options
  const simulation = new Simulation({
    seed,
    topology,
    latency,
    strict: topology.size < 100, // checks all that is sent, and takes its time
    protocol: (host, node) => (nodes[node] = new Cyclon(host, { period, timing: 'periodic', ...options })),
  })
  simulation.runUntil(0)
  return { simulation, nodes }
}

/** All links of nodes that are up. */
function linksOf({ simulation, nodes }: Overlay): [from: number, to: number][] {
  return nodes.flatMap(({ view }, node) =>
    simulation.isUp(node) ? Array.from(view.keys(), (peer): [number, number] => [node, peer]) : [],
  )
}

/** In how many views of nodes that are up each node is. */
function inDegrees(run: Overlay): number[] {
  const degrees = new Array<number>(run.simulation.size).fill(0)
  for (const [, to] of linksOf(run)) degrees[to]!++
  return degrees
}

/** The parts that the overlay of the nodes that are up falls into, the largest first. */
function partsOf(run: Overlay): number[] {
  const { simulation } = run
  return componentSizes(topologyFromEdges(simulation.size, linksOf(run)), (node) => simulation.isUp(node))
}

function standardDeviation(values: readonly number[]): number {
  const { standardError, count } = summarize(values)
  return standardError * Math.sqrt(count)
}

/** Crashes this many nodes at random. */
function crashAtRandom({ simulation }: Overlay, count: number): void {
  const nodes = Array.from({ length: simulation.size }, (_, node) => node)
  for (const node of deriveStream(7, 'crash').sample(nodes, count)) simulation.crash(node)
}

const starInwards = (size: number): Topology =>
  topologyFromEdges(
    size,
    Array.from({ length: size - 1 }, (_, i): [number, number] => [i + 1, 0]),
    { directed: true },
  )

describe('a view', () => {
  test('never has more than its size, nor the node itself, whatever the network does', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          viewSize: fc.integer({ min: 1, max: 12 }),
          shuffle: fc.double({ min: 0, max: 1, noNaN: true }),
          lost: fc.double({ min: 0, max: 0.5, noNaN: true }),
          doubled: fc.double({ min: 0, max: 0.5, noNaN: true }),
          crashes: fc.array(fc.nat(29), { maxLength: 5 }),
        }),
        ({ seed, viewSize, shuffle, lost, doubled, crashes }) => {
          const shuffleLength = 1 + Math.floor(shuffle * (viewSize - 1))
          const topology = randomOut(30, 5, deriveStream(seed, 'start'))
          const run = overlay({ seed, topology, viewSize, shuffleLength, latency: uniformLatency(0, 2500) })
          run.simulation.addRule(loss(lost))
          run.simulation.addRule(duplication(doubled))
          run.simulation.observe({
            onEvent: () => {
              for (const [node, { view }] of run.nodes.entries()) {
                if (view.size > viewSize || view.has(run.simulation.addresses.addressOf(node)))
                  throw new Error(`node ${node} has the view ${[...view.keys()].join()}`)
              }
            },
          })
          for (const [i, node] of crashes.entries()) {
            run.simulation.runUntil((2 * i + 3) * period)
            run.simulation.crash(node)
            run.simulation.runUntil((2 * i + 4) * period)
            run.simulation.restart(node)
          }
          run.simulation.runUntil(20 * period)
          expect(linksOf(run).length).toBeGreaterThan(0)
        },
      ),
      cases(30),
    )
  })

  test('is handed around without loss while no packet is: the number of links stays', () => {
    const run = overlay()
    run.simulation.runUntil(50 * period)
    expect(linksOf(run).length).toBe(300 * 20)
  })

  test('changes through and through: after 30 beats few of the first entries are left', () => {
    const run = overlay()
    const first = run.nodes.map(({ view }) => new Set(view.keys()))
    run.simulation.runUntil(30 * period)
    const kept = run.nodes.map(({ view }, node) => [...view.keys()].filter((peer) => first[node]!.has(peer)).length)
    // By chance a view of 20 shares 20 · 20 / 299 entries with another.
    expect(summarize(kept).mean).toBeLessThan(2 * ((20 * 20) / 299))
  })

  test('is full after a few beats where a node knows its two neighbors on a ring only', () => {
    const run = overlay({ topology: ring(300), latency: constantLatency(20) })
    run.simulation.runUntil(20 * period)
    expect(summarize(run.nodes.map(({ view }) => view.size)).mean).toBeGreaterThan(19.5)
    expect(partsOf(run)).toEqual([300])
  })
})

describe('in-degrees', () => {
  test('concentrate: they differ less than in a random graph', () => {
    const run = overlay({ topology: randomOut(1000, 20, deriveStream(1, 'start')) })
    const before = standardDeviation(inDegrees(run))
    run.simulation.runUntil(60 * period)
    // A random graph has the binomial deviation √(20 · (1 - 20/999)).
    const random = Math.sqrt(20 * (1 - 20 / 999))
    expect(Math.abs(before / random - 1)).toBeLessThan(0.1)
    expect(standardDeviation(inDegrees(run))).toBeLessThan(0.7 * random)
  })

  test('even out where all know the same one at first', () => {
    const run = overlay({ topology: starInwards(300), latency: constantLatency(20) })
    expect(inDegrees(run)[0]).toBe(299)
    run.simulation.runUntil(60 * period)
    expect(Math.max(...inDegrees(run))).toBeLessThan(40)
    expect(Math.min(...inDegrees(run))).toBeGreaterThan(5)
  })

  test('of a node that nobody knows and that knows one other become like all others', () => {
    const others = randomOut(299, 20, deriveStream(3, 'start'))
    const edges = Array.from({ length: 299 }, (_, node) => [...others.neighbors(node)].map((to) => [node, to] as const))
    const topology = topologyFromEdges(300, [...edges.flat(), [299, 0]], { directed: true })
    const run = overlay({ topology, latency: constantLatency(20) })
    expect([run.nodes[299]!.view.size, inDegrees(run)[299]]).toEqual([1, 0])
    run.simulation.runUntil(30 * period)
    expect(run.nodes[299]!.view.size).toBe(20)
    expect(inDegrees(run)[299]).toBeGreaterThan(10)
  })
})

describe('dead nodes', () => {
  test('leave the rest in one piece, though two thirds of the nodes fail at once', () => {
    for (const seed of [1, 2, 3]) {
      const run = overlay({ seed })
      run.simulation.runUntil(40 * period)
      crashAtRandom(run, 200)
      expect(partsOf(run), `seed ${seed}`).toEqual([100])
    }
  })

  test('vanish from all views within some beats, and the views fill again', () => {
    const run = overlay({ latency: constantLatency(20) })
    run.simulation.runUntil(40 * period)
    crashAtRandom(run, 150)
    const dead = (): number => linksOf(run).filter(([, to]) => !run.simulation.isUp(to)).length
    expect(dead()).toBeGreaterThan(1200)
    // A dead link is never renewed: it gets older than all others, and each node asks its oldest first.
    run.simulation.runUntil((40 + 3 * 20) * period)
    expect(dead()).toBe(0)
    expect(summarize(inDegrees(run).filter((_, node) => run.simulation.isUp(node))).mean).toBeGreaterThan(19)
  })

  test('are reported by those who found out', () => {
    const run = overlay()
    const found: number[] = []
    run.simulation.observe({
      onReport: (_time, _node, event, detail) =>
        void (event === 'no-answer' && found.push((detail as { peer: number }).peer)),
    })
    run.simulation.runUntil(10 * period)
    expect(found).toEqual([])
    run.simulation.crash(5)
    const pointers = inDegrees(run)[5]
    run.simulation.runUntil(80 * period)
    expect(found.every((peer) => peer === 5)).toBe(true)
    expect(found.length).toBeGreaterThan(pointers! / 2)
  })

  test('that come back have a full view and are in as many views as others', () => {
    const run = overlay({ latency: constantLatency(20) })
    run.simulation.runUntil(10 * period)
    run.simulation.crash(5)
    run.simulation.runUntil(60 * period)
    expect(inDegrees(run)[5]).toBe(0)
    run.simulation.restart(5)
    run.simulation.runUntil(90 * period)
    expect(run.nodes[5]!.view.size).toBe(20)
    expect(inDegrees(run)[5]).toBeGreaterThan(10)
  })
})

test('under loss and duplication the overlay stays in one piece, its views nearly full', () => {
  const run = overlay({ latency: uniformLatency(5, 50) })
  run.simulation.addRule(loss(0.2))
  run.simulation.addRule(duplication(0.2))
  run.simulation.runUntil(200 * period)
  expect(partsOf(run)).toEqual([300])
  expect(summarize(run.nodes.map(({ view }) => view.size)).mean).toBeGreaterThan(18)
})

test('a short cut leaves links across it, and the halves mix again; a long one leaves none', () => {
  const half = Array.from({ length: 150 }, (_, node) => node)
  const across = (run: Overlay): number => linksOf(run).filter(([from, to]) => from < 150 !== to < 150).length
  const [short, long] = [5, 100].map((beats) => {
    const run = overlay({ latency: constantLatency(20) })
    run.simulation.runUntil(40 * period)
    const heal = run.simulation.addRule(partition(half))
    run.simulation.runUntil((40 + beats) * period)
    heal()
    run.simulation.runUntil((40 + beats + 40) * period)
    return across(run) / linksOf(run).length
  })
  expect(short).toBeGreaterThan(0.45)
  expect(long).toBe(0)
})

describe('from liars', () => {
  const accomplices = Array.from({ length: 8 }, (_, i) => ({ address: 1_000_000 + i, age: 0 }))

  test('entries come in only with a shuffle, and no more than one has', () => {
    const run = overlay()
    run.simulation.runUntil(10.5 * period)
    run.simulation.inject(0, 1, { type: 'shuffle-reply', number: 0, entries: accomplices } as Message)
    run.simulation.runUntil(10.5 * period)
    expect([...run.nodes[1]!.view.keys()].some((peer) => peer >= 1_000_000)).toBe(false)
    run.simulation.inject(0, 1, { type: 'shuffle', number: 0, entries: accomplices } as Message)
    run.simulation.runUntil(10.5 * period)
    expect([...run.nodes[1]!.view.keys()].filter((peer) => peer >= 1_000_000).length).toBe(8)
    expect(run.nodes[1]!.view.size).toBe(20)
  })

  test('more entries than a shuffle has are none', () => {
    const run = overlay()
    const entries = [...accomplices, { address: 2_000_000, age: 0 }]
    const reports: string[] = []
    run.simulation.observe({ onReport: (_time, _node, event) => void reports.push(event) })
    run.simulation.inject(0, 1, { type: 'shuffle', number: 0, entries } as Message)
    run.simulation.runUntil(0)
    expect(reports).toEqual(['malformed'])
    expect([...run.nodes[1]!.view.keys()].some((peer) => peer >= 1_000_000)).toBe(false)
  })

  test('addresses where nobody answers vanish like dead nodes', () => {
    const run = overlay()
    run.simulation.inject(0, 1, { type: 'shuffle', number: 0, entries: accomplices } as Message)
    run.simulation.runUntil(80 * period)
    expect(linksOf(run).every(([, to]) => to < 300)).toBe(true)
  })

  test('nothing malformed changes a view or stops a node', () => {
    const entry = fc.record({ address: fc.oneof(fc.nat(9), plainData), age: fc.oneof(fc.nat(9), plainData) })
    const message = fc.record({
      type: fc.constantFrom('shuffle', 'shuffle-reply', 'nonsense'),
      number: fc.oneof(fc.nat(), plainData),
      entries: fc.oneof(fc.array(entry, { maxLength: 10 }), plainData),
    })
    const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0
    const isWellFormed = ({ type, number, entries }: { type: string; number: unknown; entries: unknown }): boolean =>
      type !== 'nonsense' &&
      isCount(number) &&
      Array.isArray(entries) &&
      entries.length <= 8 &&
      entries.every(
        (each) => isCount(each?.address) && each.address < 2 ** 48 && isCount(each.age) && each.age <= 2 ** 31,
      )
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
        const run = overlay({ topology: ring(4) })
        const before = [...run.nodes[1]!.view]
        let malformed = 0
        run.simulation.observe({ onReport: (_time, _node, event) => void (event === 'malformed' && malformed++) })
        const garbage = messages.filter((each) => !isWellFormed(each))
        for (const each of garbage) run.simulation.inject(0, 1, each as Message)
        run.simulation.runUntil(0)
        expect(malformed).toBe(garbage.length)
        expect([...run.nodes[1]!.view]).toEqual(before)
        // And of what is well-formed and a lie, nothing stops it either.
        for (const each of messages) run.simulation.inject(0, 1, each as Message)
        run.simulation.runUntil(5 * period)
        expect(run.nodes[1]!.view.size).toBeGreaterThan(0)
      }),
      cases(200),
    )
  })
})

test('options that are none are refused with name and range', () => {
  const make = (options: Partial<CyclonOptions>) => (): unknown => overlay(options)
  expect(make({ viewSize: 0 })).toThrow('viewSize is 0; it must be a whole number from 1 to 1000')
  expect(make({ viewSize: 5, shuffleLength: 6 })).toThrow('shuffleLength is 6; it must be a whole number from 1 to 5')
})
