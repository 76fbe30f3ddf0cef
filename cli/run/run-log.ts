import type { EventKind, Message, Observer } from '@peerlab/engine'

/** One thing that happened in a run, in a form that can be compared. */
export interface Entry {
  /** The number of the event itself, or of the one in whose handling it happened; 0 = before the first. */
  readonly event: number
  readonly time: number
  /** -1 where it is no node's doing. */
  readonly node: number
  /** An event's kind, or send, drop, report, error. */
  readonly kind: EventKind | 'send' | 'drop' | 'report' | 'error'
  readonly text: string
}

/**
 * Writes down everything that happens, messages included. The text is made at once: a message may still be changed by
 * the protocol that sent it.
 */
export class RunLog implements Observer {
  #entries: Entry[] = []
  #event = 0
  #time = 0
  #node = -1

  /** What came since the last call. */
  take(): readonly Entry[] {
    const entries = this.#entries
    this.#entries = []
    return entries
  }

  /** The event that is being handled. */
  get event(): number {
    return this.#event
  }

  onEvent(
    number: number,
    time: number,
    kind: EventKind,
    node: number,
    peer: number,
    subject: unknown,
    cause: number,
  ): void {
    this.#event = number
    this.#time = time
    this.#node = node
    const from = peer < 0 ? '' : ` from node ${peer}`
    const origin = cause === 0 ? '' : `, brought about by event ${cause}`
    this.#add(number, time, node, kind, `${kind}${from}${subject === undefined ? '' : ` ${textOf(subject)}`}${origin}`)
  }

  onSend(time: number, from: number, to: number, message: Message, arrival: number, cause: number): void {
    this.#add(cause, time, from, 'send', `sends to node ${to} ${textOf(message)}, to arrive at ${arrival} ms`)
  }

  onDrop(time: number, from: number, to: number, message: Message, reason: string, cause: number): void {
    this.#add(cause, time, from, 'drop', `loses (${reason}) what it sent to node ${to} ${textOf(message)}`)
  }

  onReport(time: number, node: number, event: string, detail: unknown, cause: number): void {
    this.#add(cause, time, node, 'report', `reports ${event}${detail === undefined ? '' : ` ${textOf(detail)}`}`)
  }

  /** The run broke in the event that is being handled. */
  onError(error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    this.#add(this.#event, this.#time, this.#node, 'error', `breaks: ${text}`)
  }

  #add(event: number, time: number, node: number, kind: Entry['kind'], text: string): void {
    this.#entries.push({ event, time, node, kind, text })
  }
}

function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value) // a cycle: the engine says what is wrong with it where that matters
  }
}
