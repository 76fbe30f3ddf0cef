import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import { datagramHeader, encodedSize } from '../../core/encoded-size.ts'
import { checkNumber } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'

/** Requests of one peer that wait, at most; the others are dropped, and asked again. */
const maxWaiting = 1000
const timerName = 'upload'

/**
 * What a node sends. Requests wait here and not in its access line, so that they can be taken back, and so that a short
 * message waits for one piece at most and not for all of them: peers take turns, and the next piece leaves when the
 * line is free. For that the node has to know its own line, as the user of a real client sets an upload limit. A node
 * that does not know sends all at once, and the line is the queue.
 */
export class Uploads {
  readonly #host: Host<Message>
  readonly #bytesPerSecond: number
  readonly #answer: (peer: Address, piece: number) => void
  /** A peer that is served goes to the end. */
  readonly #waiting = new Map<Address, number[]>()
  /** When the line will have sent all that was given to it. */
  #free: Millis = 0
  #isTimerSet = false

  /**
   * @param bytesPerSecond of the line, over 0; Infinity = not known
   * @param answer sends a piece, by {@link send}
   */
  constructor(host: Host<never>, bytesPerSecond: number, answer: (peer: Address, piece: number) => void) {
    this.#host = host as unknown as Host<Message>
    this.#bytesPerSecond = checkNumber('uploadRate', bytesPerSecond, { min: 1e-3, max: Infinity })
    this.#answer = answer
  }

  send(to: Address, message: Message): void {
    this.#host.send(to, message)
    if (this.#bytesPerSecond === Infinity) return
    const span = (1000 * (datagramHeader + encodedSize(message))) / this.#bytesPerSecond
    this.#free = Math.max(this.#free, this.#host.now) + span
  }

  /** A request; one that waits already changes nothing. */
  request(peer: Address, piece: number): void {
    const waiting = this.#waiting.get(peer)
    if (waiting === undefined) this.#waiting.set(peer, [piece])
    else if (!waiting.includes(piece) && waiting.length < maxWaiting) waiting.push(piece)
    this.#next()
  }

  cancel(peer: Address, piece: number): void {
    const waiting = this.#waiting.get(peer)
    const at = waiting?.indexOf(piece) ?? -1
    if (at < 0) return
    if (waiting!.length === 1) this.#waiting.delete(peer)
    else waiting!.splice(at, 1)
  }

  /** Takes back all requests of a peer. */
  drop(peer: Address): void {
    this.#waiting.delete(peer)
  }

  /** True when the timer was the one of this queue. */
  onTimer(name: string): boolean {
    if (name !== timerName) return false
    this.#isTimerSet = false
    this.#next()
    return true
  }

  #next(): void {
    while (!this.#isTimerSet && this.#waiting.size > 0) {
      if (this.#free > this.#host.now) {
        this.#isTimerSet = true
        // A whole microsecond later at least: the host would round a shorter wait to none.
        this.#host.setTimer(timerName, Math.max(this.#free - this.#host.now, 0.001))
        return
      }
      const [peer, waiting] = this.#waiting.entries().next().value!
      const piece = waiting.shift()!
      this.#waiting.delete(peer)
      if (waiting.length > 0) this.#waiting.set(peer, waiting)
      this.#answer(peer, piece)
    }
  }
}
