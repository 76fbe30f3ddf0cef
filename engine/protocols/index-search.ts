/**
 * Search by indexes: a node tells its index nodes what it has, and asks them who has a thing. An index node that is asked
 * looks into its index and passes the query on to the other index nodes that it knows, by flooding; a hit goes back on
 * the way of the query. Who stands where makes the architecture. One index node for all is the central directory of
 * Napster; a few, each with nodes of its own, are the supernodes of FastTrack and the ultrapeers of Gnutella 0.6; where
 * every node is one and indexes only itself, it is Gnutella 0.4.
 *
 * The Gnutella Protocol Specification v0.4 (Clip2, 2001): TTL, names of queries, hits routed back. Klingberg and Manfredi,
 * "Gnutella 0.6" (draft, 2002), and Liang, Kumar, Ross, "The FastTrack overlay", 2006: leaves and what indexes them.
 * Simplified: things have whole names, and their transfer, from node to node in all of these, is left out; a leaf whose
 * index nodes are gone looks for no others; names of queries are remembered until a crash.
 */
import type { Address } from '../core/address.ts'
import type { Command, Message } from '../core/data.ts'
import { checkInteger, checkNumber } from '../core/errors.ts'
import type { Host, Protocol } from '../core/host.ts'
import { maxMillis, type Millis } from '../core/time.ts'
import { isAddress } from './discovery/messages.ts'
import { isIdList, reportMalformed } from './rumor.ts'

export interface IndexSearchOptions {
  /** The names of what this node has, 1000 at most. */
  readonly items: readonly string[]
  /** Whether it keeps an index and passes queries on; else its neighbors are its index nodes. */
  readonly isIndex: boolean
  /** How many hops a query goes at most, 1 to 255. Default 7, as in Gnutella's clients. */
  readonly ttl?: number
  /** How often a node tells its index nodes what it has; who is silent for three of these is forgotten. Default 10,000. */
  readonly announceInterval?: Millis
  /** How long a search waits for a hit. Default 3000. */
  readonly patience?: Millis
}

/** Find who has the item. It ends in the report `found`, with the holders, or in `not-found`. */
export interface Search extends Command {
  readonly type: 'search'
  /** Names the search, the same at all nodes and for no other one. */
  readonly id: string
  readonly item: string
}

export type IndexSearchMessage = Message &
  (
    | { readonly type: 'announce'; readonly items: readonly string[] }
    | { readonly type: 'query'; readonly id: string; readonly item: string; readonly ttl: number }
    | { readonly type: 'hit'; readonly id: string; readonly holders: readonly Address[] }
  )

/** In a hit. */
const maxHolders = 100
/** In an index. */
const maxLeaves = 10_000

export class IndexSearch implements Protocol<IndexSearchMessage, Search> {
  readonly #host: Host<IndexSearchMessage>
  readonly #options: Required<IndexSearchOptions>
  readonly #leaves = new Map<Address, { readonly items: ReadonlySet<string>; readonly heard: Millis }>()
  /** Whom each query came from; its own address for a search of this node. */
  readonly #queries = new Map<string, Address>()
  /** Searches of this node that wait for a hit. */
  readonly #waiting = new Set<string>()

  constructor(host: Host<IndexSearchMessage>, options: IndexSearchOptions) {
    const { ttl = 7, announceInterval = 10_000, patience = 3000 } = options
    checkInteger('ttl', ttl, { min: 1, max: 255 })
    checkInteger('number of items', options.items.length, { min: 0, max: 1000 })
    checkNumber('announceInterval', announceInterval, { min: 1, max: maxMillis })
    checkNumber('patience', patience, { min: 1, max: maxMillis })
    this.#host = host
    this.#options = { ...options, ttl, announceInterval, patience }
  }

  /** The nodes in its index, and how many items each has announced; to look at. */
  get leaves(): readonly { readonly address: Address; readonly items: number }[] {
    return [...this.#leaves].map(([address, { items }]) => ({ address, items: items.size }))
  }

  onStart(): void {
    if (!this.#options.isIndex) this.#announce()
  }

  onCommand({ id, item }: Search): void {
    this.#host.setTimer(searchPrefix + id, this.#options.patience)
    this.#queries.set(id, this.#host.address)
    this.#waiting.add(id)
    const holders = this.#holdersOf(item)
    if (holders.length > 0) this.#end(id, holders)
    else this.#passOn({ type: 'query', id, item, ttl: this.#options.ttl })
  }

  onMessage(from: Address, message: Message): void {
    if (!isIndexSearchMessage(message)) reportMalformed(this.#host, message)
    else if (message.type === 'hit') this.#onHit(message)
    else if (!this.#options.isIndex) this.#host.report('not-an-index', { from })
    else if (message.type === 'announce') this.#index(from, message.items)
    else if (this.#queries.has(message.id)) this.#host.report('duplicate', { id: message.id })
    else this.#onQuery(from, message)
  }

  onTimer(name: string): void {
    if (name === announceTimer) return this.#announce()
    const id = name.slice(searchPrefix.length)
    this.#waiting.delete(id)
    this.#host.report('not-found', { id })
  }

  #announce(): void {
    for (const index of Array.from(this.#host.neighbors)) {
      this.#host.send(index, { type: 'announce', items: this.#options.items })
    }
    this.#host.setTimer(announceTimer, this.#options.announceInterval)
  }

  #index(from: Address, items: readonly string[]): void {
    if (this.#leaves.size >= maxLeaves && !this.#leaves.has(from)) return this.#host.report('full', { from })
    this.#leaves.set(from, { items: new Set(items), heard: this.#host.now })
  }

  #onQuery(from: Address, query: IndexSearchMessage & { readonly type: 'query' }): void {
    this.#queries.set(query.id, from)
    const holders = this.#holdersOf(query.item)
    if (holders.length > 0) this.#host.send(from, { type: 'hit', id: query.id, holders })
    if (query.ttl > 1) this.#passOn({ ...query, ttl: query.ttl - 1 }, from)
  }

  #onHit(hit: IndexSearchMessage & { readonly type: 'hit' }): void {
    const asker = this.#queries.get(hit.id)
    if (asker !== undefined && asker !== this.#host.address) this.#host.send(asker, hit)
    else if (this.#waiting.has(hit.id)) this.#end(hit.id, hit.holders)
    else this.#host.report('unwanted', { id: hit.id }) // one more, too late, or never asked for
  }

  #end(id: string, holders: readonly Address[]): void {
    this.#waiting.delete(id)
    this.#host.cancelTimer(searchPrefix + id)
    this.#host.report('found', { id, holders })
  }

  /** Leaves are not asked: what they have stands in the index. */
  #passOn(query: IndexSearchMessage, except?: Address): void {
    for (const neighbor of Array.from(this.#host.neighbors)) {
      if (neighbor !== except && !this.#leaves.has(neighbor)) this.#host.send(neighbor, query)
    }
  }

  #holdersOf(item: string): Address[] {
    const { now, address } = this.#host
    const { items, announceInterval } = this.#options
    const holders = items.includes(item) ? [address] : []
    for (const [leaf, { items: announced, heard }] of this.#leaves) {
      if (now - heard >= 3 * announceInterval) this.#leaves.delete(leaf)
      else if (announced.has(item) && holders.length < maxHolders) holders.push(leaf)
    }
    return holders
  }
}

const announceTimer = 'announce'
const searchPrefix = 'search/'

/** Peers lie: every field is checked. */
function isIndexSearchMessage(message: Message): message is IndexSearchMessage {
  const { type, id, item, items, ttl, holders } = message as unknown as { readonly [field: string]: unknown }
  if (type === 'announce') return isIdList(items)
  if (typeof id !== 'string') return false
  if (type === 'query') {
    return typeof item === 'string' && typeof ttl === 'number' && Number.isInteger(ttl) && ttl >= 1 && ttl <= 255
  }
  return type === 'hit' && Array.isArray(holders) && holders.length <= maxHolders && holders.every(isAddress)
}
