/**
 * Many streams over one connection. Over TCP all of them are one sequence of bytes: what comes behind a lost packet waits
 * for it, whichever stream it belongs to. QUIC keeps order in each stream on its own, so only one waits.
 *
 * libp2p/specs, yamux (frames; RFC 9293 below them); RFC 9000, section 2.2 (streams of QUIC). Loss is found alike in both,
 * by three later packets that have arrived (RFC 6675 and RFC 9002, section 6.1.1) or after a time-out that doubles, so
 * what differs is order alone. Simplified: a frame is a packet; packets go out at a steady pace: no congestion control and
 * no windows; each packet is acknowledged on its own; no handshake.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { reportMalformed } from '../rumor.ts'
import { isAck, type StreamFrame } from './frames.ts'

export interface StreamSenderOptions {
  readonly type: StreamFrame['type']
  /** 1 to 1000. */
  readonly streams: number
  /** Of each stream; 1 to 10,000. They go out in turn, one of each stream. */
  readonly frames: number
  /** Time between two frames, over 0. */
  readonly interval: Millis
  /** After so long without an acknowledgement the oldest frame is sent again, over 0. Default 1000; it doubles. */
  readonly timeout?: Millis
}

interface Outstanding {
  readonly frame: StreamFrame
  /** Counts what was sent, repetitions included. */
  readonly order: number
}

/** Packets that have overtaken one before it counts as lost. */
export const packetThreshold = 3
/** So many time-outs in a row, and nobody is there. */
const maxTimeouts = 6

/** Reports `retransmitted` with the frame, and `failed` when nobody acknowledges anything. Sends to its neighbor. */
export class StreamSender implements Protocol<StreamFrame> {
  readonly #host: Host<StreamFrame>
  readonly #options: Required<StreamSenderOptions>
  #connection = 0
  #made = 0
  #nextNumber = 0
  #order = 0
  #timeouts = 0
  /** By number, in the order of sending. */
  readonly #outstanding = new Map<number, Outstanding>()

  constructor(host: Host<never>, options: StreamSenderOptions) {
    this.#host = host as unknown as Host<StreamFrame>
    this.#options = { timeout: 1000, ...options }
    checkInteger('streams', options.streams, { min: 1, max: 1000 })
    checkInteger('frames', options.frames, { min: 1, max: 10_000 })
    checkNumber('interval', options.interval, { min: 0.001, max: maxMillis })
    checkNumber('timeout', this.#options.timeout, { min: 0.001, max: maxMillis / (1 << maxTimeouts) })
  }

  onStart(): void {
    this.#connection = this.#host.random.next() * 2 ** 53
    this.#made = this.#nextNumber = this.#order = this.#timeouts = 0
    this.#outstanding.clear()
    this.#host.setTimer('frame', 0)
  }

  onMessage(_from: Address, message: Message): void {
    if (!isAck(message)) return reportMalformed(this.#host as Host<never>, message)
    if (message.connection !== this.#connection) return
    // The other end has lost its memory: all begins anew.
    if (message.type === 'reset') return this.onStart()
    const acknowledged = this.#outstanding.get(message.number)
    if (acknowledged === undefined) return
    this.#outstanding.delete(message.number)
    this.#timeouts = 0
    for (const [number, { frame, order }] of [...this.#outstanding]) {
      if (order + packetThreshold <= acknowledged.order) this.#again(number, frame)
    }
    this.#watch()
  }

  onTimer(name: string): void {
    if (name === 'frame') return this.#next()
    if (++this.#timeouts > maxTimeouts) return this.#host.report('failed', { left: this.#outstanding.size })
    const [oldest] = this.#outstanding
    if (oldest !== undefined) this.#again(oldest[0], oldest[1].frame)
    this.#watch()
  }

  #next(): void {
    const { streams, frames, interval, type } = this.#options
    const [stream, index] = [this.#made % streams, Math.floor(this.#made / streams)]
    const flag = index === 0 ? 'SYN' : index === frames - 1 ? 'FIN' : ''
    this.#made++
    this.#transmit({ type, connection: this.#connection, number: this.#nextNumber++, stream, index, flag })
    if (this.#made < streams * frames) this.#host.setTimer('frame', interval)
    this.#watch()
  }

  #again(number: number, frame: StreamFrame): void {
    this.#outstanding.delete(number)
    this.#host.report('retransmitted', { stream: frame.stream, index: frame.index })
    this.#transmit(frame.type === 'segment' ? frame : { ...frame, number: this.#nextNumber++ })
  }

  #transmit(frame: StreamFrame): void {
    this.#outstanding.set(frame.number, { frame, order: this.#order++ })
    for (const peer of Array.from(this.#host.neighbors)) this.#host.send(peer, frame)
  }

  #watch(): void {
    if (this.#outstanding.size === 0) this.#host.cancelTimer('again')
    else this.#host.setTimer('again', this.#options.timeout * (1 << this.#timeouts))
  }
}
