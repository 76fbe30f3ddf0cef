/**
 * A node of the Bitcoin network, as far as whom it is connected to: it keeps some connections that it opens itself, takes
 * many that others open, tells and learns addresses, and keeps its address table over a restart. Who owns all of its
 * connections decides what it believes: that is the eclipse attack, and a restart is when all of them are made anew.
 *
 * Heilman et al., "Eclipse Attacks on Bitcoin's Peer-to-Peer Network", USENIX Security 2015; bitcoind 0.9.3 and Bitcoin
 * Core (src/net.cpp, net_processing.cpp). Simplified: no blocks and transactions; connections are those of the
 * layer, and a node dials from the address that it is reached at; seeds are known addresses in place of DNS; anchors are written when
 * they change, not at the end. The node's address has to be an endpoint (see endpointBook).
 */
import type { Address } from '../../core/address.ts'
import type { Command, Message } from '../../core/data.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { Pacemaker } from '../../layers/pacemaker.ts'
import { AddressTable } from '../address-table/address-table.ts'
import { formatEndpoint, hostOf, isRoutable, type Ipv4Endpoint } from '../address-table/endpoint.ts'
import { restoreTable, saveTable } from '../address-table/saved-table.ts'
import { bitcoinMisbehaviour, PeerScores } from '../peer-scores.ts'
import { reportMalformed } from '../rumor.ts'
import { AddressExchange } from './address-exchange.ts'
import { AnomalyDetector } from './anomaly-detector.ts'
import { bitcoind093, bitcoinTiming, checkBitcoinParameters, type BitcoinParameters } from './bitcoin-parameters.ts'
import { IncomingSlots } from './incoming-slots.ts'
import { Links, type BitcoinLink } from './links.ts'
import { isBitcoinMessage, type BitcoinMessage } from './messages.ts'
import { OutgoingSlots } from './outgoing-slots.ts'

export interface BitcoinNodeOptions {
  /** Default {@link bitcoind093}. */
  readonly parameters?: BitcoinParameters
  /** Addresses that the node knows when its table is empty, or when nobody of its table answers. Default: none. */
  readonly seeds?: readonly Ipv4Endpoint[]
}

/** Ends all connections and writes the table, as before a planned restart. The node is to be crashed then. */
export interface Shutdown extends Command {
  readonly type: 'shutdown'
}

const tableKey = 'addresses'

/** Points off for a message that no honest node sends; five of them are a day on the graylist. */
const offence = 20

export class BitcoinNode implements Protocol<BitcoinMessage, Shutdown> {
  readonly #host: Host<BitcoinMessage>
  readonly #parameters: BitcoinParameters
  readonly #seeds: readonly Ipv4Endpoint[]
  readonly #links: Links
  readonly #incoming: IncomingSlots
  readonly #scores = new PeerScores(bitcoinMisbehaviour)
  readonly #anomalies: AnomalyDetector | undefined
  readonly #refresh: Pacemaker
  readonly #save: Pacemaker
  readonly #announce: Pacemaker
  // From the start on, since they need what is stored.
  #table!: AddressTable
  #outgoing!: OutgoingSlots
  #exchange!: AddressExchange

  constructor(host: Host<BitcoinMessage>, { parameters = bitcoind093, seeds = [] }: BitcoinNodeOptions = {}) {
    this.#host = host
    this.#parameters = checkBitcoinParameters(parameters)
    this.#seeds = seeds
    this.#anomalies = parameters.detectsAnomalies ? new AnomalyDetector() : undefined
    this.#links = new Links(host, {
      mayEnter: (peer) => isRoutable(peer) && !this.#isBanned(peer) && this.#incoming.mayEnter(peer),
      opened: (link) => this.#onOpened(link),
      closed: (link, why) => this.#onClosed(link, why),
      failed: (_peer, kind) => this.#outgoing.failed(kind),
    })
    this.#incoming = new IncomingSlots(this.#links, parameters)
    this.#refresh = new Pacemaker(host, 'refresh', { period: bitcoinTiming.refresh, timing: 'periodic' })
    this.#save = new Pacemaker(host, 'save', { period: bitcoinTiming.save, timing: 'periodic' })
    this.#announce = new Pacemaker(host, 'announce', { period: bitcoinTiming.announce, timing: 'poisson' })
  }

  /** Whom it knows; to look at. */
  get table(): AddressTable {
    return this.#table
  }

  /** Whom it is connected to, the oldest first. */
  get links(): readonly BitcoinLink[] {
    return this.#links.open
  }

  onStart(): void {
    const host = this.#host
    if (!isRoutable(host.address)) {
      throw new Error(`the node's address is ${host.address}, no public endpoint; run it with an endpointBook`)
    }
    const options = { random: host.random, now: () => host.now, parameters: this.#parameters.table }
    const saved = host.storage.get(tableKey)
    this.#table = saved === undefined ? new AddressTable(options) : restoreTable(saved, options)
    const parts = [host, this.#parameters, this.#table, this.#links] as const
    this.#exchange = new AddressExchange(...parts)
    this.#outgoing = new OutgoingSlots(...parts, this.#seeds, (peer) => this.#isBanned(peer))
    this.#outgoing.start()
    this.#refresh.start()
    this.#save.start()
    this.#announce.start()
  }

  onCommand(_shutdown: Shutdown): void {
    for (const { peer } of this.#links.open) this.#links.close(peer, 'shutdown')
    this.#storeTable()
  }

  onMessage(from: Address, packet: Message): void {
    const message = this.#links.onMessage(from, packet)
    if (message === undefined) return
    if (!isBitcoinMessage(message)) return this.#onMalformed(from, message)
    if (message.type === 'getaddr') return this.#exchange.onGetAddr(from)
    const isTrusted = this.#links.to(from)!.kind !== 'incoming' || !this.#isAlarmed()
    if (!this.#exchange.onAddr(from, message, isTrusted)) this.#onMalformed(from, message)
  }

  onTimer(name: string): void {
    if (this.#links.onTimer(name)) return
    if (name === 'refresh') {
      this.#refreshTimestamps()
      this.#refresh.next(true)
    } else if (name === 'save') {
      this.#storeTable()
      this.#save.next(true)
    } else if (name === 'announce') {
      this.#exchange.announce()
      this.#announce.next(true)
    } else {
      this.#outgoing.onTimer(name)
    }
  }

  #onOpened(link: BitcoinLink): void {
    const { peer, kind } = link
    if (kind === 'incoming' && !this.#incoming.admit(peer)) return
    this.#host.report('opened', { peer: formatEndpoint(peer), kind })
    this.#exchange.opened(link)
    if (kind !== 'incoming') return this.#outgoing.opened(peer, kind)
    if (!this.#parameters.incomingToTried || this.#isAlarmed()) return
    this.#table.add(peer, peer, this.#host.now)
    this.#table.good(peer)
  }

  #onClosed({ peer, kind, since }: BitcoinLink, why: string): void {
    this.#host.report('closed', { peer: formatEndpoint(peer), kind, why })
    const sentLargeAddr = this.#exchange.closed(peer)
    if (kind === 'incoming' && this.#anomalies?.ended(since, this.#host.now, sentLargeAddr))
      this.#host.report('anomaly')
    if (kind === 'full-relay') this.#table.connected(peer)
    this.#outgoing.closed(kind)
  }

  #onMalformed(from: Address, message: Message): void {
    reportMalformed(this.#host, message)
    if (!this.#scores.penalize(hostOf(from), offence, this.#host.now)) return
    this.#host.report('banned', { peer: formatEndpoint(from) })
    this.#links.close(from, 'banned')
  }

  /** bitcoind 0.9.3 keeps those fresh that it has connected to; Core does so only when the connection ends. */
  #refreshTimestamps(): void {
    if (!this.#parameters.table.freshOnSuccess) return
    for (const { peer, kind } of this.#links.open) if (kind !== 'incoming') this.#table.connected(peer)
  }

  /** Then who comes in changes nothing in the table. */
  #isAlarmed(): boolean {
    return this.#anomalies?.isAlarmed(this.#host.now) === true
  }

  #isBanned(peer: Address): boolean {
    return this.#scores.isGraylisted(hostOf(peer), this.#host.now)
  }

  #storeTable(): void {
    this.#host.storage.set(tableKey, saveTable(this.#table))
  }
}
