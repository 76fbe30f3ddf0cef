import type { Millis } from '../core/time.ts'

/** A value over time, as steps: it holds until it changes. For the curves of a chart, which draws lines between points. */
export class History {
  readonly #points: [time: Millis, value: number][] = []

  /** The latest value; undefined while there is none. */
  get latest(): number | undefined {
    return this.#points.at(-1)?.[1]
  }

  /** Times do not go back. A value that is the latest one already adds nothing. */
  note(time: Millis, value: number): void {
    const last = this.#points.at(-1)
    if (value === last?.[1]) return
    if (last !== undefined && last[0] < time) this.#points.push([time, last[1]])
    this.#points.push([time, value])
  }

  /** When the value was first at least so much; null = never so far. */
  timeToReach(value: number): Millis | null {
    return this.#points.find((point) => point[1] >= value)?.[0] ?? null
  }

  /**
   * At most `most` points, the first and the last among them.
   *
   * @param end up to when the latest value holds
   * @param most from 2
   */
  points(most: number, end: Millis): readonly (readonly [time: Millis, value: number])[] {
    const last = this.#points.at(-1)
    if (last === undefined) return []
    const all = last[0] < end ? [...this.#points, [end, last[1]] as const] : this.#points
    if (all.length <= most) return all
    return Array.from({ length: most }, (_, i) => all[Math.round((i * (all.length - 1)) / (most - 1))]!)
  }
}
