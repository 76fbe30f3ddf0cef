import type { Millis } from './time.ts'

/** A handler threw. The run cannot go on: its state is half changed. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  readonly node: number
  readonly time: Millis
  /** The number of the event whose handler threw. */
  readonly event: number

  constructor(node: number, time: Millis, event: number, what: string, cause: unknown) {
    const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    super(`node ${node} threw at ${time} ms (event ${event}, ${what}): ${text}`, { cause })
    this.node = node
    this.time = time
    this.event = event
  }
}
