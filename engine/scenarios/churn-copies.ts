import type { Data, Message } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Observer } from '../core/observer.ts'
import type { Millis } from '../core/time.ts'

/** A copy that a node has. */
export interface Copy {
  readonly since: Millis
  /** One of the first copies, or one that a repair made. */
  readonly by: 'put' | 'repair'
}

/** Which nodes that are up have a copy of which object, and when the last copy of an object went. */
export class Copies implements Observer {
  readonly #wanted: number
  /** For each node its copies, by object. */
  readonly #held: Map<string, Copy>[]
  /** For each object how many copies there are, and whether all first ones have been made. */
  readonly #objects = new Map<string, { count: number; isComplete: boolean }>()
  readonly #history: [time: Millis, survived: number][] = []
  #surviving = 0
  #repairs = 0
  #departures = 0

  /** @param wanted how many copies an object is to have */
  constructor(size: number, wanted: number) {
    this.#wanted = wanted
    this.#held = Array.from({ length: size }, () => new Map<string, Copy>())
  }

  /** How many objects were put. */
  get objects(): number {
    return this.#objects.size
  }

  /** How many of them have a copy. */
  get surviving(): number {
    return this.#surviving
  }

  /** Copies that there are. */
  get copies(): number {
    let sum = 0
    for (const { count } of this.#objects.values()) sum += count
    return sum
  }

  /** Copies that were made to take the place of others. */
  get repairs(): number {
    return this.#repairs
  }

  /** Sessions that have ended. */
  get departures(): number {
    return this.#departures
  }

  /** The number of surviving objects, whenever it has changed. */
  get history(): readonly (readonly [time: Millis, survived: number])[] {
    return this.#history
  }

  of(node: number): ReadonlyMap<string, Copy> {
    return this.#held[node]!
  }

  onEvent(_number: number, time: Millis, kind: EventKind, node: number, _peer: number, subject: unknown): void {
    if (kind === 'command' && (subject as Message).type === 'put') {
      const { id } = subject as Message & { readonly id: string }
      if (!this.#objects.has(id)) this.#objects.set(id, { count: 0, isComplete: false })
    }
    if (kind !== 'crash') return
    this.#departures++
    for (const id of this.#held[node]!.keys()) {
      const object = this.#objects.get(id)!
      if (--object.count === 0) this.#note(time, -1)
    }
    this.#held[node]!.clear()
  }

  onReport(time: Millis, node: number, event: string, detail: Data | undefined): void {
    if (event !== 'stored') return
    const { id } = detail as { readonly id: string }
    const object = this.#objects.get(id)
    // What nobody has put is a liar's invention.
    if (object === undefined) return
    if (object.isComplete) this.#repairs++
    this.#held[node]!.set(id, { since: time, by: object.isComplete ? 'repair' : 'put' })
    if (object.count++ === 0) this.#note(time, 1)
    if (object.count >= this.#wanted) object.isComplete = true
  }

  #note(time: Millis, change: number): void {
    this.#surviving += change
    if (this.#history.at(-1)?.[0] === time) this.#history.pop()
    this.#history.push([time, this.#surviving])
  }
}
