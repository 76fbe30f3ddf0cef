import type { Address } from '../../core/address.ts'
import type { Millis } from '../../core/time.ts'
import { PieceSet } from './piece-set.ts'
import { ResponseTime } from './response-time.ts'

/** Bytes of the last two intervals between rechokes: with 10 s, the 20 s of Cohen. */
export class RateMeter {
  #last = 0
  #current = 0

  get recent(): number {
    return this.#last + this.#current
  }

  add(bytes: number): void {
    this.#current += bytes
  }

  /** An interval is over. */
  roll(): void {
    this.#last = this.#current
    this.#current = 0
  }
}

/** A piece that a peer was asked for. */
export interface Asked {
  readonly since: Millis
  /** How many pieces have come that it was asked for later. */
  overtaken: number
}

/** What a node knows of a peer. "This node" is the one that keeps the record. */
export class Peer {
  readonly address: Address
  pieces: PieceSet
  /** How many of them this node lacks. */
  wanted = 0
  /** The peer's interest in this node. */
  isInterested = false
  /** Whether the peer answers no requests of this node. */
  isChoking = true
  /** What this node has told it of itself. */
  amInterested = false
  amChoking = true
  lastHeard: Millis
  /** Pieces that came from it and went to it, in bytes. */
  readonly received = new RateMeter()
  readonly sent = new RateMeter()
  readonly response: ResponseTime
  /** Pieces that the peer was asked for, in the order of the requests. */
  readonly asked = new Map<number, Asked>()
  /** Those that it was asked for in vain, and since when: they may come all the same. */
  readonly late = new Map<number, Millis>()
  /** Those of them that may still wait in its queue. */
  readonly queued = new Set<number>()
  /** Since when it could have sent a piece and has not. */
  waitingSince: Millis = Infinity

  constructor(address: Address, pieces: PieceSet, now: Millis, timeout: Millis) {
    this.address = address
    this.pieces = pieces
    this.lastHeard = now
    // Waits do not grow with time-outs: a request is small and waits in one place of a queue only, and after a time-out
    // there is only one. A swarm that loses much would stand still otherwise.
    this.response = new ResponseTime(timeout, 1)
  }
}
