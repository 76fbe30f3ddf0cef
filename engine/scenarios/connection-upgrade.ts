import type { Data } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Host, Protocol } from '../core/host.ts'
import { constantLatency } from '../core/latency.ts'
import { drop, loss, pass, type Rule } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import { star } from '../core/topologies.ts'
import type { Millis } from '../core/time.ts'
import { roundTripsBeforeData, type UpgradeSteps } from '../measures/round-trips.ts'
import { UpgradePeer } from '../protocols/connection-upgrade/upgrade-peer.ts'
import { WireTap } from '../protocols/connection-upgrade/wire-tap.ts'
import { defineScenario, type Context, type Curve, type World } from './define-scenario.ts'
import type { ValuesOf } from './parameters.ts'

const parameters = {
  rtt: { type: 'number', min: 1, max: 2000, default: 200, label: 'round-trip time', unit: 'ms' },
  security: { type: 'choice', options: ['noise', 'tls', 'none'], default: 'noise', label: 'what secures TCP' },
  earlyMuxer: { type: 'boolean', default: true, label: 'the handshake also agrees on the multiplexer' },
  waitsForProtocol: { type: 'boolean', default: false, label: "waits until a stream's protocol is confirmed" },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
} as const

type Values = ValuesOf<typeof parameters>

/** The router in the middle, and two pairs that talk through it. */
const names = ['router', 'TCP dialer', 'TCP listener', 'QUIC dialer', 'QUIC listener'] as const
const [router, tcpDialer, , quicDialer] = [0, 1, 2, 3]
/** More of what is read is not kept. */
const maxWords = 500

const nodeParameter = {
  type: 'integer',
  min: 0,
  max: names.length - 1,
  default: tcpDialer,
  label: 'node',
  unit: 'node',
} as const

export const connectionUpgrade = defineScenario({
  id: 'connection-upgrade',
  title: 'Connection upgrade',
  summary:
    'How many round trips until an application can talk, over TCP and over QUIC, and who reads along on the way?',
  parameters,
  actions: {
    dial: { label: 'both dial anew', parameters: {} },
    lose: { label: 'lose the next packet of a node', parameters: { node: nodeParameter } },
    crash: { label: 'crash', parameters: { node: nodeParameter } },
    restart: { label: 'restart', parameters: { node: nodeParameter } },
  },
  states: [
    { id: 'idle', label: 'has no connection', tone: 'idle' },
    { id: 'upgrading', label: 'waits for an answer', tone: 'c' },
    { id: 'talked', label: 'has sent its first byte', tone: 'd' },
    { id: 'answered', label: 'has its answer', tone: 'a' },
    { id: 'failed', label: 'has given up', tone: 'b' },
    { id: 'blind', label: 'reads only how they agree', tone: 'idle' },
    { id: 'reads', label: 'reads the application', tone: 'b' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'tcpRoundTrips', unit: 'round trips', label: 'TCP: round trips before the first byte' },
    { name: 'quicRoundTrips', unit: 'round trips', label: 'QUIC: round trips before the first byte' },
    { name: 'tcpTime', unit: 'ms', label: 'TCP: time to the first byte' },
    { name: 'quicTime', unit: 'ms', label: 'QUIC: time to the first byte' },
    { name: 'tcpAnswer', unit: 'ms', label: 'TCP: time to the first answer' },
    { name: 'quicAnswer', unit: 'ms', label: 'QUIC: time to the first answer' },
    { name: 'overheard', unit: 'messages', label: 'messages of the application that the router read' },
    { name: 'sealed', unit: 'messages', label: 'what it could not read' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'tcpRoundTrips',
    costs: ['quicRoundTrips', 'tcpTime', 'overheard'],
    controls: ['rtt', 'security'],
    click: 'lose',
    doubleClick: 'crash',
    messages: [
      { type: 'tcp', label: 'TCP', tone: 'idle' },
      { type: 'multistream', label: 'which protocol?', tone: 'c' },
      { type: 'security', label: 'Noise or TLS', tone: 'd' },
      { type: 'quic', label: 'QUIC', tone: 'd' },
      { type: 'application', label: 'application', tone: 'a' },
    ],
    marks: [{ report: 'overheard', label: 'read by the router', tone: 'b' }],
  },
  create: (context) => new ConnectionUpgradeWorld(context),
})

interface Lane {
  roundTrips: number | null
  time: Millis | null
  answer: Millis | null
  dialed: Millis
  /** How many answers had come, and when. */
  steps: (readonly [Millis, number])[]
  state: 'idle' | 'upgrading' | 'talked' | 'answered' | 'failed'
}

class ConnectionUpgradeWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #lanes = new Map<number, Lane>([tcpDialer, quicDialer].map((node) => [node, newLane(0)]))
  readonly #words: { readonly time: Millis; readonly from: number; readonly layer: string; readonly text: string }[] =
    []
  readonly #flights: { readonly time: Millis; readonly node: number; readonly flight: number }[] = []
  readonly #toLose = new Set<number>()
  #overheard = 0
  #sealed = 0

  constructor({ parameters, seed, observers, foldPayloads }: Context<Values>) {
    this.#values = parameters
    this.simulation = new Simulation({
      seed,
      topology: star(names.length),
      protocol: (host, node) => this.#protocolOf(host, node),
      // Two links there, and two back.
      latency: constantLatency(parameters.rtt / 4),
      foldPayloads,
    })
    this.simulation.addRule(this.#losing())
    if (parameters.loss > 0) this.simulation.addRule(loss(parameters.loss))
    for (const observer of observers) this.simulation.observe(observer)
    this.simulation.observe({
      onReport: (time, node, event, detail) => this.#note(time, node, event, (detail ?? {}) as Detail),
      onEvent: (_number, time, kind, node) => this.#noteEvent(time, kind, node),
    })
    this.simulation.schedule(0, 'dial', () => this.#dial())
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { node } = values as { readonly node: number }
    if (action === 'dial') this.#dial()
    if (action === 'lose') this.simulation.control('lose', () => void this.#toLose.add(node))
    if (action === 'crash') this.simulation.crash(node)
    if (action === 'restart') this.simulation.restart(node)
  }

  measures(): { readonly [name: string]: number | null } {
    const [tcp, quic] = [this.#lanes.get(tcpDialer)!, this.#lanes.get(quicDialer)!]
    return {
      tcpRoundTrips: tcp.roundTrips,
      quicRoundTrips: quic.roundTrips,
      tcpTime: tcp.time,
      quicTime: quic.time,
      tcpAnswer: tcp.answer,
      quicAnswer: quic.answer,
      overheard: this.#overheard,
      sealed: this.#sealed,
      messages: this.simulation.packets.sent,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node === router) return this.#overheard > 0 ? 'reads' : 'blind'
    return this.#lanes.get(node)?.state ?? 'idle'
  }

  /** Of the router what it read; of the others which flights they heard, and when. */
  inspect(node: number): Data {
    const state = this.state(node)
    if (node === router) {
      return { state, name: names[router]!, read: this.#words.map((word) => ({ ...word })), sealed: this.#sealed }
    }
    return {
      state,
      name: names[node]!,
      expected: roundTripsBeforeData(this.#stepsOf(node)),
      flights: this.#flights.filter((flight) => flight.node === node).map(({ time, flight }) => ({ time, flight })),
    }
  }

  /** How far TCP is: round trips that it has waited for, of those that {@link roundTripsBeforeData} counts; one each RTT. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve } {
    const { steps, dialed } = this.#lanes.get(tcpDialer)!
    const { rtt } = this.#values
    const due = roundTripsBeforeData(this.#stepsOf(tcpDialer))
    const ideal = Array.from({ length: due + 1 }, (_, i) => [dialed + i * rtt, i / due] as const)
    const end = this.simulation.lastEventTime
    const measured = steps.map(([time, trips]) => [time, trips / due] as const)
    return {
      measured: {
        label: 'of the round trips over TCP',
        points: [...stairs(measured), [end, measured.at(-1)![1]] as const].slice(0, points),
      },
      formula: {
        label: 'as the specifications count them',
        points: [...stairs(ideal), [Math.max(end, dialed + due * rtt), 1]],
      },
    }
  }

  /** It falls idle with the last answer, or when nobody answers. */
  isOver(): boolean {
    return false
  }

  #dial(): void {
    for (const node of this.#lanes.keys()) this.simulation.command(node, { type: 'dial' })
  }

  #stepsOf(node: number): UpgradeSteps {
    const { security, earlyMuxer, waitsForProtocol } = this.#values
    return { transport: node <= 2 ? 'tcp' : 'quic', security, earlyMuxer, waitsForProtocol }
  }

  #protocolOf(host: Host<never>, node: number): Protocol<never, never> {
    if (node === router) return new WireTap(host) as Protocol<never, never>
    const side = this.#lanes.has(node) ? 'dialer' : 'listener'
    // A round trip longer than the first time-out would have each flight sent twice.
    const timeout = Math.max(1000, 2 * this.#values.rtt)
    return new UpgradePeer(host, { ...this.#stepsOf(node), side, timeout }) as Protocol<never, never>
  }

  /** Drops one packet of each node that people have named. */
  #losing(): Rule {
    return { name: 'lost by hand', judge: ({ from }) => (this.#toLose.delete(from) ? drop : pass) }
  }

  #note(time: Millis, node: number, event: string, detail: Detail): void {
    if (event === 'overheard') this.#overheard++
    if (event === 'sealed') this.#sealed++
    if (event === 'read' && this.#words.length < maxWords) {
      this.#words.push({ time, from: detail.from!, layer: detail.layer!, text: detail.text! })
    }
    if (event === 'flight' && this.#flights.length < maxWords) {
      this.#flights.push({ time, node, flight: detail.flight! })
    }
    const lane = this.#lanes.get(node)
    if (lane === undefined) return
    if (event === 'flight' && lane.roundTrips === null) lane.steps.push([time, detail.roundTrips!])
    if (event === 'talked') Object.assign(lane, { state: event, time: detail.after!, roundTrips: detail.roundTrips! })
    if (event === 'answered') Object.assign(lane, { state: event, answer: detail.after! })
    if (event === 'failed') lane.state = event
  }

  #noteEvent(time: Millis, kind: EventKind, node: number): void {
    if (!this.#lanes.has(node)) return
    if (kind === 'crash') this.#lanes.set(node, newLane(time))
    if (kind === 'command') this.#lanes.set(node, { ...newLane(time), state: 'upgrading' })
  }
}

interface Detail {
  readonly from?: number
  readonly layer?: string
  readonly text?: string
  readonly flight?: number
  readonly roundTrips?: number
  readonly after?: Millis
}

function newLane(dialed: Millis): Lane {
  return { roundTrips: null, time: null, answer: null, dialed, steps: [[dialed, 0]], state: 'idle' }
}

/** The same points, and level in between. */
function stairs(points: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  return points.flatMap(([x, y], i) =>
    i === 0 ? [[x, y] as const] : [[x, points[i - 1]![1]] as const, [x, y] as const],
  )
}
