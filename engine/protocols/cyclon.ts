/**
 * CYCLON: every node keeps a small view of others, each entry with an age. On every beat it takes out its oldest entry
 * and swaps a few entries with that node, its own fresh address among them. The views come to look like random samples,
 * every node is in about as many views as any other, and dead nodes vanish: the oldest entry is asked first, and
 * whoever does not answer is out.
 *
 * Voulgaris, Gavidia, van Steen: "CYCLON: Inexpensive membership management for unstructured P2P overlays", Journal of
 * Network and Systems Management 13(2), 2005 (enhanced shuffling). Simplified: a newcomer begins with its neighbors and
 * shuffles, where the paper sends random walks that place it at once. Liars are not resisted: who answers with none but
 * accomplices plants as many of them as a shuffle has entries (Brahms and secure peer sampling are about that).
 */
import { maxAddress, type Address } from '../core/address.ts'
import { checkInteger } from '../core/errors.ts'
import type { Host, Protocol } from '../core/host.ts'
import type { Message } from '../core/data.ts'
import { Pacemaker, type PacemakerOptions } from '../layers/pacemaker.ts'
import { samplePeers } from '../layers/peers.ts'

export interface CyclonOptions extends PacemakerOptions {
  /** Entries in a view at most (the paper's cache size c), 1 to 1000. Default 20, as in the paper. */
  readonly viewSize?: number
  /** Entries that go each way in a shuffle (the paper's ℓ), from 1 to the view size. Default 8, as in the paper. */
  readonly shuffleLength?: number
}

/** A node, and for how many beats its entry has been about. */
export interface ViewEntry {
  readonly address: Address
  readonly age: number
}

/** "Here are some of mine, I among them: give me some of yours." The answer repeats the number. */
export interface Shuffle extends Message {
  readonly type: 'shuffle' | 'shuffle-reply'
  readonly number: number
  readonly entries: readonly ViewEntry[]
}

export class Cyclon implements Protocol<Shuffle> {
  readonly #host: Host<Shuffle>
  readonly #viewSize: number
  readonly #shuffleLength: number
  readonly #pacemaker: Pacemaker
  readonly #view = new Map<Address, number>()
  /** The shuffle that waits for its answer. */
  #open: { readonly peer: Address; readonly number: number; readonly sent: readonly ViewEntry[] } | undefined

  constructor(host: Host<Shuffle>, options: CyclonOptions) {
    this.#host = host
    this.#viewSize = checkInteger('viewSize', options.viewSize ?? 20, { min: 1, max: 1000 })
    const shuffleLength = options.shuffleLength ?? Math.min(8, this.#viewSize)
    this.#shuffleLength = checkInteger('shuffleLength', shuffleLength, { min: 1, max: this.#viewSize })
    this.#pacemaker = new Pacemaker(host, 'beat', options)
  }

  /** The addresses in the view, with their ages in beats. */
  get view(): ReadonlyMap<Address, number> {
    return this.#view
  }

  onStart(): void {
    this.#fillFromNeighbors()
    this.#pacemaker.start()
  }

  onMessage(from: Address, message: Message): void {
    if (!isShuffle(message, this.#shuffleLength)) this.#host.report('malformed', { type: message.type })
    else if (message.type === 'shuffle') this.#onShuffle(from, message)
    else this.#onReply(from, message)
  }

  onTimer(): void {
    if (this.#open !== undefined) this.#host.report('no-answer', { peer: this.#open.peer })
    if (this.#view.size === 0) this.#fillFromNeighbors()
    for (const [address, age] of this.#view) this.#view.set(address, age + 1)
    const oldest = this.#entries().reduce((old, entry) => (entry.age > old.age ? entry : old), nobody)
    if (oldest !== nobody) this.#shuffleWith(oldest.address)
    this.#pacemaker.next(true)
  }

  #shuffleWith(peer: Address): void {
    // It comes back with somebody else's shuffle if it lives: its link to us takes the place of ours to it.
    this.#view.delete(peer)
    const sent = this.#host.random.sample(this.#entries(), this.#shuffleLength - 1)
    this.#open = { peer, number: this.#host.random.integer(2 ** 32), sent }
    const own = { address: this.#host.address, age: 0 }
    this.#host.send(peer, { type: 'shuffle', number: this.#open.number, entries: [own, ...sent] })
  }

  #onShuffle(from: Address, { number, entries }: Shuffle): void {
    const sent = this.#host.random.sample(this.#entries(), this.#shuffleLength)
    this.#host.send(from, { type: 'shuffle-reply', number, entries: sent })
    this.#take(entries, sent)
  }

  #onReply(from: Address, { number, entries }: Shuffle): void {
    // Anything but the answer that is waited for is late, a copy, or a way to push entries unasked.
    if (this.#open?.peer !== from || this.#open.number !== number) return
    this.#take(entries, this.#open.sent)
    this.#open = undefined
    this.#host.report('shuffled', { peer: from })
  }

  /** New entries take free places first, then the places of those that were sent away. */
  #take(received: readonly ViewEntry[], sent: readonly ViewEntry[]): void {
    const given = sent.map(({ address }) => address)
    for (const { address, age } of received) {
      if (address === this.#host.address || this.#view.has(address)) continue
      while (this.#view.size >= this.#viewSize && given.length > 0) this.#view.delete(given.pop()!)
      if (this.#view.size < this.#viewSize) this.#view.set(address, age)
    }
  }

  #fillFromNeighbors(): void {
    const { random, neighbors } = this.#host
    for (const peer of samplePeers(random, neighbors, this.#viewSize)) this.#view.set(peer, 0)
  }

  #entries(): ViewEntry[] {
    return Array.from(this.#view, ([address, age]) => ({ address, age }))
  }
}

const nobody: ViewEntry = { address: -1 as Address, age: -1 }

function isShuffle(message: Message, maxEntries: number): message is Shuffle {
  const { type, number, entries } = message as Partial<Shuffle>
  return (
    (type === 'shuffle' || type === 'shuffle-reply') &&
    isCount(number, maxAddress) &&
    Array.isArray(entries) &&
    entries.length <= maxEntries &&
    entries.every(isViewEntry)
  )
}

function isViewEntry(value: unknown): value is ViewEntry {
  const { address, age } = (value ?? {}) as Partial<ViewEntry>
  return isCount(address, maxAddress) && isCount(age, 2 ** 31)
}

function isCount(value: unknown, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
}
