import type { Data, Message } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Host } from '../core/host.ts'
import type { Observer } from '../core/observer.ts'
import { deriveStream } from '../core/random.ts'
import { regionalLatency, type RegionTable } from '../core/regions.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { History } from '../measures/history.ts'
import { Flooding } from '../protocols/flooding.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, nodeParameter, performNodeAction } from './node-actions.ts'
import { overlayTopology, regionsOf, regionTable } from './overlay-links.ts'
import type { ValuesOf } from './parameters.ts'

/** One way, in ms. Every link of the table between two continents takes longer, and no other one does. */
const longestOnLand: Millis = 100

/** Flooding reaches everybody: with fewer hops the far ones would count as unreachable. */
const ttl = 255

const parameters = {
  size: { type: 'integer', min: 2, max: 2000, default: 60, label: 'size', unit: 'nodes' },
  links: { type: 'integer', min: 1, max: 16, default: 3, label: 'links that a node opens', unit: 'links' },
  nearest: { type: 'number', min: 0, max: 1, default: 0, label: 'share of them to the nearest nodes' },
  population: { type: 'choice', options: ['bitcoin', 'even'], default: 'even', label: 'nodes in the regions' },
  jitter: { type: 'number', min: 0, max: 10, default: 0, label: 'latency over the least of a way', unit: 'ms' },
  loss: { type: 'number', min: 0, max: 0.9, default: 0, label: 'loss' },
  rumors: { type: 'integer', min: 0, max: 1000, default: 6, label: 'messages from nodes at random' },
  interval: { type: 'number', min: 1, max: 60_000, default: 3000, label: 'time between two messages', unit: 'ms' },
  duration: { type: 'number', min: 1, max: 3_600_000, default: 60_000, label: 'ends at the latest', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

/** One message, and how it came to each node. Node numbers; NaN and -1 where it has not come. */
interface Journey {
  readonly origin: number
  readonly published: Millis
  readonly arrived: Float64Array
  readonly parent: Int32Array
}

/**
 * Stretch is the relative delay penalty of Chu, Rao and Zhang, "A case for end system multicast", SIGMETRICS 2000: the
 * delay in the overlay over that of the direct way. A flood takes the quickest way that the overlay has, so its first
 * packet shows what the links are worth, whatever may be routed over them. It is the mean over all nodes that hear, and all messages.
 */
export const overlay = defineScenario({
  id: 'overlay',
  title: 'Overlay',
  summary: 'Links that know no map: a message to the node next door crosses the ocean, and comes back.',
  parameters,
  actions: { publish: { label: 'send from here', parameters: { node: nodeParameter('sender') } }, ...nodeActions },
  states: [
    { id: 'unaware', label: 'has not heard', tone: 'idle' },
    { id: 'direct', label: 'is in the region of the sender, and heard from near', tone: 'a' },
    { id: 'detour', label: 'is in the region of the sender, and heard by way of another continent', tone: 'b' },
    { id: 'abroad', label: 'is in another region, and has heard', tone: 'c' },
    { id: 'origin', label: 'sent it', tone: 'd' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'coverage', unit: 'share', label: 'has heard the latest message' },
    { name: 'stretch', unit: 'times', label: 'the way in the overlay against the direct one' },
    { name: 'home', unit: 'times', label: 'the same, to nodes of the own region' },
    { name: 'detours', unit: 'share', label: 'messages within a region that left the continent' },
    { name: 'reached', unit: 'share', label: 'of all messages to all nodes, arrived' },
    { name: 'hops', unit: 'hops', label: 'hops to a node' },
    { name: 'time', unit: 'ms', label: 'time to a node' },
    { name: 'abroad', unit: 'share', label: 'links between regions' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'coverage',
    costs: ['stretch', 'detours'],
    controls: ['nearest', 'links'],
    click: 'publish',
    doubleClick: 'crash',
    messages: [{ type: 'rumor', label: 'message', tone: 'a' }],
    marks: [
      { report: 'duplicate', label: 'duplicate', tone: 'b' },
      { report: 'malformed', label: 'malformed', tone: 'b' },
    ],
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    if (substitute !== undefined) throw new RangeError("overlay runs its own protocols only; it has no lab's")
    return new OverlayWorld(parameters, seed, observers, foldPayloads)
  },
})

class OverlayWorld implements World {
  readonly simulation: Simulation
  readonly #table: RegionTable
  readonly #regions: Uint8Array
  /** By the message's id; the latest is the last. */
  readonly #journeys = new Map<string, Journey>()
  readonly #coverage = new History()
  #heard = 0
  readonly #sums = { all: 0, stretch: 0, hops: 0, time: 0, home: 0, homeStretch: 0, detours: 0 }
  #time: Millis = 0
  /** The sender of the message that is being handled; -1 = none. */
  #peer = -1

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, jitter, rumors, interval } = values
    this.#table = regionTable(values.population)
    this.#regions = regionsOf(size, seed, this.#table)
    this.simulation = new Simulation({
      seed,
      topology: overlayTopology(values, this.#regions, this.#table, seed),
      protocol: (host) => new Flooding(host as Host<never>, { ttl: ttl - 1 }),
      latency: regionalLatency({ regions: this.#regions, table: this.#table, jitter }),
      foldPayloads,
    })
    if (values.loss > 0) this.simulation.addRule(loss(values.loss))
    for (const observer of observers) this.simulation.observe(observer)
    this.simulation.observe({
      onEvent: (_number, time, kind, _node, peer) => this.#onEvent(time, kind, peer),
      onReport: (time, node, event, detail) => this.#onReport(time, node, event, detail),
    })
    const random = deriveStream(seed, 'senders')
    for (let i = 0; i < rumors; i++) {
      const node = random.integer(size)
      this.simulation.schedule(i * interval, 'send', () => this.#publish(node))
    }
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    if (action === 'publish') this.#publish(values['node'] as number)
    else performNodeAction(this.simulation, action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    const { all, stretch, hops, time, home, homeStretch, detours } = this.#sums
    const { size, packets } = this.simulation
    return {
      coverage: this.#coverage.latest ?? null,
      stretch: ratio(stretch, all),
      home: ratio(homeStretch, home),
      detours: ratio(detours, home),
      reached: ratio(all, this.#journeys.size * (size - 1)),
      hops: ratio(hops, all),
      time: ratio(time, all),
      abroad: this.#linksAbroad(),
      messages: packets.sent,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    const journey = [...this.#journeys.values()].at(-1)
    if (journey === undefined) return 'unaware'
    if (journey.origin === node) return 'origin'
    if (Number.isNaN(journey.arrived[node])) return 'unaware'
    if (this.#regions[node] !== this.#regions[journey.origin]) return 'abroad'
    return this.#leftContinent(this.#wayTo(journey, node)) ? 'detour' : 'direct'
  }

  inspect(node: number): Data {
    const journeys = [...this.#journeys].filter(([, { arrived }]) => !Number.isNaN(arrived[node]))
    return {
      state: this.state(node),
      restarts: this.simulation.incarnation(node),
      region: this.#table.names[this.#regions[node]!]!,
      neighbors: Array.from(this.simulation.topology.neighbors(node)).map((neighbor) => ({
        node: neighbor,
        region: this.#table.names[this.#regions[neighbor]!]!,
        latency: this.#direct(node, neighbor),
      })),
      messages: journeys.map(([id, journey]) => ({
        id,
        way: this.#wayTo(journey, node).map((each) => ({
          node: each,
          region: this.#table.names[this.#regions[each]!]!,
          at: journey.arrived[each]!,
        })),
        took: journey.arrived[node]! - journey.published,
        direct: node === journey.origin ? 0 : this.#direct(journey.origin, node),
      })),
    }
  }

  /** Beside who has heard the latest message stand those who would have, had it gone to each of them directly. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve } {
    return {
      measured: { label: 'has heard', points: this.#coverage.points(points, this.#time) },
      formula: { label: 'sent to each directly', points: this.#directly().points(points, this.#time) },
    }
  }

  isOver(): boolean {
    return false // it falls idle
  }

  #publish(node: number): void {
    this.simulation.command(node, { type: 'publish', id: `m${this.#journeys.size}`, payload: null } as Message)
  }

  #onEvent(time: Millis, kind: EventKind, peer: number): void {
    this.#time = time
    this.#peer = kind === 'message' ? peer : -1
  }

  #onReport(time: Millis, node: number, event: string, detail: Data | undefined): void {
    if (event !== 'delivered') return
    const { id } = detail as { readonly id: string }
    const known = this.#journeys.get(id)
    if (known === undefined && this.#peer < 0) return this.#begin(id, node, time)
    if (known === undefined || this.#peer < 0) return // a packet that people made up: nobody sent this message
    // Who restarts has forgotten it, and hears it again.
    if (Number.isNaN(known.arrived[this.#peer]!) || !Number.isNaN(known.arrived[node]!)) return
    known.arrived[node] = time
    known.parent[node] = this.#peer
    if (known === [...this.#journeys.values()].at(-1)) {
      this.#heard++
      this.#coverage.note(time, this.#heard / this.simulation.size)
    }
    this.#judge(known, node, time)
  }

  #begin(id: string, origin: number, published: Millis): void {
    const { size } = this.simulation
    const arrived = new Float64Array(size).fill(NaN)
    arrived[origin] = published
    this.#heard = 1
    this.#coverage.note(published, 1 / size)
    this.#journeys.set(id, { origin, published, arrived, parent: new Int32Array(size).fill(-1) })
  }

  #judge(journey: Journey, node: number, time: Millis): void {
    const sums = this.#sums
    const took = time - journey.published
    const stretch = took / this.#direct(journey.origin, node)
    const way = this.#wayTo(journey, node)
    sums.all++
    sums.stretch += stretch
    sums.time += took
    sums.hops += way.length - 1
    if (this.#regions[node] !== this.#regions[journey.origin]) return
    sums.home++
    sums.homeStretch += stretch
    if (this.#leftContinent(way)) sums.detours++
  }

  #directly(): History {
    const { size } = this.simulation
    const history = new History()
    const journeys = [...this.#journeys.values()]
    for (const [i, { origin, published }] of journeys.entries()) {
      const others = Array.from({ length: size }, (_, node) => node).filter((node) => node !== origin)
      const arrivals = others.map((node) => published + this.#direct(origin, node)).sort((a, b) => a - b)
      const until = Math.min(journeys[i + 1]?.published ?? Infinity, this.#time)
      history.note(published, 1 / size)
      for (const [before, time] of arrivals.entries()) if (time <= until) history.note(time, (before + 2) / size)
    }
    return history
  }

  /** The nodes that the message went by, from the sender on. */
  #wayTo({ parent }: Journey, node: number): number[] {
    const way = [node]
    for (let each = parent[node]!; each >= 0; each = parent[each]!) way.push(each)
    return way.reverse()
  }

  #leftContinent(way: readonly number[]): boolean {
    return way.some((node, i) => i > 0 && this.#direct(way[i - 1]!, node) > longestOnLand)
  }

  /** What a packet takes in the mean, without the overlay. */
  #direct(from: number, to: number): Millis {
    return this.#table.latencies[this.#regions[from]!]![this.#regions[to]!]!
  }

  #linksAbroad(): number | null {
    const { topology, size } = this.simulation
    let [links, abroad] = [0, 0]
    for (let node = 0; node < size; node++) {
      for (const neighbor of topology.neighbors(node)) {
        links++
        if (this.#regions[node] !== this.#regions[neighbor]) abroad++
      }
    }
    return ratio(abroad, links)
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
