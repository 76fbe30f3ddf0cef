import type { Micros } from './time.ts'

/** What an event in the queue is. The numbers enter the fingerprint: never renumber. */
export const eventKinds = ['start', 'message', 'timer', 'command', 'crash', 'restart', 'control'] as const
export type EventKind = (typeof eventKinds)[number]

/**
 * The kinds as numbers, for the arrays inside. The last two are the network's own: a packet that is still on its way, and
 * a message that comes as a packet; neither is dispatched under its own number.
 */
export const kindCode = {
  start: 0,
  message: 1,
  timer: 2,
  command: 3,
  crash: 4,
  restart: 5,
  control: 6,
  transit: 7,
  delivery: 8,
} as const

/** A digit of a time is 8 bits; 50 bits are over 31 years of microseconds. */
const digits = 7
const radix = 256

/** Where a record's fields are: in doubles for the first three, in 32-bit words for the others. */
const doubles = 5
const words = 2 * doubles
const sequenceAt = 1
const causeAt = 2
const nodeAndKindAt = 6
const peerAt = 7
const nextAt = 8

/** The end of a list. */
const none = -1

/**
 * Future events in the order (time, sequence number): a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan 1990) with digits of
 * eight bits. Time never goes back, so an event waits in the bucket of the highest digit in which its time differs from
 * the last event's, and moves to a lower digit at most six times; within a bucket the order of arrival is kept. Nothing
 * is compared, and the cost of an event hardly depends on how many wait.
 *
 * The fields of an event stand side by side in one buffer: a million packets in flight are one array, not a million
 * objects.
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
  #nextSequence = 1
  /** The time of the last pop, in two parts of 24 and 26 bits: bit operations have 32. */
  #lastLow = 0
  #lastHigh = 0

  // For each bucket (digit place × digit): the first and last record and the earliest time in it.
  readonly #first = new Int32Array(digits * radix).fill(none)
  readonly #last = new Int32Array(digits * radix)
  readonly #earliest = new Float64Array(digits * radix)
  /** One bit for each bucket that is not empty, eight words a digit; and above them one bit for each word. */
  readonly #full = new Int32Array(digits * 8)
  readonly #fullWords = new Int32Array(digits)

  // The records. Free ones form a list.
  #capacity = 64
  #float64 = new Float64Array(this.#capacity * doubles)
  #int32 = new Int32Array(this.#float64.buffer)
  readonly #subjects: unknown[] = []
  #free = none
  #used = 0

  get size(): number {
    return this.#size
  }

  /** The time of the next event; Infinity when there is none. */
  get nextTime(): Micros {
    return this.#size === 0 ? Infinity : this.#earliest[this.#nextBucket()]!
  }

  /** Adds an event, not before the time of the last pop, and returns its sequence number. */
  push(time: Micros, kind: number, node: number, peer: number, cause: number, subject: unknown): number {
    if (time < this.time) throw new RangeError(`an event at ${time} µs: it is ${this.time} µs already`)
    let record = this.#free
    if (record === none) {
      record = this.#used++
      if (record === this.#capacity) this.#grow()
    } else {
      this.#free = this.#int32[record * words + nextAt]!
    }
    const sequence = this.#nextSequence++
    const [float64, int32] = [this.#float64, this.#int32]
    float64[record * doubles] = time
    float64[record * doubles + sequenceAt] = sequence
    float64[record * doubles + causeAt] = cause
    int32[record * words + nodeAndKindAt] = (node << 4) | kind
    int32[record * words + peerAt] = peer
    this.#subjects[record] = subject
    this.#size++
    this.#append(record, time)
    return sequence
  }

  /** Puts the next event into this object's fields and leaves it in the queue. There must be one. */
  peek(): void {
    const bucket = this.#nextBucket()
    const earliest = this.#earliest[bucket]!
    let record = this.#first[bucket]!
    while (this.#float64[record * doubles] !== earliest) record = this.#int32[record * words + nextAt]!
    const { time } = this
    this.#read(record)
    // Nothing has happened yet: other events may still come before it.
    this.time = time
  }

  /** Takes out the next event and puts it into this object's fields. False when there is none. */
  pop(): boolean {
    if (this.#size === 0) return false
    let bucket = this.#nextBucket()
    if (bucket >= radix) {
      this.#spread(bucket)
      bucket = this.#nextBucket()
    }
    const record = this.#first[bucket]!
    const next = this.#int32[record * words + nextAt]!
    this.#first[bucket] = next
    if (next === none) this.#markEmpty(bucket)
    this.#read(record)
    this.#lastLow = (this.#lastLow & ~(radix - 1)) | bucket
    this.#subjects[record] = undefined
    this.#int32[record * words + nextAt] = this.#free
    this.#free = record
    this.#size--
    return true
  }

  /** A sequence number for an event that is dispatched at once and never waits here. */
  takeSequence(): number {
    return this.#nextSequence++
  }

  #read(record: number): void {
    const at = record * doubles
    this.time = this.#float64[at]!
    this.sequence = this.#float64[at + sequenceAt]!
    this.cause = this.#float64[at + causeAt]!
    const nodeAndKind = this.#int32[2 * at + nodeAndKindAt]!
    this.node = nodeAndKind >> 4
    this.kind = nodeAndKind & 15
    this.peer = this.#int32[2 * at + peerAt]!
    this.subject = this.#subjects[record]
  }

  /** Puts a record at the end of the bucket of its time. */
  #append(record: number, time: Micros): void {
    const high = Math.floor(time / 2 ** 24)
    const low = (time - high * 2 ** 24) | 0
    let bucket: number
    if (high === this.#lastHigh) {
      const difference = low ^ this.#lastLow
      if (difference < 2 ** 8) bucket = low & 255
      else if (difference < 2 ** 16) bucket = radix + ((low >>> 8) & 255)
      else bucket = 2 * radix + (low >>> 16)
    } else {
      const difference = high ^ this.#lastHigh
      if (difference < 2 ** 8) bucket = 3 * radix + (high & 255)
      else if (difference < 2 ** 16) bucket = 4 * radix + ((high >>> 8) & 255)
      else if (difference < 2 ** 24) bucket = 5 * radix + ((high >>> 16) & 255)
      else bucket = 6 * radix + (high >>> 24)
    }
    this.#int32[record * words + nextAt] = none
    if (this.#first[bucket] === none) {
      this.#first[bucket] = record
      this.#earliest[bucket] = time
      this.#full[bucket >>> 5]! |= 1 << (bucket & 31)
      this.#fullWords[bucket >>> 8]! |= 1 << ((bucket >>> 5) & 7)
    } else {
      this.#int32[this.#last[bucket]! * words + nextAt] = record
      if (time < this.#earliest[bucket]!) this.#earliest[bucket] = time
    }
    this.#last[bucket] = record
  }

  /** The bucket of the next event: the lowest digit place that has any, and in it the lowest digit. */
  #nextBucket(): number {
    const fullWords = this.#fullWords
    let place = 0
    while (fullWords[place] === 0) place++
    const word = 8 * place + lowestBit(fullWords[place]!)
    return 32 * word + lowestBit(this.#full[word]!)
  }

  /** Moves the clock to the earliest event of a bucket, and its events to lower digits, in the order of arrival. */
  #spread(bucket: number): void {
    const earliest = this.#earliest[bucket]!
    this.#lastHigh = Math.floor(earliest / 2 ** 24)
    this.#lastLow = (earliest - this.#lastHigh * 2 ** 24) | 0
    let record = this.#first[bucket]!
    this.#first[bucket] = none
    this.#markEmpty(bucket)
    while (record !== none) {
      const next = this.#int32[record * words + nextAt]!
      this.#append(record, this.#float64[record * doubles]!)
      record = next
    }
  }

  #markEmpty(bucket: number): void {
    const word = bucket >>> 5
    this.#full[word]! &= ~(1 << (bucket & 31))
    if (this.#full[word] === 0) this.#fullWords[bucket >>> 8]! &= ~(1 << (word & 7))
  }

  #grow(): void {
    // By half: a queue of a million packets should not hold room for another million.
    this.#capacity = Math.ceil(1.5 * this.#capacity)
    const larger = new Float64Array(this.#capacity * doubles)
    larger.set(this.#float64)
    this.#float64 = larger
    this.#int32 = new Int32Array(larger.buffer)
  }
}

/** The place of the lowest bit that is set; there must be one. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}
