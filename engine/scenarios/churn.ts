import { exponentialSpans, paretoSpans, startChurn, weibullSpans, type Spans } from '../core/churn.ts'
import type { Data, Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { deriveStream } from '../core/random.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import { complete } from '../core/topologies.ts'
import { objectSurvival } from '../measures/repair-odds.ts'
import { Replication, type ReplicationMessage } from '../protocols/replication.ts'
import { Copies } from './churn-copies.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { faultActions, Faults } from './fault-actions.ts'
import { nodeParameter } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'

const parameters = {
  size: { type: 'integer', min: 2, max: 500, default: 40, label: 'size', unit: 'nodes' },
  objects: { type: 'integer', min: 0, max: 2000, default: 40, label: 'objects', unit: 'objects' },
  copies: { type: 'integer', min: 1, max: 16, default: 3, label: 'copies of an object', unit: 'copies' },
  repairInterval: {
    type: 'number',
    min: 0,
    max: 3_600_000,
    default: 5000,
    label: 'repair every, 0 = never',
    unit: 'ms',
  },
  timing: { type: 'choice', options: ['rounds', 'periodic'], default: 'rounds', label: 'repairs at once or by turns' },
  tail: {
    type: 'choice',
    options: ['exponential', 'weibull', 'pareto'],
    default: 'exponential',
    label: 'distribution of sessions',
  },
  session: { type: 'number', min: 1, max: 36_000_000, default: 20_000, label: 'mean session', unit: 'ms' },
  away: { type: 'number', min: 0.001, max: 36_000_000, default: 5000, label: 'mean time away', unit: 'ms' },
  weibullShape: { type: 'number', min: 0.3, max: 1, default: 0.5, label: 'shape (weibull)' },
  paretoShape: { type: 'number', min: 1.2, max: 10, default: 2, label: 'shape (pareto)' },
  latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'mean latency', unit: 'ms' },
  jitter: { type: 'number', min: 0, max: 1, default: 0.5, label: 'latency varies by' },
  timeout: { type: 'number', min: 1, max: 60_000, default: 250, label: 'wait for an answer', unit: 'ms' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
  duration: { type: 'number', min: 1, max: 36_000_000, default: 120_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

/**
 * Nodes come and go as if they always had: at the start some are in the middle of a session, some are away. Who leaves
 * takes its copies along. Sessions in the field have a longer tail than exponential ones (Stutzbach and Rejaie,
 * "Understanding churn in peer-to-peer networks", IMC 2006): with the same mean most are shorter, and who is met at a
 * moment stays longer. The formula is that of exponential sessions, see {@link objectSurvival}.
 */
export const churn = defineScenario({
  id: 'churn',
  title: 'Churn',
  summary:
    'Everybody leaves sooner or later, and takes copies along: how often must the others repair to lose nothing?',
  parameters,
  actions: {
    put: { label: 'put an object here', parameters: { node: nodeParameter('node') } },
    exodus: {
      label: 'many leave at once',
      parameters: { share: { type: 'number', min: 0, max: 1, default: 0.5, label: 'share of the nodes that are up' } },
    },
    ...faultActions,
  },
  states: [
    { id: 'empty', label: 'has no copy', tone: 'idle' },
    { id: 'first', label: 'has copies from the start', tone: 'a' },
    { id: 'repaired', label: 'has only copies that repair made', tone: 'c' },
    { id: 'down', label: 'is away', tone: 'dead' },
  ],
  measures: [
    { name: 'lost', unit: 'share', label: 'objects that are lost' },
    { name: 'expected', unit: 'share', label: 'the same by the formula' },
    { name: 'survived', unit: 'share', label: 'objects that are left' },
    { name: 'copies', unit: 'copies', label: 'copies of an object that is left' },
    { name: 'repairs', unit: 'copies', label: 'copies that repair made' },
    { name: 'messages', unit: 'messages', label: 'messages' },
    { name: 'departures', unit: 'nodes', label: 'sessions that have ended' },
    { name: 'up', unit: 'share', label: 'nodes that are up' },
    { name: 'medianSession', unit: 'ms', label: 'median of new sessions' },
  ],
  presentation: {
    headline: 'lost',
    costs: ['repairs', 'messages', 'copies'],
    controls: ['repairInterval', 'tail'],
    click: 'restart',
    doubleClick: 'crash',
    messages: [
      { type: 'check', label: 'check: do you still have these?', tone: 'd' },
      { type: 'held', label: 'held: these', tone: 'idle' },
      { type: 'store', label: 'store: keep a copy', tone: 'c' },
    ],
    marks: [{ report: 'malformed', label: 'malformed', tone: 'b' }],
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    if (substitute !== undefined) throw new RangeError("churn runs its own protocol only; it has no lab's")
    return new ChurnWorld(parameters, seed, observers, foldPayloads)
  },
})

class ChurnWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #nodes: Replication[] = []
  readonly #copies: Copies
  readonly #faults: Faults
  readonly #medianSession: number
  #put = 0
  #exoduses = 0

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, copies, repairInterval, timing, timeout, latency, jitter, objects } = values
    const up = sessionSpans(values)
    this.#values = values
    this.#copies = new Copies(size, copies)
    this.#medianSession = medianOf(up, seed)
    const simulation = new Simulation({
      seed,
      topology: complete(size),
      latency: uniformLatency(latency * (1 - jitter), latency * (1 + jitter)),
      protocol: (host, node) => {
        const options = { copies, repairInterval, timing, timeout }
        this.#nodes[node] = new Replication(host as unknown as Host<ReplicationMessage>, options)
        return this.#nodes[node] as unknown as Protocol<never, never>
      },
      foldPayloads,
    })
    this.simulation = simulation
    this.#faults = new Faults(simulation)
    if (values.loss > 0) simulation.addRule(loss(values.loss))
    // Whoever looks at the states when an event begins sees them as they were before it.
    for (const observer of [...observers, this.#copies]) simulation.observe(observer)
    startChurn(simulation, { up, down: exponentialSpans(values.away), begin: 'stationary' })
    simulation.schedule(0, 'put', () => {
      const random = deriveStream(seed, 'objects')
      const there = this.#up()
      if (there.length > 0) for (let i = 0; i < objects; i++) this.#putAt(random.pick(there))
    })
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { node, share } = values as Record<string, number>
    if (action === 'put') return this.#putAt(node!)
    if (action === 'exodus') return this.simulation.control('exodus', () => this.#exodus(share!))
    this.#faults.perform(action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    const { objects, surviving, copies, repairs, departures } = this.#copies
    return {
      lost: objects === 0 ? null : 1 - surviving / objects,
      expected: objects === 0 ? null : this.#expected(this.simulation.now),
      survived: objects === 0 ? null : surviving / objects,
      copies: surviving === 0 ? null : copies / surviving,
      repairs,
      messages: this.simulation.packets.sent,
      departures,
      up: this.#up().length / this.simulation.size,
      medianSession: this.#medianSession,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    const copies = [...this.#copies.of(node).values()]
    if (copies.length === 0) return 'empty'
    return copies.some(({ by }) => by === 'put') ? 'first' : 'repaired'
  }

  /** Its copies, and who it believes to have the others. */
  inspect(node: number): Data {
    const believed = this.#nodes[node]?.objects
    return {
      state: this.state(node),
      restarts: this.simulation.incarnation(node),
      copies: [...this.#copies.of(node)].map(([id, { since, by }]) => ({
        id,
        since,
        by,
        holders: [...(believed?.get(id) ?? [])].map((address) => address as number),
      })),
    }
  }

  /** The share of objects that are lost, beside what the formula says for exponential sessions. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const { history, objects } = this.#copies
    const label = 'objects that are lost'
    if (objects === 0) return { measured: { label, points: [] }, formula: null }
    const end = Math.max(this.simulation.now, 1)
    const times = Array.from({ length: points }, (_, i) => (end * i) / (points - 1))
    let at = 0
    const measured = times.map((time) => {
      while (at < history.length && history[at]![0] <= time) at++
      return [time, at === 0 ? 0 : 1 - history[at - 1]![1] / objects] as const
    })
    const formula = times.map((time) => [time, this.#expected(time)] as const)
    return { measured: { label, points: measured }, formula: { label: 'exponential sessions', points: formula } }
  }

  isOver(): boolean {
    return false // churn goes on for ever: the duration ends it
  }

  #expected(time: number): number {
    const { copies, session, repairInterval } = this.#values
    return 1 - objectSurvival({ copies, session, interval: repairInterval }, time)
  }

  #putAt(node: number): void {
    this.simulation.command(node, { type: 'put', id: `o${this.#put++}` } as Message)
  }

  #exodus(share: number): void {
    const up = this.#up()
    const random = deriveStream(this.simulation.seed, 'exodus', this.#exoduses++)
    for (const node of random.sample(up, Math.round(share * up.length))) this.simulation.crash(node)
  }

  #up(): number[] {
    return this.#nodes.flatMap((_, node) => (this.simulation.isUp(node) ? [node] : []))
  }
}

function sessionSpans({ tail, session, weibullShape, paretoShape }: Values): Spans {
  if (tail === 'weibull') return weibullSpans(session, weibullShape)
  if (tail === 'pareto') return paretoSpans(session, paretoShape)
  return exponentialSpans(session)
}

/** Of a thousand sessions or so, drawn for this alone. */
function medianOf(spans: Spans, seed: number): number {
  const random = deriveStream(seed, 'median session')
  const drawn = Float64Array.from({ length: 1001 }, () => spans.draw(random)).sort()
  return drawn[500]!
}
