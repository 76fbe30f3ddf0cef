import type { Random } from '../../core/random.ts'
import type { Millis } from '../../core/time.ts'
import { BucketGrid } from './bucket-grid.ts'
import { hostOf, type Ipv4Endpoint } from './endpoint.ts'
import { Placement, type PlacementKey } from './placement.ts'
import { isTerrible, type TableEntry } from './table-entry.ts'
import type { TableParameters } from './table-parameters.ts'

/** Which entry is in which bucket of which table, and who has to go where there is no room. */
export class EntryStore {
  readonly placement: Placement
  readonly tried: BucketGrid
  readonly new: BucketGrid
  readonly #parameters: TableParameters
  readonly #random: Random
  readonly #entries = new Map<number, TableEntry>()
  #triedCount = 0

  constructor(parameters: TableParameters, random: Random, key: PlacementKey) {
    this.placement = new Placement(key, parameters)
    this.tried = new BucketGrid(parameters.bucketSize)
    this.new = new BucketGrid(parameters.bucketSize)
    this.#parameters = parameters
    this.#random = random
  }

  get triedCount(): number {
    return this.#triedCount
  }

  get newCount(): number {
    return this.#entries.size - this.#triedCount
  }

  /** In the order in which they came to be known. */
  get entries(): Iterable<TableEntry> {
    return this.#entries.values()
  }

  find(endpoint: Ipv4Endpoint): TableEntry | undefined {
    const entry = this.#entries.get(this.#keyOf(endpoint))
    return entry?.endpoint === endpoint ? entry : undefined
  }

  /** Whether the host has an entry under another port, where it may have one only. */
  isTaken(endpoint: Ipv4Endpoint): boolean {
    return this.#entries.has(this.#keyOf(endpoint)) && this.find(endpoint) === undefined
  }

  /**
   * Puts an entry, known or not yet, into one more new bucket. False where it is in there already, or where the one at
   * its position has more right to be there.
   */
  putInNew(entry: TableEntry, bucket: number, now: Millis): boolean {
    if (entry.newBuckets.includes(bucket)) return false
    const position = this.#positionOf(entry, 'new', bucket)
    if (position === undefined) {
      if (this.new.isFull(bucket)) this.#dropFromNew(this.#worstOfNew(bucket, now), bucket)
    } else {
      const rival = this.new.at(bucket, position)
      if (rival !== undefined && !this.#mustYield(rival, entry, now)) return false
      if (rival !== undefined) this.#dropFromNew(rival, bucket)
    }
    this.#insertInNew(entry, bucket, position)
    return true
  }

  /** The tried entry that has to go before this one can come in; undefined = there is room. A draw, where it is random. */
  incumbentOf(entry: TableEntry): TableEntry | undefined {
    const bucket = this.placement.triedBucket(entry.endpoint)
    const position = this.#positionOf(entry, 'tried', bucket)
    if (position !== undefined) return this.tried.at(bucket, position)
    return this.tried.isFull(bucket) ? this.#oldestOfFour(this.tried.entries(bucket)) : undefined
  }

  /** Moves an entry from new to tried; the incumbent, if there is one, from tried back to new. */
  promote(entry: TableEntry, incumbent: TableEntry | undefined): void {
    const bucket = this.placement.triedBucket(entry.endpoint)
    const origin = this.#random.pick(entry.newBuckets)
    for (const each of entry.newBuckets) this.new.remove(entry, each)
    entry.newBuckets.length = 0
    if (incumbent !== undefined) this.#demote(incumbent, bucket, origin)
    this.putInTried(entry, bucket)
  }

  /** Puts an entry that is in no bucket into its tried bucket. There must be room. */
  putInTried(entry: TableEntry, bucket: number): void {
    this.tried.put(entry, bucket, this.#positionOf(entry, 'tried', bucket))
    this.#entries.set(this.#keyOf(entry.endpoint), entry)
    entry.inTried = true
    this.#triedCount++
  }

  #demote(entry: TableEntry, triedBucket: number, origin: number): void {
    this.tried.remove(entry, triedBucket)
    this.#triedCount--
    entry.inTried = false
    const own = this.placement.newBucket(entry.endpoint, entry.source)
    const position = this.#positionOf(entry, 'new', own)
    if (position === undefined) {
      // The entry that takes its place has just left room in its own new bucket.
      this.#insertInNew(entry, this.new.isFull(own) ? origin : own, undefined)
    } else {
      const rival = this.new.at(own, position)
      if (rival !== undefined) this.#dropFromNew(rival, own)
      this.#insertInNew(entry, own, position)
    }
  }

  #insertInNew(entry: TableEntry, bucket: number, position: number | undefined): void {
    this.new.put(entry, bucket, position)
    entry.newBuckets.push(bucket)
    this.#entries.set(this.#keyOf(entry.endpoint), entry)
  }

  #dropFromNew(entry: TableEntry, bucket: number): void {
    this.new.remove(entry, bucket)
    entry.newBuckets.splice(entry.newBuckets.indexOf(bucket), 1)
    if (entry.newBuckets.length === 0) this.#entries.delete(this.#keyOf(entry.endpoint))
  }

  /** Whether an entry gives its fixed position up: it is worth little, or it has others while the newcomer has none. */
  #mustYield(rival: TableEntry, newcomer: TableEntry, now: Millis): boolean {
    const isSpare = rival.newBuckets.length > 1 && newcomer.newBuckets.length === 0
    return isSpare || isTerrible(rival, now, this.#parameters.horizon)
  }

  #worstOfNew(bucket: number, now: Millis): TableEntry {
    const entries = this.new.entries(bucket)
    return entries.find((entry) => isTerrible(entry, now, this.#parameters.horizon)) ?? this.#oldestOfFour(entries)
  }

  #oldestOfFour(entries: readonly TableEntry[]): TableEntry {
    return this.#random.sample(entries, 4).reduce((oldest, entry) => (entry.time < oldest.time ? entry : oldest))
  }

  /** undefined where positions are free. */
  #positionOf({ endpoint }: TableEntry, table: 'tried' | 'new', bucket: number): number | undefined {
    if (this.#parameters.eviction !== 'fixed-position') return undefined
    return this.placement.position(endpoint, table, bucket)
  }

  #keyOf(endpoint: Ipv4Endpoint): number {
    return this.#parameters.distinguishesPorts ? endpoint : hostOf(endpoint)
  }
}
