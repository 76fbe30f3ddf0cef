import type { Data } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { Internet, type NatSite, type Site } from '../core/internet.ts'
import { constantLatency } from '../core/latency.ts'
import { deriveStream } from '../core/random.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { topologyFromEdges } from '../core/topology.ts'
import { birthdayPunchOdds } from '../measures/formulas.ts'
import { BirthdayOpener, BirthdayProber } from '../protocols/nat-traversal/birthday-punch.ts'
import { drawToken } from '../protocols/nat-traversal/fields.ts'
import { defineScenario, type Context, type Curve, type World } from './define-scenario.ts'
import type { ValuesOf } from './parameters.ts'

const maxPairs = 500

const parameters = {
  pairs: { type: 'integer', min: 1, max: maxPairs, default: 30, label: 'pairs that try', unit: 'pairs' },
  openPorts: { type: 'integer', min: 1, max: 4096, default: 256, label: 'ports that the hard side opens' },
  probes: { type: 'integer', min: 0, max: 100_000, default: 512, label: 'probes of the easy side', unit: 'probes' },
  interval: { type: 'number', min: 1, max: 10_000, default: 10, label: 'time between two probes', unit: 'ms' },
  easyMoves: { type: 'boolean', default: false, label: "the easy side's NAT moves it too" },
  latency: { type: 'number', min: 1, max: 1000, default: 40, label: 'latency', unit: 'ms' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
} as const

type Values = ValuesOf<typeof parameters>

const port = 4001

const nodeParameter = {
  type: 'integer',
  min: 0,
  max: 2 * maxPairs - 1,
  default: 0,
  label: 'node',
  unit: 'node',
} as const

export const punchingOdds = defineScenario({
  id: 'punching-odds',
  title: 'The odds of punching',
  summary: 'One side opens 256 ports, the other one guesses: how many probes until half of all pairs have a way?',
  parameters,
  actions: {
    more: {
      label: 'all go on probing',
      parameters: { probes: { type: 'integer', min: 1, max: 100_000, default: 256, label: 'probes', unit: 'probes' } },
    },
    crash: { label: 'crash', parameters: { node: nodeParameter } },
    restart: { label: 'restart', parameters: { node: nodeParameter } },
  },
  states: [
    { id: 'hard', label: 'has opened its ports', tone: 'd' },
    { id: 'easy', label: 'guesses', tone: 'c' },
    { id: 'connected', label: 'has a way', tone: 'a' },
    { id: 'gave-up', label: 'has given up', tone: 'b' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'connected', unit: 'share', label: 'pairs with a way' },
    { name: 'expected', unit: 'share', label: 'what the formula expects by now' },
    { name: 'sent', unit: 'probes', label: 'probes that each has sent, if it still guesses' },
    { name: 'half', unit: 'probes', label: 'probes until half of the pairs had a way' },
    { name: 'mean', unit: 'probes', label: 'probes of those who have a way, in the mean' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'connected',
    costs: ['sent', 'half', 'messages'],
    controls: ['openPorts', 'probes'],
    click: 'restart',
    doubleClick: 'crash',
    messages: [
      { type: 'birthday-open', label: 'opens a port', tone: 'd' },
      { type: 'birthday-probe', label: 'probe of a random port', tone: 'c' },
      { type: 'birthday-answer', label: 'answer', tone: 'a' },
    ],
    marks: [{ report: 'found', label: 'a hit', tone: 'a' }],
  },
  create: (context) => new PunchingOddsWorld(context),
})

/** Nodes 2i and 2i + 1 are a pair: the hard side and the easy side, each behind a NAT of its own. */
class PunchingOddsWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #seed: number
  readonly #internet: Internet
  /** By the easy side: after how many probes, and when. */
  readonly #connected = new Map<number, { readonly probes: number; readonly at: Millis }>()
  readonly #found = new Set<number>()
  readonly #gaveUp = new Set<number>()

  constructor({ parameters, seed, observers, foldPayloads }: Context<Values>) {
    this.#values = parameters
    this.#seed = seed
    const size = 2 * parameters.pairs
    this.#internet = internetOf(seed, parameters)
    this.simulation = new Simulation({
      seed,
      topology: topologyFromEdges(
        size,
        Array.from({ length: parameters.pairs }, (_, i) => [2 * i, 2 * i + 1] as const),
      ),
      underlay: this.#internet,
      protocol: (host, node) => this.#protocolOf(host, node),
      latency: constantLatency(parameters.latency),
      foldPayloads,
    })
    if (parameters.loss > 0) this.simulation.addRule(loss(parameters.loss))
    for (const observer of observers) this.simulation.observe(observer)
    this.simulation.observe({
      onReport: (time, node, event, detail) => this.#note(time, node, event, detail as { readonly probes: number }),
      // Who is told to go on, or starts anew, has not given up.
      onEvent: (_number, _time, kind, node) =>
        void (kind === 'message' || kind === 'timer' || this.#gaveUp.delete(node)),
    })
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { node, probes } = values as { readonly node: number; readonly probes: number }
    if (action === 'crash') this.simulation.crash(node)
    if (action === 'restart') this.simulation.restart(node)
    if (action !== 'more') return
    for (let easy = 1; easy < this.simulation.size; easy += 2) {
      this.simulation.command(easy, { type: 'probe-more', probes } as { type: string })
    }
  }

  measures(): { readonly [name: string]: number | null } {
    const counts = this.#counts
    const half = counts[Math.ceil(this.#values.pairs / 2) - 1]
    return {
      connected: counts.length / this.#values.pairs,
      expected: this.#expectedAt(this.simulation.now),
      sent: this.#probesAt(this.simulation.now),
      half: half ?? null,
      mean: counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0) / counts.length,
      messages: this.simulation.packets.sent,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node % 2 === 0) return this.#found.has(node) ? 'connected' : 'hard'
    if (this.#connected.has(node)) return 'connected'
    return this.#gaveUp.has(node) ? 'gave-up' : 'easy'
  }

  /** Its side, the open ports of its NAT, and after how many probes the pair had a way. */
  inspect(node: number): Data {
    const easy = node | 1
    const mappings = this.#internet.mappings(node, this.simulation.now)
    return {
      state: this.state(node),
      side: node % 2 === 0 ? 'hard' : 'easy',
      peer: node ^ 1,
      openPorts: mappings.map((mapping) => mapping.port),
      probes: this.#connected.get(easy)?.probes ?? null,
    }
  }

  /** The share of pairs that have a way, beside {@link birthdayPunchOdds} for the probes that had been answered by then. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve } {
    const times = [...this.#connected.values()].map(({ at }) => at).sort((a, b) => a - b)
    const { interval, probes } = this.#values
    const end = Math.max(this.#start + probes * interval + 2 * this.#values.latency, this.simulation.lastEventTime)
    const xs = Array.from({ length: points }, (_, i) => (end * i) / (points - 1))
    let connected = 0
    const measured = xs.map((x) => {
      while (connected < times.length && times[connected]! <= x) connected++
      return [x, connected / this.#values.pairs] as const
    })
    return {
      measured: { label: 'pairs with a way', points: measured },
      formula: { label: '1 - (1 - ports / 65535)^probes', points: xs.map((x) => [x, this.#expectedAt(x)]) },
    }
  }

  /** It falls idle when all have a way or have given up. */
  isOver(): boolean {
    return false
  }

  /** In ascending order: after how many probes each pair had its way. */
  get #counts(): number[] {
    return [...this.#connected.values()].map(({ probes }) => probes).sort((a, b) => a - b)
  }

  /** Probes begin when the packets that open ports are gone: none of them is to meet a probe. */
  get #start(): Millis {
    return 2 * this.#values.latency
  }

  #probesAt(time: Millis): number {
    const { probes, interval } = this.#values
    if (probes === 0 || time < this.#start) return 0
    return Math.min(Math.floor((time - this.#start) / interval) + 1, probes)
  }

  #expectedAt(time: Millis): number {
    const { openPorts, easyMoves, latency } = this.#values
    // From another port each time, and the open ones are open for one: what is left of it is a millionth.
    return easyMoves ? 0 : birthdayPunchOdds(openPorts, this.#probesAt(time - 2 * latency))
  }

  #protocolOf(host: Host<never>, node: number): Protocol<never, never> {
    const { openPorts, probes, interval } = this.#values
    const ip = outsideIp(node ^ 1)
    const token = drawToken(deriveStream(this.#seed, 'token', node >> 1))
    if (node % 2 === 0) {
      const peer = this.#internet.intern({ ip, port })
      return new BirthdayOpener(host, { token, peer, ports: openPorts }) as Protocol<never, never>
    }
    const addressAt = (at: number) => this.#internet.intern({ ip, port: at })
    const options = { token, addressAt, probes, interval, startAt: this.#start, patience: this.#start }
    return new BirthdayProber(host, options) as Protocol<never, never>
  }

  #note(time: Millis, node: number, event: string, detail: { readonly probes: number }): void {
    if (event === 'found') this.#found.add(node)
    if (event === 'gave-up') this.#gaveUp.add(node)
    if (event === 'connected' && !this.#connected.has(node)) {
      this.#connected.set(node, { probes: detail.probes, at: time })
    }
  }
}

/** Each node behind a NAT of its own, in a range that is there for tests (RFC 2544). */
function internetOf(seed: number, { pairs, easyMoves }: Values): Internet {
  const sites = Array.from({ length: 2 * pairs }, (_, node): Site => ({ port, nat: node }))
  const symmetric = { mapping: 'address-and-port-dependent', ports: 'random' } as const
  const nats = sites.map((_, node): NatSite => ({
    ip: outsideIp(node),
    ...(node % 2 === 0 || easyMoves ? symmetric : {}),
  }))
  return new Internet(seed, sites, nats)
}

function outsideIp(node: number): string {
  return `198.18.${node >> 8}.${node & 255}`
}
