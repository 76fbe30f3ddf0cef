/**
 * The receiving end of many streams over one connection: it acknowledges each packet and hands on what is in order, of
 * the whole connection over TCP, of each stream in QUIC. See stream-sender.ts for the idea and its specifications.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { reportMalformed } from '../rumor.ts'
import { isFrame, type FrameAck, type StreamFrame } from './frames.ts'

/**
 * Reports `opened` at the first frame of a connection, `arrived` for each new frame, `delivered` when the application has
 * it, and `duplicate`.
 */
export class StreamReceiver implements Protocol<FrameAck> {
  readonly #host: Host<FrameAck>
  readonly #retired = new Set<number>()
  #connection: number | undefined
  /** What comes next, for each sequence that is in order: the connection's one over TCP, each stream's in QUIC. */
  readonly #next = new Map<number, number>()
  readonly #held = new Map<number, Map<number, StreamFrame>>()

  constructor(host: Host<never>) {
    this.#host = host as unknown as Host<FrameAck>
  }

  onMessage(from: Address, message: Message): void {
    if (!isFrame(message)) return reportMalformed(this.#host as Host<never>, message)
    const { connection, number } = message
    if (connection !== this.#connection && !this.#open(connection)) {
      return this.#host.send(from, { type: 'reset', connection, number })
    }
    this.#host.send(from, { type: 'ack', connection, number })
    const isOne = message.type === 'segment'
    this.#take(isOne ? 0 : message.stream, isOne ? number : message.index, message)
  }

  /** False where it is over: another one has come, or this node has restarted since. */
  #open(connection: number): boolean {
    const { storage } = this.#host
    if (this.#retired.has(connection) || storage.get('connection') === connection) return false
    storage.set('connection', connection)
    if (this.#connection !== undefined) this.#retired.add(this.#connection)
    this.#connection = connection
    this.#next.clear()
    this.#held.clear()
    this.#host.report('opened', { connection })
    return true
  }

  #take(sequence: number, place: number, frame: StreamFrame): void {
    const held = this.#held.get(sequence) ?? new Map<number, StreamFrame>()
    this.#held.set(sequence, held)
    let next = this.#next.get(sequence) ?? 0
    const { stream, index } = frame
    if (place < next || held.has(place)) return this.#host.report('duplicate', { stream, index })
    held.set(place, frame)
    this.#host.report('arrived', { stream, index })
    for (let ready = held.get(next); ready !== undefined; ready = held.get(next)) {
      held.delete(next++)
      this.#host.report('delivered', { stream: ready.stream, index: ready.index })
    }
    this.#next.set(sequence, next)
  }
}
