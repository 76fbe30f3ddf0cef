import type { Address } from '../core/address.ts'
import type { Data, Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { uniformLatency, type LatencyModel } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { deriveStream } from '../core/random.ts'
import { assignRegions, bitcoinRegions2019, regionalLatency } from '../core/regions.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import type { SubstituteProtocol } from '../core/substitute.ts'
import { toMillis, type Millis } from '../core/time.ts'
import { star } from '../core/topologies.ts'
import { topologyFromEdges, type Topology } from '../core/topology.ts'
import { idToHex, type Contact, type Id } from '../protocols/contact.ts'
import type { KademliaOptions } from '../protocols/kademlia/kademlia-options.ts'
import { Kademlia } from '../protocols/kademlia/kademlia.ts'
import { closestContacts, commonPrefixLength } from '../protocols/kademlia/xor-distance.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, nodeParameter, performNodeAction } from './node-actions.ts'
import { Lookups, LookupSums, type Lookup } from './kademlia-lookups.ts'
import { fullTable, kademliaContacts, keyOf, LyingRule, progressTo } from './kademlia-network.ts'
import type { ValuesOf } from './parameters.ts'

const parameters = {
  size: { type: 'integer', min: 2, max: 10_000, default: 128, label: 'size', unit: 'nodes' },
  k: { type: 'integer', min: 1, max: 100, default: 8, label: 'k: contacts in a bucket', unit: 'contacts' },
  alpha: { type: 'integer', min: 1, max: 100, default: 3, label: 'alpha: asked at a time', unit: 'nodes' },
  idBytes: { type: 'integer', min: 8, max: 32, default: 32, label: 'length of an id', unit: 'bytes' },
  tables: { type: 'choice', options: ['full', 'sparse', 'join'], default: 'full', label: 'tables at the start' },
  refreshInterval: { type: 'number', min: 0, max: 3_600_000, default: 0, label: 'refresh, 0 = never', unit: 'ms' },
  mine: { type: 'choice', options: ['all', 'one'], default: 'all', label: 'nodes that run the lab file' },
  geography: { type: 'choice', options: ['world', 'flat'], default: 'world', label: 'geography' },
  latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'mean latency (flat)', unit: 'ms' },
  jitter: { type: 'number', min: 0, max: 1, default: 0.5, label: 'latency varies by (flat)' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
  dead: { type: 'number', min: 0, max: 0.9, default: 0, label: 'nodes that are down, though in tables' },
  liars: { type: 'number', min: 0, max: 0.9, default: 0, label: 'nodes that lie' },
  lies: { type: 'choice', options: ['ghosts', 'garbage'], default: 'ghosts', label: 'what liars say' },
  timeout: { type: 'number', min: 1, max: 60_000, default: 1000, label: 'wait for an answer', unit: 'ms' },
  attempts: { type: 'integer', min: 1, max: 10, default: 2, label: 'attempts', unit: 'times' },
  lookups: { type: 'integer', min: 0, max: 1000, default: 10, label: 'lookups' },
  start: { type: 'number', min: 0, max: 3_600_000, default: 0, label: 'first lookup at', unit: 'ms' },
  interval: { type: 'number', min: 0, max: 60_000, default: 3000, label: 'time between two lookups', unit: 'ms' },
  duration: { type: 'number', min: 1, max: 36_000_000, default: 600_000, label: 'ends at the latest', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

const key = { type: 'integer', min: 0, max: 999_999, default: 0, label: 'key' } as const
const isNode = { type: 'boolean', default: false, label: 'the key is the id of the node with this number' } as const

export const kademlia = defineScenario({
  id: 'kademlia',
  title: 'Kademlia',
  summary:
    'Who keeps this key? Ask the closest that you know, and each answer is closer: double the network, one hop more.',
  parameters,
  actions: {
    lookup: { label: 'look a key up from here', parameters: { node: nodeParameter('who looks'), key, isNode } },
    crash: nodeActions.crash,
    restart: nodeActions.restart,
    find: {
      label: 'send one find-node in the name of a node',
      parameters: { from: nodeParameter('claimed sender'), to: nodeParameter('receiver'), key, isNode },
    },
    ping: {
      label: 'send a ping in the name of a node',
      parameters: { from: nodeParameter('claimed sender'), to: nodeParameter('receiver') },
    },
    inject: nodeActions.inject,
  },
  states: [
    { id: 'aside', label: 'has not been asked', tone: 'idle' },
    { id: 'goal', label: 'is one of the k closest to the key', tone: 'b' },
    { id: 'asker', label: 'looks the key up', tone: 'd' },
    { id: 'asked', label: 'was asked on the way', tone: 'c' },
    { id: 'found', label: 'is one of the k closest, and was asked', tone: 'a' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'hops', unit: 'hops', label: 'hops to the closest' },
    { name: 'correct', unit: 'share', label: 'lookups that found the k closest' },
    { name: 'done', unit: 'lookups', label: 'lookups that ended' },
    { name: 'asked', unit: 'nodes', label: 'nodes asked in a lookup' },
    { name: 'messages', unit: 'messages', label: 'messages' },
    { name: 'time', unit: 'ms', label: 'time of a lookup' },
    { name: 'stretch', unit: 'times', label: 'against one round trip to the closest' },
    { name: 'abroad', unit: 'share', label: 'questions to another region' },
  ],
  presentation: {
    headline: 'hops',
    costs: ['asked', 'time', 'abroad'],
    controls: ['size', 'k'],
    click: 'lookup',
    doubleClick: 'crash',
    messages: [
      { type: 'find-node', label: 'find-node: who is close?', tone: 'd' },
      { type: 'nodes', label: 'nodes: these I know', tone: 'a' },
      { type: 'ping', label: 'ping: are you there?', tone: 'c' },
      { type: 'pong', label: 'pong', tone: 'c' },
    ],
    marks: [
      { report: 'wrong-id', label: 'answered under another id', tone: 'b' },
      { report: 'malformed', label: 'malformed', tone: 'b' },
    ],
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    if (substitute !== undefined && parameters.tables === 'join') {
      throw new RangeError(`tables is ${parameters.tables}; a lab's protocol runs with tables=full or sparse`)
    }
    return new KademliaWorld(parameters, seed, substitute, observers, foldPayloads)
  },
})

class KademliaWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #contacts: readonly Contact[]
  readonly #regions: Uint8Array
  readonly #latency: LatencyModel
  readonly #liars: ReadonlySet<number>
  /** The engine's own nodes, whose tables can be looked at. */
  readonly #nodes: (Kademlia | undefined)[] = []
  readonly #lookups: Lookups
  readonly #sums = new LookupSums()
  #injected = 0
  /** The nodes that the latest lookup is to find, the closest first, as it was when it began. */
  #goal: readonly number[] = []

  constructor(
    values: Values,
    seed: number,
    substitute: SubstituteProtocol | undefined,
    observers: readonly Observer[],
    foldPayloads: boolean,
  ) {
    const { size, idBytes, mine, lies } = values
    this.#values = values
    this.#contacts = kademliaContacts(seed, size, idBytes)
    this.#regions = assignRegions(size, seed, bitcoinRegions2019)
    this.#latency = latencyOf(values, this.#regions)
    // Node 0 looks keys up where one node is the lab's: it is honest, and there.
    const others = Array.from({ length: size - 1 }, (_, i) => i + 1)
    const dead = deriveStream(seed, 'dead').sample(others, Math.round(values.dead * (size - 1)))
    const alive = others.filter((node) => !dead.includes(node))
    this.#liars = new Set(deriveStream(seed, 'liars').sample(alive, Math.round(values.liars * alive.length)))
    this.#lookups = new Lookups({
      known: (node, target) => this.#knownTo(node, target),
      onBegin: ({ node, target }) => void (this.#goal = this.#oracle(node, target)),
      onEnd: (lookup) => this.#judge(lookup),
    })
    const simulation = new Simulation({
      seed,
      topology: topologyOf(values),
      protocol: (host, node, incarnation) => {
        const options = this.#optionsOf(node)
        const isMine = substitute !== undefined && (mine === 'all' || node === 0)
        this.#nodes[node] = isMine ? undefined : new Kademlia(host as Host<never>, options)
        if (!isMine) return this.#nodes[node] as Protocol<never, never>
        // One way for all to send the last questions: the rule of libp2p, which sends them at once, is not for labs.
        return substitute(host, {
          seed,
          node,
          incarnation,
          options: { ...options, resiliency: values.k } as unknown as Data,
        })
      },
      latency: this.#latency,
      strict: substitute !== undefined,
      foldPayloads,
    })
    this.simulation = simulation
    if (this.#liars.size > 0) simulation.addRule(new LyingRule(this.#contacts, this.#liars, lies))
    if (values.loss > 0) simulation.addRule(loss(values.loss))
    // Whoever looks at the states when an event begins sees them as they were before it: that event counts after that.
    for (const observer of observers) simulation.observe(observer)
    simulation.observe(this.#lookups)
    for (const node of dead) simulation.schedule(0, 'down from the start', () => simulation.crash(node))
    const random = deriveStream(seed, 'lookups')
    for (let i = 0; i < values.lookups; i++) {
      const honest = alive.filter((node) => !this.#liars.has(node))
      const node = mine === 'one' ? 0 : random.pick([0, ...honest])
      simulation.schedule(values.start + i * values.interval, 'lookup', () => this.#lookUp(node, i, false))
    }
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { simulation } = this
    const { node, from, to, key: number } = values as Record<string, number>
    const isNumberOfNode = values['isNode'] === true
    if (action === 'lookup') this.#lookUp(node!, number!, isNumberOfNode)
    if (action === 'find') {
      this.#ask(from!, to!, { type: 'find-node', target: this.#target(number!, isNumberOfNode) } as Message)
    }
    if (action === 'ping') this.#ask(from!, to!, { type: 'ping' })
    performNodeAction(simulation, action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    return {
      ...this.#sums.means,
      messages: this.simulation.packets.sent,
    }
  }

  state(node: number): string {
    const { latest } = this.#lookups
    if (!this.simulation.isUp(node)) return 'down'
    if (latest?.node === node) return 'asker'
    const isGoal = this.#goal.includes(node)
    if (latest?.asks.some(({ to, arrived }) => arrived && to === node) === true) return isGoal ? 'found' : 'asked'
    return isGoal ? 'goal' : 'aside'
  }

  /** Its buckets, by the length of the common prefix; of a lab's node what it was given. */
  inspect(node: number): Data {
    const { id } = this.#contacts[node]!
    const known = this.#nodes[node]?.table.contacts ?? this.#given(node)
    const buckets = Map.groupBy(known, (contact) => commonPrefixLength(id, contact.id))
    return {
      state: this.state(node),
      id: idToHex(id),
      region: this.#values.geography === 'flat' ? null : bitcoinRegions2019.names[this.#regions[node]!]!,
      lies: this.#liars.has(node),
      restarts: this.simulation.incarnation(node),
      buckets: [...buckets].map(([prefix, contacts]) => ({
        prefix,
        nodes: contacts.map(({ address }) => address as number),
      })),
      lookups: this.#lookups.all
        .filter((lookup) => lookup.node === node)
        .map(({ target, asks, found }) => ({
          target: idToHex(target),
          asked: asks.map(({ to, hops }) => ({ node: to as number, hops })),
          found: found.map((address) => address as number),
        })),
    }
  }

  /** The way of the latest lookup: how much of the prefix that its closest node shares with the key is reached. */
  curves(points: number): { readonly measured: Curve; readonly formula: null } {
    const { latest } = this.#lookups
    const label = 'of the way to the key of the latest lookup, in bits'
    const goal = this.#contacts[this.#goal[0] ?? -1]
    if (latest === undefined || goal === undefined) return { measured: { label, points: [] }, formula: null }
    const answers = latest.asks
      .filter(({ answer, to }) => answer > 0 && to >= 0)
      .map(({ answered, to }) => [answered, progressTo(latest.target, goal.id, this.#contacts[to]!.id)] as const)
      .sort(([a], [b]) => a - b)
    let best = progressTo(latest.target, goal.id, this.#contacts[latest.node]!.id)
    const way = [[latest.began, best] as const]
    for (const [time, progress] of answers) way.push([time, (best = Math.max(best, progress))] as const)
    return { measured: { label, points: way.slice(0, points) }, formula: null }
  }

  /** It falls idle, unless tables are refreshed; then its duration ends it. */
  isOver(): boolean {
    return false
  }

  #lookUp(node: number, key: number, isNode: boolean): void {
    this.simulation.command(node, { type: 'lookup', target: this.#target(key, isNode) } as Message)
  }

  /** Sends a request that no node sent. Its sender ignores the answer. */
  #ask(from: number, to: number, question: Message): void {
    const requestId = this.#injected++
    this.simulation.inject(from, to, { ...question, requestId, sender: this.#contacts[from]!.id } as Message)
  }

  #target(key: number, isNode: boolean): Id {
    const { size, idBytes } = this.#values
    if (isNode && key >= size)
      throw new RangeError(`key is ${key}; with isNode it must be a node from 0 to ${size - 1}`)
    return isNode ? this.#contacts[key]!.id : keyOf(this.simulation.seed, key, idBytes)
  }

  /**
   * Which of the k closest are up, and can be understood. Not always k: who answers names the k closest that it knows,
   * and not whoever comes behind them, should some of these be down.
   */
  #oracle(asker: number, target: Id): number[] {
    const { k, lies } = this.#values
    const others = this.#contacts.filter((_, node) => node !== asker)
    return closestContacts(others, target, k)
      .map(({ address }) => address as number)
      .filter((node) => this.simulation.isUp(node) && !(lies === 'garbage' && this.#liars.has(node)))
  }

  #given(node: number): Contact[] {
    const { tables, k } = this.#values
    if (tables === 'join') return []
    return fullTable(this.#contacts, node, tables === 'full' ? k : Math.ceil(k / 2), this.simulation.seed)
  }

  #knownTo(node: number, target: Id): readonly Contact[] {
    const { k } = this.#values
    return this.#nodes[node]?.table.closest(target, k) ?? closestContacts(this.#given(node), target, k)
  }

  #optionsOf(node: number): KademliaOptions {
    const { k, alpha, timeout, attempts, refreshInterval } = this.#values
    const contacts = this.#given(node)
    // As in the paper, a full bucket asks the oldest contact each time.
    return {
      id: this.#contacts[node]!.id,
      k,
      alpha,
      contacts,
      timeout,
      attempts,
      refreshInterval,
      questionableAfter: 0,
    }
  }

  #judge(lookup: Lookup): void {
    const { node, target, found, asks } = lookup
    const goal = this.#oracle(node, target)
    const isCorrect = found.length <= this.#values.k && goal.every((each, i) => found[i] === each)
    const closest = asks.find(({ to, answer }) => to === found[0] && answer > 0)
    const roundTrip =
      closest === undefined ? undefined : this.#meanWay(node, closest.to) + this.#meanWay(closest.to, node)
    const isFar = ({ to }: { readonly to: Address }): boolean => this.#regions[to] !== this.#regions[node]
    const reached = asks.filter(({ to }) => to >= 0)
    this.#sums.add(lookup, {
      isCorrect,
      hops: closest?.hops,
      stretch: roundTrip === undefined || roundTrip === 0 ? undefined : (lookup.ended - lookup.began) / roundTrip,
      abroad:
        this.#values.geography === 'flat' ? undefined : reached.filter(isFar).length / Math.max(reached.length, 1),
    })
  }

  /** What a packet takes in the mean. */
  #meanWay(from: number, to: number): Millis {
    return toMillis(this.#latency.micros(from, to, () => 0.5))
  }
}

function latencyOf({ geography, latency, jitter }: Values, regions: Uint8Array): LatencyModel {
  return geography === 'world'
    ? regionalLatency({ regions, table: bitcoinRegions2019 })
    : uniformLatency(latency * (1 - jitter), latency * (1 + jitter))
}

/** Who joins knows where node 0 is; who has a table needs nobody. */
function topologyOf({ size, tables }: Values): Topology {
  return tables === 'join' ? star(size) : topologyFromEdges(size, [])
}
