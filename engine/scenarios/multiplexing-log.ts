import type { Data } from '../core/data.ts'
import type { Millis } from '../core/time.ts'

interface Frame {
  readonly index: number
  readonly arrived: Millis
  delivered: Millis | null
}

/** What a receiver had when, by stream: a frame that has arrived and that the application does not get yet is a stall. */
export class StreamLog {
  /** Of each delivery, in order. */
  readonly times: Millis[] = []
  readonly #streams = new Map<number, Map<number, Frame>>()
  readonly #stalled = new Set<number>()
  /** How many frames of a stream are there and wait. */
  readonly #waiting = new Map<number, number>()
  /** The longest wait of a frame, and all waits together. */
  longest = 0
  held = 0

  get delivered(): number {
    return this.times.length
  }

  /** Streams of which a frame ever waited. */
  get stalled(): number {
    return this.#stalled.size
  }

  /** Streams of which a frame waits now. */
  get waiting(): number {
    return this.#waiting.size
  }

  arrived(time: Millis, stream: number, index: number): void {
    const frames = this.#streams.get(stream) ?? new Map<number, Frame>()
    this.#streams.set(stream, frames)
    frames.set(index, { index, arrived: time, delivered: null })
    this.#waiting.set(stream, (this.#waiting.get(stream) ?? 0) + 1)
  }

  delivers(time: Millis, stream: number, index: number): void {
    const frame = this.#streams.get(stream)!.get(index)!
    frame.delivered = time
    this.times.push(time)
    const wait = time - frame.arrived
    this.longest = Math.max(this.longest, wait)
    this.held += wait
    if (wait > 0) this.#stalled.add(stream)
    const left = this.#waiting.get(stream)! - 1
    if (left === 0) this.#waiting.delete(stream)
    else this.#waiting.set(stream, left)
  }

  /** Plain data, for views: a stall lasts from the first frame that waited to the moment in which all of them went on. */
  get streams(): Data[] {
    return [...this.#streams]
      .sort(([one], [other]) => one - other)
      .map(([stream, frames]) => ({
        stream,
        waiting: this.#waiting.get(stream) ?? 0,
        frames: [...frames.values()].map((frame) => ({ ...frame })),
        stalls: stallsOf([...frames.values()]),
      }))
  }
}

function stallsOf(frames: readonly Frame[]): Data[] {
  const stalls: { from: Millis; to: Millis | null }[] = []
  for (const { arrived, delivered } of frames) {
    if (delivered === arrived) continue
    const last = stalls.at(-1)
    if (last !== undefined && last.to === delivered) continue
    stalls.push({ from: arrived, to: delivered })
  }
  return stalls
}
