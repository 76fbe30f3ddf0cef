import { ProtocolError, type Command, type EventKind, type Message, type Millis, type Observer } from '@peerlab/engine'
import type { LiveHost } from './live-host.ts'
import { LiveTimers } from './live-timers.ts'

/** Something that a node has to handle. */
export interface LiveEvent {
  readonly kind: Extract<EventKind, 'start' | 'command' | 'message' | 'timer'>
  readonly host: LiveHost
  /** The index of a message's sender; -1 otherwise. */
  readonly peer: number
  /** The message, the timer's name or the command. */
  readonly subject: Message | Command | string | undefined
  /** The number of the event that brought this one about; 0 = outside. */
  readonly cause: number
  /** A message's: that of its sending. */
  readonly sequence: number
  /** Asked when its turn has come: a timer may have been cancelled while its event waited. */
  readonly isVoid?: () => boolean
  readonly handle: () => void
}

/**
 * What a simulation is to simulated hosts, on the real clock: the nodes of one process, one handler at a time, each to
 * its end, and every event numbered. Whatever comes (a message, a timer) waits in a queue for its turn, so that no
 * handler ever runs inside another.
 */
export class LiveLoop {
  readonly timers = new LiveTimers(() => this.clock())
  /** Told all that happens, as by a simulation; where nobody knows when a packet will arrive, `arrival` is NaN. */
  readonly observers: Observer[] = []
  /** Told when a handler threw. Nothing is handled after that. */
  onFailure: (error: ProtocolError) => void = () => {}
  /** Told after events were handled. */
  onPause: () => void = () => {}
  #queue: LiveEvent[] = []
  #turn: NodeJS.Immediate | undefined = undefined
  #running: LiveHost | undefined = undefined
  #events = 0
  #sequence = 0
  #now: Millis = 0
  #origin: Millis = performance.now()
  #state: 'running' | 'stopped' = 'running'

  /** The host whose handler runs, if any. */
  get running(): LiveHost | undefined {
    return this.#running
  }

  get isStopped(): boolean {
    return this.#state === 'stopped'
  }

  /** How many events were handled; inside of a handler, the number of its own. */
  get events(): number {
    return this.#events
  }

  /** How many events wait for their turn. */
  get waiting(): number {
    return this.#queue.length
  }

  /** What hosts call now: it stands still while a handler runs. */
  get now(): Millis {
    return this.#running === undefined ? this.clock() : this.#now
  }

  /** Real time since the loop began, in ms and whole microseconds. */
  clock(): Millis {
    return Math.round((performance.now() - this.#origin) * 1000) / 1000
  }

  /** Time 0 is now. */
  begin(): void {
    this.#origin = performance.now()
  }

  takeSequence(): number {
    return ++this.#sequence
  }

  /** Lets an event wait for its turn. After the stop it is forgotten. */
  enqueue(event: LiveEvent): void {
    if (this.isStopped) return
    this.#queue.push(event)
    this.#turn ??= setImmediate(() => this.#handleAll())
  }

  /** Does something in the name of no host: a constructor must not use the one that it is given. */
  outside<T>(work: () => T): T {
    const running = this.#running
    this.#running = undefined
    try {
      return work()
    } finally {
      this.#running = running
    }
  }

  /** No handler runs after this, no timer rings. */
  stop(): void {
    this.#state = 'stopped'
    this.timers.clear()
    this.#queue = []
    clearImmediate(this.#turn)
  }

  #handleAll(): void {
    this.#turn = undefined
    const events = this.#queue
    this.#queue = []
    for (const event of events) {
      if (this.isStopped) return
      if (event.isVoid?.() !== true) this.#handle(event)
    }
    this.onPause()
  }

  #handle({ kind, host, peer, subject, cause, sequence, handle }: LiveEvent): void {
    const number = ++this.#events
    const now = (this.#now = this.clock())
    for (const observer of this.observers) {
      observer.onEvent?.(number, now, kind, host.node, peer, subject, cause, sequence)
    }
    this.#running = host
    try {
      handle()
    } catch (error) {
      this.stop()
      this.onFailure(new ProtocolError(host.node, now, number, kind, error))
    } finally {
      this.#running = undefined
    }
  }
}
