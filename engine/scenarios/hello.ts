import type { Data } from '../core/data.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { Simulation } from '../core/simulation.ts'
import { star } from '../core/topologies.ts'
import type { Millis } from '../core/time.ts'
import { Greeter, Hello } from '../protocols/hello.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'

/** The greeter stands in the middle; the participant's own node is the first around it. */
const greeter = 0
const participant = 1

const nodeParameter = {
  type: 'integer',
  min: 0,
  max: 999_999,
  default: participant,
  label: 'node',
  unit: 'node',
} as const

export const hello = defineScenario({
  id: 'hello',
  title: 'Hello',
  summary: 'A greeter says hello to everybody around it: who answers? Node 1 is yours.',
  parameters: {
    size: { type: 'integer', min: 2, max: 1000, default: 8, label: 'size', unit: 'nodes' },
    latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'mean latency', unit: 'ms' },
  },
  actions: {
    crash: { label: 'crash', parameters: { node: nodeParameter } },
    restart: { label: 'restart', parameters: { node: nodeParameter } },
  },
  states: [
    { id: 'silent', label: 'has not answered', tone: 'idle' },
    { id: 'answered', label: 'has answered', tone: 'a' },
    { id: 'greeter', label: 'says hello', tone: 'd' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'answers', unit: 'nodes', label: 'nodes that answered' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'answers',
    costs: ['messages'],
    controls: ['size', 'latency'],
    click: 'restart',
    doubleClick: 'crash',
    messages: [
      { type: 'hello', label: 'hello', tone: 'd' },
      { type: 'welcome', label: 'welcome', tone: 'a' },
    ],
    marks: [],
  },
  create({ parameters: { size, latency }, seed, substitute, observers, foldPayloads }) {
    const simulation = new Simulation({
      seed,
      topology: star(size),
      protocol: (host, node, incarnation) => {
        if (node === greeter) return new Greeter(host)
        if (node !== participant || substitute === undefined) return new Hello(host)
        return substitute(host, { seed, node, incarnation, options: {} })
      },
      latency: uniformLatency(latency / 2, latency * 1.5),
      strict: substitute !== undefined,
      foldPayloads,
    })
    return new HelloWorld(simulation, observers)
  },
})

class HelloWorld implements World {
  readonly simulation: Simulation
  readonly #answers = new Map<number, Millis>()

  constructor(simulation: Simulation, observers: readonly Observer[]) {
    this.simulation = simulation
    simulation.observe({ onReport: (time, _node, event, detail) => this.#note(time, event, detail) })
    for (const observer of observers) simulation.observe(observer)
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { node } = values as { readonly node: number }
    if (action === 'crash') this.simulation.crash(node)
    if (action === 'restart') this.simulation.restart(node)
  }

  measures(): { readonly answers: number; readonly messages: number } {
    return { answers: this.#answers.size, messages: this.simulation.packets.sent }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node === greeter) return 'greeter'
    return this.#answers.has(node) ? 'answered' : 'silent'
  }

  inspect(node: number): Data {
    return { state: this.state(node), answeredAt: this.#answers.get(node) ?? null }
  }

  curves(): { readonly measured: Curve; readonly formula: null } {
    const times = [...this.#answers.values()]
    return {
      measured: { label: 'answered', points: times.map((time, i) => [time, (i + 1) / (this.simulation.size - 1)]) },
      formula: null,
    }
  }

  isOver(): boolean {
    return false // it falls idle
  }

  #note(time: Millis, event: string, detail: Data | undefined): void {
    if (event !== 'welcomed') return
    const { by } = detail as { readonly by: number }
    if (!this.#answers.has(by)) this.#answers.set(by, time)
  }
}
