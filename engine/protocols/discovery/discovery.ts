/**
 * Discovery by peer exchange: a node knows nobody but a few bootnodes. It connects, asks for the nodes that the other
 * knows, connects to a random few of these, and so on, until it has the connections that it wants. To know and to be
 * connected are two things: an address is hearsay until somebody has answered there, and only verified addresses are
 * passed on, so that a lie goes one hop far. Bootnodes are called when there is nobody else to call.
 *
 * Bitcoin Core asks with getaddr over its outgoing connections, tries addresses with feelers and keeps them over a
 * restart; discv5 checks nodes to be live and passes on up to 16; a Gnutella 0.6 node that was full named others to try.
 * Substrate walks a Kademlia table instead, from the bootnodes of its chain specification. Simplified: "connected" is a
 * hello, a welcome and pings, and a packet is taken to come from where it says; addresses do not age, and are passed on
 * until calls fail; nor are they sorted into buckets by network group, so who has many of them gets many places.
 */
import type { Address } from '../../core/address.ts'
import type { Host, Protocol } from '../../core/host.ts'
import type { Message } from '../../core/data.ts'
import type { Millis } from '../../core/time.ts'
import { Pacemaker } from '../../layers/pacemaker.ts'
import { samplePeers } from '../../layers/peers.ts'
import { KnownAddresses } from './known-addresses.ts'
import { isDiscoveryMessage, type DiscoveryMessage } from './messages.ts'
import { withDefaults, type DiscoveryOptions } from './options.ts'

/** What a node knows of a peer that it is connected to. */
interface Connection {
  /** Whether this node called. */
  readonly isOutgoing: boolean
  /** When the last packet came. */
  heard: Millis
  /** Whether an answer to get-peers is awaited. */
  isAsked: boolean
  /** Whether the peer has had an answer to get-peers since the last beat. */
  isServed: boolean
}

export class Discovery implements Protocol<DiscoveryMessage> {
  readonly #host: Host<DiscoveryMessage>
  readonly #options: Required<DiscoveryOptions>
  readonly #pacemaker: Pacemaker
  readonly #connections = new Map<Address, Connection>()
  /** Who was called, and until when a welcome counts. */
  readonly #dials = new Map<Address, Millis>()
  readonly #known: KnownAddresses
  #nextFeeler: Millis = 0

  constructor(host: Host<DiscoveryMessage>, options: DiscoveryOptions = {}) {
    this.#host = host
    this.#options = withDefaults(options)
    this.#pacemaker = new Pacemaker(host, 'beat', { period: this.#options.period, timing: 'periodic' })
    this.#known = new KnownAddresses(host, this.#options)
  }

  /** The addresses that this node has heard of, and whether somebody has answered there. */
  get known(): ReadonlyMap<Address, { readonly isVerified: boolean }> {
    return this.#known.all
  }

  /** The peers of this node, and whether it called them or they called it. */
  get connections(): ReadonlyMap<Address, { readonly isOutgoing: boolean }> {
    return this.#connections
  }

  onStart(): void {
    this.#known.restore()
    this.#nextFeeler = this.#host.now + this.#options.feelerInterval
    this.#pacemaker.start()
  }

  onMessage(from: Address, message: Message): void {
    if (!isDiscoveryMessage(message, this.#options.maxShared)) {
      this.#host.report('malformed', { type: message.type })
      return
    }
    const connection = this.#connections.get(from)
    if (connection !== undefined) connection.heard = this.#host.now
    if (message.type === 'hello') this.#onHello(from)
    else if (message.type === 'welcome') this.#onWelcome(from)
    else if (message.type === 'full') this.#onFull(from, message.peers)
    else if (message.type === 'bye') this.#disconnect(from, 'bye')
    else if (connection === undefined) this.#host.send(from, { type: 'bye' })
    else {
      // It goes on with the conversation: so it has had our welcome, and is where it says.
      this.#known.verify(from)
      if (message.type === 'ping') this.#host.send(from, { type: 'pong' })
      else if (message.type === 'get-peers') this.#serve(from, connection)
      else if (message.type === 'peers') this.#onPeers(from, message.peers, connection)
    }
  }

  onTimer(): void {
    const { now, random } = this.#host
    for (const [peer, deadline] of this.#dials) if (now >= deadline) this.#giveUp(peer)
    for (const [peer, connection] of this.#connections) this.#tend(peer, connection)
    this.#dialMore()
    if (this.#outgoing.length < this.#options.target) {
      for (const peer of random.sample([...this.#connections.keys()], 1)) this.#ask(peer)
    }
    this.#known.save()
    this.#pacemaker.next(true)
  }

  #onHello(from: Address): void {
    const { limit, target } = this.#options
    const isCaller = !this.#dials.has(from) && !this.#connections.has(from)
    // Places for outgoing connections stay free: who calls must not decide alone whom this node is connected to.
    if (isCaller && this.#connections.size - this.#outgoing.length >= limit - target) {
      this.#host.send(from, { type: 'full', peers: this.#somePeers(from) })
      return
    }
    this.#host.send(from, { type: 'welcome' })
    if (!this.#connections.has(from)) this.#connect(from, this.#dials.delete(from))
  }

  #onWelcome(from: Address): void {
    if (this.#connections.has(from)) return
    if (this.#dials.delete(from)) {
      this.#connect(from, true)
      this.#ask(from)
    } else this.#host.send(from, { type: 'bye' }) // too late, or not asked for
  }

  #onFull(from: Address, peers: readonly Address[]): void {
    if (!this.#dials.delete(from)) return
    this.#known.verify(from)
    this.#known.learn(peers, from)
  }

  #onPeers(from: Address, peers: readonly Address[], connection: Connection): void {
    if (connection.isAsked) this.#known.learn(peers, from)
    connection.isAsked = false
  }

  #serve(to: Address, connection: Connection): void {
    if (!connection.isServed) this.#host.send(to, { type: 'peers', peers: this.#somePeers(to) })
    connection.isServed = true
  }

  #tend(peer: Address, connection: Connection): void {
    const { silence } = this.#options
    const quiet = this.#host.now - connection.heard
    connection.isServed = false
    if (quiet >= silence) {
      this.#disconnect(peer, 'silence')
      this.#giveUp(peer)
    } else if (quiet >= silence / 3) this.#host.send(peer, { type: 'ping' })
  }

  #dialMore(): void {
    const { random, now, neighbors } = this.#host
    const { target, feelerInterval, dialTimeout } = this.#options
    const isFeelerDue = target > 0 && now >= this.#nextFeeler
    if (isFeelerDue) this.#nextFeeler = now + feelerInterval
    const wanted = Math.max(target - this.#outgoing.length - this.#dials.size, isFeelerDue ? 1 : 0)
    if (wanted === 0) return
    const isFree = (peer: Address): boolean => !this.#connections.has(peer) && !this.#dials.has(peer)
    const heardOf = [...this.#known.all.keys()].filter(isFree)
    const candidates = heardOf.length > 0 ? heardOf : Array.from(neighbors).filter(isFree)
    for (const peer of random.sample(candidates, wanted)) {
      this.#dials.set(peer, now + dialTimeout)
      this.#host.send(peer, { type: 'hello' })
    }
  }

  #ask(peer: Address): void {
    this.#connections.get(peer)!.isAsked = true
    this.#host.send(peer, { type: 'get-peers' })
  }

  #giveUp(peer: Address): void {
    this.#dials.delete(peer)
    this.#known.fail(peer)
    this.#host.report('no-answer', { peer })
  }

  #connect(peer: Address, isOutgoing: boolean): void {
    this.#connections.set(peer, { isOutgoing, heard: this.#host.now, isAsked: false, isServed: false })
    this.#host.report('connected', { peer, isOutgoing })
    // A feeler has found somebody: one of the others goes, so that connections change and cut halves mix again.
    const others = this.#outgoing.filter((other) => other !== peer)
    for (const other of this.#host.random.sample(others, isOutgoing && others.length >= this.#options.target ? 1 : 0)) {
      this.#host.send(other, { type: 'bye' })
      this.#disconnect(other, 'replaced')
    }
  }

  #disconnect(peer: Address, reason: string): void {
    if (this.#connections.delete(peer)) this.#host.report('disconnected', { peer, reason })
  }

  get #outgoing(): Address[] {
    return [...this.#connections].flatMap(([peer, { isOutgoing }]) => (isOutgoing ? [peer] : []))
  }

  #somePeers(except: Address): Address[] {
    return samplePeers(this.#host.random, this.#known.verified, this.#options.maxShared, except)
  }
}
