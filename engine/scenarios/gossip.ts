import type { Data, Message } from '../core/data.ts'
import type { Host } from '../core/host.ts'
import type { Observer } from '../core/observer.ts'
import { deriveStream, deriveWords } from '../core/random.ts'
import { loss, oneWayPartition, partition } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import type { SubstituteProtocol } from '../core/substitute.ts'
import { logistic, waves } from '../measures/formulas.ts'
import { Spread } from '../measures/spread.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, nodeParameter, performNodeAction } from './node-actions.ts'
import { actsInRounds, gossipLatency, gossipOptions, gossipProtocol } from './gossip-protocol.ts'
import type { ValuesOf } from './parameters.ts'
import { makeTopology, topologyParameters } from './topology-parameters.ts'

const parameters = {
  ...topologyParameters,
  style: {
    type: 'choice',
    default: 'push',
    label: 'style',
    options: ['flood', 'push', 'pull', 'push-pull', 'rumor', 'gossip'],
  },
  fanout: { type: 'integer', min: 1, max: 64, default: 3, label: 'fanout', unit: 'nodes' },
  ttl: { type: 'integer', min: 1, max: 255, default: 32, label: 'hops at most (flood, push, gossip)', unit: 'hops' },
  stop: {
    type: 'choice',
    default: 'counter-feedback',
    label: 'stop rule (rumor)',
    options: ['never', 'counter-feedback', 'counter-blind', 'coin-feedback', 'coin-blind'],
  },
  k: { type: 'integer', min: 1, max: 100, default: 2, label: 'stubbornness k of the stop rule' },
  timing: {
    type: 'choice',
    default: 'periodic',
    label: 'beats (pull, push-pull, rumor)',
    options: ['rounds', 'periodic', 'poisson'],
  },
  period: { type: 'number', min: 1, max: 60_000, default: 1000, label: 'time between beats', unit: 'ms' },
  repairRounds: { type: 'integer', min: 0, max: 100, default: 8, label: 'beats of repair (gossip)', unit: 'beats' },
  latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'mean latency', unit: 'ms' },
  jitter: { type: 'number', min: 0, max: 1, default: 0.5, label: 'latency varies by' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
  rumors: { type: 'integer', min: 0, max: 1000, default: 1, label: 'rumors published at the start' },
  interval: { type: 'number', min: 0, max: 60_000, default: 200, label: 'time between two rumors', unit: 'ms' },
  duration: { type: 'number', min: 1, max: 3_600_000, default: 60_000, label: 'ends at the latest', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

export const gossip = defineScenario({
  id: 'gossip',
  title: 'Gossip',
  summary: 'One node tells a few, each of those tells a few: how fast does everybody know, and at what price?',
  parameters,
  substituteParameters: { style: 'gossip' },
  actions: {
    publish: { label: 'publish here', parameters: { node: nodeParameter('publisher') } },
    crash: nodeActions.crash,
    restart: nodeActions.restart,
    cut: {
      label: 'cut the network',
      parameters: {
        share: { type: 'number', min: 0, max: 1, default: 0.5, label: 'share of the nodes on the far side' },
        oneWay: { type: 'boolean', default: false, label: 'the far side still hears' },
      },
    },
    heal: { label: 'heal the cut', parameters: {} },
    inject: nodeActions.inject,
  },
  states: [
    { id: 'unaware', label: 'has not heard', tone: 'idle' },
    { id: 'informed', label: 'has it', tone: 'a' },
    { id: 'publisher', label: 'published it', tone: 'd' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'coverage', unit: 'share', label: 'informed' },
    { name: 'residue', unit: 'share', label: 'never heard' },
    { name: 'messages', unit: 'messages', label: 'messages' },
    { name: 'duplicates', unit: 'messages', label: 'duplicates' },
    { name: 'perDelivery', unit: 'messages', label: 'messages per delivery' },
    { name: 'hops', unit: 'hops', label: 'longest way' },
    { name: 'rounds', unit: 'rounds', label: 'rounds until the last heard' },
    { name: 'time50', unit: 'ms', label: 'time to 50 %' },
    { name: 'time95', unit: 'ms', label: 'time to 95 %' },
    { name: 'time100', unit: 'ms', label: 'time to all' },
  ],
  presentation: {
    headline: 'coverage',
    costs: ['messages', 'duplicates', 'perDelivery'],
    controls: ['fanout', 'loss'],
    click: 'publish',
    doubleClick: 'crash',
    messages: [
      { type: 'rumor', label: 'rumor', tone: 'a' },
      { type: 'have', label: 'have: names', tone: 'c' },
      { type: 'want', label: 'want: please send', tone: 'd' },
      { type: 'pull', label: 'pull: please send', tone: 'd' },
      { type: 'call', label: 'call: names', tone: 'c' },
      { type: 'feedback', label: 'feedback', tone: 'idle' },
    ],
    marks: [
      { report: 'duplicate', label: 'duplicate', tone: 'b' },
      { report: 'malformed', label: 'malformed', tone: 'b' },
    ],
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    const random = deriveStream(seed, 'topology')
    const simulation = new Simulation({
      seed,
      topology: makeTopology(parameters, random),
      protocol: substitute === undefined ? gossipProtocol(parameters) : substituteFor(parameters, seed, substitute),
      latency: gossipLatency(parameters),
      strict: substitute !== undefined,
      foldPayloads,
    })
    if (parameters.loss > 0) simulation.addRule(loss(parameters.loss))
    return new GossipWorld(simulation, parameters, observers)
  },
})

class GossipWorld implements World {
  readonly simulation: Simulation
  readonly #parameters: Values
  readonly #spread: Spread
  readonly #beatsForEver: boolean
  #published = 0
  #heal: (() => void) | undefined = undefined

  constructor(simulation: Simulation, parameters: Values, observers: readonly Observer[]) {
    this.simulation = simulation
    this.#parameters = parameters
    this.#spread = new Spread(simulation.size)
    const { style, stop } = parameters
    this.#beatsForEver = style === 'pull' || style === 'push-pull' || (style === 'rumor' && stop === 'never')
    simulation.observe(this.#spread)
    for (const observer of observers) simulation.observe(observer)
    const random = deriveStream(simulation.seed, 'publishers')
    for (let i = 0; i < parameters.rumors; i++) {
      const node = random.integer(simulation.size)
      simulation.schedule(i * parameters.interval, 'publish', () => this.#publish(node))
    }
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { simulation } = this
    const { node, share } = values as Record<string, number>
    if (action === 'publish') this.#publish(node!)
    performNodeAction(simulation, action, values)
    if (action === 'cut') this.#cut(share!, values['oneWay'] === true)
    if (action === 'heal') simulation.control('heal', () => this.#heal?.())
  }

  measures(): { readonly [name: string]: number | null } {
    const { latest, deliveries, duplicates, coverage } = this.#spread
    const messages = this.simulation.packets.sent
    return {
      coverage,
      residue: 1 - coverage,
      messages,
      duplicates,
      perDelivery: deliveries === 0 ? null : messages / deliveries,
      hops: latest === undefined ? null : latest.hops.reduce((most, hops) => Math.max(most, hops), 0),
      rounds: this.#rounds(),
      time50: this.#spread.timeToReach(0.5),
      time95: this.#spread.timeToReach(0.95),
      time100: this.#spread.timeToReach(1),
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (this.#spread.latest?.origin === node) return 'publisher'
    return this.#spread.has(node) ? 'informed' : 'unaware'
  }

  inspect(node: number): Data {
    return {
      state: this.state(node),
      restarts: this.simulation.incarnation(node),
      neighbors: Array.from(this.simulation.topology.neighbors(node).subarray(0, 64)),
      rumors: [...this.#spread.rumors.values()]
        .filter(({ times }) => !Number.isNaN(times[node]))
        .map(({ id, times, hops }) => ({ id, at: times[node]!, hops: hops[node]! })),
    }
  }

  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const { latest, size } = this.#spread
    if (latest === undefined) return { measured: { label: 'informed', points: [] }, formula: null }
    const times = latest.times.filter((time) => !Number.isNaN(time)).sort()
    const start = latest.published
    const end = Math.max(times.at(-1) ?? start, start + 1)
    const xs = Array.from({ length: points }, (_, i) => start + ((end - start) * i) / (points - 1))
    let known = 0
    const measured = xs.map((x) => {
      while (known < times.length && times[known]! <= x) known++
      return [x, known / size] as const
    })
    return { measured: { label: 'informed', points: measured }, formula: this.#formula(start, xs) }
  }

  /** Where nodes beat for ever the run ends when all know; otherwise it falls idle by itself. */
  isOver(): boolean {
    return this.#beatsForEver && this.#published >= this.#parameters.rumors && this.#spread.coverage === 1
  }

  #publish(node: number): void {
    const id = `m${this.#published++}`
    // Only who was told the rumor can know its nonce.
    const nonce = deriveWords(this.simulation.seed, 'nonce', id)[0]!.toString(16).padStart(8, '0')
    this.simulation.command(node, { type: 'publish', id, payload: { nonce } } as Message)
  }

  #cut(share: number, oneWay: boolean): void {
    const { size } = this.simulation
    const farSide = Array.from({ length: Math.round(share * size) }, (_, i) => size - 1 - i)
    this.simulation.control('cut', () => {
      this.#heal?.()
      this.#heal = this.simulation.addRule(oneWay ? oneWayPartition(farSide) : partition(farSide))
    })
  }

  /** The round in which the last node heard, where nodes act in rounds. */
  #rounds(): number | null {
    const { period } = this.#parameters
    const { latest } = this.#spread
    if (latest === undefined || !actsInRounds(this.#parameters)) return null
    const last = latest.times.reduce((most, time) => (time > most ? time : most), latest.published)
    return Math.floor(last / period) - Math.floor(latest.published / period)
  }

  #formula(start: number, xs: readonly number[]): Curve | null {
    const { size, style, fanout, period, loss, latency, degree, ttl } = this.#parameters
    const heard = 1 - loss
    if (this.#beatsForEver) {
      const rate = ((style === 'push-pull' ? 2 : 1) * fanout * heard) / period
      return { label: 'logistic', points: xs.map((x) => [x, logistic(1 / size, rate, x - start)]) }
    }
    if (style === 'rumor') return null
    const perNode = style === 'flood' ? degree - 1 : fanout
    const points = waves(size, perNode * heard, ttl).map((share, wave) => [start + wave * latency, share] as const)
    return { label: 'waves in a mixed crowd', points }
  }
}

function substituteFor(values: Values, seed: number, substitute: SubstituteProtocol) {
  if (values.style !== 'gossip')
    throw new RangeError(`style is ${values.style}; a lab's protocol runs with style=gossip`)
  const options = gossipOptions(values)
  return (host: Host<never>, node: number, incarnation: number) =>
    substitute(host, { seed, node, incarnation, options })
}
