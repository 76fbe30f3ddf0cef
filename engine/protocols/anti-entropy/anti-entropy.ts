/**
 * Anti-entropy: replicas of a store take writes wherever they come, and on every beat compare with a random neighbor
 * and settle what differs. They do not send the store: they send a digest of it, then digests of sixteen parts where it
 * differs, and so on down, as in a hash tree, and at last the few entries of a small range. So the traffic is about the
 * size of the difference. No message depends on one before it, so any may be lost, late or doubled.
 *
 * Demers et al.: "Epidemic algorithms for replicated database maintenance", PODC 1987, sections 1.3 (anti-entropy,
 * push-pull) and 2 (death certificates); Merkle's hash trees, as Dynamo and Cassandra compare replicas by. Simplified: a
 * write is not mailed at once but waits for a beat; tombstones are kept for ever; digests are summed up anew, where
 * large stores keep the tree; replicas trust each other, so a liar can overwrite what it likes.
 */
import type { Address } from '../../core/address.ts'
import type { Command, Data, Message } from '../../core/data.ts'
import { checkInteger } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { Pacemaker, type PacemakerOptions } from '../../layers/pacemaker.ts'
import { samplePeers } from '../../layers/peers.ts'
import {
  hexDigits,
  isAntiEntropyMessage,
  maxBatch,
  maxDepth,
  type AntiEntropyMessage,
  type RangeDigest,
} from './messages.ts'
import { digest, isInRange, isNewer, isStoreEntry, merge, type StoreEntry } from './store.ts'

export interface AntiEntropyOptions extends PacemakerOptions {
  /** A range with so few entries is sent instead of split, 1 to 32. Default 8. */
  readonly rangeSize?: number
  /** Keys at most, deleted ones among them, from 1: a liar can invent any number. Default 100,000. */
  readonly maxEntries?: number
}

/** Write, or delete. The report `written` says that it is stored and will not be lost; `refused` that it was not. */
export interface StoreCommand extends Command {
  readonly type: 'put' | 'delete'
  /** Up to 256 characters. */
  readonly key: string
  /** In a put: up to 4096 characters. */
  readonly value?: string
}

export class AntiEntropy implements Protocol<AntiEntropyMessage, StoreCommand> {
  readonly #host: Host<AntiEntropyMessage>
  readonly #rangeSize: number
  readonly #maxEntries: number
  readonly #pacemaker: Pacemaker
  readonly #entries = new Map<string, StoreEntry>()

  constructor(host: Host<AntiEntropyMessage>, options: AntiEntropyOptions) {
    this.#host = host
    this.#rangeSize = checkInteger('rangeSize', options.rangeSize ?? 8, { min: 1, max: maxBatch })
    this.#maxEntries = checkInteger('maxEntries', options.maxEntries ?? 100_000, { min: 1, max: 2 ** 32 })
    this.#pacemaker = new Pacemaker(host, 'beat', options)
  }

  /** All that this replica holds, tombstones as well, in the order of the keys. */
  get entries(): readonly StoreEntry[] {
    return merge([...this.#entries.values()], [])
  }

  /** The value of a key; undefined where there is none, or none any more. */
  get(key: string): string | undefined {
    return this.#entries.get(key)?.value ?? undefined
  }

  onStart(): void {
    for (const name of this.#host.storage.keys()) {
      const stored = this.#host.storage.get(name)
      if (isStoreEntry(stored)) this.#entries.set(stored.key, stored)
    }
    this.#pacemaker.start()
  }

  onCommand({ type, key, value }: StoreCommand): void {
    const time = (this.#entries.get(key)?.time ?? 0) + 1
    const entry = { key, value: type === 'put' ? value! : null, time, writer: this.#host.address }
    const isStored = isStoreEntry(entry) && this.#store(entry)
    this.#host.report(isStored ? 'written' : 'refused', { ...entry, value: entry.value ?? null })
  }

  onMessage(from: Address, message: Message): void {
    if (!isAntiEntropyMessage(message)) {
      this.#host.report('malformed', { type: message.type })
    } else if (message.type === 'compare') {
      for (const range of message.ranges) this.#compare(from, range)
    } else {
      this.#learn(message.entries)
      if (message.type === 'range') this.#complete(from, message.prefix, message.entries)
    }
  }

  onTimer(): void {
    const whole = { prefix: '', digest: digest([...this.#entries.values()]) }
    for (const peer of samplePeers(this.#host.random, this.#host.neighbors, 1)) {
      this.#host.send(peer, { type: 'compare', ranges: [whole] })
    }
    this.#pacemaker.next(true)
  }

  /** Goes down where the sums differ: by sixteen smaller ranges, or at the end by the entries. */
  #compare(peer: Address, { prefix, digest: theirs }: RangeDigest): void {
    const entries = this.#inRange(prefix)
    if (digest(entries) === theirs) return
    if (entries.length <= this.#rangeSize || prefix.length >= maxDepth) {
      this.#host.send(peer, { type: 'range', prefix, entries: entries.slice(0, maxBatch) })
    } else {
      const ranges = hexDigits.map((digit) => ({ prefix: prefix + digit, digest: digest(entries, prefix + digit) }))
      this.#host.send(peer, { type: 'compare', ranges })
    }
  }

  /** Sends what the peer lacks in a range, one message of it: where there is more, a later beat goes on. */
  #complete(peer: Address, prefix: string, theirs: readonly StoreEntry[]): void {
    const held = new Map(theirs.map((entry) => [entry.key, entry]))
    const lacking = this.#inRange(prefix).filter((entry) => {
      const other = held.get(entry.key)
      return other === undefined || isNewer(entry, other)
    })
    if (lacking.length > 0) this.#host.send(peer, { type: 'entries', entries: lacking.slice(0, maxBatch) })
  }

  #learn(entries: readonly StoreEntry[]): void {
    const held = entries.flatMap(({ key }) => this.#entries.get(key) ?? [])
    for (const entry of merge(held, entries)) {
      if (held.includes(entry)) continue
      this.#host.report(this.#store(entry) ? 'learned' : 'full', { ...entry })
    }
  }

  /** On disk first: a report must not say more than a restart will find. False = there is no room for a new key. */
  #store(entry: StoreEntry): boolean {
    if (!this.#entries.has(entry.key) && this.#entries.size >= this.#maxEntries) return false
    this.#host.storage.set(`entry/${entry.key}`, { ...entry } as Data)
    this.#entries.set(entry.key, entry)
    return true
  }

  #inRange(prefix: string): StoreEntry[] {
    return [...this.#entries.values()].filter((entry) => isInRange(entry, prefix))
  }
}
