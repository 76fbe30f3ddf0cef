import type { Millis } from '@peerlab/engine'

/** The longest delay that Node takes, in ms: about 24 days. */
const longestWait = 2 ** 31 - 1

interface Alarm {
  readonly due: Millis
  readonly sequence: number
  readonly action: () => void
}

/**
 * Calls things at moments of one clock: never early, and in order of (time, sequence), however late the machine is. So
 * order the simulator's events, too; Node's own timers promise neither.
 */
export class LiveTimers {
  readonly #clock: () => Millis
  /** In the order in which they are due. */
  readonly #alarms: Alarm[] = []
  #sequence = 0
  #wake: NodeJS.Timeout | undefined = undefined

  /** @param clock milliseconds; never goes back */
  constructor(clock: () => Millis) {
    this.#clock = clock
  }

  /** How many are still to come. */
  get size(): number {
    return this.#alarms.length
  }

  /** Calling the result takes the alarm back; later that is harmless. */
  set(due: Millis, action: () => void): () => void {
    const alarm = { due, sequence: this.#sequence++, action }
    const at = this.#alarms.findIndex((other) => other.due > due)
    this.#alarms.splice(at < 0 ? this.#alarms.length : at, 0, alarm)
    if (this.#alarms[0] === alarm) this.#wait()
    return () => {
      const index = this.#alarms.indexOf(alarm)
      if (index >= 0) this.#alarms.splice(index, 1)
    }
  }

  clear(): void {
    this.#alarms.length = 0
    clearTimeout(this.#wake)
  }

  #wait(): void {
    clearTimeout(this.#wake)
    const [next] = this.#alarms
    if (next === undefined) return
    const wait = Math.min(Math.ceil(next.due - this.#clock()), longestWait)
    this.#wake = setTimeout(() => this.#ring(), Math.max(wait, 0))
  }

  #ring(): void {
    const now = this.#clock()
    while (this.#alarms.length > 0 && this.#alarms[0]!.due <= now) this.#alarms.shift()!.action()
    this.#wait()
  }
}
