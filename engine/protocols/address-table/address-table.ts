import type { Random } from '../../core/random.ts'
import type { Millis } from '../../core/time.ts'
import { isRoutable, type Ipv4Endpoint } from './endpoint.ts'
import { EntryStore } from './entry-store.ts'
import type { PlacementKey } from './placement.ts'
import { chanceOf, isTerrible, type TableEntry } from './table-entry.ts'
import { addressAges, bitcoind093Table, checkTableParameters, type TableParameters } from './table-parameters.ts'
import { TriedCollisions } from './tried-collisions.ts'

export interface AddressTableOptions {
  readonly random: Random
  /** What time it is. */
  readonly now: () => Millis
  /** Default {@link bitcoind093Table}. */
  readonly parameters?: TableParameters
  /** The secret that buckets are chosen with. Default: drawn. */
  readonly key?: PlacementKey
}

/**
 * Bitcoin's address manager: whom a node knows, in two tables of buckets. New has what was heard of, tried what a
 * connection succeeded with. A group of addresses (a /16) reaches few buckets of tried, and what one group tells few
 * buckets of new, so that who has many addresses in few places cannot fill the tables.
 *
 * Heilman et al., "Eclipse Attacks on Bitcoin's Peer-to-Peer Network", USENIX Security 2015, sections 2.2 and 2.3, and
 * Bitcoin Core, src/addrman.cpp. Simplified: IPv4 only, no services, and in tried the oldest of four is the one with the
 * oldest timestamp, as the paper says (addrman.cpp of 0.9.3 compares the last successes, and by a slip evicts another).
 */
export class AddressTable {
  readonly parameters: TableParameters
  /** What buckets are chosen with; to be kept with the addresses. */
  readonly key: PlacementKey
  /** Where the entries are; to look at. */
  readonly store: EntryStore
  readonly #random: Random
  readonly #now: () => Millis
  readonly #collisions: TriedCollisions

  constructor({ random, now, parameters = bitcoind093Table, key }: AddressTableOptions) {
    this.parameters = checkTableParameters(parameters)
    this.key = key ?? [random.integer(2 ** 32), random.integer(2 ** 32)]
    this.store = new EntryStore(parameters, random, this.key)
    this.#random = random
    this.#now = now
    this.#collisions = new TriedCollisions(this.store, random)
  }

  get triedCount(): number {
    return this.store.triedCount
  }

  get newCount(): number {
    return this.store.newCount
  }

  get size(): number {
    return this.triedCount + this.newCount
  }

  /** What is known of an address; to look at. */
  find(endpoint: Ipv4Endpoint): Readonly<TableEntry> | undefined {
    return this.store.find(endpoint)
  }

  /**
   * Notes that a source told of an address, last seen at that time. What others say is taken for two hours older. False
   * when nothing came of it: it is not routable, known well enough, or there was no room.
   */
  add(endpoint: Ipv4Endpoint, source: Ipv4Endpoint, seen: Millis): boolean {
    if (!isRoutable(endpoint) || this.store.isTaken(endpoint)) return false
    const penalty = endpoint === source ? 0 : addressAges.hearsayPenalty
    let entry = this.store.find(endpoint)
    if (entry === undefined) {
      entry = newEntry(endpoint, source, seen - penalty)
    } else {
      this.#update(entry, seen, penalty)
      if (seen <= entry.time || entry.inTried) return false
      const positions = entry.newBuckets.length
      if (positions >= this.parameters.maxNewPositions || this.#random.integer(1 << positions) !== 0) return false
    }
    return this.store.putInNew(entry, this.store.placement.newBucket(endpoint, source), this.#now())
  }

  /** A connection to or from the address succeeded: it moves to tried, if it is known. */
  good(endpoint: Ipv4Endpoint): void {
    const entry = this.store.find(endpoint)
    if (entry === undefined) return
    const now = this.#now()
    entry.lastSuccess = now
    entry.lastTry = now
    entry.attempts = 0
    if (this.parameters.freshOnSuccess) entry.time = now
    if (entry.inTried) return
    const incumbent = this.store.incumbentOf(entry)
    if (incumbent !== undefined && this.parameters.testBeforeEvict) this.#collisions.add(entry, incumbent)
    else this.store.promote(entry, incumbent)
  }

  /** A connection to the address is being tried. Counts as a failure until {@link good} says otherwise. */
  attempt(endpoint: Ipv4Endpoint): void {
    const entry = this.store.find(endpoint)
    if (entry === undefined) return
    entry.lastTry = this.#now()
    entry.attempts++
  }

  /** A connection to the address lasts: its timestamp moves on, in steps of twenty minutes. */
  connected(endpoint: Ipv4Endpoint): void {
    const entry = this.store.find(endpoint)
    if (entry !== undefined && this.#now() - entry.time > addressAges.refresh) entry.time = this.#now()
  }

  /**
   * An address to connect to; undefined when there is none.
   * @param outgoing how many connections there are by now: the more, the likelier is a new address
   */
  select({ outgoing = 0, newOnly = false } = {}): Ipv4Endpoint | undefined {
    if (newOnly ? this.newCount === 0 : this.size === 0) return undefined
    const grid = !newOnly && this.#drawsTried(outgoing) ? this.store.tried : this.store.new
    for (let factor = 1; ; factor *= 1.2) {
      const entry = grid.draw(this.#random)
      if (this.#random.next() < factor * chanceOf(entry, this.#now(), this.parameters)) return entry.endpoint
    }
  }

  /** Addresses to tell a peer who asks: some at random, without the terrible. */
  sample(): Readonly<TableEntry>[] {
    const { answerShare, answerMax, horizon } = this.parameters
    const count = Math.min(Math.floor(answerShare * this.size), answerMax)
    const entries = [...this.store.entries].filter((entry) => !isTerrible(entry, this.#now(), horizon))
    return this.#random.sample(entries, count)
  }

  /** An address in tried that stands in the way of another: dial it, and say {@link attempt} and {@link good}. */
  drawTest(): Ipv4Endpoint | undefined {
    this.settleTests()
    return this.#collisions.draw()?.endpoint
  }

  /** Draws the consequences of the tests so far. To be called now and then where there is test before evict. */
  settleTests(): void {
    this.#collisions.settle(this.#now())
  }

  /** As P(tried) = √ρ (9 - ω) / ((ω + 1) + √ρ (9 - ω)), for ω connections and ρ times as many tried as new. */
  #drawsTried(outgoing: number): boolean {
    const { triedCount, newCount } = this
    if (triedCount === 0 || newCount === 0) return newCount === 0
    if (this.parameters.tableChoice === 'even') return this.#random.chance(0.5)
    const connections = Math.min(outgoing, 8)
    const forTried = Math.sqrt(triedCount) * (9 - connections)
    const forNew = Math.sqrt(newCount) * (connections + 1)
    return this.#random.next() * (forTried + forNew) < forTried
  }

  #update(entry: TableEntry, seen: Millis, penalty: Millis): void {
    const isOnline = this.#now() - seen < addressAges.online
    const step = isOnline ? addressAges.updateOnline : addressAges.updateOffline
    if (entry.time < seen - step - penalty) entry.time = seen - penalty
  }
}

function newEntry(endpoint: Ipv4Endpoint, source: Ipv4Endpoint, time: Millis): TableEntry {
  const never = { lastSuccess: undefined, lastTry: undefined }
  return { endpoint, source, time, ...never, attempts: 0, inTried: false, newBuckets: [] }
}
