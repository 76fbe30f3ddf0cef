import type { EventKind } from '@peerlab/engine'

/** What became of a packet. */
export const fates = { delivered: 0, marked: 1, lost: 2 } as const

/**
 * A finished run as plain arrays: all that a player draws. A worker makes it, a page shows it; times are virtual, in ms.
 */
export interface RecordingData {
  readonly size: number
  /** The end of the run: the time of its last event. */
  readonly end: number
  readonly events: number
  readonly fingerprint: string
  /** Of the lab file that ran: the beginning of its SHA-256. */
  readonly code: string | undefined
  /** Links to draw, as pairs of nodes; left out where there are too many to see. */
  readonly links: Int32Array
  /** Where each node stands: x and y from 0 to 1, one pair a node. */
  readonly positions: Float32Array
  readonly messageTypes: readonly string[]
  readonly packets: PacketColumns
  readonly changes: ChangeColumns
  readonly samples: SampleColumns
  readonly log: LogColumns
  /** The formula's curve for the headline measure; x in ms. */
  readonly formula: { readonly label: string; readonly points: readonly (readonly [number, number])[] } | null
  /** Something that the viewer should know: that packets or events were left out. */
  readonly remarks: readonly string[]
}

/** In order of sending. */
export interface PacketColumns {
  readonly from: Int32Array
  readonly to: Int32Array
  readonly sent: Float64Array
  /** When it arrived, or when it was lost. */
  readonly arrival: Float64Array
  /** The same times in ascending order: how many packets are in the air is then a matter of two searches. */
  readonly arrivals: Float64Array
  /** The number of the event in which it was sent. */
  readonly cause: Float64Array
  /** Index into messageTypes. */
  readonly type: Uint8Array
  readonly fate: Uint8Array
  /** Index into the scenario's marks, for a marked packet. */
  readonly mark: Uint8Array
}

/** Nodes that became something else, in order of time. At the beginning all are in state 0 of the scenario. */
export interface ChangeColumns {
  readonly time: Float64Array
  readonly node: Int32Array
  readonly state: Uint8Array
}

/** Measures over time; NaN = not reached. */
export interface SampleColumns {
  readonly time: Float64Array
  readonly values: { readonly [measure: string]: Float64Array }
}

/** What happened, for lists: dispatched events in order. */
export interface LogColumns {
  readonly number: Float64Array
  readonly time: Float64Array
  readonly kind: readonly EventKind[]
  readonly node: Int32Array
  readonly peer: Int32Array
  readonly text: readonly string[]
}

/** One keyframe of node states for this many changes. */
const changesPerKeyframe = 2048

/** Keyframes may take this many bytes in all; a large run has fewer. */
const keyframeBudget = 32 * 2 ** 20

/** Reads a recording at any moment, back or forth, without running anything again. */
export class Recording {
  readonly data: RecordingData
  readonly #keyframes: Uint8Array[] = []
  readonly #interval: number
  /** The longest flight: how far back a packet in the air can have been sent. */
  readonly #longest: number
  /** The states that were asked for last, and how many changes they hold: the next moment is often close to it. */
  readonly #states: Uint8Array
  #applied = 0

  constructor(data: RecordingData) {
    this.data = data
    const { changes, packets, size } = data
    const affordable = Math.max(1, Math.floor(keyframeBudget / Math.max(size, 1)))
    this.#interval = Math.max(changesPerKeyframe, Math.ceil(changes.time.length / affordable))
    const states = new Uint8Array(size)
    for (let i = 0; i < changes.time.length; i++) {
      if (i % this.#interval === 0) this.#keyframes.push(states.slice())
      states[changes.node[i]!] = changes.state[i]!
    }
    if (this.#keyframes.length === 0) this.#keyframes.push(states)
    this.#states = new Uint8Array(size)
    let longest = 0
    for (let i = 0; i < packets.sent.length; i++) longest = Math.max(longest, packets.arrival[i]! - packets.sent[i]!)
    this.#longest = longest
  }

  /** The state of every node after all changes up to and at `time`. To be read at once: the next call overwrites it. */
  statesAt(time: number): Uint8Array {
    const { changes } = this.data
    const count = countUpTo(changes.time, time)
    const keyframe = Math.min(Math.floor(count / this.#interval), this.#keyframes.length - 1)
    if (count < this.#applied || keyframe * this.#interval > this.#applied) {
      this.#states.set(this.#keyframes[keyframe]!)
      this.#applied = keyframe * this.#interval
    }
    for (let i = this.#applied; i < count; i++) this.#states[changes.node[i]!] = changes.state[i]!
    this.#applied = count
    return this.#states
  }

  /** How many packets are in the air at `time`. */
  packetsAt(time: number): number {
    const { sent, arrivals } = this.data.packets
    return countUpTo(sent, time) - countUpTo(arrivals, time)
  }

  /** Of how many packets in the air one is shown, so that at most `limit` are: a power of two. */
  thinningAt(time: number, limit: number): number {
    return 2 ** Math.ceil(Math.log2(Math.max(1, this.packetsAt(time) / limit)))
  }

  /**
   * Visits the packets that are in the air at `time`, in order of sending; where there are more than about `limit`, every
   * second, fourth, eighth … of them.
   *
   * @param visit gets the packet's place in the columns, and how far it is: 0 = just sent, 1 = there
   */
  forEachPacketAt(time: number, limit: number, visit: (packet: number, share: number) => void): void {
    const { sent, arrival } = this.data.packets
    const end = countUpTo(sent, time)
    const step = this.thinningAt(time, limit)
    const begin = countUpTo(sent, time - this.#longest - 1e-9)
    for (let i = Math.ceil(begin / step) * step; i < end; i += step) {
      if (arrival[i]! > time) visit(i, (time - sent[i]!) / (arrival[i]! - sent[i]!))
    }
  }

  /** A measure at a moment; null = not reached, or no such measure. */
  measureAt(name: string, time: number): number | null {
    const { samples } = this.data
    const i = countUpTo(samples.time, time) - 1
    const value = i < 0 ? NaN : (samples.values[name]?.[i] ?? NaN)
    return Number.isNaN(value) ? null : value
  }

  /** A measure at a moment, on the straight line between two samples; null = not reached, or no such measure. */
  between(name: string, time: number): number | null {
    const { samples } = this.data
    const column = samples.values[name]
    const i = countUpTo(samples.time, time) - 1
    const before = column?.[i] ?? NaN
    if (Number.isNaN(before)) return null
    const after = column?.[i + 1] ?? NaN
    if (Number.isNaN(after)) return before
    const [start, end] = [samples.time[i]!, samples.time[i + 1]!]
    return end === start ? after : before + ((after - before) * (time - start)) / (end - start)
  }

  /** How many log entries lie up to and at `time`. */
  logCountAt(time: number): number {
    return countUpTo(this.data.log.time, time)
  }

  /** The time of the event before or after a moment; the moment itself at the ends. For single steps. */
  neighborEvent(time: number, direction: -1 | 1): number {
    const times = this.data.log.time
    if (direction === 1) return times[countUpTo(times, time)] ?? this.data.end
    for (let i = countUpTo(times, time) - 1; i >= 0; i--) if (times[i]! < time) return times[i]!
    return 0
  }
}

/** The memory that can be handed over to another thread instead of being copied. */
export function buffersOf({ links, positions, packets, changes, samples, log }: RecordingData): ArrayBuffer[] {
  const columns = [packets, changes, log].flatMap((part) => Object.values(part) as unknown[])
  return [links, positions, samples.time, ...Object.values(samples.values), ...columns]
    .filter((column) => ArrayBuffer.isView(column))
    .map(({ buffer }) => buffer as ArrayBuffer)
}

/** The memory of its columns, in bytes. */
export function bytesOf(data: RecordingData): number {
  return buffersOf(data).reduce((sum, { byteLength }) => sum + byteLength, 0)
}

/** How many of the ascending times are up to and at `time`. */
export function countUpTo(times: Float64Array, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (times[middle]! <= time) low = middle + 1
    else high = middle
  }
  return low
}
