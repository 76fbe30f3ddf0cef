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

/** A packet at a moment. */
export interface FlyingPacket {
  readonly from: number
  readonly to: number
  /** How far it is: 0 = just sent, 1 = there. */
  readonly share: number
  readonly type: number
  readonly fate: number
  readonly mark: number
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
    let longest = 0
    for (let i = 0; i < packets.sent.length; i++) longest = Math.max(longest, packets.arrival[i]! - packets.sent[i]!)
    this.#longest = longest
  }

  /** The state of every node after all changes up to and at `time`. */
  statesAt(time: number): Uint8Array {
    const { changes } = this.data
    const count = countUpTo(changes.time, time)
    const keyframe = Math.min(Math.floor(count / this.#interval), this.#keyframes.length - 1)
    const states = this.#keyframes[keyframe]!.slice()
    for (let i = keyframe * this.#interval; i < count; i++) states[changes.node[i]!] = changes.state[i]!
    return states
  }

  /** Visits the packets that are in the air at `time`, in order of sending; at most `limit` of them. */
  forEachPacketAt(time: number, limit: number, visit: (packet: FlyingPacket) => void): void {
    const { from, to, sent, arrival, type, fate, mark } = this.data.packets
    const end = countUpTo(sent, time)
    let visited = 0
    for (let i = countUpTo(sent, time - this.#longest - 1e-9); i < end && visited < limit; i++) {
      if (arrival[i]! <= time) continue
      visited++
      const share = (time - sent[i]!) / (arrival[i]! - sent[i]!)
      visit({ from: from[i]!, to: to[i]!, share, type: type[i]!, fate: fate[i]!, mark: mark[i]! })
    }
  }

  /** A measure at a moment; null = not reached, or no such measure. */
  measureAt(name: string, time: number): number | null {
    const { samples } = this.data
    const i = countUpTo(samples.time, time) - 1
    const value = i < 0 ? NaN : (samples.values[name]?.[i] ?? NaN)
    return Number.isNaN(value) ? null : value
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
