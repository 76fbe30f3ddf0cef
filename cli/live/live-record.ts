import {
  Spread,
  Trace,
  type Data,
  type EventKind,
  type Message,
  type Millis,
  type Observer,
  type Run,
} from '@peerlab/engine'
import { evidenceOf, type Evidence, type SentPacket } from '../../tests/contracts/evidence.ts'

/** All that happened in a live run, written down as a judged simulation is: so the contract's properties can look at it. */
export class LiveRecord implements Observer {
  readonly trace = new Trace()
  readonly spread: Spread
  readonly #sent: SentPacket[] = []
  readonly #arrivals: { readonly time: Millis; readonly latency: Millis }[] = []

  constructor(size: number) {
    this.spread = new Spread(size)
  }

  /** When the last event was handled, in ms. */
  get lastEventTime(): Millis {
    return this.trace.length === 0 ? 0 : this.trace.event(this.trace.length).time
  }

  /**
   * From the handler that sends a message to the one that gets it, in ms, for all that arrived while the last rumor
   * spread: what comes later is quick, because the processor is idle, and says nothing about that curve.
   */
  latencies(): readonly Millis[] {
    const { times = new Float64Array(0) } = this.spread.latest ?? {}
    const end = times.reduce((last, time) => (time > last ? time : last), 0)
    return this.#arrivals.filter(({ time }) => time <= end).map(({ latency }) => latency)
  }

  onEvent(
    number: number,
    time: Millis,
    kind: EventKind,
    node: number,
    peer: number,
    subject: unknown,
    cause: number,
  ): void {
    this.trace.onEvent(number, time, kind, node, peer, subject, cause)
    this.spread.onEvent(number, time, kind, node, peer, subject)
    if (kind === 'message' && cause > 0) this.#arrivals.push({ time, latency: time - this.trace.event(cause).time })
  }

  onSend(time: Millis, from: number, to: number, message: Message, _arrival: Millis, cause: number): void {
    this.#sent.push({ time, from, to, message, cause })
  }

  onDrop(
    time: Millis,
    from: number,
    to: number,
    message: Message,
    reason: string,
    cause: number,
    sequence: number,
  ): void {
    this.trace.onDrop(time, from, to, message, reason, cause)
    // What never got on its way was sent all the same; the rest was told in onSend.
    if (sequence === 0) this.#sent.push({ time, from, to, message, cause })
  }

  onReport(time: Millis, node: number, event: string, detail: Data | undefined, cause: number): void {
    this.trace.onReport(time, node, event, detail, cause)
    this.spread.onReport(time, node, event, detail)
  }

  /**
   * What the contract's properties look at.
   *
   * @param simulated the run of the same graph and parameters in the simulator
   */
  evidence(simulated: Run): Evidence {
    const { spec } = simulated
    const run = this.#asRun(simulated)
    return evidenceOf({ spec, run, trace: this.trace, sent: this.#sent, changes: [], failure: undefined })
  }

  /** Of a run, properties read the parameters, the graph, who is up and when it ended; of a live run that is all there is. */
  #asRun({ parameters, session: { simulation } }: Run): Run {
    const { topology, size } = simulation
    const live = { topology, size, lastEventTime: this.lastEventTime, isUp: () => true }
    return { parameters, session: { simulation: live } } as unknown as Run
  }
}
