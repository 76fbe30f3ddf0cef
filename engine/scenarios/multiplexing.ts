import type { Data } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Host, Protocol } from '../core/host.ts'
import { constantLatency } from '../core/latency.ts'
import { deriveStream } from '../core/random.ts'
import { drop, pass, type Rule } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import { star } from '../core/topologies.ts'
import type { Millis } from '../core/time.ts'
import { WireTap } from '../protocols/connection-upgrade/wire-tap.ts'
import type { StreamFrame } from '../protocols/multiplexing/frames.ts'
import { StreamReceiver } from '../protocols/multiplexing/stream-receiver.ts'
import { StreamSender } from '../protocols/multiplexing/stream-sender.ts'
import { defineScenario, type Context, type Curve, type World } from './define-scenario.ts'
import type { ValuesOf } from './parameters.ts'
import { StreamLog } from './multiplexing-log.ts'

const parameters = {
  streams: { type: 'integer', min: 1, max: 16, default: 5, label: 'streams', unit: 'streams' },
  frames: { type: 'integer', min: 1, max: 500, default: 20, label: 'frames in each stream', unit: 'frames' },
  interval: { type: 'number', min: 1, max: 1000, default: 10, label: 'time between two frames', unit: 'ms' },
  rtt: { type: 'number', min: 1, max: 2000, default: 200, label: 'round-trip time', unit: 'ms' },
  lostFrame: { type: 'integer', min: 0, max: 8000, default: 23, label: 'this frame is lost once (0: none)' },
  loss: { type: 'number', min: 0, max: 0.9, default: 0, label: 'loss, the same in both' },
} as const

type Values = ValuesOf<typeof parameters>

/** A router in the middle, and the two ends of each connection. */
const names = ['router', 'TCP sender', 'TCP receiver', 'QUIC sender', 'QUIC receiver'] as const
const [router, tcpSender, tcpReceiver, quicSender, quicReceiver] = [0, 1, 2, 3, 4]

const nodeParameter = {
  type: 'integer',
  min: 0,
  max: names.length - 1,
  default: router,
  label: 'node',
  unit: 'node',
} as const

export const multiplexing = defineScenario({
  id: 'multiplexing',
  title: 'Multiplexing',
  summary:
    'The same streams over TCP and over QUIC. Lose one packet: over TCP every stream waits for it, over QUIC one.',
  parameters,
  actions: {
    lose: { label: 'lose the next frame (at the router: of both)', parameters: { node: nodeParameter } },
    crash: { label: 'crash', parameters: { node: nodeParameter } },
    restart: { label: 'restart', parameters: { node: nodeParameter } },
  },
  states: [
    { id: 'sends', label: 'sends', tone: 'd' },
    { id: 'router', label: 'passes on', tone: 'idle' },
    { id: 'flows', label: 'every stream flows', tone: 'a' },
    { id: 'one', label: 'one stream waits', tone: 'c' },
    { id: 'stalled', label: 'several streams wait', tone: 'b' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'tcpDelivered', unit: 'share', label: 'TCP: frames that the application has' },
    { name: 'quicDelivered', unit: 'share', label: 'QUIC: frames that the application has' },
    { name: 'tcpStalled', unit: 'streams', label: 'TCP: streams that ever waited' },
    { name: 'quicStalled', unit: 'streams', label: 'QUIC: streams that ever waited' },
    { name: 'tcpWaits', unit: 'streams', label: 'TCP: streams that wait now' },
    { name: 'quicWaits', unit: 'streams', label: 'QUIC: streams that wait now' },
    { name: 'tcpWait', unit: 'ms', label: 'TCP: longest wait of a frame that was there' },
    { name: 'quicWait', unit: 'ms', label: 'QUIC: longest wait of a frame that was there' },
    { name: 'tcpHeld', unit: 'ms', label: 'TCP: all waits together' },
    { name: 'quicHeld', unit: 'ms', label: 'QUIC: all waits together' },
    { name: 'retransmitted', unit: 'frames', label: 'frames sent again' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'tcpDelivered',
    costs: ['tcpStalled', 'quicStalled', 'tcpWait'],
    controls: ['streams', 'lostFrame'],
    click: 'lose',
    doubleClick: 'crash',
    messages: [
      { type: 'segment', label: 'a frame of yamux, over TCP', tone: 'a' },
      { type: 'packet', label: 'a frame of QUIC', tone: 'c' },
      { type: 'ack', label: 'acknowledged', tone: 'idle' },
    ],
    marks: [{ report: 'duplicate', label: 'was there already', tone: 'b' }],
  },
  create: (context) => new MultiplexingWorld(context),
})

class MultiplexingWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  /** By the receiver. */
  readonly #logs = new Map([tcpReceiver, quicReceiver].map((node) => [node, new StreamLog()]))
  readonly #toLose = new Set<number>()
  #retransmitted = 0

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
    this.simulation.addRule(this.#losing(seed))
    for (const observer of observers) this.simulation.observe(observer)
    this.simulation.observe({
      onReport: (time, node, event, detail) => this.#note(time, node, event, detail as unknown as StreamFrame),
      onEvent: (_number, _time, kind, node) => this.#noteEvent(kind, node),
    })
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { node } = values as { readonly node: number }
    if (action === 'crash') this.simulation.crash(node)
    if (action === 'restart') this.simulation.restart(node)
    if (action !== 'lose') return
    const senders = node === router ? [tcpSender, quicSender] : [node <= tcpReceiver ? tcpSender : quicSender]
    this.simulation.control('lose', () => {
      for (const sender of senders) this.#toLose.add(sender)
    })
  }

  measures(): { readonly [name: string]: number | null } {
    const [tcp, quic] = [this.#logs.get(tcpReceiver)!, this.#logs.get(quicReceiver)!]
    const all = this.#values.streams * this.#values.frames
    return {
      tcpDelivered: tcp.delivered / all,
      quicDelivered: quic.delivered / all,
      tcpStalled: tcp.stalled,
      quicStalled: quic.stalled,
      tcpWaits: tcp.waiting,
      quicWaits: quic.waiting,
      tcpWait: tcp.longest,
      quicWait: quic.longest,
      tcpHeld: tcp.held,
      quicHeld: quic.held,
      retransmitted: this.#retransmitted,
      messages: this.simulation.packets.sent,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    const log = this.#logs.get(node)
    if (log === undefined) return node === router ? 'router' : 'sends'
    if (log.waiting === 0) return 'flows'
    return log.waiting === 1 ? 'one' : 'stalled'
  }

  /** Of a receiver each stream: its frames, when they arrived and when the application had them, and when it stood still. */
  inspect(node: number): Data {
    return { state: this.state(node), name: names[node]!, streams: this.#logs.get(node)?.streams ?? [] }
  }

  /** What TCP has delivered, and what it would have by now had nothing been lost: a frame each interval, half an RTT late. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve } {
    const { streams, frames, interval, rtt } = this.#values
    const times = this.#logs.get(tcpReceiver)!.times
    const all = streams * frames
    const end = Math.max(this.simulation.lastEventTime, rtt / 2 + all * interval)
    const xs = Array.from({ length: points }, (_, i) => (end * i) / (points - 1))
    let delivered = 0
    const measured = xs.map((x) => {
      while (delivered < times.length && times[delivered]! <= x) delivered++
      return [x, delivered / all] as const
    })
    const ideal = (x: number): number => Math.min(Math.max(Math.floor((x - rtt / 2) / interval) + 1, 0), all) / all
    return {
      measured: { label: 'delivered over TCP', points: measured },
      formula: { label: 'had nothing been lost', points: xs.map((x) => [x, ideal(x)]) },
    }
  }

  /** It falls idle when all is acknowledged, or nobody answers. */
  isOver(): boolean {
    return false
  }

  #protocolOf(host: Host<never>, node: number): Protocol<never, never> {
    if (node === router) return new WireTap(host) as Protocol<never, never>
    if (this.#logs.has(node)) return new StreamReceiver(host) as Protocol<never, never>
    const { streams, frames, interval, rtt } = this.#values
    const type = node === tcpSender ? 'segment' : 'packet'
    // Before a time-out an acknowledgement must have had the time to come.
    const options = { type, streams, frames, interval, timeout: Math.max(1000, 2 * rtt) } as const
    return new StreamSender(host, options) as Protocol<never, never>
  }

  /** Loses the same transmissions of the same frames on both ways; and what people ask for. */
  #losing(seed: number): Rule {
    const { streams, lostFrame, loss } = this.#values
    const sent = new Map<string, number>()
    return {
      name: 'loss',
      judge: ({ from, message }) => {
        if (from !== tcpSender && from !== quicSender) return pass
        const { stream, index } = message as StreamFrame
        const frame = index * streams + stream + 1
        const attempt = sent.get(`${from}/${frame}`) ?? 0
        sent.set(`${from}/${frame}`, attempt + 1)
        const isLost = loss > 0 && deriveStream(seed, 'loss', frame, attempt).next() < loss
        return this.#toLose.delete(from) || isLost || (frame === lostFrame && attempt === 0) ? drop : pass
      },
    }
  }

  #note(time: Millis, node: number, event: string, { stream, index }: StreamFrame): void {
    if (event === 'retransmitted') this.#retransmitted++
    const log = this.#logs.get(node)
    if (event === 'opened') this.#logs.set(node, new StreamLog())
    if (event === 'arrived') log!.arrived(time, stream, index)
    if (event === 'delivered') log!.delivers(time, stream, index)
  }

  /** What a receiver had is gone with it. */
  #noteEvent(kind: EventKind, node: number): void {
    if (kind === 'crash' && this.#logs.has(node)) this.#logs.set(node, new StreamLog())
  }
}
