import type { Address } from '../core/address.ts'
import type { Data } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import { Internet, type NatSite, type Site } from '../core/internet.ts'
import { uniformLatency } from '../core/latency.ts'
import type { NatBehavior } from '../core/nat.ts'
import type { Host, Protocol } from '../core/host.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { topologyFromEdges } from '../core/topology.ts'
import { isPunchable, type NatPair } from '../measures/nat-pairs.ts'
import { Relay } from '../protocols/nat-traversal/relay.ts'
import { StunServer } from '../protocols/nat-traversal/stun.ts'
import { defineScenario, type Context, type Curve, type World } from './define-scenario.ts'
import { NatLog } from './nat-traversal-log.ts'
import { NatPeer, Stranger, type NatPeerOptions } from './nat-traversal-peer.ts'
import type { ValuesOf } from './parameters.ts'

/** Mapping and filtering: endpoint-independent, address-dependent, address-and-port-dependent (RFC 4787). */
const nats = ['none', ...['EI', 'AD', 'APD'].flatMap((mapping) => ['EI', 'AD', 'APD'].map((f) => `${mapping}-${f}`))]

const parameters = {
  alice: { type: 'choice', options: nats, default: 'EI-APD', label: "alice's NAT: mapping-filtering" },
  bob: { type: 'choice', options: nats, default: 'EI-APD', label: "bob's NAT: mapping-filtering" },
  bobWaits: { type: 'boolean', default: false, label: 'bob sends no probe before one has come in' },
  ports: {
    type: 'choice',
    options: ['preserving', 'sequential', 'random'],
    default: 'preserving',
    label: 'which outside port a mapping gets',
  },
  mappingLifetime: {
    type: 'number',
    min: 1,
    max: 3_600_000,
    default: 300_000,
    label: 'a mapping lives, unused',
    unit: 'ms',
  },
  stun: { type: 'boolean', default: true, label: 'both ask a STUN server what their NAT is like' },
  connectAt: { type: 'number', min: 0, max: 60_000, default: 1000, label: 'alice calls at', unit: 'ms' },
  latency: { type: 'number', min: 1, max: 1000, default: 40, label: 'mean latency', unit: 'ms' },
  jitter: { type: 'number', min: 0, max: 1, default: 0, label: 'latency varies by' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
  duration: { type: 'number', min: 1, max: 3_600_000, default: 20_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

const names = ['relay', 'alice', 'bob', 'STUN server', 'its partner', 'stranger'] as const
const [relay, alice, bob, stun, partner, stranger] = [0, 1, 2, 3, 4, 5]
/** Addresses that are there for examples (RFC 5737). */
const outsideIps = ['192.0.2.1', '198.51.100.1', '203.0.113.1', '192.0.2.11', '192.0.2.12', '192.0.2.66'] as const
const insideIps = ['', '10.0.0.2', '192.168.1.2'] as const
const port = 4001
const stunOtherPort = 3479

const nodeParameter = {
  type: 'integer',
  min: 0,
  max: names.length - 1,
  default: alice,
  label: 'node',
  unit: 'node',
} as const

export const natTraversal = defineScenario({
  id: 'nat-traversal',
  title: 'NAT traversal',
  summary: 'Two peers behind NATs, and nobody can call either: your own outgoing packet opens the door for the other.',
  parameters,
  actions: {
    knock: { label: 'a stranger knocks here', parameters: { node: nodeParameter } },
    connect: { label: 'call the other one', parameters: { node: nodeParameter } },
    say: { label: 'say something to the other one', parameters: { node: nodeParameter } },
    crash: { label: 'crash', parameters: { node: nodeParameter } },
    restart: { label: 'restart', parameters: { node: nodeParameter } },
  },
  states: [
    { id: 'alone', label: 'reaches nobody', tone: 'idle' },
    { id: 'circuit', label: 'talks over the relay, and punches', tone: 'c' },
    { id: 'direct', label: 'has a direct way', tone: 'a' },
    { id: 'relayed', label: 'has only the relay', tone: 'b' },
    { id: 'server', label: 'serves', tone: 'd' },
    { id: 'stranger', label: 'a stranger', tone: 'idle' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'direct', unit: 'share', label: 'peers with a direct way' },
    { name: 'predicted', unit: 'share', label: 'what RFC 5128 says of this pair' },
    { name: 'time', unit: 'ms', label: 'from the circuit to the direct way' },
    { name: 'attempts', unit: 'attempts', label: 'attempts' },
    { name: 'refused', unit: 'packets', label: 'packets that a NAT kept out' },
    { name: 'mappings', unit: 'mappings', label: 'lines in the tables of the NATs' },
    { name: 'carried', unit: 'packets', label: 'packets that the relay carried' },
    { name: 'knocks', unit: 'packets', label: 'knocks that came in' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'direct',
    costs: ['refused', 'mappings', 'carried'],
    controls: ['alice', 'bob'],
    click: 'knock',
    doubleClick: 'crash',
    messages: [
      { type: 'probe', label: 'probe', tone: 'a' },
      { type: 'probe-reply', label: 'answer to a probe', tone: 'a' },
      { type: 'circuit-data', label: 'over the circuit', tone: 'c' },
      { type: 'binding-request', label: 'STUN: where do I come from?', tone: 'd' },
      { type: 'binding-response', label: 'STUN: from there', tone: 'd' },
      { type: 'knock', label: 'knock', tone: 'b' },
      { type: 'talk', label: 'talk', tone: 'a' },
    ],
    marks: [
      { report: 'knocked', label: 'let in', tone: 'b' },
      { report: 'malformed', label: 'malformed', tone: 'b' },
    ],
  },
  create: (context) => new NatTraversalWorld(context),
})

class NatTraversalWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #internet: Internet
  readonly #log: NatLog
  readonly #ways = new Map<number, 'circuit' | 'direct' | 'relayed'>()
  readonly #findings = new Map<number, Data>()
  readonly #observed = new Map<number, Address>()
  readonly #steps: (readonly [Millis, number])[] = [[0, 0]]
  #time: Millis | null = null
  #attempts: number | null = null
  #refused = 0
  #carried = 0
  #knocks = 0

  constructor({ parameters, seed, observers, foldPayloads }: Context<Values>) {
    this.#values = parameters
    const { latency, jitter } = parameters
    const { sites, boxes, natOf } = placesOf(parameters)
    this.#internet = new Internet(seed, sites, boxes)
    this.#log = new NatLog(this.#internet, (node) => natOf.get(node))
    this.simulation = new Simulation({
      seed,
      topology: topologyFromEdges(names.length, [
        [relay, alice],
        [relay, bob],
        [alice, bob],
      ]),
      underlay: this.#log,
      protocol: (host, node) => this.#protocolOf(host, node),
      latency: uniformLatency(latency * (1 - jitter), latency * (1 + jitter)),
      foldPayloads,
    })
    if (parameters.loss > 0) this.simulation.addRule(loss(parameters.loss))
    this.simulation.observe(this.#log)
    for (const observer of observers) this.simulation.observe(observer)
    this.simulation.observe({
      onReport: (time, node, event, detail) => this.#note(time, node, event, (detail ?? {}) as Detail),
      onEvent: (_number, time, kind, node) => this.#noteEvent(time, kind, node),
      onSend: (_time, from, _to, { type }) => void (this.#carried += Number(from === relay && type === 'circuit-data')),
      onDrop: (_time, _from, _to, _message, reason) => void (this.#refused += Number(reason.includes('NAT'))),
    })
    this.simulation.schedule(parameters.connectAt, 'connect', () => this.#connect(alice))
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { node } = values as { readonly node: number }
    const isPeer = node === alice || node === bob
    if (action === 'knock')
      this.simulation.command(stranger, { type: 'knock', to: this.#placeOf(node) } as { type: string })
    if (action === 'connect' && isPeer) this.#connect(node)
    if (action === 'say' && isPeer) {
      this.simulation.command(node, { type: 'say', peer: names[other(node)], payload: 'hello' } as { type: string })
    }
    if (action === 'crash') this.simulation.crash(node)
    if (action === 'restart') this.simulation.restart(node)
  }

  measures(): { readonly [name: string]: number | null } {
    const lines = [alice, bob].map((node) => this.#log.table(node, outsideIps[node]!, this.simulation.now).length)
    return {
      direct: this.#share,
      predicted: this.#predicted,
      time: this.#time,
      attempts: this.#attempts,
      refused: this.#refused,
      mappings: lines[0]! + lines[1]!,
      carried: this.#carried,
      knocks: this.#knocks,
      messages: this.simulation.packets.sent,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node === stranger) return 'stranger'
    return node === alice || node === bob ? (this.#ways.get(node) ?? 'alone') : 'server'
  }

  /** Its NAT, the table of it beside the packets that made each line, what STUN found, and all packets from and to it. */
  inspect(node: number): Data {
    const nat = natOf(this.#values, node)
    return {
      state: this.state(node),
      name: names[node]!,
      restarts: this.simulation.incarnation(node),
      inside: this.#log.text(this.simulation.addresses.addressOf(node)),
      outside: this.#log.text(this.#placeOf(node)),
      nat: nat === undefined ? null : { ...nat },
      found: this.#findings.get(node) ?? null,
      table: this.#log.table(node, outsideIps[node]!, this.simulation.now),
      packets: this.#log.packets
        .filter(({ from, to }) => from === node || to === node)
        .map((packet) => ({ ...packet })),
    }
  }

  /**
   * The share of the two that have a direct way; and when the first probe of each would be answered in a network without
   * loss and jitter, where no NAT moves its host: a circuit takes 4 latencies, CONNECT and its answer 4 to there and 2
   * to the end that began, SYNC 2 in place of them, the probe and its answer 2. The height is {@link isPunchable}'s.
   */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve } {
    const { connectAt, latency, duration } = this.#values
    const now = Math.max(this.simulation.now, 1)
    const stairs = this.#steps.flatMap(([time, share], i) => [
      [time, share] as const,
      [this.#steps[i + 1]?.[0] ?? now, share] as const,
    ])
    const due = connectAt + 10 * latency
    return {
      measured: { label: 'with a direct way', points: stairs.slice(0, points) },
      formula: {
        label: 'RFC 5128, and DCUtR without loss',
        points: [
          [0, 0],
          [due, 0],
          [due, this.#predicted],
          [Math.max(duration, due), this.#predicted],
        ],
      },
    }
  }

  /** The way is kept open for ever: the duration ends it. */
  isOver(): boolean {
    return false
  }

  get #predicted(): number {
    return isPunchable(natOf(this.#values, alice), natOf(this.#values, bob)) ? 1 : 0
  }

  get #share(): number {
    return [...this.#ways.values()].filter((way) => way === 'direct').length / 2
  }

  #connect(node: number): void {
    this.simulation.command(node, { type: 'connect', peer: names[other(node)] } as { type: string })
  }

  /** Where the world outside finds a node, as far as it does. */
  #placeOf(node: number): Address {
    return this.#observed.get(node) ?? this.#internet.intern({ ip: outsideIps[node]!, port })
  }

  #protocolOf(host: Host<never>, node: number): Protocol<never, never> {
    const at = (which: number, atPort = port): Address =>
      this.#internet.intern({ ip: outsideIps[which]!, port: atPort })
    if (node === relay) return new Relay(host) as Protocol<never, never>
    if (node === stranger) return new Stranger(host) as Protocol<never, never>
    if (node === stun || node === partner) {
      const another = node === stun ? partner : stun
      const options = {
        otherPort: stunOtherPort,
        partner: { main: at(another), otherPort: at(another, stunOtherPort) },
      }
      return new StunServer(host, options) as Protocol<never, never>
    }
    const { latency, jitter, bobWaits } = this.#values
    const options: NatPeerOptions = {
      punch: { relay: at(relay), name: names[node]! },
      // An answer takes two latencies. Silence, which is an answer too, would take 80 s with the times of RFC 8489.
      discovery: this.#values.stun
        ? { server: at(stun), timeout: 2.5 * latency * (1 + jitter), attempts: 2 }
        : undefined,
      waits: bobWaits && node === bob,
    }
    return new NatPeer(host, options) as Protocol<never, never>
  }

  #note(time: Millis, node: number, event: string, detail: Detail): void {
    if (event === 'knocked') this.#knocks++
    if (event === 'nat-discovered') this.#findings.set(node, { ...detail, mapped: this.#log.text(detail.mapped!) })
    if (event === 'reserved') this.#observed.set(node, detail.observed!)
    if (event === 'circuit' || event === 'relayed') this.#ways.set(node, event)
    if (event === 'direct') {
      this.#ways.set(node, event)
      this.#time = Math.max(this.#time ?? 0, detail.after!)
      this.#attempts = Math.max(this.#attempts ?? 0, detail.attempt!)
    }
    if (event === 'relayed') this.#attempts = Math.max(this.#attempts ?? 0, detail.attempts!)
    if (event === 'lost' || event === 'closed') this.#ways.delete(node)
    this.#step(time)
  }

  #noteEvent(time: Millis, kind: EventKind, node: number): void {
    if (kind !== 'crash') return
    this.#ways.delete(node)
    this.#step(time)
  }

  #step(time: Millis): void {
    if (this.#share !== this.#steps.at(-1)![1]) this.#steps.push([time, this.#share])
  }
}

interface Detail {
  readonly [name: string]: Data | undefined
  readonly mapped?: Address
  readonly observed?: Address
  readonly after?: number
  readonly attempt?: number
  readonly attempts?: number
}

function other(node: number): number {
  return node === alice ? bob : alice
}

function natOf(values: Values, node: number): NatPair {
  const kind = node === alice ? values.alice : node === bob ? values.bob : 'none'
  if (kind === 'none') return undefined
  const [mapping, filtering] = kind.split('-') as [keyof typeof behaviors, keyof typeof behaviors]
  return { mapping: behaviors[mapping], filtering: behaviors[filtering] }
}

const behaviors = {
  EI: 'endpoint-independent',
  AD: 'address-dependent',
  APD: 'address-and-port-dependent',
} as const satisfies { readonly [short: string]: NatBehavior }

/** Who stands where, and which NAT is in front of whom. */
function placesOf(values: Values) {
  const boxes: NatSite[] = []
  const natOfNode = new Map<number, number>()
  const sites = names.map((_, node): Site => {
    const nat = natOf(values, node)
    if (nat === undefined) return { ip: outsideIps[node]!, port }
    const { ports, mappingLifetime } = values
    natOfNode.set(node, boxes.push({ ...nat, ip: outsideIps[node]!, ports, timeout: mappingLifetime }) - 1)
    return { ip: insideIps[node]!, port, nat: natOfNode.get(node)! }
  })
  return { sites, boxes, natOf: natOfNode }
}
