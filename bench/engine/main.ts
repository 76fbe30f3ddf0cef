/**
 * How fast the engine is, beside the same work without an engine. For people, or with --json for programs. Nothing else
 * should run meanwhile.
 *
 *     npm run bench                            10⁴, 10⁵ and 10⁶ nodes, a trace, gossip in Node and in a browser: six minutes
 *     npm run bench -- --nodes 10000,100000    these sizes only, and no gossip
 *     npm run bench -- --json
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { Trace } from '@peerlab/engine'
import { neighbors, setUp, topologyFor, type Workload } from './averaging.ts'
import type { GossipResult } from './gossip.ts'
import { gossipInBrowser } from './in-browser.ts'
import { setUpReference } from './reference.ts'

interface Result {
  readonly workload: 'averaging'
  readonly latency: Workload['name']
  readonly nodes: number
  readonly events: number
  readonly seconds: number
  readonly eventsPerSecond: number
  readonly referenceSeconds: number
  /** referenceSeconds / seconds: over 1, the engine is faster than the loop without one. */
  readonly ratio: number
  readonly rssBytes: number
}

/** The same run with a trace that watches. */
interface TracedResult {
  readonly workload: 'averaging, traced'
  readonly latency: Workload['name']
  readonly nodes: number
  readonly events: number
  readonly seconds: number
  readonly untracedSeconds: number
  /** seconds / untracedSeconds. */
  readonly cost: number
}

/** At least so many events are timed; at a million nodes that is one cycle of the hundred. */
const eventsWanted = 3e6
const repetitions = 5
/** Long-lived messages of large runs are copied from a young generation into the old one: a small one holds less. */
const nodeOptions = ['--max-semi-space-size=4']

const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, nodes: { type: 'string' } } })
const sizes = (values.nodes ?? '10000,100000,1000000').split(',').map(Number)
if (sizes.every((size) => Number.isInteger(size) && size > neighbors && size <= 1e7)) await measureAll()
else {
  console.error(`--nodes is "${values.nodes}"; give whole numbers over ${neighbors}, with commas between them.`)
  process.exitCode = 2
}

async function measureAll(): Promise<void> {
  const averaging = sizes.flatMap(workloadsFor).map((workload) => shown(say, measure(workload)))
  const results: unknown[] = averaging
  if (values.nodes === undefined) {
    const [first, last] = [averaging.slice(0, 2), averaging.slice(-2)]
    for (const [i, { latency }] of first.entries()) {
      const growth = first[i]!.eventsPerSecond / last[i]!.eventsPerSecond
      if (!values.json)
        console.log(`${latency}: an event costs ${growth.toFixed(2)} times as much at 10⁶ as at 10⁴ nodes`)
    }
    results.push(shown(sayTraced, measureTraced(workloadsFor(10_000)[1]!)))
    results.push(shown(sayGossip, measureGossip(1_000_000)))
    results.push(shown(sayGossip, await gossipInBrowser(100_000)))
  }
  if (values.json) console.log(JSON.stringify({ results }))
}

function shown<Shown>(how: (result: Shown) => void, result: Shown): Shown {
  if (!values.json) how(result)
  return result
}

function workloadsFor(nodes: number): Workload[] {
  const cycles = Math.min(100, Math.ceil(eventsWanted / (3 * nodes)))
  return [
    { name: 'zero latency', nodes, cycles, cycle: nodes * 10_000, latency: { min: 0, max: 0 } },
    { name: '20-99 ms', nodes, cycles, cycle: 1_000_000, latency: { min: 20_000, max: 99_000 } },
  ]
}

/** Engine and reference in turns, so that whatever else the machine does meets both. */
function measure(workload: Workload): Result {
  const topology = topologyFor(workload, 1)
  const engineSeconds: number[] = []
  const referenceSeconds: number[] = []
  let events = 0
  let rssBytes = 0
  for (let repetition = 0; repetition <= repetitions; repetition++) {
    const simulation = setUp(workload, topology, repetition)
    const before = simulation.events
    const seconds = time(() => simulation.run())
    events = simulation.events - before
    rssBytes = Math.max(rssBytes, process.memoryUsage.rss())
    const reference = setUpReference(workload, topology, repetition)
    let referenceEvents = 0
    const otherSeconds = time(() => (referenceEvents = reference()))
    // A first timer may be due at 0, and is then over before the time is taken.
    const expected = simulation.events - workload.nodes
    if (referenceEvents !== expected) throw new Error(`the reference had ${referenceEvents} events, not ${expected}`)
    if (repetition === 0) continue // warming up
    engineSeconds.push(seconds)
    referenceSeconds.push(otherSeconds)
  }
  const seconds = median(engineSeconds)
  const reference = median(referenceSeconds)
  return {
    workload: 'averaging',
    latency: workload.name,
    nodes: workload.nodes,
    events,
    seconds,
    eventsPerSecond: events / seconds,
    referenceSeconds: reference,
    ratio: reference / seconds,
    rssBytes,
  }
}

function measureTraced(workload: Workload): TracedResult {
  const topology = topologyFor(workload, 1)
  const timeRun = (seed: number, trace: Trace | undefined): [seconds: number, events: number] => {
    const simulation = setUp(workload, topology, seed)
    const before = simulation.events
    if (trace !== undefined) simulation.observe(trace)
    return [time(() => simulation.run()), simulation.events - before]
  }
  const pairs = Array.from({ length: repetitions + 1 }, (_, seed) => {
    const [untraced, events] = timeRun(seed, undefined)
    // Room for all: this is what recording costs, not what it costs to leave out.
    const [traced] = timeRun(seed, new Trace({ limit: events + 2 }))
    return { untraced, traced, events }
  }).slice(1)
  const seconds = median(pairs.map(({ traced }) => traced))
  const untracedSeconds = median(pairs.map(({ untraced }) => untraced))
  const { nodes, name: latency } = workload
  const { events } = pairs[0]!
  return {
    workload: 'averaging, traced',
    latency,
    nodes,
    events,
    seconds,
    untracedSeconds,
    cost: seconds / untracedSeconds,
  }
}

/** In a process of its own, so that its memory is that of this run. */
function measureGossip(nodes: number): GossipResult {
  const script = fileURLToPath(new URL('gossip.ts', import.meta.url))
  const output = execFileSync(process.execPath, [...nodeOptions, script, String(nodes)], { encoding: 'utf8' })
  return JSON.parse(output) as GossipResult
}

function time(work: () => void): number {
  const start = performance.now()
  work()
  return (performance.now() - start) / 1000
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function sayGossip(result: Omit<GossipResult, 'rssBytes'> & { readonly rssBytes?: number }): void {
  const { workload, nodes, events, coverage, setUpSeconds, seconds, rssBytes } = result
  console.log(
    `${workload}, ${nodes} nodes: ${events} events, ${(100 * coverage).toFixed(1)} % heard; set up in ` +
      `${setUpSeconds.toFixed(1)} s, ran ${seconds.toFixed(2)} s` +
      (rssBytes === undefined ? ', in a worker of Chromium' : `, ${(rssBytes / 1e6).toFixed(0)} MB in all`),
  )
}

function sayTraced({ nodes, seconds, untracedSeconds, cost }: TracedResult): void {
  console.log(
    `recording a trace, ${nodes} nodes: ${seconds.toFixed(2)} s instead of ${untracedSeconds.toFixed(2)} s, ` +
      `${cost.toFixed(2)} times as much`,
  )
}

function say({ latency, nodes, events, seconds, eventsPerSecond, ratio, rssBytes }: Result): void {
  const perEvent = (1e9 * seconds) / events
  console.log(
    `${String(nodes).padStart(8)} nodes, ${latency.padEnd(12)}  ${(eventsPerSecond / 1e6).toFixed(2)} million events/s` +
      `  ${perEvent.toFixed(0)} ns each  ratio ${ratio.toFixed(2)}  ${(rssBytes / 1e6).toFixed(0)} MB`,
  )
}
