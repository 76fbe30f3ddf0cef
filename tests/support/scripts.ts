import {
  complete,
  corruption,
  deriveStream,
  duplication,
  extraDelay,
  grid,
  loss,
  oneWayPartition,
  partition,
  randomGraph,
  randomOut,
  randomRegular,
  ring,
  scaleFree,
  Simulation,
  smallWorld,
  star,
  uniformLatency,
  unguessableAddresses,
  type Message,
  type Rule,
  type Topology,
} from '@peerlab/engine'
import { Chatter, type Chat, type Ledger, type Stir } from './chatter.ts'
import { fc } from './fast-check.ts'

/** What comes from outside in a random run. Nodes and rules are numbers that each run takes modulo what it has. */
export type Input =
  | { readonly do: 'stir'; readonly node: number; readonly energy: number }
  | { readonly do: 'crash' | 'restart'; readonly node: number }
  | { readonly do: 'inject'; readonly node: number; readonly to: number; readonly energy: number }
  | ({ readonly do: 'install' } & Installed)
  | { readonly do: 'undo'; readonly which: number }

export interface Installed {
  readonly rule: number
  /** 0 to 1: what it means is the rule's affair. */
  readonly strength: number
}

/** A random run as plain data: shrinkable, printable, repeatable. */
export interface Script {
  readonly seed: number
  readonly size: number
  readonly topology: number
  readonly minLatency: number
  readonly latencySpan: number
  readonly unguessable: boolean
  readonly strict: boolean
  /** Rules from the beginning. */
  readonly rules: readonly Installed[]
  /** In order of time. */
  readonly inputs: readonly { readonly time: number; readonly input: Input }[]
}

/** The chatters of all scripts are silent by then, whatever the rules did. */
export const horizon = 2000

const topologies: readonly ((size: number, seed: number) => Topology)[] = [
  complete,
  (size) => (size < 3 ? star(size) : ring(size)),
  star,
  grid,
  (size, seed) =>
    randomRegular(size, size % 2 === 0 ? Math.min(3, size - 1) : Math.min(2, size - 1), deriveStream(seed, 't')),
  (size, seed) => randomOut(size, Math.min(2, size - 1), deriveStream(seed, 't')),
  (size, seed) => randomGraph(size, Math.min(2.5, size - 1), deriveStream(seed, 't')),
  (size, seed) => (size < 3 ? star(size) : smallWorld(size, 2, 0.3, deriveStream(seed, 't'))),
  (size, seed) => scaleFree(size, Math.min(2, size - 1), deriveStream(seed, 't')),
]

const rules: readonly ((strength: number, size: number) => Rule)[] = [
  (strength) => loss(strength),
  (strength) => duplication(strength / 2),
  (strength) => extraDelay(strength * 5, strength * 60),
  (strength, size) => partition(half(strength, size)),
  (strength, size) => oneWayPartition(half(strength, size)),
  // What arrives keeps its name, so that the ledger still knows it, and loses its force.
  (strength) => corruption(strength, (message) => ({ ...(message as Chat), energy: 0 }) as Message),
]

function ruleOf({ rule, strength }: Installed, size: number): Rule {
  return rules[rule]!(strength, size)
}

function half(strength: number, size: number): number[] {
  return Array.from({ length: size }, (_, node) => node).filter(
    (node) => (node * 7 + Math.floor(strength * 10)) % 2 === 0,
  )
}

const time = fc.integer({ min: 0, max: 400_000 }).map((micros) => micros / 1000)
const node = fc.nat(99)
const installed = { rule: fc.nat(rules.length - 1), strength: fc.nat(100).map((percent) => percent / 100) }
const input: fc.Arbitrary<Input> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('stir' as const), node, energy: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('crash' as const, 'restart' as const), node }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('inject' as const),
      node,
      to: node,
      energy: fc.integer({ min: 0, max: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('install' as const), ...installed }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('undo' as const), which: fc.nat(99) }) },
)

export const script: fc.Arbitrary<Script> = fc.record({
  seed: fc.nat(),
  size: fc.integer({ min: 1, max: 12 }),
  topology: fc.nat(topologies.length - 1),
  minLatency: fc.constantFrom(0, 0.001, 5, 20),
  latencySpan: fc.constantFrom(0, 1, 30),
  unguessable: fc.boolean(),
  strict: fc.boolean(),
  rules: fc.array(fc.record(installed), { maxLength: 3 }),
  inputs: fc
    .array(fc.record({ time, input }), { maxLength: 14, size: 'max' })
    .map((inputs) => inputs.toSorted((a, b) => a.time - b.time)),
})

/** A script's run: the simulation, what its nodes say they sent, and the undos of its rules. */
export class ScriptedRun {
  readonly simulation: Simulation
  readonly ledger: Ledger = new Map()
  readonly script: Script
  /** How many packets the script injected. */
  injected = 0
  readonly #undos: (() => void)[] = []

  constructor(script: Script, options: { readonly foldPayloads?: boolean } = {}) {
    const { seed, size, topology, minLatency, latencySpan, unguessable, strict } = script
    this.script = script
    this.simulation = new Simulation({
      seed,
      topology: topologies[topology]!(size, seed),
      protocol: (host) => new Chatter(host as never, this.ledger),
      latency: uniformLatency(minLatency, minLatency + latencySpan),
      ...(unguessable ? { addresses: unguessableAddresses(size, seed) } : {}),
      strict,
      ...options,
    })
    for (const rule of script.rules) this.#undos.push(this.simulation.addRule(ruleOf(rule, size)))
  }

  apply(input: Input): void {
    const { simulation } = this
    const at = (index: number): number => index % simulation.size
    switch (input.do) {
      case 'stir':
        return void simulation.command(at(input.node), { type: 'stir', energy: input.energy } as Stir)
      case 'crash':
        return void simulation.crash(at(input.node))
      case 'restart':
        return void simulation.restart(at(input.node))
      case 'inject':
        return this.#inject(at(input.node), at(input.to), input.energy)
      case 'install':
        return void this.#undos.push(simulation.addRule(ruleOf(input, simulation.size)))
      case 'undo':
        return this.#undos[input.which % Math.max(1, this.#undos.length)]?.()
    }
  }

  /** Runs to the end of the script, and then to the end of time. */
  finish(): this {
    for (const { time: at, input: what } of this.script.inputs) {
      this.simulation.runUntil(at)
      this.apply(what)
    }
    this.simulation.runUntil(horizon)
    return this
  }

  #inject(from: number, to: number, energy: number): void {
    const { addresses, now } = this.simulation
    const id = `injected/${++this.injected}`
    const [sender, receiver] = [addresses.addressOf(from), addresses.addressOf(to)]
    this.ledger.set(id, { from: sender, to: receiver, time: now })
    this.simulation.inject(from, to, { type: 'chat', id, energy, mention: sender } as Chat)
  }
}

/** Everything that an observer is told, as comparable lines. */
export function transcript(simulation: Simulation): string[] {
  const lines: string[] = []
  const idOf = (message: unknown): string =>
    (message as Partial<Chat> | undefined)?.id ?? JSON.stringify(message ?? null)
  simulation.observe({
    onEvent: (number, at, kind, index, peer, subject, cause) => {
      lines.push(`${at} #${number} ${kind} ${peer}→${index} ${idOf(subject)} because of ${cause}`)
    },
    onSend: (at, from, to, message, arrival, cause) => {
      lines.push(`${at} send ${from}→${to} ${idOf(message)} for ${arrival} because of ${cause}`)
    },
    onDrop: (at, from, to, message, reason, cause) => {
      lines.push(`${at} drop ${from}→${to} ${idOf(message)} ${reason} because of ${cause}`)
    },
    onReport: (at, index, event, detail, cause) => {
      lines.push(`${at} report ${index} ${event} ${JSON.stringify(detail ?? null)} because of ${cause}`)
    },
  })
  return lines
}

/** All that two runs at the same moment must agree in. */
export function snapshot({ fingerprint, events, now, lastEventTime, packets }: Simulation) {
  return { fingerprint, events, now, lastEventTime, packets }
}
