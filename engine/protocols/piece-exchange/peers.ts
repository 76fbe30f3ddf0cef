import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import { Choker } from './choker.ts'
import { Downloads } from './downloads.ts'
import type { Bitfield, KeepAlive, PieceMessage } from './messages.ts'
import type { PieceExchangeOptions } from './options.ts'
import { Peer } from './peer.ts'
import { PieceSet } from './piece-set.ts'
import type { Uploads } from './uploads.ts'

/** The peers of a node: who they are, who is interested in whom, who chokes whom, and all that is said about that. */
export class Peers {
  readonly downloads: Downloads
  readonly #host: Host<PieceMessage>
  readonly #options: Required<PieceExchangeOptions>
  readonly #owned: PieceSet
  readonly #uploads: Uploads
  readonly #choker: Choker
  readonly #peers = new Map<Address, Peer>()
  readonly #banned = new Set<Address>()
  #lastRotation: number

  /** @param owned what this node has, and goes on to get */
  constructor(host: Host<PieceMessage>, options: Required<PieceExchangeOptions>, owned: PieceSet, uploads: Uploads) {
    this.#host = host
    this.#options = options
    this.#owned = owned
    this.#uploads = uploads
    this.#choker = new Choker(host.random, options)
    this.#lastRotation = host.now
    this.downloads = new Downloads(host, options, owned, {
      peers: () => this.#peers.values(),
      send: ({ address }, message) => uploads.send(address, message),
    })
  }

  get list(): Peer[] {
    return [...this.#peers.values()]
  }

  get(address: Address): Peer | undefined {
    return this.#peers.get(address)
  }

  /** Tells a peer, or who may become one, all of this node; and asks it for the same. */
  open(to: Address, ask: boolean): void {
    const peer = this.#peers.get(to)
    this.#send(to, {
      type: 'bitfield',
      pieces: this.#owned.toBytes(),
      ask,
      interested: peer?.amInterested ?? false,
      choking: peer?.amChoking ?? true,
    })
  }

  onBitfield(from: Address, { pieces, ask, ...standing }: Bitfield): void {
    const set = PieceSet.read(pieces, this.#owned.size)!
    const known = this.#peers.get(from)
    if (known === undefined && !this.#hasPlace(from)) return
    const peer = known ?? new Peer(from, set, this.#host.now, this.#options.timeout)
    if (known !== undefined) {
      this.downloads.forgetPieces(peer)
      peer.pieces = set
    }
    this.downloads.countPieces(peer)
    if (known === undefined) {
      this.#peers.set(from, peer)
      this.#choker.connected(peer)
    }
    peer.wanted = 0
    for (let piece = 0; piece < set.size; piece++) if (set.has(piece) && !this.#owned.has(piece)) peer.wanted++
    if (ask) this.open(from, false)
    this.showInterest(peer)
    this.onStanding(peer, standing)
    if (known === undefined) this.rechoke()
  }

  /** What a peer says of how it stands to this node. */
  onStanding(peer: Peer, { interested, choking }: Pick<KeepAlive, 'interested' | 'choking'>): void {
    const [wasInterested, wasChoking] = [peer.isInterested, peer.isChoking]
    peer.isInterested = interested
    peer.isChoking = choking
    // Between two rechokes places change where one is free, or one too many is taken.
    if (interested !== wasInterested) this.rechoke()
    if (choking && !wasChoking) this.downloads.choked(peer)
    this.downloads.fill(peer)
  }

  /** Tells the peer whether this node is interested in it, where that has changed. */
  showInterest(peer: Peer): void {
    const interested = peer.wanted > 0
    if (interested === peer.amInterested) return
    peer.amInterested = interested
    this.#send(peer.address, { type: interested ? 'interested' : 'not-interested' })
  }

  /** At the end of each interval. */
  nextInterval(): void {
    for (const { received, sent } of this.#peers.values()) {
      received.roll()
      sent.roll()
    }
    if (this.#host.now - this.#lastRotation >= this.#options.optimisticInterval) {
      this.#choker.rotate()
      this.#lastRotation = this.#host.now
    }
    this.rechoke()
  }

  rechoke(): void {
    const unchoked = this.#choker.choose(this.#owned.isComplete, this.#host.now)
    for (const peer of this.#peers.values()) {
      const choking = !unchoked.has(peer)
      if (choking === peer.amChoking) continue
      peer.amChoking = choking
      this.#send(peer.address, { type: choking ? 'choke' : 'unchoke' })
      if (choking) this.#uploads.drop(peer.address)
    }
  }

  /** Gives up those who are silent; says to all others how things stand; calls those neighbors that are not there. */
  keepAlive(): void {
    const { now, neighbors } = this.#host
    for (const peer of this.list) if (now - peer.lastHeard >= this.#options.silence) this.#remove(peer)
    for (const { address, amInterested, amChoking } of this.#peers.values()) {
      const [interested, choking] = [amInterested, amChoking]
      this.#send(address, { type: 'keep-alive', count: this.#owned.count, interested, choking })
    }
    for (const neighbor of Array.from(neighbors)) {
      if (!this.#peers.has(neighbor) && !this.#banned.has(neighbor)) this.open(neighbor, true)
    }
  }

  isBanned(address: Address): boolean {
    return this.#banned.has(address)
  }

  /** Has nothing more to do with the peer, until this node restarts. */
  ban(peer: Peer): void {
    this.#banned.add(peer.address)
    this.#remove(peer)
  }

  #remove(peer: Peer): void {
    this.#peers.delete(peer.address)
    this.#choker.disconnected(peer)
    this.#uploads.drop(peer.address)
    this.downloads.forgetPieces(peer)
    this.downloads.choked(peer)
    this.rechoke()
  }

  #hasPlace(address: Address): boolean {
    return this.#peers.size < this.#options.maxPeers || Array.from(this.#host.neighbors).includes(address)
  }

  #send(to: Address, message: PieceMessage): void {
    this.#uploads.send(to, message)
  }
}
