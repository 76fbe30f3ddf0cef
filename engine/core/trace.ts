import type { Data, Message } from './data.ts'
import { eventKinds, kindCode, type EventKind } from './event-queue.ts'
import type { Observer } from './observer.ts'
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

/**
 * Records what happened, with causes. A packet's sending needs no record: it is the cause of its arrival or its drop.
 * Stops at `limit` events and says so in `complete`.
 */
export class Trace implements Observer {
  readonly drops: TracedDrop[] = []
  readonly reports: TracedReport[] = []
  readonly limit: number
  #length = 0
  #complete = true
  #times = new Float64Array(1024)
  #kinds = new Uint8Array(1024)
  #nodes = new Int32Array(1024)
  #peers = new Int32Array(1024)
  #causes = new Float64Array(1024)
  readonly #subjects: unknown[] = []

  /** @param limit at most this many events are kept, and as many drops and reports; about 60 bytes each */
  constructor({ limit = 1_000_000 }: { readonly limit?: number } = {}) {
    this.limit = limit
  }

  /** How many events were recorded. */
  get length(): number {
    return this.#length
  }

  /** False once something was left out for want of room. */
  get complete(): boolean {
    return this.#complete
  }

  /** The event with this number, from 1 to `length`. */
  event(number: number): TracedEvent {
    const i = number - 1
    if (!(i >= 0 && i < this.#length))
      throw new RangeError(`event ${number}: this trace has events 1 to ${this.#length}`)
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

  *events(): Generator<TracedEvent> {
    for (let number = 1; number <= this.#length; number++) yield this.event(number)
  }

  /** The chain of causes that ends in this event, the first cause first. */
  chain(number: number): TracedEvent[] {
    const chain: TracedEvent[] = []
    for (let next = number; next > 0;) {
      const event = this.event(next)
      chain.push(event)
      next = event.cause
    }
    return chain.reverse()
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
    const i = this.#length
    if (i >= this.limit) {
      this.#complete = false
      return
    }
    if (i === this.#times.length) this.#grow()
    this.#times[i] = time
    this.#kinds[i] = kindCode[kind]
    this.#nodes[i] = node
    this.#peers[i] = peer
    this.#causes[i] = cause
    this.#subjects[i] = subject
    this.#length++
  }

  onDrop(time: Millis, from: number, to: number, message: Message, reason: string, cause: number): void {
    if (this.drops.length < this.limit) this.drops.push({ time, from, to, message, reason, cause })
    else this.#complete = false
  }

  onReport(time: Millis, node: number, event: string, detail: Data | undefined, cause: number): void {
    if (this.reports.length < this.limit) this.reports.push({ time, node, event, detail, cause })
    else this.#complete = false
  }

  #grow(): void {
    const larger = 2 * this.#times.length
    const [times, kinds, nodes, peers, causes] = [this.#times, this.#kinds, this.#nodes, this.#peers, this.#causes]
    ;(this.#times = new Float64Array(larger)).set(times)
    ;(this.#kinds = new Uint8Array(larger)).set(kinds)
    ;(this.#nodes = new Int32Array(larger)).set(nodes)
    ;(this.#peers = new Int32Array(larger)).set(peers)
    ;(this.#causes = new Float64Array(larger)).set(causes)
  }
}
