import type { Address } from '../core/address.ts'
import type { Data } from '../core/data.ts'
import type { AttackerHost, Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { star } from '../core/topologies.ts'
import { Load, type Flood } from '../protocols/attackers/load.ts'
import { GuardedServer } from '../protocols/guarded-server.ts'
import type { RateLimiterOptions } from '../protocols/rate-limiter.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, nodeParameter, performNodeAction } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'
import { thinned } from './thinned.ts'

const parameters = {
  size: { type: 'integer', min: 5, max: 200, default: 24, label: 'size', unit: 'nodes' },
  flooders: { type: 'integer', min: 0, max: 22, default: 3, label: 'nodes that flood', unit: 'nodes' },
  limit: {
    type: 'choice',
    options: ['none', 'overall', 'per-peer'],
    default: 'overall',
    label: 'limit at the door',
  },
  source: {
    type: 'choice',
    options: ['own', 'made-up', 'honest'],
    default: 'own',
    label: 'the flood comes from addresses that are',
  },
  floodRate: { type: 'number', min: 1, max: 2000, default: 200, label: 'flood of one node', unit: 'requests/s' },
  honestRate: { type: 'number', min: 0.1, max: 100, default: 2, label: 'an honest client asks', unit: 'requests/s' },
  capacity: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 100,
    label: 'the server can do',
    unit: 'requests/s',
  },
  queue: { type: 'integer', min: 0, max: 10_000, default: 20, label: 'requests that can wait', unit: 'requests' },
  allowed: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 80,
    label: 'the limit overall lets through',
    unit: 'requests/s',
  },
  allowedPerPeer: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 4,
    label: 'the limit a peer lets through',
    unit: 'requests/s',
  },
  burst: { type: 'integer', min: 1, max: 10_000, default: 8, label: 'and at once', unit: 'requests' },
  maxPeers: {
    type: 'integer',
    min: 1,
    max: 100_000,
    default: 10_000,
    label: 'peers to keep account of',
    unit: 'peers',
  },
  patience: { type: 'number', min: 1, max: 60_000, default: 1000, label: 'a client waits', unit: 'ms' },
  start: { type: 'number', min: 0, max: 600_000, default: 4000, label: 'the flood begins at, by itself', unit: 'ms' },
  latency: { type: 'number', min: 0, max: 10_000, default: 40, label: 'mean latency', unit: 'ms' },
  duration: { type: 'number', min: 1, max: 600_000, default: 14_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

const server = 0

/** What is measured is measured over this time. */
const window: Millis = 2000

export const flood = defineScenario({
  id: 'flood',
  title: 'Flood',
  summary:
    'A few nodes ask far too much of a server: which limit keeps it up for the others, and what defeats the limit?',
  parameters,
  actions: {
    flood: { label: 'flood, or stop it', parameters: { node: { ...nodeParameter('node'), default: 1 } } },
    ...nodeActions,
  },
  states: [
    { id: 'waiting', label: 'has not heard yet', tone: 'idle' },
    { id: 'served', label: 'was served', tone: 'a' },
    { id: 'starved', label: 'was not served', tone: 'b' },
    { id: 'flooder', label: 'floods', tone: 'd' },
    { id: 'server', label: 'is the server', tone: 'c' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'served', unit: 'share', label: 'honest requests that were served, of late' },
    { name: 'offered', unit: 'requests/s', label: 'requests that come to the server' },
    { name: 'refused', unit: 'requests', label: 'turned away at the door' },
    { name: 'overloaded', unit: 'requests', label: 'lost, as the queue was full' },
    { name: 'waiting', unit: 'requests', label: 'requests that wait' },
    { name: 'accounts', unit: 'peers', label: 'peers that the limit keeps account of' },
    { name: 'starved', unit: 'nodes', label: 'honest clients that were not served last' },
  ],
  presentation: {
    headline: 'served',
    costs: ['offered', 'refused', 'overloaded'],
    controls: ['limit', 'source'],
    click: 'flood',
    doubleClick: 'crash',
    messages: [
      { type: 'request', label: 'request', tone: 'd' },
      { type: 'response', label: 'response', tone: 'a' },
    ],
    marks: [
      { report: 'refused', label: 'turned away', tone: 'b' },
      { report: 'overload', label: 'lost: the queue is full', tone: 'b' },
      { report: 'malformed', label: 'malformed', tone: 'b' },
    ],
  },
  create({ parameters, seed, observers, foldPayloads }) {
    return new FloodWorld(parameters, seed, observers, foldPayloads)
  },
})

class FloodWorld implements World, Observer {
  readonly simulation: Simulation
  readonly #values: Values
  #server: GuardedServer | undefined
  readonly #flooding = new Set<number>()
  /** How the last request of each client ended. */
  readonly #served: (boolean | undefined)[] = []
  /** Ends of honest requests within the window. */
  readonly #ends: { readonly time: Millis; readonly isServed: boolean }[] = []
  /** When requests came, within the window. */
  readonly #arrivals: Millis[] = []
  #refused = 0
  #overloaded = 0
  readonly #history: (readonly [time: Millis, share: number])[] = []
  #began: Millis | undefined

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, flooders, latency } = values
    if (flooders > size - 2) {
      throw new RangeError(`flooders is ${flooders} of ${size} nodes; leave the server and one client`)
    }
    this.#values = values
    const simulation = new Simulation({
      seed,
      topology: star(size),
      protocol: (host, node) => this.#protocolOf(host as never, node) as unknown as Protocol<never, never>,
      latency: uniformLatency(latency / 2, latency * 1.5),
      attackers: new Set(Array.from({ length: size - 1 }, (_, i) => i + 1)),
      foldPayloads,
    })
    this.simulation = simulation
    simulation.observe(this)
    for (const observer of observers) simulation.observe(observer)
    if (values.start < values.duration && flooders > 0) {
      simulation.schedule(values.start, 'flood', () => {
        for (let node = size - flooders; node < size; node++) this.#turn(node, true)
      })
    }
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const node = values['node'] as number
    if (action === 'flood' && node === server) {
      throw new RangeError(`flood: node is ${server}, the server; choose one of the others`)
    }
    if (action === 'flood') this.#turn(node, !this.#flooding.has(node))
    if (action === 'crash') this.#flooding.delete(node)
    performNodeAction(this.simulation, action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    const { now } = this.simulation
    while (this.#arrivals.length > 0 && this.#arrivals[0]! <= now - window) this.#arrivals.shift()
    return {
      served: this.#share(),
      offered: (this.#arrivals.length * 1000) / Math.min(window, Math.max(now, 1)),
      refused: this.#refused,
      overloaded: this.#overloaded,
      waiting: this.#server?.waiting ?? 0,
      accounts: this.#server?.limiter?.peers ?? null,
      starved: this.#served.filter((isServed, node) => isServed === false && !this.#flooding.has(node)).length,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node === server) return 'server'
    if (this.#flooding.has(node)) return 'flooder'
    const isServed = this.#served[node]
    return isServed === undefined ? 'waiting' : isServed ? 'served' : 'starved'
  }

  inspect(node: number): Data {
    const limiter = this.#server?.limiter
    if (node !== server) return { state: this.state(node), restarts: this.simulation.incarnation(node) }
    const accounts = Array.from({ length: this.simulation.size }, (_, peer) => {
      const account = limiter?.account(peer as Address)
      return account === undefined ? [] : [{ node: peer, ...account }]
    }).flat()
    return { state: 'server', waiting: this.#server?.waiting ?? 0, peers: limiter?.peers ?? 0, accounts }
  }

  /**
   * Which share of the honest requests is served, and what is expected of each limit for long floods. One queue and one
   * bucket treat all requests alike, so that of an offer R a share r / R passes, with r what the server can do or the limit
   * lets through; the buckets of peers are r for each (a token bucket passes b + r·t in any time t).
   */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const measured = { label: 'served', points: thinned(this.#history, points) }
    if (this.#began === undefined) return { measured, formula: null }
    const [begin, end] = [this.#began, Math.max(this.#began, this.simulation.now)]
    const expected = this.#expected()
    const steps = [
      [0, 1],
      [begin, 1],
      [begin, expected],
      [end, expected],
    ] as const
    return { measured, formula: { label: 'what the limit leaves of it', points: steps } }
  }

  isOver(): boolean {
    return false // clients ask for ever: the duration ends it
  }

  onEvent(_n: number, time: Millis, kind: string, node: number): void {
    if (kind !== 'message' || node !== server) return
    while (this.#arrivals.length > 0 && this.#arrivals[0]! <= time - window) this.#arrivals.shift()
    this.#arrivals.push(time)
  }

  onReport(time: Millis, node: number, event: string): void {
    if (event === 'refused') this.#refused++
    if (event === 'overload') this.#overloaded++
    if (event !== 'served' && event !== 'unserved') return
    const isServed = event === 'served'
    this.#served[node] = isServed
    this.#ends.push({ time, isServed })
    while (this.#ends[0]!.time <= time - window) this.#ends.shift()
    this.#history.push([time, this.#share()!])
  }

  #share(): number | null {
    if (this.#ends.length === 0) return null
    return this.#ends.filter(({ isServed }) => isServed).length / this.#ends.length
  }

  #turn(node: number, isOn: boolean): void {
    const { source, floodRate, size, flooders } = this.#values
    const honest = Array.from({ length: size - 1 - flooders }, (_, i) => (i + 1) as Address)
    if (!this.simulation.isUp(node)) return
    if (isOn) this.#flooding.add(node)
    else this.#flooding.delete(node)
    if (isOn) this.#began ??= this.simulation.now
    this.simulation.command(node, {
      type: 'flood',
      period: isOn ? 1000 / floodRate : 0,
      source: source === 'honest' ? honest : source,
    } as Flood)
  }

  /** Of the rates of all who are there: nodes that flood, and the others. */
  #expected(): number {
    const { size, floodRate, honestRate, capacity, limit, source, allowed, allowedPerPeer, flooders } = this.#values
    const floods = this.#flooding.size * floodRate
    const honest = (size - 1 - this.#flooding.size) * honestRate
    const through = (rate: number, offered: number): number => Math.min(1, rate / offered)
    if (limit !== 'per-peer') {
      return through(limit === 'overall' ? Math.min(allowed, capacity) : capacity, floods + honest)
    }
    if (source === 'made-up') return through(capacity, floods + honest)
    if (source === 'own') {
      const passed = this.#flooding.size * Math.min(floodRate, allowedPerPeer) + honest
      return Math.min(1, allowedPerPeer / honestRate) * through(capacity, passed)
    }
    const clients = size - 1 - flooders
    const each = floods / clients + honestRate
    return through(allowedPerPeer, each) * through(capacity, clients * Math.min(each, allowedPerPeer))
  }

  #protocolOf(host: AttackerHost<never>, node: number): unknown {
    const { capacity, queue, honestRate, patience } = this.#values
    if (node !== server) {
      this.#served[node] = undefined
      return new Load(host, { server: server as Address, period: 1000 / honestRate, patience })
    }
    this.#server = new GuardedServer(host, { work: 1000 / capacity, queue, limit: limitOf(this.#values) })
    return this.#server
  }
}

function limitOf(values: Values): RateLimiterOptions | undefined {
  const { limit, allowed, allowedPerPeer, burst, maxPeers } = values
  if (limit === 'none') return undefined
  if (limit === 'overall') return { overall: { burst, tokens: allowed, per: 1000 }, maxPeers }
  return { perPeer: { burst, tokens: allowedPerPeer, per: 1000 }, maxPeers }
}
