import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import type { AddressTable } from '../address-table/address-table.ts'
import { formatEndpoint, isRoutable, parseEndpoint, type Ipv4Endpoint } from '../address-table/endpoint.ts'
import { addressAges } from '../address-table/table-parameters.ts'
import { TokenBucket } from '../token-bucket.ts'
import { largeAddr, type BitcoinParameters } from './bitcoin-parameters.ts'
import type { BitcoinLink, Links } from './links.ts'
import { maxAddresses, type Addr, type AddressRecord } from './messages.ts'

interface Exchange {
  readonly link: BitcoinLink
  readonly budget: TokenBucket | undefined
  /** The peer was asked, and more of its answer may come. */
  awaitsAnswer: boolean
  /** The peer has asked, and was answered. Once a connection: who asks again learns what is new. */
  hasAnswered: boolean
  sentLargeAddr: boolean
  /** What the peer has said or was told lately: not to be told again. */
  readonly known: Set<Ipv4Endpoint>
}

/** For a timestamp from the future a peer gets this instead: so much before now. */
const implausible: Millis = 5 * 86_400_000
/** Addresses of a small addr that are not older than this go on, to so many peers. */
const relay = { age: 600_000, peers: 2 } as const
/** The list of what a peer knows is begun anew at this length. */
const maxKnown = 5000

/**
 * Who tells whom of which addresses: getaddr and addr. A node asks whom it connected to, answers who connected to it, and
 * passes news of few addresses on.
 */
export class AddressExchange {
  readonly #host: Host<never>
  readonly #parameters: BitcoinParameters
  readonly #table: AddressTable
  readonly #links: Links
  readonly #exchanges = new Map<Address, Exchange>()

  constructor(host: Host<never>, parameters: BitcoinParameters, table: AddressTable, links: Links) {
    this.#host = host
    this.#parameters = parameters
    this.#table = table
    this.#links = links
  }

  /** Begins with a connection: on those that this node relays on it says where it is, and asks. */
  opened(link: BitcoinLink): void {
    const { peer, kind } = link
    const { addressRate } = this.#parameters
    const budget = addressRate && new TokenBucket(addressRate, this.#host.now)
    const asks = kind === 'full-relay'
    const state = { awaitsAnswer: asks, hasAnswered: false, sentLargeAddr: false, known: new Set<Ipv4Endpoint>() }
    this.#exchanges.set(peer, { link, budget, ...state })
    if (!asks) return
    this.#announceTo(peer)
    this.#links.send(peer, { type: 'getaddr' })
    budget?.grant(this.#host.now, maxAddresses)
  }

  /** Tells all peers where this node is. To be called once in a while. */
  announce(): void {
    for (const { link } of this.#exchanges.values()) {
      if (isTold(link)) this.#announceTo(link.peer)
    }
  }

  /** Ends with it. Says whether the peer has sent a large addr that nobody asked for. */
  closed(peer: Address): boolean {
    const exchange = this.#exchanges.get(peer)
    this.#exchanges.delete(peer)
    return exchange?.sentLargeAddr === true
  }

  onGetAddr(from: Address): void {
    const exchange = this.#exchanges.get(from)
    if (exchange?.link.kind !== 'incoming' || exchange.hasAnswered) return
    exchange.hasAnswered = true
    const known = this.#table.sample().map(({ endpoint, time }) => ({ endpoint: formatEndpoint(endpoint), seen: time }))
    for (let at = 0; at < known.length; at += maxAddresses) {
      this.#links.send(from, { type: 'addr', addresses: known.slice(at, at + maxAddresses) })
    }
  }

  /** Takes over what is news. False when there is something in the message that is no endpoint. */
  onAddr(from: Address, { addresses }: Addr, isTrusted: boolean): boolean {
    const exchange = this.#exchanges.get(from)
    if (exchange === undefined || !isTold(exchange.link)) return true
    const isAnswer = exchange.awaitsAnswer
    if (addresses.length < maxAddresses) exchange.awaitsAnswer = false
    if (!isAnswer && addresses.length > largeAddr) {
      exchange.sentLargeAddr = true
      if (exchange.link.kind === 'incoming' && !this.#parameters.acceptsUnsolicited) isTrusted = false
    }
    if (!isTrusted) {
      this.#host.report('addresses-ignored', { from: formatEndpoint(from), count: addresses.length })
      return true
    }
    const allowed = this.#withinBudget(exchange, addresses)
    const news = allowed.filter((record) => this.#learn(record, exchange)).length
    this.#host.report('addresses', { from: formatEndpoint(from), count: addresses.length, news })
    if (!isAnswer && addresses.length <= largeAddr) this.#relay(allowed)
    return addresses.every(({ endpoint }) => parseEndpoint(endpoint) !== undefined)
  }

  /** As many as the peer has tokens for, at random: it does not choose which. */
  #withinBudget({ budget }: Exchange, addresses: readonly AddressRecord[]): readonly AddressRecord[] {
    if (budget === undefined) return addresses
    const count = Math.min(addresses.length, budget.available(this.#host.now))
    budget.take(this.#host.now, count)
    return this.#host.random.sample(addresses, count)
  }

  #learn({ endpoint, seen }: AddressRecord, { link, known }: Exchange): boolean {
    const { address, now } = this.#host
    const parsed = parseEndpoint(endpoint)
    if (parsed === undefined || parsed === address) return false
    note(known, parsed)
    return this.#table.add(parsed, link.peer, seen > now + addressAges.future ? now - implausible : seen)
  }

  /**
   * Passes fresh addresses on, each always to the same two peers as long as they are there: so it goes through the whole
   * network, and who listens at one node does not learn where it came from.
   */
  #relay(addresses: readonly AddressRecord[]): void {
    const peers = this.#links.open.filter(isTold).map(({ peer }) => peer)
    for (const record of addresses) {
      const endpoint = parseEndpoint(record.endpoint)
      if (endpoint === undefined || !isRoutable(endpoint) || record.seen <= this.#host.now - relay.age) continue
      for (const peer of this.#table.store.placement.closest(endpoint, peers, relay.peers)) {
        const { known } = this.#exchanges.get(peer)!
        if (known.has(endpoint) || peer === endpoint) continue
        note(known, endpoint)
        this.#links.send(peer, { type: 'addr', addresses: [record] })
      }
    }
  }

  #announceTo(peer: Address): void {
    const { address, now } = this.#host
    this.#links.send(peer, { type: 'addr', addresses: [{ endpoint: formatEndpoint(address), seen: now }] })
  }
}

/** Whether addresses go over this connection. Who opened a block-only one drops them; the other side cannot tell. */
function isTold({ kind }: BitcoinLink): boolean {
  return kind === 'full-relay' || kind === 'incoming'
}

function note(known: Set<Ipv4Endpoint>, endpoint: Ipv4Endpoint): void {
  if (known.size >= maxKnown) known.clear()
  known.add(endpoint)
}
