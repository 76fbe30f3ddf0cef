import { unguessableAddresses, type Address } from '../core/address.ts'
import type { Data } from '../core/data.ts'
import type { Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import { PeerLinks } from '../measures/peer-links.ts'
import { Discovery } from '../protocols/discovery/discovery.ts'
import { BootstrapMeasures } from './bootstrap-measures.ts'
import { bootnodeLinks, drawArrivals, drawRoles, Newcomer, otherProtocol, type Role } from './bootstrap-roles.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, performNodeAction } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'

const share = { type: 'number', min: 0, max: 1, default: 0 } as const

const parameters = {
  size: { type: 'integer', min: 2, max: 5000, default: 40, label: 'size', unit: 'nodes' },
  bootnodes: { type: 'integer', min: 1, max: 16, default: 1, label: 'bootnodes', unit: 'nodes' },
  joining: { type: 'number', min: 0, max: 600_000, default: 20_000, label: 'newcomers come within', unit: 'ms' },
  liars: { ...share, label: 'liars' },
  lie: {
    type: 'choice',
    default: 'accomplices',
    label: 'what liars name',
    options: ['accomplices', 'gone', 'made-up'],
  },
  gone: { ...share, label: 'gone, of the listed' },
  slow: { ...share, label: 'slow nodes' },
  slowness: {
    type: 'number',
    min: 0,
    max: 60_000,
    default: 6000,
    label: 'what a slow node says comes later by',
    unit: 'ms',
  },
  target: { type: 'integer', min: 0, max: 64, default: 4, label: 'outgoing connections to have', unit: 'connections' },
  limit: { type: 'integer', min: 1, max: 1000, default: 16, label: 'connections at most', unit: 'connections' },
  maxKnown: {
    type: 'integer',
    min: 8,
    max: 10_000,
    default: 64,
    label: 'addresses to know at most',
    unit: 'addresses',
  },
  maxPerSource: {
    type: 'integer',
    min: 1,
    max: 10_000,
    default: 8,
    label: 'hearsay of one peer at most',
    unit: 'addresses',
  },
  maxShared: {
    type: 'integer',
    min: 1,
    max: 100,
    default: 8,
    label: 'addresses in an answer at most',
    unit: 'addresses',
  },
  period: { type: 'number', min: 1, max: 60_000, default: 1000, label: 'time between beats', unit: 'ms' },
  dialTimeout: { type: 'number', min: 1, max: 60_000, default: 2000, label: 'how long a call waits', unit: 'ms' },
  silence: {
    type: 'number',
    min: 1,
    max: 600_000,
    default: 12_000,
    label: 'a silent connection ends after',
    unit: 'ms',
  },
  feelerInterval: {
    type: 'number',
    min: 1,
    max: 3_600_000,
    default: 120_000,
    label: 'time between feelers',
    unit: 'ms',
  },
  latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'mean latency', unit: 'ms' },
  jitter: { type: 'number', min: 0, max: 1, default: 0.5, label: 'latency varies by' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
  duration: { type: 'number', min: 1, max: 3_600_000, default: 60_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

export const bootstrap = defineScenario({
  id: 'bootstrap',
  title: 'Bootstrap',
  summary:
    'Newcomers know a bootnode and nobody else: who gets in, and who is still connected when the bootnode is gone?',
  parameters,
  actions: nodeActions,
  states: [
    { id: 'absent', label: 'has not come yet', tone: 'idle' },
    { id: 'alone', label: 'is connected to no other newcomer', tone: 'c' },
    { id: 'connected', label: 'is connected', tone: 'a' },
    { id: 'bootnode', label: 'is a bootnode', tone: 'd' },
    { id: 'liar', label: 'lies', tone: 'b' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'connected', unit: 'share', label: 'connected' },
    { name: 'together', unit: 'share', label: 'in the largest part' },
    { name: 'alone', unit: 'nodes', label: 'nodes that stand alone' },
    { name: 'outgoing', unit: 'connections', label: 'outgoing connections of a node' },
    { name: 'messages', unit: 'messages', label: 'messages' },
    { name: 'known', unit: 'addresses', label: 'addresses known' },
    { name: 'deadEntries', unit: 'share', label: 'dead addresses known' },
    { name: 'liarEntries', unit: 'share', label: 'known addresses of liars' },
    { name: 'fooled', unit: 'share', label: 'outgoing connections that lead to liars' },
    { name: 'time95', unit: 'ms', label: 'time until 95 % are connected' },
  ],
  presentation: {
    headline: 'connected',
    costs: ['messages', 'known', 'deadEntries'],
    controls: ['gone', 'liars'],
    click: 'restart',
    doubleClick: 'crash',
    messages: [
      { type: 'hello', label: 'hello: will you have me?', tone: 'd' },
      { type: 'welcome', label: 'welcome', tone: 'a' },
      { type: 'full', label: 'full: try these', tone: 'c' },
      { type: 'get-peers', label: 'get-peers: whom do you know?', tone: 'd' },
      { type: 'peers', label: 'peers: addresses', tone: 'c' },
      { type: 'ping', label: 'ping', tone: 'idle' },
      { type: 'pong', label: 'pong', tone: 'idle' },
      { type: 'bye', label: 'bye', tone: 'b' },
    ],
    marks: [{ report: 'malformed', label: 'malformed', tone: 'b' }],
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    const roles = drawRoles(parameters, seed)
    const arrivals = drawArrivals(roles, parameters, seed)
    // Who could count or guess addresses would need nobody to be told of them.
    const addresses = unguessableAddresses(parameters.size, seed)
    const options = discoveryOptions(parameters)
    const { latency, jitter } = parameters
    const simulation = new Simulation({
      seed,
      topology: bootnodeLinks(parameters),
      addresses,
      protocol: (host, node, incarnation) => {
        const role = roles[node]!
        if (role === 'bootnode' || role === 'liar') return otherProtocol(host, role, roles, addresses, parameters)
        const make = (): Protocol<never, never> =>
          substitute === undefined
            ? new Discovery(host, options)
            : substitute(host, { seed, node, incarnation, options })
        const arrival = incarnation === 0 ? arrivals[node]! : 0
        if (arrival === Infinity) return nobody
        return arrival === 0 ? make() : (new Newcomer(host as never, arrival, make as never) as Protocol<never, never>)
      },
      latency: uniformLatency(latency * (1 - jitter), latency * (1 + jitter)),
      strict: substitute !== undefined,
      foldPayloads,
    })
    if (parameters.loss > 0) simulation.addRule(loss(parameters.loss))
    if (parameters.slow > 0) {
      const late = { kind: 'delay', delay: parameters.slowness } as const
      simulation.addRule({
        name: 'slow node',
        judge: ({ from }) => (roles[from] === 'slow' ? late : { kind: 'pass' }),
      })
    }
    return new BootstrapWorld(simulation, { roles, arrivals }, observers)
  },
})

class BootstrapWorld implements World {
  readonly simulation: Simulation
  readonly #roles: readonly Role[]
  readonly #links: PeerLinks
  readonly #measures: BootstrapMeasures

  constructor(
    simulation: Simulation,
    { roles, arrivals }: { readonly roles: readonly Role[]; readonly arrivals: readonly number[] },
    observers: readonly Observer[],
  ) {
    this.simulation = simulation
    this.#roles = roles
    this.#links = new PeerLinks(simulation.size, simulation.addresses)
    this.#measures = new BootstrapMeasures(simulation, { roles, arrivals }, this.#links)
    simulation.observe(this.#links)
    simulation.observe(this.#measures)
    for (const observer of observers) simulation.observe(observer)
    const gone = arrivals.flatMap((arrival, node) => (arrival === Infinity ? [node] : []))
    if (gone.length > 0) simulation.schedule(0, 'gone', () => gone.forEach((node) => void simulation.crash(node)))
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    performNodeAction(this.simulation, action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    return this.#measures.now()
  }

  state(node: number): string {
    const role = this.#roles[node]!
    if (!this.simulation.isUp(node)) return 'down'
    if (role === 'bootnode' || role === 'liar') return role
    if (!this.#measures.hasCome(node)) return 'absent'
    return this.#measures.believesInPeers(node) ? 'connected' : 'alone'
  }

  /** What the node believes, beside the truth. */
  inspect(node: number): Data {
    const links = [...this.#links.linksOf(node)]
    const known = [...this.#links.knownTo(node)]
    return {
      state: this.state(node),
      role: this.#roles[node]!,
      restarts: this.simulation.incarnation(node),
      outgoing: links.flatMap(([peer, { isOutgoing }]) => (isOutgoing ? [this.#truth(peer)] : [])),
      incoming: links.flatMap(([peer, { isOutgoing }]) => (isOutgoing ? [] : [this.#truth(peer)])),
      known: known.slice(0, 64).map(([peer, { isVerified }]) => ({ ...this.#truth(peer), isVerified })),
    }
  }

  curves(points: number): { readonly measured: Curve; readonly formula: null } {
    return { measured: { label: 'connected', points: this.#measures.history(points) }, formula: null }
  }

  isOver(): boolean {
    return false // beats go on for ever: the duration ends it
  }

  /** Who is at an address: -1 and `nobody` where there is no such node. */
  #truth(address: Address): { readonly node: number; readonly is: string } {
    const node = this.simulation.addresses.nodeOf(address)
    return { node, is: node < 0 ? 'nobody' : this.state(node) }
  }
}

/** What is gone from the start. */
const nobody = { onMessage: () => undefined }

/** The options of a lab's protocol, and of the engine's own. */
function discoveryOptions(values: Values) {
  const { period, target, limit, maxKnown, maxShared, dialTimeout, silence, feelerInterval } = values
  if (limit < target) throw new RangeError(`limit is ${limit}; it must be at least target, which is ${target}`)
  const maxPerSource = Math.min(values.maxPerSource, maxKnown)
  return { period, target, limit, maxKnown, maxPerSource, maxShared, dialTimeout, silence, feelerInterval }
}
