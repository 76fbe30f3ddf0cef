import type { Random } from '../../core/random.ts'
import type { TableEntry } from './table-entry.ts'

interface Bucket {
  readonly slots: (TableEntry | undefined)[]
  count: number
  /** Where it stands in the list of buckets that have something. */
  at: number
}

/** Buckets with a fixed number of positions. Only those with something in them take memory. */
export class BucketGrid {
  readonly #bucketSize: number
  readonly #buckets = new Map<number, Bucket>()
  /** The numbers of the buckets that have something, in no order, to draw from. */
  readonly #occupied: number[] = []

  constructor(bucketSize: number) {
    this.#bucketSize = bucketSize
  }

  /** How many buckets have something. */
  get occupied(): number {
    return this.#occupied.length
  }

  count(bucket: number): number {
    return this.#buckets.get(bucket)?.count ?? 0
  }

  isFull(bucket: number): boolean {
    return this.count(bucket) === this.#bucketSize
  }

  at(bucket: number, position: number): TableEntry | undefined {
    return this.#buckets.get(bucket)?.slots[position]
  }

  /** What is in a bucket, by position. */
  entries(bucket: number): readonly TableEntry[] {
    const { slots, count } = this.#buckets.get(bucket) ?? nothing
    return count === this.#bucketSize ? (slots as TableEntry[]) : slots.filter((entry) => entry !== undefined)
  }

  /** Puts an entry at a position, or at the first that is free. It must be free. */
  put(entry: TableEntry, bucket: number, position?: number): void {
    let found = this.#buckets.get(bucket)
    if (found === undefined) {
      found = { slots: new Array<undefined>(this.#bucketSize).fill(undefined), count: 0, at: this.#occupied.length }
      this.#buckets.set(bucket, found)
      this.#occupied.push(bucket)
    }
    const free = position ?? found.slots.indexOf(undefined)
    if (free < 0 || found.slots[free] !== undefined) {
      throw new Error(`bucket ${bucket} has no room at position ${free}; remove what is there first`)
    }
    found.slots[free] = entry
    found.count++
  }

  remove(entry: TableEntry, bucket: number): void {
    const found = this.#buckets.get(bucket)
    const position = found?.slots.indexOf(entry) ?? -1
    if (found === undefined || position < 0) throw new Error(`bucket ${bucket} has no such entry to remove`)
    found.slots[position] = undefined
    if (--found.count > 0) return
    this.#buckets.delete(bucket)
    const last = this.#occupied.pop()!
    if (last === bucket) return
    this.#occupied[found.at] = last
    this.#buckets.get(last)!.at = found.at
  }

  /** An entry of a bucket that has something: the bucket at random, then the entry. There must be one. */
  draw(random: Random): TableEntry {
    const { slots, count } = this.#buckets.get(random.pick(this.#occupied))!
    let skip = random.integer(count)
    return slots.find((entry) => entry !== undefined && skip-- === 0)!
  }
}

const nothing: Bucket = { slots: [], count: 0, at: -1 }
