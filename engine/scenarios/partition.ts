import type { Data, Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { expectedForkDepth } from '../measures/fork-depth.ts'
import { LongestChain } from '../protocols/payments/longest-chain.ts'
import type { LedgerMessage } from '../protocols/payments/messages.ts'
import { blockTopology } from './block-network.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { faultActions, Faults, farSide } from './fault-actions.ts'
import { nodeParameter } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'
import { nameOf, PartitionLedger } from './partition-ledger.ts'

const coin = { type: 'integer', min: 0, max: 999_999, default: 0, label: 'coin' } as const

const parameters = {
  size: { type: 'integer', min: 4, max: 500, default: 20, label: 'size', unit: 'nodes' },
  degree: { type: 'integer', min: 2, max: 32, default: 4, label: 'neighbors of a node (mean)', unit: 'nodes' },
  cables: { type: 'integer', min: 1, max: 100, default: 3, label: 'links between the sides', unit: 'links' },
  farShare: { type: 'number', min: 0.05, max: 0.95, default: 0.4, label: 'share of the nodes on the far side' },
  cut: { type: 'boolean', default: true, label: 'the network is cut' },
  cutAt: { type: 'number', min: 0, max: 3_600_000, default: 10_000, label: 'cut at', unit: 'ms' },
  healAfter: { type: 'number', min: 0, max: 3_600_000, default: 40_000, label: 'healed after', unit: 'ms' },
  spend: { type: 'choice', options: ['both', 'near', 'far', 'none'], default: 'both', label: 'one coin is spent' },
  spendAt: { type: 'number', min: 0, max: 3_600_000, default: 15_000, label: 'spent at', unit: 'ms' },
  interval: { type: 'number', min: 100, max: 3_600_000, default: 2500, label: 'mean time between blocks', unit: 'ms' },
  latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'mean latency', unit: 'ms' },
  jitter: { type: 'number', min: 0, max: 1, default: 0.5, label: 'latency varies by' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
  duration: { type: 'number', min: 1, max: 36_000_000, default: 80_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

/**
 * All nodes mine, with equal shares of the hash power, so each side of a cut goes on as fast as it is large. What a heal
 * will undo grows with the cut; the formula is the mean length of the shorter of two chains of random blocks, see
 * {@link expectedForkDepth}.
 */
export const partition = defineScenario({
  id: 'partition',
  title: 'Partition',
  summary:
    'The cable is cut, both sides go on, one coin is spent on each of them: when it heals, whose payment vanishes?',
  parameters,
  actions: {
    pay: {
      label: 'pay with a coin from here',
      parameters: { node: nodeParameter('where it is said'), to: nodeParameter('payee'), coin },
    },
    ...faultActions,
    cut: { label: 'cut the links between the sides', parameters: {} },
  },
  states: [
    { id: 'common', label: 'has a chain from before the cut', tone: 'a' },
    { id: 'near', label: 'has the chain of the near side', tone: 'c' },
    { id: 'far', label: 'has the chain of the far side', tone: 'd' },
    { id: 'robbed', label: 'was paid, and was not any more', tone: 'b' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'wasted', unit: 'share', label: 'blocks that are not in the longest chain' },
    { name: 'expected', unit: 'share', label: 'the same by the formula' },
    { name: 'atRisk', unit: 'blocks', label: 'blocks that a heal will undo' },
    { name: 'together', unit: 'share', label: 'nodes on one chain' },
    { name: 'conflicts', unit: 'coins', label: 'coins spent on both sides' },
    { name: 'vanished', unit: 'payments', label: 'payments that have vanished' },
    { name: 'confirmed', unit: 'payments', label: 'payments in the longest chain' },
    { name: 'height', unit: 'blocks', label: 'length of the longest chain' },
    { name: 'depth', unit: 'blocks', label: 'deepest reorganization' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'wasted',
    costs: ['atRisk', 'conflicts', 'vanished'],
    controls: ['healAfter', 'farShare'],
    click: 'pay',
    doubleClick: 'crash',
    messages: [
      { type: 'payment', label: 'payment', tone: 'd' },
      { type: 'tip', label: 'tip: my chain ends here', tone: 'c' },
      { type: 'get-block', label: 'get-block: send it', tone: 'idle' },
      { type: 'block', label: 'block', tone: 'a' },
    ],
    marks: [
      { report: 'vanished', label: 'undoes a payment', tone: 'b' },
      { report: 'refused', label: 'spends a coin again', tone: 'b' },
      { report: 'malformed', label: 'malformed', tone: 'b' },
    ],
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    if (substitute !== undefined) throw new RangeError("partition runs its own protocol only; it has no lab's yet")
    return new PartitionWorld(parameters, seed, observers, foldPayloads)
  },
})

class PartitionWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #nodes: LongestChain[] = []
  readonly #ledger: PartitionLedger
  readonly #faults: Faults
  /** When the network was cut, and when it was healed. */
  readonly #cuts: { readonly from: Millis; until: Millis }[] = []
  /** The share of blocks that are not in the longest chain, whenever it has changed. */
  readonly #history: [time: Millis, wasted: number][] = []
  #payments = 0

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, degree, cables, interval, latency, jitter, cut, cutAt, healAfter, farShare, spend, spendAt } = values
    this.#values = values
    const simulation = new Simulation({
      seed,
      topology: blockTopology({ size, degree, remoteNodes: farShare, bridges: cables }, seed),
      latency: uniformLatency(latency * (1 - jitter), latency * (1 + jitter)),
      protocol: (host, node) => {
        this.#nodes[node] = new LongestChain(host as unknown as Host<LedgerMessage>, { share: 1 / size, interval })
        return this.#nodes[node] as unknown as Protocol<never, never>
      },
      foldPayloads,
    })
    this.simulation = simulation
    this.#faults = new Faults(simulation)
    this.#ledger = new PartitionLedger((node) => {
      if (!this.#faults.isCut) return 'common'
      return this.#faults.farSide.has(node) ? 'far' : 'near'
    })
    if (values.loss > 0) simulation.addRule(loss(values.loss))
    for (const observer of [...observers, this.#ledger]) simulation.observe(observer)
    simulation.observe({ onEvent: (_number, time) => this.#keepHistory(time) })
    if (cut) {
      simulation.schedule(cutAt, 'cut', () => this.#cut())
      simulation.schedule(cutAt + healAfter, 'heal', () => this.#heal())
    }
    const sides = spend === 'both' ? ['near', 'far'] : [spend]
    simulation.schedule(spendAt, 'pay', () => {
      // The far side has the highest numbers.
      if (sides.includes('near')) this.#pay(0, 1, 0)
      if (sides.includes('far')) this.#pay(size - 1, size - 2, 0)
    })
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { node, to, coin } = values as Record<string, number>
    if (action === 'pay') this.#pay(node!, to!, coin!)
    else if (action === 'cut') this.simulation.control('cut', () => this.#cut())
    else if (action === 'heal') this.simulation.control('heal', () => this.#heal())
    else this.#faults.perform(action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    const { best, atRisk, together } = this.#agreement()
    const chain = new Set(this.#ledger.chainOf(best))
    const witness = this.#nodes.findIndex(
      ({ tip }, node) => this.simulation.isUp(node) && chain.has(tip.id) && tip.id === best,
    )
    const payments = [...this.#ledger.payments.keys()]
    return {
      wasted: this.#ledger.blocks === 0 ? null : 1 - chain.size / this.#ledger.blocks,
      expected: this.#expected(this.simulation.now),
      atRisk,
      together,
      conflicts: this.#ledger.conflicts,
      vanished: this.#ledger.vanished.size,
      confirmed: payments.filter((id) => this.#ledger.isConfirmedAt(witness, id)).length,
      height: this.#ledger.heightOf(best),
      depth: this.#ledger.deepest,
      messages: this.simulation.packets.sent,
    }
  }

  /** By what the node itself holds for true: a picture of it is never out of date. */
  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (this.#ledger.isRobbed(node)) return 'robbed'
    return this.#ledger.branchOf(this.#nodes[node]!.tip.id)
  }

  /** Its chain, and every payment as it sees it. */
  inspect(node: number): Data {
    const tip = this.#nodes[node]?.tip
    const waiting = this.#nodes[node]?.waiting.map(({ id }) => id) ?? []
    return {
      state: this.state(node),
      restarts: this.simulation.incarnation(node),
      side: this.#faults.isCut ? (this.#faults.farSide.has(node) ? 'far' : 'near') : 'whole',
      height: tip?.height ?? 0,
      chain: this.#ledger
        .chainOf(tip?.id ?? '')
        .slice(0, 32)
        .map((id) => ({ id, height: this.#ledger.heightOf(id), branch: this.#ledger.branchOf(id) })),
      payments: [...this.#ledger.payments.values()].slice(-64).map(({ id, coin, to }) => {
        const isConfirmed = this.#ledger.isConfirmedAt(node, id)
        return { id, coin, to, is: isConfirmed ? 'confirmed' : waiting.includes(id) ? 'waiting' : 'not there' }
      }),
    }
  }

  /** The share of blocks outside of the longest chain, beside what two sides that mine at random waste. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const end = Math.max(this.simulation.now, 1)
    const times = Array.from({ length: points }, (_, i) => (end * i) / (points - 1))
    const history = this.#history
    let at = 0
    const measured = times.map((time) => {
      while (at < history.length && history[at]![0] <= time) at++
      return [time, at === 0 ? 0 : history[at - 1]![1]] as const
    })
    const formula = times.map((time) => [time, this.#expected(time)] as const)
    return {
      measured: { label: 'blocks that are not in the longest chain', points: measured },
      formula: { label: 'the shorter of two random chains', points: formula },
    }
  }

  isOver(): boolean {
    return false // mining goes on for ever: the duration ends it
  }

  #pay(node: number, to: number, coin: number): void {
    if (!this.simulation.isUp(node)) return
    const payment = { id: `p${this.#payments++}`, coin: `coin ${coin}`, to: nameOf(to) }
    this.#ledger.note(payment)
    this.simulation.command(node, { type: 'pay', payment } as Message)
  }

  #cut(): void {
    this.#heal()
    this.#faults.cut(farSide(this.simulation.size, this.#values.farShare))
    this.#cuts.push({ from: this.simulation.now, until: Infinity })
  }

  #heal(): void {
    this.#faults.heal()
    const latest = this.#cuts.at(-1)
    if (latest !== undefined) latest.until = Math.min(latest.until, this.simulation.now)
  }

  /** What the cuts so far waste, of all blocks that are found in this time. */
  #expected(time: Millis): number {
    const { interval, farShare } = this.#values
    let wasted = 0
    for (const { from, until } of this.#cuts) {
      const blocks = Math.max(0, Math.min(time, until) - from) / interval
      wasted += expectedForkDepth(blocks * farShare, blocks * (1 - farShare))
    }
    return wasted === 0 ? 0 : wasted / (time / interval)
  }

  /** The end of the longest chain, how far back from it the others part, and who is on it. */
  #agreement(): { readonly best: string; readonly atRisk: number; readonly together: number | null } {
    const tips = this.#nodes.flatMap(({ tip }, node) => (this.simulation.isUp(node) ? [tip] : []))
    const best = tips.reduce((most, tip) => (tip.height > most.height ? tip : most), { id: '', height: 0 })
    const chain = new Set(this.#ledger.chainOf(best.id))
    let atRisk = 0
    for (const id of new Set(tips.map((tip) => tip.id))) {
      atRisk = Math.max(atRisk, this.#ledger.chainOf(id).filter((block) => !chain.has(block)).length)
    }
    const onIt = tips.filter(({ id }) => id === '' || chain.has(id)).length
    return { best: best.id, atRisk, together: tips.length === 0 ? null : onIt / tips.length }
  }

  /** Before each event: what the one before has changed. */
  #keepHistory(time: Millis): void {
    const { blocks } = this.#ledger
    if (blocks === 0) return
    const height = this.#nodes.reduce((most, { tip }) => Math.max(most, tip.height), 0)
    const wasted = 1 - height / blocks
    if (wasted !== (this.#history.at(-1)?.[1] ?? 0)) this.#history.push([time, wasted])
  }
}
