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

/** A digit of a time is 11 bits, the highest 6; 50 bits are over 31 years of microseconds. */
const digits = 5
const digitBits = 11
const radix = 1 << digitBits
/** A time in two parts that fit a 32-bit word each: the two lowest digits, and the others. */
const lowSpan = radix * radix

/** The fields of an entry: three doubles and two 32-bit words. */
const doubles = 4
const sequenceAt = 1
const causeAt = 2
const nodeAndKindAt = 6
const peerAt = 7
/** In the lists of the lowest digit, where the time is known, the next entry stands in its place. */
const nextAt = 0

/** Entries stand in chunks, chunks in segments: small ones, so that a short run takes little memory. */
const chunkBits = 3
const chunkSize = 1 << chunkBits
const segmentBits = chunkBits + 8
const segmentMask = (1 << segmentBits) - 1

/** The fields of 2048 entries, as doubles and as words, and what each entry carries. */
interface Segment {
  readonly float64: Float64Array
  readonly int32: Int32Array
  readonly subjects: unknown[]
}

/** So many events at most are announced at once: more would not stay in a processor's cache until they come. */
const maxAnnounced = 8192

/** The end of a list. */
const none = -1

/**
 * Future events in the order (time, sequence number): a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan 1990) with digits of
 * eleven bits. Time never goes back, so an event waits in the bucket of the highest digit in which its time differs from
 * the last event's, and moves to a lower digit at most four times; within a bucket the order of arrival is kept. Nothing
 * is compared, and the cost of an event hardly depends on how many wait.
 *
 * A bucket is a row of chunks that is written at its end and read from its beginning. So memory is walked in order, which
 * is what counts once a million packets are under way, and no array is ever copied in order to grow. In the buckets of
 * the lowest digit, a microsecond each, most of them for one event, entries stay where they are and form lists.
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
  /** Means nothing. It depends on all that was read ahead, or a compiler would leave the reading out. */
  readAhead = 0

  #size = 0
  #nextSequence = 1
  // The time from which digits differ, in its two parts; the second as the time at which the first is 0.
  #lastLow = 0
  #lastHigh: Micros = 0

  // For each bucket (digit place × digit): its first entry; the place after its last one, or in a list the last one; and
  // the earliest time in it, but for lists.
  readonly #first = new Int32Array(digits * radix).fill(none)
  readonly #last = new Int32Array(digits * radix)
  readonly #earliest = new Float64Array(digits * radix)
  /** One bit for each bucket that is not empty, and one for each word of these that is not 0. */
  readonly #full = new Int32Array((digits * radix) / 32)
  readonly #fullWords = new Int32Array((digits * radix) / 1024)

  readonly #segments: Segment[] = []
  /** The chunk after each chunk of a row, and of the list of free ones. */
  readonly #chunkAfter: number[] = []
  /** How many entries of a chunk are yet to be taken out of lists. */
  readonly #left: number[] = []
  #freeChunk = none
  /** Where the next event that is due at once goes: into a chunk that belongs to no row. */
  #loose = 0

  readonly #announce: ((nodes: Int32Array, count: number) => number) | undefined
  readonly #soon: Int32Array

  /**
   * @param announce is told the nodes of events that are due soon, of some more than once, to read ahead what they will
   * need; its result depends on all that it reads
   */
  constructor(announce?: (nodes: Int32Array, count: number) => number) {
    this.#announce = announce
    this.#soon = new Int32Array(announce === undefined ? 0 : maxAnnounced)
  }

  get size(): number {
    return this.#size
  }

  /** The time of the next event; Infinity when there is none. */
  get nextTime(): Micros {
    return this.#size === 0 ? Infinity : this.#timeOf(this.#nextBucket())
  }

  /** Adds an event, not before the time of the last pop, and returns its sequence number. */
  push(time: Micros, kind: number, node: number, peer: number, cause: number, subject: unknown): number {
    if (time < this.time) throw new RangeError(`an event at ${time} µs: it is ${this.time} µs already`)
    const bucket = this.#bucketOf(time)
    const entry = bucket < radix ? this.#takeLoose() : this.#append(bucket, time)
    const at = (entry & segmentMask) * doubles
    const { float64, int32, subjects } = this.#segments[entry >> segmentBits]!
    const sequence = this.#nextSequence++
    float64[at] = time
    float64[at + sequenceAt] = sequence
    float64[at + causeAt] = cause
    int32[2 * at + nodeAndKindAt] = (node << 4) | kind
    int32[2 * at + peerAt] = peer
    subjects[entry & segmentMask] = subject
    if (bucket < radix) this.#link(bucket, entry, int32)
    this.#size++
    return sequence
  }

  /** Puts the next event into this object's fields and leaves it in the queue. There must be one. */
  peek(): void {
    const bucket = this.#nextBucket()
    const earliest = this.#timeOf(bucket)
    let entry = this.#first[bucket]!
    if (bucket >= radix) {
      while (this.#segments[entry >> segmentBits]!.float64[(entry & segmentMask) * doubles] !== earliest) {
        entry = this.#after(entry)
      }
    }
    // The clock stays: nothing has happened yet, and other events may still come before this one.
    this.#read(this.#segments[entry >> segmentBits]!, entry & segmentMask)
  }

  /** Takes out the next event, if it is due before or at `end`, and puts it into this object's fields. */
  pop(end: Micros = Infinity): boolean {
    if (this.#size === 0) return false
    let bucket = this.#nextBucket()
    let time = this.#timeOf(bucket)
    if (time > end) return false
    let entry = this.#first[bucket]!
    if (bucket >= radix) {
      this.#lastHigh = Math.floor(time / lowSpan) * lowSpan
      this.#lastLow = (time - this.#lastHigh) | 0
      this.#markEmpty(bucket)
      // An event that is alone in its bucket need not go through the lower ones.
      if (entry + 1 === this.#last[bucket]!) {
        this.#left[entry >> chunkBits] = 1
      } else {
        this.#spread(bucket, entry)
        bucket = this.#nextBucket()
        time = this.#timeOf(bucket)
        entry = this.#first[bucket]!
      }
    }
    const segment = this.#segments[entry >> segmentBits]!
    if (bucket < radix) {
      this.#lastLow = (this.#lastLow & -radix) | bucket
      const next = segment.int32[2 * (entry & segmentMask) * doubles + nextAt]!
      if (next === none) this.#markEmpty(bucket)
      else this.#first[bucket] = next
    }
    this.time = time
    this.#read(segment, entry & segmentMask)
    segment.subjects[entry & segmentMask] = undefined
    if (--this.#left[entry >> chunkBits]! === 0) this.#free(entry >> chunkBits)
    this.#size--
    return true
  }

  /** A sequence number for an event that is dispatched at once and never waits here. */
  takeSequence(): number {
    return this.#nextSequence++
  }

  #read({ float64, int32, subjects }: Segment, index: number): void {
    const at = index * doubles
    this.sequence = float64[at + sequenceAt]!
    this.cause = float64[at + causeAt]!
    const nodeAndKind = int32[2 * at + nodeAndKindAt]!
    this.node = nodeAndKind >> 4
    this.kind = nodeAndKind & 15
    this.peer = int32[2 * at + peerAt]!
    this.subject = subjects[index]
  }

  #bucketOf(time: Micros): number {
    const low = time - this.#lastHigh
    if (low < lowSpan) {
      return (low ^ this.#lastLow) < radix ? low & (radix - 1) : radix + (low >> digitBits)
    }
    const high = Math.floor(time / lowSpan)
    const difference = high ^ (this.#lastHigh / lowSpan)
    if (difference < radix) return 2 * radix + (high & (radix - 1))
    if (difference < lowSpan) return 3 * radix + ((high >> digitBits) & (radix - 1))
    return 4 * radix + (high >> (2 * digitBits))
  }

  /** The bucket of the next event: the lowest digit place that has any, and in it the lowest digit. */
  #nextBucket(): number {
    let at = 0
    while (this.#fullWords[at] === 0) at++
    const word = 32 * at + lowestBit(this.#fullWords[at]!)
    return 32 * word + lowestBit(this.#full[word]!)
  }

  /** The earliest time in a bucket. */
  #timeOf(bucket: number): Micros {
    return bucket < radix ? this.#lastHigh + ((this.#lastLow & -radix) | bucket) : this.#earliest[bucket]!
  }

  /** Makes room at the end of a row, and returns where. */
  #append(bucket: number, time: Micros): number {
    let entry = this.#last[bucket]!
    if (this.#first[bucket] === none) {
      entry = this.#takeChunk() << chunkBits
      this.#first[bucket] = entry
      this.#earliest[bucket] = time
      this.#markFull(bucket)
    } else {
      if ((entry & (chunkSize - 1)) === 0) {
        const chunk = this.#takeChunk()
        this.#chunkAfter[(entry - 1) >> chunkBits] = chunk
        entry = chunk << chunkBits
      }
      if (time < this.#earliest[bucket]!) this.#earliest[bucket] = time
    }
    this.#last[bucket] = entry + 1
    return entry
  }

  /** Puts an entry at the end of a list. */
  #link(bucket: number, entry: number, int32: Int32Array): void {
    int32[2 * (entry & segmentMask) * doubles + nextAt] = none
    if (this.#first[bucket] === none) {
      this.#first[bucket] = entry
      this.#markFull(bucket)
    } else {
      const last = this.#last[bucket]!
      this.#segments[last >> segmentBits]!.int32[2 * (last & segmentMask) * doubles + nextAt] = entry
    }
    this.#last[bucket] = entry
  }

  /** Moves the events of a row, from its first one on, to lower digits, in the order of arrival. */
  #spread(bucket: number, first: number): void {
    const end = this.#last[bucket]!
    const isLowest = bucket < 2 * radix
    const soon = this.#soon
    let count = 0
    for (let entry = first, isOver = false; !isOver;) {
      const chunk = entry >> chunkBits
      const next = this.#chunkAfter[chunk]!
      const chunkEnd = (chunk + 1) << chunkBits
      isOver = end <= chunkEnd && end > entry
      const rowEnd = isOver ? end : chunkEnd
      if (isLowest) this.#left[chunk] = rowEnd - entry
      const segment = this.#segments[entry >> segmentBits]!
      for (; entry < rowEnd; entry++) {
        const moved = isLowest ? this.#linkByTime(entry, segment) : this.#move(entry)
        if (count < soon.length) soon[count++] = moved
      }
      if (!isLowest) this.#free(chunk)
      entry = next << chunkBits
    }
    if (count > 8) this.#announceSoon(count)
  }

  #linkByTime(entry: number, { float64, int32 }: Segment): number {
    this.#link((float64[(entry & segmentMask) * doubles]! - this.#lastHigh) & (radix - 1), entry, int32)
    return entry
  }

  /** Copies an entry to where it belongs now. */
  #move(entry: number): number {
    const { float64, int32, subjects } = this.#segments[entry >> segmentBits]!
    const from = (entry & segmentMask) * doubles
    const time = float64[from]!
    const bucket = this.#bucketOf(time)
    const target = bucket < radix ? this.#takeLoose() : this.#append(bucket, time)
    const targetSegment = this.#segments[target >> segmentBits]!
    const targetFloat64 = targetSegment.float64
    const targetInt32 = targetSegment.int32
    const to = (target & segmentMask) * doubles
    targetFloat64[to] = time
    targetFloat64[to + sequenceAt] = float64[from + sequenceAt]!
    targetFloat64[to + causeAt] = float64[from + causeAt]!
    // Words as words: as a double they may be no number, of which not every bit survives.
    targetInt32[2 * to + nodeAndKindAt] = int32[2 * from + nodeAndKindAt]!
    targetInt32[2 * to + peerAt] = int32[2 * from + peerAt]!
    targetSegment.subjects[target & segmentMask] = subjects[entry & segmentMask]
    subjects[entry & segmentMask] = undefined
    if (bucket < radix) this.#link(bucket, target, targetInt32)
    return target
  }

  #announceSoon(count: number): void {
    const soon = this.#soon
    // The messages as well: to ask what one is is to read it.
    let objects = 0
    for (let i = 0; i < count; i++) {
      if (typeof this.#segments[soon[i]! >> segmentBits]!.subjects[soon[i]! & segmentMask] === 'object') objects++
    }
    for (let i = 0; i < count; i++) {
      const entry = soon[i]!
      soon[i] = this.#segments[entry >> segmentBits]!.int32[2 * (entry & segmentMask) * doubles + nodeAndKindAt]! >> 4
    }
    this.readAhead = objects + this.#announce!(soon, count)
  }

  #markFull(bucket: number): void {
    this.#full[bucket >> 5]! |= 1 << (bucket & 31)
    this.#fullWords[bucket >> 10]! |= 1 << ((bucket >> 5) & 31)
  }

  #markEmpty(bucket: number): void {
    this.#first[bucket] = none
    this.#full[bucket >> 5]! &= ~(1 << (bucket & 31))
    if (this.#full[bucket >> 5] === 0) this.#fullWords[bucket >> 10]! &= ~(1 << ((bucket >> 5) & 31))
  }

  /** The entry after this one in its row; there must be one. */
  #after(entry: number): number {
    const next = entry + 1
    return (next & (chunkSize - 1)) === 0 ? this.#chunkAfter[entry >> chunkBits]! << chunkBits : next
  }

  #takeLoose(): number {
    if ((this.#loose & (chunkSize - 1)) === 0) {
      const chunk = this.#takeChunk()
      this.#left[chunk] = chunkSize
      this.#loose = chunk << chunkBits
    }
    return this.#loose++
  }

  #takeChunk(): number {
    if (this.#freeChunk === none) this.#addSegment()
    const chunk = this.#freeChunk
    this.#freeChunk = this.#chunkAfter[chunk]!
    return chunk
  }

  #free(chunk: number): void {
    this.#chunkAfter[chunk] = this.#freeChunk
    this.#freeChunk = chunk
  }

  #addSegment(): void {
    const float64 = new Float64Array(doubles << segmentBits)
    const subjects = new Array<unknown>(1 << segmentBits).fill(undefined)
    this.#segments.push({ float64, int32: new Int32Array(float64.buffer), subjects })
    const first = this.#chunkAfter.length
    for (let i = 1; i <= 1 << (segmentBits - chunkBits); i++) {
      this.#chunkAfter.push(first + i)
      this.#left.push(0)
    }
    this.#chunkAfter[this.#chunkAfter.length - 1] = none
    this.#freeChunk = first
  }
}

/** The place of the lowest bit that is set; there must be one. */
function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}
