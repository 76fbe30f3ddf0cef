import { checkNumber } from './errors.ts'
import type { Micros } from './time.ts'

/** What a node's access line carries, in bytes a second, each way; Infinity where nothing holds it up. */
export interface Bandwidth {
  readonly up: number
  readonly down: number
}

/**
 * The access lines of all nodes: store and forward, first in, first out. A packet leaves (or is there) once its last byte
 * has passed, and waits while others pass before it. A line forgets nothing: packets wait as long as they must.
 */
export class Links {
  /** Bytes that each node has sent, and received. */
  readonly sent: Float64Array
  readonly received: Float64Array
  // Microseconds for a byte, and when the line is free again.
  readonly #up: Float64Array
  readonly #down: Float64Array
  readonly #upFree: Float64Array
  readonly #downFree: Float64Array

  /** @param bandwidthOf of each node; both ways over 0 */
  constructor(size: number, bandwidthOf: (node: number) => Bandwidth) {
    this.sent = new Float64Array(size)
    this.received = new Float64Array(size)
    this.#up = new Float64Array(size)
    this.#down = new Float64Array(size)
    this.#upFree = new Float64Array(size)
    this.#downFree = new Float64Array(size)
    for (let node = 0; node < size; node++) {
      const { up, down } = bandwidthOf(node)
      this.#up[node] = microsPerByte(`upload bandwidth of node ${node}`, up)
      this.#down[node] = microsPerByte(`download bandwidth of node ${node}`, down)
    }
  }

  /** When a packet that is sent now has left. */
  leave(node: number, bytes: number, now: Micros): Micros {
    this.sent[node]! += bytes
    return pass(this.#upFree, node, bytes * this.#up[node]!, now)
  }

  /** When a packet that comes to the line now is received. */
  receive(node: number, bytes: number, now: Micros): Micros {
    this.received[node]! += bytes
    return pass(this.#downFree, node, bytes * this.#down[node]!, now)
  }
}

/** The line keeps fractions of a microsecond, or a thousand small packets would take longer than one large one. */
function pass(free: Float64Array, node: number, span: number, now: Micros): Micros {
  const end = Math.max(now, free[node]!) + span
  free[node] = end
  return Math.ceil(end)
}

function microsPerByte(name: string, bytesPerSecond: number): number {
  if (bytesPerSecond === Infinity) return 0
  return 1e6 / checkNumber(`${name} (bytes/s)`, bytesPerSecond, { min: 1e-3, max: 1e15 })
}
