import type { Address } from '../core/address.ts'
import type { Data } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Host, Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { star } from '../core/topologies.ts'
import { expectedScores } from '../measures/score-forecast.ts'
import { ShareGiver, ShareJudge, type Betray, type Share } from '../protocols/scored-exchange.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, nodeParameter, performNodeAction } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'
import { thinned } from './thinned.ts'

const parameters = {
  size: { type: 'integer', min: 4, max: 200, default: 24, label: 'size', unit: 'nodes' },
  traitors: { type: 'integer', min: 0, max: 22, default: 2, label: 'nodes that will betray', unit: 'nodes' },
  decay: { type: 'number', min: 0, max: 0.9999, default: 0.9, label: 'what is left of a score after a second' },
  cap: { type: 'number', min: 0, max: 10_000, default: 100, label: 'no score is over', unit: 'points' },
  threshold: { type: 'number', min: -10_000, max: -1, default: -100, label: 'no ears from', unit: 'points' },
  reward: { type: 'number', min: 0, max: 1000, default: 1, label: 'for a good share', unit: 'points' },
  penalty: { type: 'number', min: 0, max: 1000, default: 20, label: 'off for a bad share', unit: 'points' },
  accidents: { type: 'number', min: 0, max: 1, default: 0.06, label: 'shares that are bad by accident' },
  period: { type: 'number', min: 50, max: 60_000, default: 500, label: 'time between two shares', unit: 'ms' },
  betrayal: { type: 'number', min: 0, max: 600_000, default: 20_000, label: 'the betrayal begins at', unit: 'ms' },
  blows: { type: 'integer', min: 1, max: 1000, default: 4, label: 'bad shares in a row', unit: 'shares' },
  rests: { type: 'integer', min: 0, max: 1000, default: 0, label: 'good ones after them', unit: 'shares' },
  latency: { type: 'number', min: 0, max: 10_000, default: 40, label: 'mean latency', unit: 'ms' },
  duration: { type: 'number', min: 1, max: 600_000, default: 60_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

const judge = 0

/** How often all scores fade: the default of PeerScores, and the heartbeat of GossipSub. */
const decayInterval: Millis = 1000

export const peerScoring = defineScenario({
  id: 'peer-scoring',
  title: 'Peer scoring',
  summary: 'Someone behaves for long and then betrays: how fast is it out, and who is out that meant no harm?',
  parameters,
  actions: {
    betray: { label: 'betray, or behave again', parameters: { node: { ...nodeParameter('node'), default: 1 } } },
    ...nodeActions,
  },
  states: [
    { id: 'trusted', label: 'is listened to', tone: 'a' },
    { id: 'judge', label: 'keeps the scores', tone: 'c' },
    { id: 'traitor', label: 'betrays, and is listened to', tone: 'd' },
    { id: 'caught', label: 'betrays, and nobody listens', tone: 'idle' },
    { id: 'wronged', label: 'meant no harm, and nobody listens', tone: 'b' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'score', unit: 'points', label: "the traitors' score (mean)" },
    { name: 'honestScore', unit: 'points', label: "the others' score (mean)" },
    { name: 'harm', unit: 'shares', label: 'bad shares of traitors that were looked at' },
    { name: 'caught', unit: 'share', label: 'traitors that nobody listens to' },
    { name: 'wronged', unit: 'share', label: 'of the others, nobody listens to' },
    { name: 'lost', unit: 'shares', label: 'shares of the others that were ignored' },
    { name: 'caughtAfter', unit: 'ms', label: 'until the first traitor was caught' },
  ],
  presentation: {
    headline: 'score',
    costs: ['harm', 'caught', 'lost'],
    controls: ['decay', 'rests'],
    click: 'betray',
    doubleClick: 'crash',
    messages: [{ type: 'share', label: 'share', tone: 'a' }],
    marks: [
      { report: 'bad', label: 'bad', tone: 'b' },
      { report: 'ignored', label: 'not looked at', tone: 'idle' },
    ],
  },
  create({ parameters, seed, observers, foldPayloads }) {
    return new PeerScoringWorld(parameters, seed, observers, foldPayloads)
  },
})

class PeerScoringWorld implements World, Observer {
  readonly simulation: Simulation
  readonly #values: Values
  #judge: ShareJudge | undefined
  /** Who betrays, and since when. */
  readonly #betrays = new Map<number, Millis>()
  #hasBegun = false
  readonly #ignored: boolean[] = []
  /** The same, as it was when the node last did something. */
  readonly #shown: boolean[] = []
  readonly #counts = { harm: 0, lost: 0 }
  #caughtAfter: Millis | null = null
  /** Strangers begin with no points. */
  readonly #history: (readonly [time: Millis, score: number])[] = [[0, 0]]

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, traitors, latency, betrayal, duration } = values
    if (traitors > size - 2) {
      throw new RangeError(`traitors is ${traitors} of ${size} nodes; leave the judge and one other`)
    }
    this.#values = values
    const simulation = new Simulation({
      seed,
      topology: star(size),
      protocol: (host, node) => this.#protocolOf(host, node),
      latency: uniformLatency(latency / 2, latency * 1.5),
      foldPayloads,
    })
    this.simulation = simulation
    // Whoever looks at the states when an event begins sees them as they were before it: that event counts after that.
    for (const observer of observers) simulation.observe(observer)
    simulation.observe(this)
    if (betrayal >= duration || traitors === 0) return
    simulation.schedule(betrayal, 'betrayal', () => {
      this.#hasBegun = true
      for (let node = 1; node <= traitors; node++) this.#turn(node, true)
    })
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const node = values['node'] as number
    if (action === 'betray' && node === judge) {
      throw new RangeError(`betray: node is ${judge}, who keeps the scores; choose one of the others`)
    }
    if (action === 'betray') this.#turn(node, !this.#betrays.has(node))
    if (action === 'crash') this.#betrays.delete(node)
    if (action === 'crash' && node === judge) this.#ignored.length = 0 // scores do not outlive a crash
    performNodeAction(this.simulation, action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    const traitors = this.#nodes((node) => this.#isTraitor(node))
    const others = this.#nodes((node) => !this.#isTraitor(node))
    const out = (nodes: readonly number[]): number | null =>
      nodes.length === 0 ? null : nodes.filter((node) => this.#ignored[node] === true).length / nodes.length
    return {
      score: this.#mean(traitors),
      honestScore: this.#mean(others),
      harm: this.#counts.harm,
      caught: out(traitors),
      wronged: out(others),
      lost: this.#counts.lost,
      caughtAfter: this.#caughtAfter,
    }
  }

  /** Its own events decide, so that a picture of it is never out of date: that nobody listens shows at its next share. */
  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node === judge) return 'judge'
    const isOut = this.#shown[node] === true
    if (this.#betrays.has(node)) return isOut ? 'caught' : 'traitor'
    return isOut ? 'wronged' : 'trusted'
  }

  inspect(node: number): Data {
    const scores = this.#nodes(() => true).map((peer) => ({
      node: peer,
      score: this.#scoreOf(peer),
      state: this.state(peer),
    }))
    if (node === judge) return { state: this.state(node), scores }
    return { state: this.state(node), score: this.#scoreOf(node), restarts: this.simulation.incarnation(node) }
  }

  /** The traitors' score, and the one that these points, this decay and these shares lead to: see {@link expectedScores}. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const measured = { label: "the traitors' score", points: thinned(this.#history, points) }
    const formula = expectedScores({
      ...this.#values,
      decayInterval,
      until: Math.min(this.#values.duration, Math.max(this.simulation.now, decayInterval)),
    })
    return { measured, formula: { label: 'expected', points: formula } }
  }

  isOver(): boolean {
    return false // they give for ever: the duration ends it
  }

  onEvent(_n: number, time: Millis, kind: EventKind, node: number): void {
    if (node >= 0) this.#shown[node] = this.#ignored[node] === true
    const last = this.#history.at(-1)?.[0] ?? -decayInterval
    if (kind !== 'message' || time - last < decayInterval / 4 || this.#judge === undefined) return
    const score = this.#mean(this.#nodes((node) => this.#isTraitor(node)))
    if (score !== null) this.#history.push([time, score])
  }

  onReport(time: Millis, _judge: number, event: string, detail: Data | undefined): void {
    const { peer } = (detail ?? {}) as { readonly peer: number }
    const betrayed = this.#betrays.get(peer)
    this.#ignored[peer] = event === 'ignored' || event === 'graylisted'
    if (event === 'bad' && betrayed !== undefined) this.#counts.harm++
    if (event === 'ignored' && betrayed === undefined) this.#counts.lost++
    if (event === 'graylisted' && betrayed !== undefined) this.#caughtAfter ??= time - betrayed
  }

  #turn(node: number, isOn: boolean): void {
    const { blows, rests } = this.#values
    if (!this.simulation.isUp(node)) return
    if (isOn) this.#betrays.set(node, this.simulation.now)
    else this.#betrays.delete(node)
    this.simulation.command(node, { type: 'betray', blows: isOn ? blows : 0, rests } as Betray)
  }

  /** Those who will are counted with those who do, so that their score has a past. */
  #isTraitor(node: number): boolean {
    return this.#betrays.has(node) || (node <= this.#values.traitors && !this.#hasBegun)
  }

  #nodes(isWanted: (node: number) => boolean): number[] {
    return Array.from({ length: this.simulation.size - 1 }, (_, i) => i + 1).filter(isWanted)
  }

  #mean(nodes: readonly number[]): number | null {
    if (nodes.length === 0) return null
    return nodes.reduce((sum, node) => sum + this.#scoreOf(node), 0) / nodes.length
  }

  #scoreOf(node: number): number {
    return this.#judge?.scores.of(node as Address, this.simulation.now) ?? 0
  }

  #protocolOf(host: Host<never>, node: number): Protocol<never, never> {
    const { decay, cap, threshold, reward, penalty, accidents, period } = this.#values
    if (node !== judge) {
      const options = { to: judge as Address, period, accidents }
      return new ShareGiver(host as unknown as Host<Share>, options) as unknown as Protocol<never, never>
    }
    this.#judge = new ShareJudge(host, {
      scores: { decay, cap, graylistAt: threshold, decayInterval },
      reward,
      penalty,
    })
    return this.#judge
  }
}
