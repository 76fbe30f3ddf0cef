/**
 * How fast the engine is, beside the same work without an engine. For people, or with --json for programs:
 *
 *     npm run bench                     10⁴ and 10⁵ nodes, then a million: about three minutes
 *     npm run bench -- --nodes 10000    one size
 *     npm run bench -- --json
 */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { setUp, topologyFor, type Workload } from './averaging.ts'
import type { GossipResult } from './gossip.ts'
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

/** At least so many events are timed. */
const eventsWanted = 3e6
const repetitions = 5

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, nodes: { type: 'string', multiple: true } },
})
const sizes = (values.nodes ?? ['10000', '100000', '1000000']).map(Number)
const results: (Result | GossipResult)[] = []
for (const nodes of sizes) {
  for (const workload of workloadsFor(nodes)) {
    const result = measure(workload)
    results.push(result)
    if (!values.json) say(result)
  }
}
if (values.nodes === undefined) {
  const result = measureGossip(1_000_000)
  results.push(result)
  if (!values.json) sayGossip(result)
}
if (values.json) console.log(JSON.stringify({ results }))

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
    if (referenceEvents !== events) throw new Error(`the reference had ${referenceEvents} events, not ${events}`)
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

function measureGossip(nodes: number): GossipResult {
  const script = fileURLToPath(new URL('gossip.ts', import.meta.url))
  return JSON.parse(execFileSync(process.execPath, [script, String(nodes)], { encoding: 'utf8' })) as GossipResult
}

function time(work: () => void): number {
  const start = performance.now()
  work()
  return (performance.now() - start) / 1000
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function sayGossip({ nodes, events, coverage, setUpSeconds, seconds, rssBytes }: GossipResult): void {
  console.log(
    `push gossip, ${nodes} nodes: ${events} events, ${(100 * coverage).toFixed(1)} % heard; set up in ` +
      `${setUpSeconds.toFixed(1)} s, ran ${seconds.toFixed(1)} s, ${(rssBytes / 1e6).toFixed(0)} MB in all`,
  )
}

function say({ latency, nodes, events, seconds, eventsPerSecond, ratio, rssBytes }: Result): void {
  const perEvent = (1e9 * seconds) / events
  console.log(
    `${String(nodes).padStart(8)} nodes, ${latency.padEnd(12)}  ${(eventsPerSecond / 1e6).toFixed(2)} million events/s` +
      `  ${perEvent.toFixed(0)} ns each  ratio ${ratio.toFixed(2)}  ${(rssBytes / 1e6).toFixed(0)} MB`,
  )
}
