/**
 * The client of a client-server download: it asks for the pieces of a file in order, a few at a time, checks each against
 * its hash, asks again for what is lost, and goes on to the next server when one is silent or sends wrong bytes.
 *
 * Simplified: no connections and no congestion control; a piece is one packet, and the pipeline is the window. What is
 * lost is noticed as in TCP (RFC 6298, 5681). The client's servers are its neighbors, in their order. It knows the hashes
 * beforehand. Pieces outlive a crash if they are persistent; a server that has lied is trusted again after one.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import type { Metainfo } from '../piece-exchange/metainfo.ts'
import { isPieceMessage, type AboutPiece, type PieceData } from '../piece-exchange/messages.ts'
import type { PieceSet } from '../piece-exchange/piece-set.ts'
import { PieceStore } from '../piece-exchange/piece-store.ts'
import { lostAfter, ResponseTime } from '../piece-exchange/response-time.ts'

export interface FileClientOptions {
  readonly metainfo: Metainfo
  /** Pieces that are asked for at a time, 1 to 1000. Default 4. */
  readonly pipeline?: number
  /** How long to wait for a piece at least, over 0; longer for a slow server, after RFC 6298. Default 30,000. */
  readonly timeout?: Millis
  /** A server is given up after this many time-outs in a row, 1 to 100. Default 3. */
  readonly attempts?: number
  /** Whether pieces are written to the node's storage, so that a crash loses none. Default true. */
  readonly persistent?: boolean
}

/** A server may send twice what it is asked for twice: so waits double, up to this many times the first one. */
const maxBackoff = 4

interface Asked {
  readonly since: Millis
  /** Not for the first time. */
  readonly again: boolean
  /** How many pieces have come that were asked for later. */
  overtaken: number
}

export class FileClient implements Protocol<AboutPiece | PieceData> {
  readonly #host: Host<AboutPiece | PieceData>
  readonly #options: Required<FileClientOptions>
  readonly #store: PieceStore
  readonly #distrusted = new Set<Address>()
  #server: Address | undefined
  #response: ResponseTime
  /** The pieces that are asked for and not here, in the order of the requests. */
  readonly #asked = new Map<number, Asked>()
  #next = 0
  #wakesAt: Millis = Infinity

  constructor(host: Host<AboutPiece | PieceData>, options: FileClientOptions) {
    const { pipeline = 4, timeout = 30_000, attempts = 3, persistent = true } = options
    checkInteger('pipeline', pipeline, { min: 1, max: 1000 })
    checkNumber('timeout (ms)', timeout, { min: 0.001, max: maxMillis / 1000 })
    checkInteger('attempts', attempts, { min: 1, max: 100 })
    this.#host = host
    this.#options = { metainfo: options.metainfo, pipeline, timeout, attempts, persistent }
    this.#store = new PieceStore(options.metainfo, persistent ? host.storage : undefined)
    this.#response = new ResponseTime(timeout, maxBackoff)
  }

  /** What is here. Not to be changed. */
  get pieces(): PieceSet {
    return this.#store.owned
  }

  /** The bytes of a piece; undefined while it is not here. */
  data(piece: number): Uint8Array | undefined {
    return this.#store.get(piece)
  }

  onStart(): void {
    this.#store.load([])
    if (!this.pieces.isComplete) this.#changeServer()
  }

  onMessage(from: Address, message: Message): void {
    if (!isPieceMessage(message, this.pieces.size) || message.type !== 'piece') {
      this.#host.report('malformed', { type: message.type })
    } else if (this.pieces.has(message.piece)) {
      this.#host.report('duplicate', { piece: message.piece })
    } else if (from !== this.#server || !this.#asked.has(message.piece)) {
      this.#host.report('unrequested', { piece: message.piece, peer: from })
    } else {
      this.#onPiece(from, message)
    }
  }

  onTimer(): void {
    const { now } = this.#host
    this.#wakesAt = Infinity
    const late = [...this.#asked].filter(([, { since }]) => now - since >= this.#response.timeout)
    if (late.length > 0) {
      this.#response.timedOut()
      this.#host.report('timeout', { peer: this.#server!, pieces: late.map(([piece]) => piece) })
      if (this.#response.timeoutsInRow >= this.#options.attempts) return this.#changeServer()
      for (const [piece] of late) this.#ask(piece, true)
    }
    this.#watch()
  }

  #onPiece(from: Address, { piece, data }: PieceData): void {
    if (!this.#store.put(piece, data)) {
      this.#host.report('bad-piece', { piece, peer: from })
      this.#distrusted.add(from)
      return this.#changeServer()
    }
    this.#host.report('piece', { piece, peer: from })
    const { since, again } = this.#asked.get(piece)!
    // Which of two requests this answers nobody knows (Karn's algorithm).
    if (!again) this.#response.answered(this.#host.now - since)
    this.#askAgainBefore(piece)
    this.#asked.delete(piece)
    this.#askMore()
    this.#watch()
    if (!this.pieces.isComplete) return
    this.#host.cancelTimer('timeout')
    this.#host.report('complete')
  }

  /** The next one in the list, or the first; and with no word from it yet, all over again. */
  #changeServer(): void {
    const servers = Array.from(this.#host.neighbors)
    const after = this.#server === undefined ? 0 : servers.indexOf(this.#server) + 1
    const inTurn = [...servers.slice(after), ...servers.slice(0, after)]
    this.#server = inTurn.find((server) => !this.#distrusted.has(server))
    this.#asked.clear()
    this.#next = 0
    this.#response = new ResponseTime(this.#options.timeout, maxBackoff)
    this.#wakesAt = Infinity
    this.#host.cancelTimer('timeout')
    if (this.#server === undefined) {
      this.#host.report('no-server')
      return
    }
    this.#askMore()
    this.#watch()
  }

  #askMore(): void {
    const { size } = this.pieces
    for (; this.#next < size && this.#asked.size < this.#options.pipeline; this.#next++) {
      if (!this.pieces.has(this.#next)) this.#ask(this.#next, false)
    }
  }

  /** A server answers in order: what many have overtaken is lost. */
  #askAgainBefore(piece: number): void {
    for (const [earlier, asked] of [...this.#asked]) {
      if (earlier === piece) return
      if (++asked.overtaken === lostAfter) this.#ask(earlier, true)
    }
  }

  #ask(piece: number, again: boolean): void {
    this.#asked.delete(piece) // the oldest request comes first
    this.#asked.set(piece, { since: this.#host.now, again, overtaken: 0 })
    this.#host.send(this.#server!, { type: 'request', piece })
  }

  /** Wakes when the oldest request is due, or too early: a timer that is set is moved to an earlier time only. */
  #watch(): void {
    const [oldest] = this.#asked.values()
    if (oldest === undefined) return
    const due = oldest.since + this.#response.timeout
    if (due >= this.#wakesAt) return
    this.#wakesAt = due
    this.#host.setTimer('timeout', Math.max(due - this.#host.now, 0.001))
  }
}
