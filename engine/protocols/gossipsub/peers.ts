import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import type { ControlChannel } from './control-channel.ts'
import type { GossipSubMessage, Subscribe } from './messages.ts'

interface Peer {
  /** Whether this node has dialed it: it is a neighbor by the topology, or was named by peer exchange. */
  readonly outbound: boolean
  /** The number with which its present life began; -1 while it has not said a word. */
  born: number
  topics: ReadonlySet<string>
  /** When it was last heard. */
  heard: Millis
}

/** A mesh peer that is silent for so long is asked for a sign of life; go-libp2p's QUIC connections do that, too. */
const keepAlive: Millis = 15_000
/** A peer that has something to acknowledge and is silent for so long is gone: the idle time-out of quic-go. */
const idleTimeout: Millis = 30_000
/** With so many peers, strangers are turned away. */
const maxPeers = 1000

/**
 * The connections of a node: who its peers are, and their topics. Where libp2p has real connections, this is the list of
 * topics that both sides send each other: the first one opens the connection, one from a new life of the peer closes the
 * old connection and opens another, and a peer that no longer acknowledges it is gone.
 */
export class Peers {
  readonly #host: Host<GossipSubMessage>
  readonly #channel: ControlChannel
  readonly #onOpen: (peer: Address) => void
  readonly #onClose: (peer: Address) => void
  readonly #peers = new Map<Address, Peer>()
  #born = 0
  #topics: readonly string[] = []

  constructor(
    host: Host<GossipSubMessage>,
    channel: ControlChannel,
    onOpen: (peer: Address) => void,
    onClose: (peer: Address) => void,
  ) {
    this.#host = host
    this.#channel = channel
    this.#onOpen = onOpen
    this.#onClose = onClose
  }

  /** Dials all neighbors. */
  start(topics: readonly string[]): void {
    this.#born = this.#channel.nextNumber()
    this.#topics = topics
    for (const neighbor of Array.from(this.#host.neighbors)) this.dial(neighbor)
  }

  /** Tells all peers that this node's topics have changed. */
  announce(topics: readonly string[]): void {
    this.#topics = topics
    for (const peer of this.#peers.keys()) this.#greet(peer)
  }

  dial(address: Address): void {
    if (this.#peers.has(address) || address === this.#host.address || this.#peers.size >= maxPeers) return
    this.#open(address, true)
    this.#greet(address)
  }

  /** Notes a sign of life. False when it is a stranger's: a connection begins with a list of topics. */
  hear(from: Address, isGreeting: boolean): boolean {
    if (isGreeting && !this.#peers.has(from) && this.#peers.size < maxPeers) {
      this.#open(from, false)
      this.#greet(from)
    }
    const peer = this.#peers.get(from)
    if (peer !== undefined) peer.heard = this.#host.now
    return peer !== undefined
  }

  /** The peer's topics have changed, or are told again. */
  onSubscribe(from: Address, { born, topics }: Subscribe): void {
    const peer = this.#peers.get(from)!
    if (born > peer.born) {
      // It has restarted, unless these are its first words.
      if (peer.born >= 0) this.#reopen(from)
      peer.born = born
      if (!this.#channel.owesTopics(from)) this.#greet(from)
    }
    peer.topics = new Set(topics)
  }

  /** The peers that are subscribed to a topic. */
  in(topic: string): Address[] {
    const addresses: Address[] = []
    for (const [address, { topics }] of this.#peers) if (topics.has(topic)) addresses.push(address)
    return addresses
  }

  isIn(topic: string, peer: Address): boolean {
    return this.#peers.get(peer)?.topics.has(topic) === true
  }

  isOutbound(peer: Address): boolean {
    return this.#peers.get(peer)?.outbound === true
  }

  /** Asks silent mesh peers for a sign of life, and gives up those that give none. */
  heartbeat(isInMesh: (peer: Address) => boolean): void {
    const { now } = this.#host
    for (const [address, peer] of this.#peers) {
      const asked = this.#channel.waitingSince(address)
      if (asked === undefined) {
        if (now - peer.heard >= keepAlive && isInMesh(address)) this.#greet(address)
      } else if (now - Math.max(asked, peer.heard) >= idleTimeout) {
        this.#giveUp(address, peer)
      }
    }
    this.#channel.repeat()
  }

  /** A neighbor is dialed for ever, ever less often; others are forgotten. */
  #giveUp(address: Address, peer: Peer): void {
    const isNeighbor = Array.from(this.#host.neighbors).includes(address)
    if (peer.born < 0 && isNeighbor) return
    this.#host.report('disconnected', { peer: address })
    this.#peers.delete(address)
    this.#channel.forget(address)
    this.#onClose(address)
    if (isNeighbor) this.dial(address)
  }

  #open(address: Address, outbound: boolean): void {
    this.#peers.set(address, { outbound, born: -1, topics: new Set(), heard: this.#host.now })
    this.#onOpen(address)
  }

  #reopen(address: Address): void {
    this.#channel.forgetMesh(address)
    this.#onClose(address)
    this.#onOpen(address)
  }

  #greet(address: Address): void {
    this.#channel.say(address, { type: 'subscribe', born: this.#born, topics: this.#topics })
  }
}
