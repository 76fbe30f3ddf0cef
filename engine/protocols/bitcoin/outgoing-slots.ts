import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import { Pacemaker } from '../../layers/pacemaker.ts'
import type { AddressTable } from '../address-table/address-table.ts'
import { groupOf, type Ipv4Endpoint } from '../address-table/endpoint.ts'
import { addressAges } from '../address-table/table-parameters.ts'
import { bitcoinTiming, type BitcoinParameters } from './bitcoin-parameters.ts'
import type { BitcoinLinkKind, Links } from './links.ts'

const anchorsKey = 'anchors'

/** How old the addresses of seeds are taken to be: 3 to 7 days. */
const seedAge = { least: 3 * 86_400_000, span: 4 * 86_400_000 } as const

/** So many addresses are drawn to find one to dial; one that was just tried is taken only after so many. */
const draws = { most: 100, untilRecent: 30 } as const

/**
 * Keeps the connections that the node opens itself: dials one address after the other, first the anchors and then as the
 * table selects, no two into one group. Feelers are short connections that only test an address.
 */
export class OutgoingSlots {
  readonly #host: Host<never>
  readonly #parameters: BitcoinParameters
  readonly #table: AddressTable
  readonly #links: Links
  readonly #seeds: readonly Ipv4Endpoint[]
  readonly #isBanned: (peer: Address) => boolean
  readonly #feeler: Pacemaker | undefined
  #anchors: Ipv4Endpoint[] = []
  #started: Millis = 0
  #hasAskedSeeds = false
  /** A dial is under way: the next one waits for its end. */
  #isDialing = false
  #pause: Millis = bitcoinTiming.retry

  constructor(
    host: Host<never>,
    parameters: BitcoinParameters,
    table: AddressTable,
    links: Links,
    seeds: readonly Ipv4Endpoint[],
    isBanned: (peer: Address) => boolean,
  ) {
    this.#host = host
    this.#parameters = parameters
    this.#table = table
    this.#links = links
    this.#seeds = seeds
    this.#isBanned = isBanned
    // A node that tests before it evicts has to dial for that, whether or not it looks for new addresses as well.
    const period = parameters.feelerInterval > 0 ? parameters.feelerInterval : 120_000
    const feels = parameters.feelerInterval > 0 || parameters.table.testBeforeEvict
    this.#feeler = feels ? new Pacemaker(host, 'feeler', { period, timing: 'poisson' }) : undefined
  }

  start(): void {
    this.#started = this.#host.now
    this.#anchors = ((this.#host.storage.get(anchorsKey) ?? []) as Ipv4Endpoint[]).slice(0, this.#parameters.anchors)
    if (this.#table.size === 0) this.#askSeeds()
    this.#wait()
    this.#feeler?.start()
  }

  opened(peer: Address, kind: BitcoinLinkKind): void {
    this.#table.good(peer)
    if (kind === 'feeler') this.#links.close(peer, 'tested')
    else this.#ended()
    if (kind === 'block-only') this.#saveAnchors()
  }

  failed(kind: BitcoinLinkKind): void {
    if (kind !== 'feeler') this.#ended()
  }

  closed(kind: BitcoinLinkKind): void {
    if (kind === 'full-relay' || kind === 'block-only') this.#wait()
  }

  onTimer(name: string): void {
    if (name === 'feeler') {
      this.#feel()
      this.#feeler!.next(true)
    } else if (!this.#isDialing) {
      this.#fill()
    }
  }

  #fill(): void {
    const lacking = this.#lacking()
    if (lacking === undefined) return
    const isAlone = this.#links.count('full-relay') === 0
    if (isAlone && this.#host.now - this.#started >= bitcoinTiming.seedsAfter && !this.#hasAskedSeeds) this.#askSeeds()
    const peer = this.#nextAnchor(lacking) ?? this.#choose()
    if (peer === undefined) {
      this.#host.setTimer('open', this.#pause)
      this.#pause = Math.min(2 * this.#pause, bitcoinTiming.maxRetry)
      return
    }
    this.#isDialing = true
    this.#table.attempt(peer)
    this.#links.dial(peer, lacking)
  }

  /** Anchors come first, before an attacker's addresses can. */
  #lacking(): 'full-relay' | 'block-only' | undefined {
    const { outgoing, blockOnly } = this.#parameters
    const lacksBlockOnly = this.#links.count('block-only') < blockOnly
    if (lacksBlockOnly && this.#anchors.length > 0) return 'block-only'
    if (this.#links.count('full-relay') < outgoing) return 'full-relay'
    return lacksBlockOnly ? 'block-only' : undefined
  }

  #nextAnchor(kind: BitcoinLinkKind): Ipv4Endpoint | undefined {
    if (kind !== 'block-only') return undefined
    for (let anchor = this.#anchors.shift(); anchor !== undefined; anchor = this.#anchors.shift()) {
      if (this.#isFree(anchor)) return anchor
    }
    return undefined
  }

  #choose(): Ipv4Endpoint | undefined {
    const own = this.#links.open.filter(({ kind }) => kind === 'full-relay' || kind === 'block-only')
    const groups = new Set(own.map(({ peer }) => groupOf(peer)))
    const outgoing = this.#links.count('full-relay')
    for (let i = 0; i < draws.most; i++) {
      const peer = this.#table.select({ outgoing })
      if (peer === undefined) return undefined
      if (groups.has(groupOf(peer)) || !this.#isFree(peer)) continue
      if (i >= draws.untilRecent || !this.#wasJustTried(peer)) return peer
    }
    return undefined
  }

  /** Tests a tried address that another is about to push out; if none, an address in new. */
  #feel(): void {
    if (this.#lacking() !== undefined) return
    const test = this.#table.drawTest()
    if (test !== undefined && this.#links.to(test) !== undefined)
      this.#table.good(test) // it answers all the time
    else if (test !== undefined && this.#isFree(test)) return this.#dialFeeler(test)
    if (this.#parameters.feelerInterval === 0) return
    const peer = this.#table.select({ newOnly: true })
    if (peer !== undefined && this.#isFree(peer)) this.#dialFeeler(peer)
  }

  #dialFeeler(peer: Ipv4Endpoint): void {
    this.#table.attempt(peer)
    this.#links.dial(peer, 'feeler')
  }

  #isFree(peer: Ipv4Endpoint): boolean {
    return !this.#links.isTaken(peer) && !this.#isBanned(peer)
  }

  #wasJustTried(peer: Ipv4Endpoint): boolean {
    const { lastTry } = this.#table.find(peer)!
    return lastTry !== undefined && this.#host.now - lastTry < addressAges.recentTry
  }

  #ended(): void {
    this.#isDialing = false
    this.#wait()
  }

  #wait(): void {
    this.#pause = bitcoinTiming.retry
    this.#host.setTimer('open', bitcoinTiming.retry)
  }

  #askSeeds(): void {
    this.#hasAskedSeeds = true
    const { address, now, random } = this.#host
    for (const seed of this.#seeds) {
      if (seed !== address) this.#table.add(seed, address, now - seedAge.least - random.next() * seedAge.span)
    }
  }

  #saveAnchors(): void {
    const peers = this.#links.open.filter(({ kind }) => kind === 'block-only').map(({ peer }) => peer)
    this.#host.storage.set(anchorsKey, peers.slice(-this.#parameters.anchors))
  }
}
