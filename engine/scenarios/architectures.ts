import type { Data, Message } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Host } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { deriveStream, type Random } from '../core/random.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { History } from '../measures/history.ts'
import { idToHex } from '../protocols/contact.ts'
import { IndexSearch } from '../protocols/index-search.ts'
import type { Kademlia } from '../protocols/kademlia/kademlia.ts'
import { asProtocol, drawNetwork, itemsOf, keyOfItem, makeNode, nameOf } from './architectures-network.ts'
import type { ArchitectureNetwork } from './architectures-network.ts'
import { ratio, Searches } from './architectures-searches.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, performNodeAction } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'

/** Until then nodes say what they have; then they search. */
const announcing: Millis = 6000

const count = { type: 'integer', min: 1, max: 500, default: 3, label: 'how many', unit: 'nodes' } as const

const parameters = {
  architecture: {
    type: 'choice',
    options: ['directory', 'supernodes', 'flat', 'structured'],
    default: 'supernodes',
    label: 'architecture',
  },
  size: { type: 'integer', min: 8, max: 500, default: 40, label: 'size', unit: 'nodes' },
  supernodes: { type: 'integer', min: 1, max: 20, default: 4, label: 'supernodes', unit: 'nodes' },
  parents: { type: 'integer', min: 1, max: 8, default: 1, label: 'supernodes that a node knows', unit: 'nodes' },
  degree: { type: 'integer', min: 2, max: 16, default: 4, label: 'neighbors of a node (flat)', unit: 'nodes' },
  items: { type: 'integer', min: 1, max: 1000, default: 60, label: 'things to search for' },
  copies: { type: 'integer', min: 1, max: 100, default: 3, label: 'nodes that have each of them', unit: 'nodes' },
  interval: { type: 'number', min: 1, max: 60_000, default: 250, label: 'time between two searches', unit: 'ms' },
  kills: { type: 'choice', options: ['none', 'random', 'chosen'], default: 'none', label: 'who is killed' },
  killed: { ...count, label: 'how many are killed' },
  killAt: { type: 'number', min: 0, max: 3_600_000, default: 20_000, label: 'when they are killed', unit: 'ms' },
  latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'mean latency', unit: 'ms' },
  duration: { type: 'number', min: 1, max: 3_600_000, default: 45_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

/**
 * The same things at the same nodes, searched for in four ways: see `IndexSearch` for three of them; the fourth is
 * Kademlia with provider records and the constants of BEP 5. Whom to kill: Albert, Jeong, Barabási, "Error and attack
 * tolerance of complex networks", Nature 406, 2000, where some nodes bear the load of many.
 */
export const architectures = defineScenario({
  id: 'architectures',
  title: 'Architectures',
  summary: 'Directory, supernodes, flat or structured: kill three nodes at random, then three that you choose.',
  parameters,
  actions: {
    'kill-random': { label: 'kill some at random', parameters: { count } },
    'kill-chosen': { label: 'kill the busiest', parameters: { count } },
    revive: { label: 'restart all that are down', parameters: {} },
    ...nodeActions,
  },
  states: [
    { id: 'quiet', label: 'has not searched', tone: 'idle' },
    { id: 'searching', label: 'searches', tone: 'c' },
    { id: 'found', label: 'found what it searched for', tone: 'a' },
    { id: 'failed', label: 'found nothing', tone: 'b' },
    { id: 'index', label: 'keeps the index of others', tone: 'd' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'found', unit: 'share', label: 'of the last 40 searches that found it' },
    { name: 'foundAll', unit: 'share', label: 'of all searches that found it' },
    { name: 'predicted', unit: 'share', label: 'expected, from who is up' },
    { name: 'busiest', unit: 'share', label: 'of all messages, those to the busiest node' },
    { name: 'load', unit: 'times', label: 'messages to the busiest node against the mean' },
    { name: 'perSearch', unit: 'messages', label: 'messages for a search, upkeep included' },
    { name: 'time', unit: 'ms', label: 'time of a search that found it' },
    { name: 'searches', unit: 'searches', label: 'searches' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'found',
    costs: ['busiest', 'perSearch'],
    controls: ['architecture', 'kills'],
    click: 'restart',
    doubleClick: 'crash',
    messages: [
      { type: 'query', label: 'query: who has it?', tone: 'd' },
      { type: 'hit', label: 'hit: these have it', tone: 'a' },
      { type: 'announce', label: 'announce: this I have', tone: 'c' },
      { type: 'get-providers', label: 'get-providers: who has it?', tone: 'd' },
      { type: 'nodes', label: 'nodes: these know better', tone: 'a' },
      { type: 'find-node', label: 'find-node: who is close?', tone: 'idle' },
      { type: 'add-provider', label: 'add-provider: I have it', tone: 'c' },
      { type: 'stored', label: 'stored', tone: 'idle' },
    ],
    marks: [
      { report: 'duplicate', label: 'duplicate', tone: 'b' },
      { report: 'malformed', label: 'malformed', tone: 'b' },
    ],
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    if (substitute !== undefined) throw new RangeError("architectures runs its own protocols only; it has no lab's")
    return new ArchitecturesWorld(parameters, seed, observers, foldPayloads)
  },
})

class ArchitecturesWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #network: ArchitectureNetwork
  readonly #nodes: (IndexSearch | Kademlia)[] = []
  readonly #searches: Searches
  readonly #random: { readonly searches: Random; readonly kills: Random }
  readonly #found = new History()
  readonly #predicted = new History()
  /** The items by the key that goes by them in reports of the structured overlay. */
  readonly #itemOfKey = new Map<string, number>()
  /** Messages that each node has received. */
  readonly #received: number[]
  #sentBefore: number | undefined = undefined
  #time: Millis = 0

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    this.#values = values
    this.#network = drawNetwork(values, seed)
    this.#received = new Array<number>(values.size).fill(0)
    this.#random = { searches: deriveStream(seed, 'searches'), kills: deriveStream(seed, 'kills') }
    for (let item = 0; item < values.items; item++) this.#itemOfKey.set(idToHex(keyOfItem(item)), item)
    const { topology, holders } = this.#network
    const simulation = new Simulation({
      seed,
      topology,
      protocol: (host, node) => {
        this.#nodes[node] = makeNode(host as Host<never>, node, values, this.#network, seed)
        return asProtocol(this.#nodes[node])
      },
      latency: uniformLatency(values.latency / 2, values.latency * 1.5),
      foldPayloads,
    })
    this.simulation = simulation
    this.#searches = new Searches((node, item) => simulation.isUp(node) && holders[item]!.includes(node))
    for (const observer of observers) simulation.observe(observer)
    simulation.observe({
      onEvent: (_number, time, kind, node) => this.#onEvent(time, kind, node),
      onReport: (time, node, event, detail) => this.#onReport(time, node, event, detail as Ended),
    })
    this.#scheduleProviding(seed)
    simulation.schedule(announcing, 'search', () => this.#search(0))
    const { kills, killed, killAt } = values
    if (kills !== 'none') simulation.schedule(killAt, 'kill', () => this.#kill(kills, killed))
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { count, node } = values as Record<string, number>
    if (action === 'kill-random') this.#kill('random', count!)
    else if (action === 'kill-chosen') this.#kill('chosen', count!)
    else if (action === 'revive') this.#ups(false).forEach((each) => this.#restart(each))
    else if (action === 'restart') this.#restart(node!)
    else performNodeAction(this.simulation, action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    const { all, measures } = this.#searches
    const { sent } = this.simulation.packets
    const received = this.#received.reduce((sum, each) => sum + each, 0)
    const most = Math.max(...this.#received)
    return {
      ...measures,
      predicted: this.#predict(),
      busiest: ratio(most, received),
      load: ratio(most * this.simulation.size, received),
      perSearch: this.#sentBefore === undefined ? null : ratio(sent - this.#sentBefore, all.length),
      searches: all.length,
      messages: sent,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node < this.#network.hubs) return 'index'
    return this.#searches.stateOf(node) ?? 'quiet'
  }

  inspect(node: number): Data {
    const protocol = this.#nodes[node]
    return {
      state: this.state(node),
      restarts: this.simulation.incarnation(node),
      isIndex: node < this.#network.hubs,
      received: this.#received[node]!,
      items: itemsOf(this.#network, node),
      neighbors: Array.from(this.simulation.topology.neighbors(node)),
      index:
        protocol instanceof IndexSearch
          ? protocol.leaves.map(({ address, items }) => ({ node: address as number, items }))
          : [],
      contacts: protocol === undefined || protocol instanceof IndexSearch ? [] : contactsOf(protocol),
      searches: this.#searches.of(node),
    }
  }

  curves(points: number): { readonly measured: Curve; readonly formula: Curve } {
    return {
      measured: { label: 'found', points: this.#found.points(points, this.#time) },
      formula: { label: 'expected, from who is up', points: this.#predicted.points(points, this.#time) },
    }
  }

  isOver(): boolean {
    return false // searches go on for ever: the duration ends it
  }

  /** In the structured overlay things are announced once, and again by who comes back. */
  #scheduleProviding(seed: number): void {
    if (this.#values.architecture !== 'structured') return
    const random = deriveStream(seed, 'providing')
    for (let node = 0; node < this.simulation.size; node++) {
      const moment = Math.floor(random.next() * (announcing / 2))
      this.simulation.schedule(moment, 'provide', () => this.#provide(node))
    }
  }

  #provide(node: number): void {
    if (this.#values.architecture !== 'structured') return
    for (const item of itemsOf(this.#network, node)) {
      this.simulation.command(node, { type: 'provide', target: keyOfItem(item) } as Message)
    }
  }

  #restart(node: number): void {
    if (this.simulation.restart(node)) this.#provide(node)
  }

  /** One who has not the thing searches for one that somebody who is there has; and so on. */
  #search(number: number): void {
    const { simulation } = this
    const { architecture, interval } = this.#values
    this.#sentBefore ??= simulation.packets.sent
    simulation.schedule(announcing + (number + 1) * interval, 'search', () => this.#search(number + 1))
    const askers = this.#ups(true).filter((node) => node >= this.#network.hubs)
    if (askers.length === 0) return
    const asker = this.#random.searches.pick(askers)
    const wanted = this.#network.holders.flatMap((nodes, item) =>
      !nodes.includes(asker) && nodes.some((node) => simulation.isUp(node)) ? [item] : [],
    )
    if (wanted.length === 0) return
    const item = this.#random.searches.pick(wanted)
    const { id } = this.#searches.begin(asker, item, simulation.now)
    const command =
      architecture === 'structured'
        ? { type: 'find-providers', target: keyOfItem(item) }
        : { type: 'search', id, item: nameOf(item) }
    simulation.command(asker, command as Message)
  }

  /** The chosen ones are those with the most messages so far: who looks on can see who they are. */
  #kill(who: 'random' | 'chosen', most: number): void {
    const up = this.#ups(true)
    const victims =
      who === 'random'
        ? this.#random.kills.sample(up, most)
        : up.sort((a, b) => this.#received[b]! - this.#received[a]! || a - b).slice(0, most)
    for (const node of victims) this.simulation.crash(node)
  }

  #ups(isUp: boolean): number[] {
    return Array.from({ length: this.simulation.size }, (_, node) => node).filter(
      (node) => this.simulation.isUp(node) === isUp,
    )
  }

  /**
   * A search needs an index node for the asker and one for a holder. The nodes have `parents` of the supernodes at
   * random, so all of them are down with probability C(down, parents) / C(all, parents). A flat network and a structured
   * one have no such nodes: all is found while they hold together.
   */
  #predict(): number {
    const { architecture, parents, copies } = this.#values
    const { hubs } = this.#network
    if (architecture === 'directory') return this.simulation.isUp(0) ? 1 : 0
    if (architecture !== 'supernodes') return 1
    const down = this.#ups(false).filter((node) => node < hubs).length
    let allDown = 1
    for (let i = 0; i < parents; i++) allDown *= Math.max(down - i, 0) / (hubs - i)
    let noHolder = 1
    for (let copy = 0; copy < copies; copy++) noHolder *= allDown
    return (1 - allDown) * (1 - noHolder)
  }

  #onEvent(time: Millis, kind: EventKind, node: number): void {
    // After the event before this one: who is up is what it left.
    if (this.#time >= announcing) this.#predicted.note(this.#time, this.#predict())
    this.#time = time
    if (kind === 'message') this.#received[node]!++
    if (kind === 'crash') this.#searches.forget(node)
  }

  #onReport(time: Millis, node: number, event: string, { id, holders, target, providers }: Ended = {}): void {
    if (event === 'find-providers') {
      const search = this.#searches.openOf(node, this.#itemOfKey.get(target ?? '') ?? -1)
      if (search !== undefined) this.#searches.end(search.id, node, providers ?? [], time)
    } else if (event === 'found' || event === 'not-found') {
      this.#searches.end(id ?? '', node, holders ?? [], time)
    } else return
    const { found } = this.#searches.measures
    if (found !== null) this.#found.note(time, found)
  }
}

/** What nodes say at the end of a search. Addresses are numbers of nodes in this scenario. */
interface Ended {
  readonly id?: string
  readonly holders?: readonly number[]
  readonly target?: string
  readonly providers?: readonly number[]
}

function contactsOf({ table }: Kademlia): number[] {
  return table.contacts.map(({ address }) => address as number)
}
