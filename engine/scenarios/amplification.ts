import type { Address } from '../core/address.ts'
import type { Data, Message } from '../core/data.ts'
import { datagramHeader, encodedSize } from '../core/encoded-size.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { AttackerHost, Host, Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { topologyFromEdges } from '../core/topology.ts'
import { Reflector } from '../protocols/attackers/reflector.ts'
import { Spoofer, type Spoof } from '../protocols/attackers/spoofer.ts'
import { Customer, Friend, Victim } from './amplification-nodes.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, nodeParameter, performNodeAction } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'
import { thinned } from './thinned.ts'

/** Payload of the answers over payload of the query: US-CERT, alert TA14-017A, after Rossow, NDSS 2014. */
export const amplificationFactors = {
  dns: 54,
  ntp: 556.9,
  ssdp: 30.8,
  chargen: 358.8,
  bittorrent: 3.8,
  kad: 16.3,
} as const

/** What QUIC allows before an address is validated: RFC 9000, section 8.1. */
const quicLimit = 3

const parameters = {
  size: { type: 'integer', min: 11, max: 200, default: 24, label: 'size', unit: 'nodes' },
  friends: { type: 'integer', min: 1, max: 13, default: 4, label: 'friends of the victim', unit: 'nodes' },
  customers: { type: 'integer', min: 1, max: 13, default: 4, label: 'honest customers', unit: 'nodes' },
  service: {
    type: 'choice',
    options: ['dns', 'ntp', 'ssdp', 'chargen', 'bittorrent', 'kad'],
    default: 'dns',
    label: 'what the reflectors serve',
  },
  proof: { type: 'boolean', default: false, label: 'demand proof of return' },
  attackerUp: {
    type: 'number',
    min: 1,
    max: 1000,
    default: 8,
    label: "the attacker's upload",
    unit: 'kB/s',
  },
  victimDown: {
    type: 'number',
    min: 1,
    max: 100_000,
    default: 250,
    label: "the victim's download",
    unit: 'kB/s',
  },
  questions: { type: 'number', min: 0.1, max: 200, default: 50, label: 'forged queries', unit: 'queries/s' },
  payload: { type: 'integer', min: 0, max: 1200, default: 100, label: 'payload of a query', unit: 'bytes' },
  start: { type: 'number', min: 0, max: 600_000, default: 2000, label: 'the attack begins at, by itself', unit: 'ms' },
  latency: { type: 'number', min: 0, max: 10_000, default: 30, label: 'mean latency', unit: 'ms' },
  duration: { type: 'number', min: 1, max: 600_000, default: 8000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

const attacker = 0
const victim = 1

/** How often friends and customers ask, in ms. */
const period = 250

export const amplification = defineScenario({
  id: 'amplification',
  title: 'Amplification',
  summary:
    'Who asks in your name has the answers sent to you: how many bytes does a forged one cost, and what stops it?',
  parameters,
  actions: {
    attack: { label: 'attack', parameters: { node: { ...nodeParameter('the attacker'), default: attacker } } },
    cease: { label: 'stop the attack', parameters: {} },
    ...nodeActions,
  },
  states: [
    { id: 'reflector', label: 'answers whoever asks', tone: 'c' },
    { id: 'fine', label: 'has its line for itself', tone: 'a' },
    { id: 'drowned', label: 'its line is full of answers that it never asked for', tone: 'b' },
    { id: 'friend', label: 'talks with the victim', tone: 'idle' },
    { id: 'customer', label: 'asks in its own name', tone: 'idle' },
    { id: 'attacker', label: 'asks in the name of the victim', tone: 'd' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'factor', unit: 'times', label: "the victim's bytes over the attacker's" },
    { name: 'attackerBytes', unit: 'bytes', label: 'the attacker has sent' },
    { name: 'victimBytes', unit: 'bytes', label: 'the victim was sent, and never asked for' },
    { name: 'arrived', unit: 'bytes', label: 'of that has passed its line' },
    { name: 'lineLoad', unit: 'share', label: "of the victim's line in the last second" },
    { name: 'delay', unit: 'ms', label: 'a friend waits for the victim' },
    { name: 'customerFactor', unit: 'times', label: "an honest customer's bytes over its queries'" },
  ],
  presentation: {
    headline: 'factor',
    costs: ['attackerBytes', 'victimBytes', 'delay'],
    controls: ['service', 'proof'],
    click: 'attack',
    doubleClick: 'crash',
    messages: [
      { type: 'query', label: 'query', tone: 'd' },
      { type: 'answer', label: 'answer: more bytes', tone: 'b' },
      { type: 'ping', label: 'ping: are you there?', tone: 'idle' },
      { type: 'pong', label: 'pong', tone: 'idle' },
    ],
    marks: [{ report: 'unasked', label: 'nobody asked for it', tone: 'b' }],
  },
  create({ parameters, seed, observers, foldPayloads }) {
    return new AmplificationWorld(parameters, seed, observers, foldPayloads)
  },
})

class AmplificationWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #traffic: Traffic

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, friends, customers, latency, attackerUp, victimDown } = values
    const reflectors = size - 2 - friends - customers
    if (reflectors < 1) {
      throw new RangeError(`friends ${friends} and customers ${customers} are too many for size ${size}; leave three`)
    }
    this.#values = values
    const line = (node: number) => ({
      up: node === attacker ? attackerUp * 1000 : Infinity,
      down: node === victim ? victimDown * 1000 : Infinity,
    })
    const simulation = new Simulation({
      seed,
      topology: topologyFromEdges(size, []),
      protocol: (host, node) => this.#protocolOf(host as never, node) as unknown as Protocol<never, never>,
      latency: uniformLatency(latency / 2, latency * 1.5),
      bandwidth: line,
      attackers: new Set([attacker]),
      foldPayloads,
    })
    this.simulation = simulation
    this.#traffic = new Traffic(this.#isCustomer, victimDown * 1000)
    // Whoever looks at the states when an event begins sees them as they were before it: that event counts after that.
    for (const observer of observers) simulation.observe(observer)
    simulation.observe(this.#traffic)
    if (values.start < values.duration) simulation.schedule(values.start, 'attack', () => this.#spoof(true))
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    if (action === 'attack' && values['node'] !== attacker) {
      throw new RangeError(`attack: node is ${String(values['node'])}; only node ${attacker} forges its address`)
    }
    if (action === 'attack') this.#spoof(true)
    if (action === 'cease') this.#spoof(false)
    performNodeAction(this.simulation, action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    return this.#traffic.measures()
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node === attacker) return 'attacker'
    if (node === victim) return this.#traffic.isDrowned ? 'drowned' : 'fine'
    if (this.#isFriend(node)) return 'friend'
    return this.#isCustomer(node) ? 'customer' : 'reflector'
  }

  /** What the node has sent and received, with headers, and what it is told that it did not ask for. */
  inspect(node: number): Data {
    return {
      state: this.state(node),
      ...this.simulation.bytes(node),
      ...(node === victim && { byReflector: this.#traffic.byReflector }),
      ...(this.state(node) === 'reflector' && {
        factor: amplificationFactors[this.#values.service],
        limit: this.#values.proof ? quicLimit : null,
      }),
    }
  }

  /** The bandwidth amplification factor as time goes on, and what the service, or RFC 9000, has it be. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const { service, proof, start, duration } = this.#values
    const factor = amplificationFactors[service]
    const expected = proof ? Math.min(quicLimit, factor) : factor
    const formula = {
      label: proof ? 'RFC 9000: three times at most' : `${service} in TA14-017A`,
      points: [[start, expected] as const, [Math.max(start, duration), expected] as const],
    }
    return { measured: { label: 'factor', points: this.#traffic.history(points) }, formula }
  }

  isOver(): boolean {
    return false // friends ask for ever: the duration ends it
  }

  #spoof(isOn: boolean): void {
    this.simulation.command(attacker, { type: 'spoof', isOn } as Spoof)
  }

  #isFriend = (node: number): boolean => node >= 2 && node < 2 + this.#values.friends
  #isCustomer = (node: number): boolean =>
    node >= 2 + this.#values.friends && node < 2 + this.#values.friends + this.#values.customers

  #protocolOf(host: AttackerHost<Message>, node: number): unknown {
    const { size, friends, customers, questions, payload, service, proof } = this.#values
    const first = 2 + friends + customers
    if (node === attacker) {
      const reflectors = Array.from({ length: size - first }, (_, i) => (first + i) as Address)
      return new Spoofer(host, { victim: victim as Address, reflectors, interval: 1000 / questions, payload })
    }
    if (node === victim) return new Victim(host as unknown as Host<never>)
    if (this.#isFriend(node)) return new Friend(host as unknown as Host<never>, victim as Address, period)
    if (this.#isCustomer(node)) {
      const asked = first + ((node - 2 - friends) % (size - first))
      return new Customer(host as unknown as Host<never>, asked as Address, { payload, period })
    }
    return new Reflector(host as never, { factor: amplificationFactors[service], ...(proof && { limit: quicLimit }) })
  }
}

/** Counts payload, as Rossow does: what headers add is the same for both. */
class Traffic implements Observer {
  readonly #isCustomer: (node: number) => boolean
  readonly #line: number
  #sent = 0
  /** Sent to the victim by reflectors; what its line cannot take waits. */
  #reflected = 0
  #received = 0
  #customerSent = 0
  #customerReceived = 0
  #delay: Millis | null = null
  /** What has come to the victim in the last second: when, and bytes with headers. */
  #recent: (readonly [time: Millis, bytes: number])[] = []
  #recentBytes = 0
  #load = 0
  readonly #byReflector = new Map<number, number>()
  readonly #history: (readonly [time: Millis, factor: number])[] = []

  /** @param line what the victim's line carries, in bytes a second */
  constructor(isCustomer: (node: number) => boolean, line: number) {
    this.#isCustomer = isCustomer
    this.#line = line
  }

  /** Whether what nobody asked for has more than half of the victim's line, as it was when something last came. */
  get isDrowned(): boolean {
    return this.#load > 0.5
  }

  get byReflector(): Data {
    return [...this.#byReflector].map(([node, bytes]) => ({ node, bytes }))
  }

  measures(): { readonly [name: string]: number | null } {
    return {
      factor: this.#sent === 0 ? null : this.#reflected / this.#sent,
      attackerBytes: this.#sent,
      victimBytes: this.#reflected,
      arrived: this.#received,
      lineLoad: this.#load,
      delay: this.#delay,
      customerFactor: this.#customerSent === 0 ? null : this.#customerReceived / this.#customerSent,
    }
  }

  history(points: number): readonly (readonly [number, number])[] {
    return thinned(this.#history, points)
  }

  onSend(time: Millis, from: number, to: number, message: Message): void {
    if (message.type === 'answer' && to === victim) {
      this.#reflected += encodedSize(message)
      if (this.#sent > 0) this.#history.push([time, this.#reflected / this.#sent])
    }
    if (message.type !== 'query') return
    if (from === attacker) this.#sent += encodedSize(message)
    if (this.#isCustomer(from)) this.#customerSent += encodedSize(message)
  }

  onEvent(_n: number, time: Millis, kind: EventKind, node: number, peer: number, subject: unknown): void {
    if (kind !== 'message') return
    const message = subject as Message
    const isAnswer = message.type === 'answer'
    if (isAnswer && this.#isCustomer(node)) this.#customerReceived += encodedSize(message)
    if (node !== victim) return
    const bytes = isAnswer ? encodedSize(message) : 0
    if (isAnswer) {
      this.#received += bytes
      this.#recent.push([time, bytes + datagramHeader])
      this.#recentBytes += bytes + datagramHeader
      this.#byReflector.set(peer, (this.#byReflector.get(peer) ?? 0) + bytes)
    }
    while (this.#recent.length > 0 && this.#recent[0]![0] <= time - 1000) this.#recentBytes -= this.#recent.shift()![1]
    this.#load = this.#recentBytes / this.#line
  }

  onReport(_time: Millis, _node: number, event: string, detail: Data | undefined): void {
    if (event === 'pong') this.#delay = (detail as { readonly took: Millis }).took
  }
}
