import type { Micros } from './time.ts'

/** What an event in the queue is. The numbers enter the fingerprint: never renumber. */
export const eventKinds = ['start', 'message', 'timer', 'command', 'crash', 'restart', 'control'] as const
export type EventKind = (typeof eventKinds)[number]

/** The kinds as numbers, for the arrays inside. */
export const kindCode = { start: 0, message: 1, timer: 2, command: 3, crash: 4, restart: 5, control: 6 } as const

/**
 * Future events in the order (time, sequence number): a 4-ary heap. All fields live in typed arrays, so that a million
 * packets in flight are a few arrays and not a million objects.
 */
export class EventQueue {
  /** The event that `pop` took out last. */
  time: Micros = 0
  sequence = 0
  kind = 0
  /** Whose event it is: a node's index, or -1. */
  node = -1
  /** The other side: the sender of a message, or -1. */
  peer = -1
  /** The number of the dispatched event that brought this one about; 0 = outside. */
  cause = 0
  /** The message, the timer's name, the command or the control. */
  subject: unknown = undefined

  #size = 0
  #capacity = 64
  // The heap: a key and the slot that holds the rest.
  #times = new Float64Array(this.#capacity)
  #sequences = new Float64Array(this.#capacity)
  #slots = new Int32Array(this.#capacity)
  // The slots. Free ones form a list through #free.
  #kinds = new Uint8Array(this.#capacity)
  #nodes = new Int32Array(this.#capacity)
  #peers = new Int32Array(this.#capacity)
  #causes = new Float64Array(this.#capacity)
  #subjects: unknown[] = []
  #free: number[] = []
  #used = 0
  #nextSequence = 1

  get size(): number {
    return this.#size
  }

  /** The time of the next event; Infinity when there is none. */
  get nextTime(): Micros {
    return this.#size === 0 ? Infinity : this.#times[0]!
  }

  /** Adds an event and returns its sequence number. */
  push(time: Micros, kind: number, node: number, peer: number, cause: number, subject: unknown): number {
    if (this.#size === this.#capacity) this.#grow()
    const slot = this.#free.length > 0 ? this.#free.pop()! : this.#used++
    this.#kinds[slot] = kind
    this.#nodes[slot] = node
    this.#peers[slot] = peer
    this.#causes[slot] = cause
    this.#subjects[slot] = subject
    const sequence = this.#nextSequence++
    this.#siftUp(this.#size++, time, sequence, slot)
    return sequence
  }

  /** Puts the next event into this object's fields and leaves it in the queue. There must be one. */
  peek(): void {
    const slot = this.#slots[0]!
    this.time = this.#times[0]!
    this.sequence = this.#sequences[0]!
    this.kind = this.#kinds[slot]!
    this.node = this.#nodes[slot]!
    this.peer = this.#peers[slot]!
    this.cause = this.#causes[slot]!
    this.subject = this.#subjects[slot]
  }

  /** Takes out the next event and puts it into this object's fields. False when there is none. */
  pop(): boolean {
    if (this.#size === 0) return false
    const slot = this.#slots[0]!
    this.peek()
    this.#subjects[slot] = undefined
    this.#free.push(slot)
    const last = --this.#size
    if (last > 0) this.#siftDown(this.#times[last]!, this.#sequences[last]!, this.#slots[last]!)
    return true
  }

  /** A sequence number for an event that is dispatched at once and never waits here. */
  takeSequence(): number {
    return this.#nextSequence++
  }

  #siftUp(start: number, time: Micros, sequence: number, slot: number): void {
    const times = this.#times
    const sequences = this.#sequences
    const slots = this.#slots
    let at = start
    while (at > 0) {
      const parent = (at - 1) >> 2
      // A new event has the highest sequence number, so it stays behind events of the same time.
      if (times[parent]! <= time) break
      times[at] = times[parent]!
      sequences[at] = sequences[parent]!
      slots[at] = slots[parent]!
      at = parent
    }
    times[at] = time
    sequences[at] = sequence
    slots[at] = slot
  }

  /** Puts this entry in at the top and moves it down to its place. */
  #siftDown(time: Micros, sequence: number, slot: number): void {
    const times = this.#times
    const sequences = this.#sequences
    const slots = this.#slots
    const size = this.#size
    let at = 0
    for (;;) {
      const first = 4 * at + 1
      if (first >= size) break
      let best = first
      const end = Math.min(first + 4, size)
      for (let child = first + 1; child < end; child++) {
        const difference = times[child]! - times[best]!
        if (difference < 0 || (difference === 0 && sequences[child]! < sequences[best]!)) best = child
      }
      const difference = times[best]! - time
      if (difference > 0 || (difference === 0 && sequences[best]! > sequence)) break
      times[at] = times[best]!
      sequences[at] = sequences[best]!
      slots[at] = slots[best]!
      at = best
    }
    times[at] = time
    sequences[at] = sequence
    slots[at] = slot
  }

  #grow(): void {
    this.#capacity *= 2
    this.#times = grown(this.#times, new Float64Array(this.#capacity))
    this.#sequences = grown(this.#sequences, new Float64Array(this.#capacity))
    this.#slots = grown(this.#slots, new Int32Array(this.#capacity))
    this.#kinds = grown(this.#kinds, new Uint8Array(this.#capacity))
    this.#nodes = grown(this.#nodes, new Int32Array(this.#capacity))
    this.#peers = grown(this.#peers, new Int32Array(this.#capacity))
    this.#causes = grown(this.#causes, new Float64Array(this.#capacity))
  }
}

function grown<T extends { set(source: ArrayLike<number>): void }>(from: ArrayLike<number>, to: T): T {
  to.set(from)
  return to
}
