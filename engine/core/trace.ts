import type { Data, Message } from './data.ts'
import { eventKinds, kindCode, type EventKind } from './event-queue.ts'
import type { Observer } from './observer.ts'
import { Sampling } from './sampling.ts'
import type { Millis } from './time.ts'

/** One dispatched event. */
export interface TracedEvent {
  /** Counts from 1. */
  readonly number: number
  readonly time: Millis
  readonly kind: EventKind
  readonly node: number
  /** The sender of a message; -1 otherwise. */
  readonly peer: number
  /** The message, the timer's name, the command or the control's label. */
  readonly subject: unknown
  /** The number of the event that brought this one about; 0 = outside. */
  readonly cause: number
}

export interface TracedDrop {
  readonly time: Millis
  readonly from: number
  /** -1 where nobody has the address. */
  readonly to: number
  readonly message: Message
  readonly reason: string
  /** The number of the event in which the packet was sent. */
  readonly cause: number
}

export interface TracedReport {
  readonly time: Millis
  readonly node: number
  readonly event: string
  readonly detail: Data | undefined
  readonly cause: number
}

export interface TraceOptions {
  /** At most this many events are kept, and as many drops and reports, 2 to 2^31; about 50 bytes each. Default 10^6. */
  readonly limit?: number
  /** Called once, when events begin to be left out; {@link Trace.remark} then says which. */
  readonly onSampling?: () => void
}

/**
 * Records what happened, with causes. A packet's sending needs no record: it is the cause of its arrival or its drop.
 * Memory is bounded. Where a run has more than `limit` events, its first half of them is kept whole and the rest is
 * sampled: one in two, in four, in eight, as it goes on. Drops and reports, each for itself, are kept in the same way.
 */
export class Trace implements Observer {
  readonly drops: TracedDrop[] = []
  readonly reports: TracedReport[] = []
  readonly limit: number
  readonly #events: Sampling
  readonly #drops: Sampling
  readonly #reports: Sampling
  readonly #onSampling: (() => void) | undefined
  #times = new Float64Array(1024)
  #kinds = new Uint8Array(1024)
  #nodes = new Int32Array(1024)
  #peers = new Int32Array(1024)
  #causes = new Float64Array(1024)
  readonly #subjects: unknown[] = []

  constructor({ limit = 1_000_000, onSampling }: TraceOptions = {}) {
    this.limit = limit
    this.#events = new Sampling(limit)
    this.#drops = new Sampling(limit)
    this.#reports = new Sampling(limit)
    this.#onSampling = onSampling
  }

  /** How many events happened: the number of the latest one. */
  get length(): number {
    return this.#events.seen
  }

  /** False once something was left out for want of room. */
  get complete(): boolean {
    return [this.#events, this.#drops, this.#reports].every(({ every }) => every === 1)
  }

  /** What is left out of the events, in words; undefined while all of them are here. */
  get remark(): string | undefined {
    const { seen, whole, every } = this.#events
    if (every === 1) return undefined
    return `of the ${seen} events of this run the trace holds the first ${whole}, and then one in ${every}`
  }

  /** Whether the event with this number is here. */
  has(number: number): boolean {
    return this.#events.indexOf(number) >= 0
  }

  /** The event with this number, from 1 to `length`; throws for one that was left out. */
  event(number: number): TracedEvent {
    const i = this.#events.indexOf(number)
    if (i < 0) {
      throw new RangeError(`event ${number}: ${this.remark ?? `this trace has events 1 to ${this.length}`}`)
    }
    return this.#at(i)
  }

  /** The events that are here, in order. */
  *events(): Generator<TracedEvent> {
    for (let i = 0; i < this.#events.kept; i++) yield this.#at(i)
  }

  /** The chain of causes that ends in this event, the first cause first; it begins after one that was left out. */
  chain(number: number): TracedEvent[] {
    const chain: TracedEvent[] = []
    for (let next = number; next > 0 && (next === number || this.has(next));) {
      const event = this.event(next)
      chain.push(event)
      next = event.cause
    }
    return chain.reverse()
  }

  #at(i: number): TracedEvent {
    const number = this.#events.numberAt(i)
    return {
      number,
      time: this.#times[i]!,
      kind: eventKinds[this.#kinds[i]!]!,
      node: this.#nodes[i]!,
      peer: this.#peers[i]!,
      subject: this.#subjects[i],
      cause: this.#causes[i]!,
    }
  }

  onEvent(
    _number: number,
    time: Millis,
    kind: EventKind,
    node: number,
    peer: number,
    subject: unknown,
    cause: number,
  ): void {
    if (!this.#events.next(this.#thin)) return
    const i = this.#events.kept - 1
    if (i === this.#times.length) this.#grow()
    this.#times[i] = time
    this.#kinds[i] = kindCode[kind]
    this.#nodes[i] = node
    this.#peers[i] = peer
    this.#causes[i] = cause
    this.#subjects[i] = subject
  }

  onDrop(time: Millis, from: number, to: number, message: Message, reason: string, cause: number): void {
    if (!this.#drops.next(() => thinList(this.#drops, this.drops))) return
    this.drops.push({ time, from, to, message, reason, cause })
  }

  onReport(time: Millis, node: number, event: string, detail: Data | undefined, cause: number): void {
    if (!this.#reports.next(() => thinList(this.#reports, this.reports))) return
    this.reports.push({ time, node, event, detail, cause })
  }

  /** Makes room among the events. */
  readonly #thin = (): void => {
    const lists = [this.#times, this.#kinds, this.#nodes, this.#peers, this.#causes, this.#subjects]
    for (const list of lists) this.#events.thinned(list as { [index: number]: unknown })
    this.#subjects.length = this.#events.kept
    if (this.#events.every === 2) this.#onSampling?.()
  }

  #grow(): void {
    const larger = Math.min(2 * this.#times.length, Math.max(this.limit, 1024))
    const [times, kinds, nodes, peers, causes] = [this.#times, this.#kinds, this.#nodes, this.#peers, this.#causes]
    ;(this.#times = new Float64Array(larger)).set(times)
    ;(this.#kinds = new Uint8Array(larger)).set(kinds)
    ;(this.#nodes = new Int32Array(larger)).set(nodes)
    ;(this.#peers = new Int32Array(larger)).set(peers)
    ;(this.#causes = new Float64Array(larger)).set(causes)
  }
}

function thinList(sampling: Sampling, list: unknown[]): void {
  sampling.thinned(list)
  list.length = sampling.kept
}
