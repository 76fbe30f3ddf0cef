import type { Data, Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { deriveStream, deriveWords } from '../core/random.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import { waves } from '../measures/formulas.ts'
import { Spread } from '../measures/spread.ts'
import { GossipSub } from '../protocols/gossipsub/gossipsub.ts'
import { defaultTopic, type GossipSubMessage } from '../protocols/gossipsub/messages.ts'
import { ethereumGossipSub, gossipSubDefaults, type GossipSubParameters } from '../protocols/gossipsub/parameters.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { faultActions, Faults } from './fault-actions.ts'
import { CutLinks, GossipSubWays } from './gossipsub-ways.ts'
import { nodeParameter } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'
import { makeTopology, topologyParameters } from './topology-parameters.ts'

const parameters = {
  ...topologyParameters,
  size: { type: 'integer', min: 2, max: 5000, default: 40, label: 'size', unit: 'nodes' },
  degree: { type: 'integer', min: 1, max: 64, default: 16, label: 'peers of a node (mean)', unit: 'nodes' },
  constants: { type: 'choice', options: ['libp2p', 'ethereum'], default: 'libp2p', label: 'constants of' },
  gossip: { type: 'boolean', default: true, label: 'gossip: IHAVE to peers outside of the mesh' },
  floodPublish: { type: 'boolean', default: false, label: 'publishers push to all peers (v1.1)' },
  broken: { type: 'number', min: 0, max: 1, default: 0, label: 'mesh links that are cut before the first message' },
  warmUp: { type: 'number', min: 0, max: 600_000, default: 3000, label: 'first message at', unit: 'ms' },
  messages: { type: 'integer', min: 0, max: 1000, default: 4, label: 'messages published' },
  interval: { type: 'number', min: 0, max: 60_000, default: 4000, label: 'time between two messages', unit: 'ms' },
  latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'mean latency', unit: 'ms' },
  jitter: { type: 'number', min: 0, max: 1, default: 0.5, label: 'latency varies by' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
  duration: { type: 'number', min: 1, max: 3_600_000, default: 24_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

/**
 * GossipSub v1.1 with the constants of go-libp2p-pubsub or of Ethereum's consensus layer. Flood publishing, which v1.1
 * recommends, is off at first: it hides what the mesh does from who is a peer of the publisher.
 */
export const gossipsub = defineScenario({
  id: 'gossipsub',
  title: 'GossipSub',
  summary:
    'A sparse mesh pushes, gossip mends: cut mesh links and see who fills the holes, then switch the gossip off.',
  parameters,
  actions: {
    publish: { label: 'publish here', parameters: { node: nodeParameter('publisher') } },
    isolate: { label: 'cut its mesh links', parameters: { node: nodeParameter('node') } },
    'cut-links': {
      label: 'cut mesh links',
      parameters: { share: { type: 'number', min: 0, max: 1, default: 0.8, label: 'share of the mesh links' } },
    },
    'mend-links': { label: 'mend all links', parameters: {} },
    ...faultActions,
  },
  states: [
    { id: 'unaware', label: 'lacks the latest message', tone: 'idle' },
    { id: 'severed', label: 'lacks it, and no mesh link of its works', tone: 'b' },
    { id: 'pushed', label: 'was pushed it', tone: 'a' },
    { id: 'repaired', label: 'asked for it after an IHAVE', tone: 'c' },
    { id: 'publisher', label: 'published it', tone: 'd' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'coverage', unit: 'share', label: 'have the latest message' },
    { name: 'holes', unit: 'messages', label: 'missing for good: nobody would send it any more' },
    { name: 'repaired', unit: 'messages', label: 'came after an IHAVE' },
    { name: 'messages', unit: 'messages', label: 'packets' },
    { name: 'duplicates', unit: 'messages', label: 'duplicates' },
    { name: 'perDelivery', unit: 'messages', label: 'packets per delivery' },
    { name: 'meshDegree', unit: 'links', label: 'mesh links of a node' },
    { name: 'working', unit: 'links', label: 'mesh links of a node that work' },
    { name: 'time95', unit: 'ms', label: 'time to 95 %' },
    { name: 'time100', unit: 'ms', label: 'time to all' },
  ],
  presentation: {
    headline: 'coverage',
    costs: ['holes', 'repaired', 'duplicates'],
    controls: ['broken', 'gossip'],
    click: 'publish',
    doubleClick: 'isolate',
    messages: [
      { type: 'publish', label: 'the message', tone: 'a' },
      { type: 'ihave', label: 'IHAVE: I have lately seen these', tone: 'c' },
      { type: 'iwant', label: 'IWANT: send me these', tone: 'd' },
      { type: 'graft', label: 'GRAFT: into my mesh', tone: 'd' },
      { type: 'prune', label: 'PRUNE: out of my mesh', tone: 'b' },
      { type: 'subscribe', label: 'my topics', tone: 'idle' },
      { type: 'ack', label: 'acknowledged', tone: 'idle' },
    ],
    marks: [
      { report: 'duplicate', label: 'duplicate', tone: 'b' },
      { report: 'malformed', label: 'malformed', tone: 'b' },
    ],
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    if (substitute !== undefined) throw new RangeError("gossipsub runs its own protocol only; a lab's runs in gossip")
    return new GossipSubWorld(parameters, seed, observers, foldPayloads)
  },
})

class GossipSubWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #constants: GossipSubParameters
  readonly #nodes: GossipSub[] = []
  readonly #spread: Spread
  readonly #ways = new GossipSubWays()
  readonly #links = new CutLinks()
  readonly #faults: Faults
  #published = 0
  #cuts = 0
  /** Links of a node along which the latest message was pushed, when it was published. */
  #fanout = 0

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { latency, jitter, gossip, floodPublish } = values
    this.#values = values
    const constants = { ...(values.constants === 'libp2p' ? gossipSubDefaults : ethereumGossipSub), floodPublish }
    this.#constants = gossip ? constants : { ...constants, dLazy: 0, gossipFactor: 0 }
    const simulation = new Simulation({
      seed,
      topology: makeTopology(values, deriveStream(seed, 'topology')),
      latency: uniformLatency(latency * (1 - jitter), latency * (1 + jitter)),
      protocol: (host, node) => {
        this.#nodes[node] = new GossipSub(host as unknown as Host<GossipSubMessage>, this.#constants)
        return this.#nodes[node] as unknown as Protocol<never, never>
      },
      foldPayloads,
    })
    this.simulation = simulation
    this.#faults = new Faults(simulation)
    this.#spread = new Spread(simulation.size)
    simulation.addRule(this.#links)
    if (values.loss > 0) simulation.addRule(loss(values.loss))
    // Whoever looks at the states when an event begins sees them as they were before it.
    for (const observer of [...observers, this.#spread, this.#ways]) simulation.observe(observer)
    const { warmUp, messages, interval, broken } = values
    if (broken > 0) simulation.schedule(warmUp, 'cut mesh links', () => this.#cutLinks(broken))
    const random = deriveStream(seed, 'publishers')
    for (let i = 0; i < messages; i++) {
      const node = random.integer(simulation.size)
      simulation.schedule(warmUp + i * interval, 'publish', () => this.#publish(node))
    }
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { node, share } = values as Record<string, number>
    if (action === 'publish') return this.#publish(node!)
    if (action === 'isolate') return this.simulation.control('cut mesh links', () => this.#isolate(node!))
    if (action === 'cut-links') return this.simulation.control('cut mesh links', () => this.#cutLinks(share!))
    if (action === 'mend-links') return this.simulation.control('mend links', () => this.#links.clear())
    this.#faults.perform(action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    const { deliveries, duplicates, coverage } = this.#spread
    const messages = this.simulation.packets.sent
    const up = this.#up()
    return {
      coverage,
      holes: this.#holes(up),
      repaired: this.#ways.repaired,
      messages,
      duplicates,
      perDelivery: deliveries === 0 ? null : messages / deliveries,
      meshDegree: mean(up.map((node) => this.#meshOf(node).length)),
      working: mean(up.map((node) => this.#working(node).length)),
      time95: this.#spread.timeToReach(0.95),
      time100: this.#spread.timeToReach(1),
    }
  }

  state(node: number): string {
    const { latest } = this.#spread
    if (!this.simulation.isUp(node)) return 'down'
    const way = latest === undefined ? undefined : this.#ways.wayOf(node, latest.id)
    if (way === 'published') return 'publisher'
    if (way === 'asked') return 'repaired'
    if (way === 'pushed') return 'pushed'
    const mesh = this.#meshOf(node)
    return mesh.length > 0 && this.#working(node).length === 0 ? 'severed' : 'unaware'
  }

  /** Its mesh, its other peers, and how each of the latest messages came. */
  inspect(node: number): Data {
    const mesh = this.simulation.isUp(node) ? this.#meshOf(node) : []
    const peers = Array.from(this.simulation.topology.neighbors(node))
    return {
      state: this.state(node),
      restarts: this.simulation.incarnation(node),
      mesh: mesh.map((peer) => ({ peer, isCut: this.#links.has(node, peer) })),
      others: peers.filter((peer) => !mesh.includes(peer)).slice(0, 64),
      messages: [...this.#spread.rumors.values()].slice(-64).map(({ id, origin, times, hops }) => {
        const way = this.#ways.wayOf(node, id)
        return way === undefined
          ? { id, origin, way: 'missing' }
          : { id, origin, way, at: times[node]!, hops: hops[node]! }
      }),
    }
  }

  /** Who has the latest message, beside what the mesh alone would do if its links led to random nodes. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const { latest, size } = this.#spread
    const label = 'have the latest message'
    if (latest === undefined) return { measured: { label, points: [] }, formula: null }
    const { published } = latest
    const times = latest.times.filter((time) => !Number.isNaN(time)).sort()
    const end = Math.max(times.at(-1) ?? published, published + 1)
    let known = 0
    const measured = Array.from({ length: points }, (_, i) => {
      const x = published + ((end - published) * i) / (points - 1)
      while (known < times.length && times[known]! <= x) known++
      return [x, known / size] as const
    })
    const shares = waves(size, Math.max(this.#fanout - 1, 0) * (1 - this.#values.loss), 255)
    const formula = shares.map((share, wave) => [published + wave * this.#values.latency, share] as const)
    return {
      measured: { label, points: measured },
      formula: { label: 'the mesh alone, in a mixed crowd', points: formula },
    }
  }

  isOver(): boolean {
    return false // heartbeats go on for ever: the duration ends it
  }

  #publish(node: number): void {
    if (!this.simulation.isUp(node)) return
    const id = `m${this.#published++}`
    this.#fanout = mean(this.#up().map((each) => this.#working(each).length)) ?? 0
    // Only who was sent the message can know its nonce.
    const nonce = deriveWords(this.simulation.seed, 'nonce', id)[0]!.toString(16).padStart(8, '0')
    this.simulation.command(node, { type: 'publish', id, payload: { nonce } } as Message)
  }

  #isolate(node: number): void {
    for (const peer of this.#meshOf(node)) this.#links.add(node, peer)
  }

  /** Cuts a share of the mesh links that there are now, drawn at random. */
  #cutLinks(share: number): void {
    const links = this.#up().flatMap((node) =>
      this.#meshOf(node).flatMap((peer) =>
        node < peer || !this.#meshOf(peer).includes(node) ? [[node, peer] as const] : [],
      ),
    )
    const random = deriveStream(this.simulation.seed, 'cut links', this.#cuts++)
    for (const [node, peer] of random.sample(links, Math.round(share * links.length))) this.#links.add(node, peer)
  }

  /** What nodes that are up lack of messages so old that no cache has them any more. */
  #holes(up: readonly number[]): number {
    const { historyLength, heartbeatInterval } = this.#constants
    return this.#ways.missingOf(up, this.simulation.now - historyLength * heartbeatInterval)
  }

  #up(): number[] {
    return this.#nodes.flatMap((_, node) => (this.simulation.isUp(node) ? [node] : []))
  }

  #meshOf(node: number): readonly number[] {
    return this.#nodes[node]?.meshOf(defaultTopic) ?? []
  }

  #working(node: number): number[] {
    return this.#meshOf(node).filter((peer) => !this.#links.has(node, peer))
  }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
