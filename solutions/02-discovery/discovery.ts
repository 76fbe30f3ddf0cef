import type { Address, Host, Message, Millis, Protocol } from '@peerlab/engine/lab'

/** `hello` asks for a connection, `welcome` grants it, `bye` ends it or says that there is none. */
export interface DiscoverySignal extends Message {
  readonly type: 'hello' | 'welcome' | 'get-peers' | 'ping' | 'pong' | 'bye'
}

/** The answer to get-peers; or to a hello: "I am full, try these." */
export interface DiscoveryPeers extends Message {
  readonly type: 'peers' | 'full'
  readonly peers: readonly Address[]
}

export type DiscoveryMessage = DiscoverySignal | DiscoveryPeers

export interface DiscoveryOptions {
  /** Time between two looks at what is to be done. */
  readonly period: Millis
  /** Outgoing connections to have: those in which this node called. */
  readonly target: number
  /** Connections to have at most. Incoming ones may take `limit - target` places. */
  readonly limit: number
  /** Addresses to know at most. */
  readonly maxKnown: number
  /** Addresses that one peer has told of and where nobody has answered yet: so many at most. */
  readonly maxPerSource: number
  /** Addresses in an answer at most. */
  readonly maxShared: number
  /** How long to wait for a welcome. */
  readonly dialTimeout: Millis
  /** A connection is over after so long without a packet from its other end. */
  readonly silence: Millis
}

interface Connection {
  /** Whether this node called. */
  readonly isOutgoing: boolean
  /** When the last packet came. */
  heard: Millis
}

interface KnownAddress {
  /** Who told of it. */
  readonly source: Address
  /** Whether somebody has answered there. Until then it is hearsay. */
  isVerified: boolean
}

export class Discovery implements Protocol<DiscoveryMessage> {
  readonly #host: Host<DiscoveryMessage>
  readonly #options: DiscoveryOptions
  readonly #connections = new Map<Address, Connection>()
  /** Who was called and has not answered yet, and until when this node waits. */
  readonly #calls = new Map<Address, Millis>()
  readonly #known = new Map<Address, KnownAddress>()
  /** Who owes an answer to get-peers: only what was asked for is believed. */
  readonly #asked = new Set<Address>()

  constructor(host: Host<DiscoveryMessage>, options: DiscoveryOptions) {
    this.#host = host
    this.#options = options
  }

  onStart(): void {
    const { address, random, storage } = this.#host
    // What was true before the restart is hearsay now, of which this node itself tells.
    const stored = storage.get('peers')
    if (Array.isArray(stored)) this.#learn(stored as readonly Address[], address)
    this.#host.setTimer('beat', random.next() * this.#options.period)
  }

  onMessage(from: Address, message: DiscoveryMessage): void {
    if (!isWellFormed(message, this.#options.maxShared)) {
      this.#host.report('malformed', { type: String(message.type) })
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
      this.#verify(from)
      if (message.type === 'ping') this.#host.send(from, { type: 'pong' })
      if (message.type === 'get-peers') this.#host.send(from, { type: 'peers', peers: this.#somePeers(from) })
      if (message.type === 'peers' && this.#asked.delete(from)) this.#learn(message.peers, from)
    }
  }

  onTimer(): void {
    const { now, random, storage } = this.#host
    const { target, period } = this.#options
    for (const [peer, deadline] of this.#calls) if (now >= deadline) this.#giveUp(peer)
    for (const [peer, { heard }] of this.#connections) this.#tend(peer, now - heard)
    this.#callMore()
    if (this.#outgoing < target) for (const peer of random.sample([...this.#connections.keys()], 1)) this.#ask(peer)
    storage.set('peers', this.#verified)
    this.#host.setTimer('beat', period)
  }

  #onHello(from: Address): void {
    const { limit, target } = this.#options
    const isOutgoing = this.#calls.delete(from)
    const incoming = this.#connections.size - this.#outgoing
    if (!isOutgoing && !this.#connections.has(from) && incoming >= limit - target) {
      this.#host.send(from, { type: 'full', peers: this.#somePeers(from) })
    } else {
      this.#host.send(from, { type: 'welcome' })
      this.#connect(from, isOutgoing)
    }
  }

  #onWelcome(from: Address): void {
    if (this.#connections.has(from)) return
    if (this.#calls.delete(from)) {
      this.#connect(from, true)
      this.#ask(from)
    } else this.#host.send(from, { type: 'bye' }) // too late, or never called
  }

  #onFull(from: Address, peers: readonly Address[]): void {
    if (!this.#calls.delete(from)) return
    this.#verify(from)
    this.#learn(peers, from)
  }

  /** Asks a silent peer for a sign of life, and at last does without it. */
  #tend(peer: Address, quiet: Millis): void {
    const { silence } = this.#options
    if (quiet >= silence) {
      this.#disconnect(peer, 'silence')
      this.#giveUp(peer)
    } else if (quiet >= silence / 3) this.#host.send(peer, { type: 'ping' })
  }

  /** Calls as many as are missing: whom it has heard of, and a bootnode only when there is nobody else. */
  #callMore(): void {
    const { now, random, neighbors } = this.#host
    const { target, dialTimeout } = this.#options
    const isFree = (peer: Address): boolean => !this.#connections.has(peer) && !this.#calls.has(peer)
    const heardOf = [...this.#known.keys()].filter(isFree)
    const candidates = heardOf.length > 0 ? heardOf : Array.from(neighbors).filter(isFree)
    for (const peer of random.sample(candidates, Math.max(0, target - this.#outgoing - this.#calls.size))) {
      this.#calls.set(peer, now + dialTimeout)
      this.#host.send(peer, { type: 'hello' })
    }
  }

  #ask(peer: Address): void {
    this.#asked.add(peer)
    this.#host.send(peer, { type: 'get-peers' })
  }

  #giveUp(peer: Address): void {
    this.#calls.delete(peer)
    if (this.#known.delete(peer)) this.#host.report('forgot', { peer })
  }

  #connect(peer: Address, isOutgoing: boolean): void {
    if (this.#connections.has(peer)) return
    this.#connections.set(peer, { isOutgoing, heard: this.#host.now })
    this.#host.report('connected', { peer, isOutgoing })
  }

  #disconnect(peer: Address, reason: string): void {
    this.#asked.delete(peer)
    if (this.#connections.delete(peer)) this.#host.report('disconnected', { peer, reason })
  }

  /** Takes up hearsay, no more than one source may bring, and none when the table is full. */
  #learn(addresses: readonly Address[], source: Address): void {
    const { maxKnown, maxPerSource } = this.#options
    let room = maxPerSource - [...this.#known.values()].filter((known) => isHearsayOf(known, source)).length
    for (const peer of addresses) {
      if (peer === this.#host.address || this.#known.has(peer)) continue
      if (room <= 0 || this.#known.size >= maxKnown) return
      this.#known.set(peer, { source, isVerified: false })
      this.#host.report('learned', { peer, source })
      room--
    }
  }

  #verify(peer: Address): void {
    this.#learn([peer], peer)
    const known = this.#known.get(peer)
    if (known === undefined || known.isVerified) return
    known.isVerified = true
    this.#host.report('verified', { peer })
  }

  get #outgoing(): number {
    return [...this.#connections.values()].filter(({ isOutgoing }) => isOutgoing).length
  }

  get #verified(): Address[] {
    return [...this.#known].filter(([, { isVerified }]) => isVerified).map(([peer]) => peer)
  }

  #somePeers(except: Address): Address[] {
    const others = this.#verified.filter((peer) => peer !== except)
    return this.#host.random.sample(others, this.#options.maxShared)
  }
}

function isHearsayOf({ source, isVerified }: KnownAddress, peer: Address): boolean {
  return source === peer && !isVerified
}

const signals: readonly unknown[] = ['hello', 'welcome', 'get-peers', 'ping', 'pong', 'bye']

/** Whether the fields are what they should be: the type only says what an honest sender would send. */
function isWellFormed(
  { type, peers }: { readonly type?: unknown; readonly peers?: unknown },
  maxShared: number,
): boolean {
  if (signals.includes(type)) return true
  if (type !== 'peers' && type !== 'full') return false
  return Array.isArray(peers) && peers.length <= maxShared && peers.every(isAddress)
}

/** An address is a whole number of 48 bits. Nobody needs to be there. */
function isAddress(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 48
}
