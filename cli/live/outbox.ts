import type { Stream } from '@libp2p/interface'
import type { Message } from '@peerlab/engine'
import { bodyOf, emptyFrame } from './codec.ts'

/** A message on its way. */
export interface Sent {
  readonly frame: Uint8Array
  readonly message: Message
  /** The number of the event in whose handler it was sent. */
  readonly cause: number
  readonly sequence: number
}

export interface OutboxOptions {
  /** Opens a stream to the peer. */
  readonly open: () => Promise<Stream>
  /** These will not arrive. */
  readonly onLost: (sent: readonly Sent[], reason: string) => void
}

/** As many messages wait for one slow peer; further ones are lost, as datagrams are. */
export const maxWaiting = 1000

/**
 * What one node sends to one peer: a queue in front of one stream, which is opened for the first message and kept open.
 * Writing never waits. A stream that breaks loses what was on its way, and the next message opens another one.
 */
export class Outbox {
  readonly #options: OutboxOptions
  #stream: Stream | undefined = undefined
  #isOpening = false
  #waiting: Sent[] = []
  /** Handed to the connection and not yet seen at the other end; a stream keeps their order. */
  #onTheirWay: Sent[] = []

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** How many messages have neither arrived nor got lost. */
  get size(): number {
    return this.#waiting.length + this.#onTheirWay.length
  }

  /** Opens the stream ahead of the first message. Throws where that fails. */
  async open(): Promise<void> {
    if (this.#stream !== undefined) return
    const stream = await this.#options.open()
    stream.addEventListener('drain', () => this.#flush())
    stream.addEventListener('close', () => {
      if (this.#stream === stream) this.#stream = undefined
      this.#lose('connection closed')
    })
    this.#stream = stream
  }

  /** Sends a frame that says nothing over the stream that is open. */
  writeEmpty(): void {
    this.#stream?.send(emptyFrame)
  }

  write(sent: Sent): void {
    if (this.#waiting.length >= maxWaiting) return this.#options.onLost([sent], 'queue full')
    this.#waiting.push(sent)
    if (this.#stream !== undefined) return this.#flush()
    if (this.#isOpening) return
    this.#isOpening = true
    this.open()
      .then(() => this.#flush())
      .catch(() => this.#lose('not connected'))
      .finally(() => (this.#isOpening = false))
  }

  /** The message that has arrived with these bytes; undefined where this node has sent no such thing. */
  arrived(body: Uint8Array): Sent | undefined {
    const [first] = this.#onTheirWay
    if (first === undefined || Buffer.compare(bodyOf(first.frame), body) !== 0) return undefined
    return this.#onTheirWay.shift()
  }

  #flush(): void {
    const stream = this.#stream
    if (stream === undefined) return
    try {
      while (this.#waiting.length > 0 && !stream.writableNeedsDrain) {
        const next = this.#waiting.shift()!
        this.#onTheirWay.push(next)
        stream.send(next.frame)
      }
    } catch (error) {
      stream.abort(error as Error) // it closes, and what is on its way is lost
    }
  }

  #lose(reason: string): void {
    const lost = [...this.#onTheirWay, ...this.#waiting]
    this.#onTheirWay = []
    this.#waiting = []
    if (lost.length > 0) this.#options.onLost(lost, reason)
  }
}
