import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import type { AboutPiece } from './messages.ts'
import type { Peer } from './peer.ts'
import { Picker, type PickerOptions } from './picker.ts'
import type { PieceSet } from './piece-set.ts'
import { lostAfter } from './response-time.ts'

export interface DownloadsOptions extends PickerOptions {
  readonly pipeline: number
}

export interface Swarm {
  readonly peers: () => Iterable<Peer>
  readonly send: (peer: Peer, message: AboutPiece) => void
}

const timerName = 'requests'

/** Asks peers for pieces: so many at a time from each that unchokes this node, and again from others if none comes. */
export class Downloads {
  readonly #host: Host<never>
  readonly #options: DownloadsOptions
  readonly #swarm: Swarm
  readonly #picker: Picker
  #wakesAt: Millis = Infinity

  constructor(host: Host<never>, options: DownloadsOptions, owned: PieceSet, swarm: Swarm) {
    this.#host = host
    this.#options = options
    this.#swarm = swarm
    this.#picker = new Picker(host.random, owned, options)
  }

  /** A peer has come, or has another set of pieces than before. */
  countPieces({ pieces }: Peer): void {
    this.#picker.countPeer(pieces, 1)
  }

  /** A peer is gone, or will have another set of pieces. */
  forgetPieces({ pieces }: Peer): void {
    this.#picker.countPeer(pieces, -1)
  }

  /** The peer has announced one more piece. */
  announced(piece: number): void {
    this.#picker.addCopy(piece)
  }

  /** The peer answers no more: what it was asked for can be had from others. */
  choked(peer: Peer): void {
    for (const piece of [...peer.asked.keys()]) this.#release(peer, piece)
    peer.queued.clear()
    peer.waitingSince = Infinity
    this.#fillAll()
  }

  /** Whether the peer was asked for the piece, however long ago; then that request is done with. */
  take(peer: Peer, piece: number): boolean {
    const since = peer.asked.get(piece)?.since ?? peer.late.get(piece)
    if (since === undefined) return false
    peer.response.answered(this.#host.now - since)
    this.#giveUpBefore(peer, piece)
    this.#release(peer, piece)
    peer.late.delete(piece)
    peer.queued.delete(piece)
    peer.waitingSince = peer.asked.size > 0 ? this.#host.now : Infinity
    return true
  }

  /** A piece is here. Whoever was asked for it as well need not send it. */
  got(piece: number): void {
    this.#picker.got(piece)
    const others = Array.from(this.#swarm.peers()).filter(({ asked, queued }) => asked.has(piece) || queued.has(piece))
    for (const peer of others) {
      this.#release(peer, piece)
      this.#swarm.send(peer, { type: 'cancel', piece })
      if (peer.asked.size === 0) peer.waitingSince = Infinity
    }
    for (const peer of others) this.#ask(peer)
    this.#watch()
  }

  /** Asks the peer for as many pieces as it may be asked for. */
  fill(peer: Peer): void {
    this.#ask(peer)
    this.#watch()
  }

  #fillAll(): void {
    for (const peer of this.#swarm.peers()) this.#ask(peer)
    this.#watch()
  }

  /** One that lets requests time out gets one at a time. */
  #ask(peer: Peer): void {
    const most = peer.response.timeoutsInRow > 0 ? 1 : this.#options.pipeline
    while (!peer.isChoking && peer.wanted > 0 && peer.asked.size < most) {
      const piece = this.#picker.pick(peer.pieces, (each) => peer.asked.has(each))
      if (piece === undefined) return
      peer.waitingSince = Math.min(peer.waitingSince, this.#host.now)
      peer.queued.delete(piece)
      peer.asked.set(piece, { since: this.#host.now, overtaken: 0 })
      this.#picker.countRequest(piece, 1)
      this.#swarm.send(peer, { type: 'request', piece })
    }
  }

  /** True when the timer was the one of the requests. */
  onTimer(name: string): boolean {
    if (name !== timerName) return false
    this.#wakesAt = Infinity
    for (const peer of this.#swarm.peers()) this.#expire(peer)
    this.#fillAll()
    return true
  }

  #expire(peer: Peer): void {
    const { now } = this.#host
    const late = [...peer.asked].filter(([, { since }]) => now - since >= peer.response.timeout)
    if (late.length === 0) return
    peer.response.timedOut()
    this.#host.report('timeout', { peer: peer.address, pieces: late.map(([piece]) => piece) })
    for (const [piece] of late) this.#giveUp(peer, piece)
  }

  /** A peer answers in order: what many pieces have overtaken is lost. */
  #giveUpBefore(peer: Peer, piece: number): void {
    if (!peer.asked.has(piece)) return
    for (const [earlier, asked] of [...peer.asked]) {
      if (earlier === piece) return
      if (++asked.overtaken < lostAfter) continue
      this.#host.report('lost', { peer: peer.address, piece: earlier })
      this.#giveUp(peer, earlier)
    }
  }

  /** It is not cancelled before it is here: a cancel might overtake the next request for it. */
  #giveUp(peer: Peer, piece: number): void {
    this.#release(peer, piece)
    peer.queued.add(piece)
  }

  #release(peer: Peer, piece: number): void {
    const asked = peer.asked.get(piece)
    if (asked === undefined) return
    peer.asked.delete(piece)
    peer.late.set(piece, asked.since)
    this.#picker.countRequest(piece, -1)
  }

  /** Wakes when the oldest request is due, or too early: a timer that is set is moved to an earlier time only. */
  #watch(): void {
    let due = this.#wakesAt
    for (const { asked, response } of this.#swarm.peers()) {
      const [oldest] = asked.values()
      if (oldest !== undefined) due = Math.min(due, oldest.since + response.timeout)
    }
    if (due >= this.#wakesAt) return
    this.#wakesAt = due
    this.#host.setTimer(timerName, Math.max(due - this.#host.now, 0.001))
  }
}
