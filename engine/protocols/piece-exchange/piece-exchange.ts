/**
 * Piece exchange, as in BitTorrent: a file is cut into pieces, and who has a piece uploads it to others, so that the more
 * want the file, the more serve it. Peers say what they have, ask for what is rarest, upload to those who upload to
 * them, and hash every piece; who sends a wrong one is banned.
 *
 * BEP 3; Cohen, "Incentives build robustness in BitTorrent", 2003. Simplified: peers are the host's neighbors and who
 * calls, where BitTorrent has trackers and a DHT. Pieces are asked for whole, where BitTorrent asks for blocks of 16 KiB:
 * so a wrong piece has one sender. There is no TCP: each message is a datagram, state is said again in keep-alives, and
 * requests time out. So nothing holds off an attacker that sends under others' addresses. In endgame a peer is asked for
 * as many pieces as always, not for all.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { Pacemaker } from '../../layers/pacemaker.ts'
import { isPieceMessage, type Bitfield, type PieceData, type PieceMessage } from './messages.ts'
import { withDefaults, type PieceExchangeOptions } from './options.ts'
import type { Peer } from './peer.ts'
import { Peers } from './peers.ts'
import type { PieceSet } from './piece-set.ts'
import { PieceStore } from './piece-store.ts'
import { Uploads } from './uploads.ts'

/**
 * It reports each `piece` that it got and each `upload`, `complete` once, who was `banned`; requests that were `lost` or
 * met a `timeout`; pieces that came as a `duplicate` or `unrequested`, and what was `malformed`.
 */
export class PieceExchange implements Protocol<PieceMessage> {
  readonly #host: Host<PieceMessage>
  readonly #options: Required<PieceExchangeOptions>
  readonly #store: PieceStore
  readonly #uploads: Uploads
  readonly #rechokes: Pacemaker
  readonly #keepAlives: Pacemaker
  /** Made in onStart, when it is known what is here. */
  #peers!: Peers

  constructor(host: Host<PieceMessage>, options: PieceExchangeOptions) {
    this.#host = host
    this.#options = withDefaults(options)
    this.#store = new PieceStore(options.metainfo, this.#options.persistent ? host.storage : undefined)
    this.#uploads = new Uploads(host, this.#options.uploadRate, (peer, piece) => this.#upload(peer, piece))
    this.#rechokes = new Pacemaker(host, 'rechoke', { period: this.#options.rechokeInterval, timing: 'periodic' })
    this.#keepAlives = new Pacemaker(host, 'keep-alive', { period: this.#options.keepAlive, timing: 'periodic' })
  }

  /** What is here. Not to be changed. */
  get pieces(): PieceSet {
    return this.#store.owned
  }

  /** The bytes of a piece; undefined while it is not here. */
  data(piece: number): Uint8Array | undefined {
    return this.#store.get(piece)
  }

  /** The peers of a node that has started: what each has, and how they stand to each other. Not to be changed. */
  get peers(): readonly Readonly<Peer>[] {
    return this.#peers.list
  }

  onStart(): void {
    this.#store.load(this.#options.pieces)
    this.#peers = new Peers(this.#host, this.#options, this.pieces, this.#uploads)
    this.#rechokes.start()
    this.#keepAlives.start()
    for (const neighbor of Array.from(this.#host.neighbors)) this.#peers.open(neighbor, true)
  }

  onMessage(from: Address, message: Message): void {
    if (this.#peers.isBanned(from)) return
    if (!isPieceMessage(message, this.pieces.size)) {
      this.#host.report('malformed', { type: message.type })
    } else if (message.type === 'bitfield') {
      this.#peers.onBitfield(from, message)
    } else {
      const peer = this.#peers.get(from)
      // From before a crash or a long silence: whoever it is has to introduce itself.
      if (peer === undefined) this.#peers.open(from, true)
      else this.#onPeer(peer, message)
    }
  }

  onTimer(name: string): void {
    if (this.#uploads.onTimer(name) || this.#peers.downloads.onTimer(name)) return
    if (name === 'rechoke') {
      this.#peers.nextInterval()
      this.#rechokes.next(true)
    } else {
      this.#peers.keepAlive()
      this.#keepAlives.next(true)
    }
  }

  #onPeer(peer: Peer, message: Exclude<PieceMessage, Bitfield>): void {
    const { address, isInterested: interested, isChoking: choking } = peer
    peer.lastHeard = this.#host.now
    switch (message.type) {
      case 'keep-alive':
        this.#peers.onStanding(peer, message)
        if (message.count !== peer.pieces.count) this.#peers.open(address, true)
        return
      case 'choke':
      case 'unchoke':
        return this.#peers.onStanding(peer, { interested, choking: message.type === 'choke' })
      case 'interested':
      case 'not-interested':
        return this.#peers.onStanding(peer, { interested: message.type === 'interested', choking })
      case 'have':
        return this.#onHave(peer, message.piece)
      case 'request':
        return this.#onRequest(peer, message.piece)
      case 'cancel':
        return this.#uploads.cancel(address, message.piece)
      case 'piece':
        return this.#onPiece(peer, message)
    }
  }

  #onHave(peer: Peer, piece: number): void {
    if (!peer.pieces.add(piece)) return
    this.#peers.downloads.announced(piece)
    if (this.pieces.has(piece)) return
    peer.wanted++
    this.#peers.showInterest(peer)
    this.#peers.downloads.fill(peer)
  }

  #onRequest(peer: Peer, piece: number): void {
    // It has missed the choke, or has not heard it yet.
    if (peer.amChoking) this.#send(peer.address, { type: 'choke' })
    else if (this.pieces.has(piece)) this.#uploads.request(peer.address, piece)
  }

  #upload(to: Address, piece: number): void {
    const data = this.#store.get(piece)!
    this.#send(to, { type: 'piece', piece, data })
    this.#peers.get(to)?.sent.add(data.length)
    this.#host.report('upload', { piece, peer: to })
  }

  #onPiece(peer: Peer, { piece, data }: PieceData): void {
    const detail = { piece, peer: peer.address }
    if (!this.#peers.downloads.take(peer, piece)) return this.#host.report('unrequested', detail)
    if (this.pieces.has(piece)) {
      this.#host.report('duplicate', detail)
    } else if (this.#store.put(piece, data)) {
      peer.received.add(data.length)
      this.#host.report('piece', detail)
      this.#got(piece)
    } else {
      this.#host.report('banned', detail)
      return this.#peers.ban(peer)
    }
    this.#peers.downloads.fill(peer)
  }

  #got(piece: number): void {
    for (const peer of this.#peers.list) {
      this.#send(peer.address, { type: 'have', piece })
      if (!peer.pieces.has(piece)) continue
      peer.wanted--
      this.#peers.showInterest(peer)
    }
    this.#peers.downloads.got(piece)
    if (this.pieces.isComplete) this.#host.report('complete')
  }

  #send(to: Address, message: PieceMessage): void {
    this.#uploads.send(to, message)
  }
}
