import type { Run } from '@peerlab/engine'
import type { Context } from '../context.ts'
import { formatMillis, formatNumber } from '../format.ts'

/** A run that is over sooner needs no progress. */
const quietMillis = 1000
const liveMillis = 200
/** For screen readers: seldom enough to listen to. */
const spokenMillis = 5000

const clearLine = '\r\x1b[K'

/** Says on stderr how far a long run is: on one line that is written over; with --plain, in a sentence now and then. */
export class Progress {
  readonly #context: Context
  readonly #json: boolean
  readonly #start = performance.now()
  #next: number
  #isShown = false

  constructor(context: Context, json: boolean) {
    this.#context = context
    this.#json = json
    this.#next = this.#start + (this.#isLive ? quietMillis : spokenMillis)
  }

  /** Says at once what will take a while, where nothing can be said meanwhile. */
  announce(text: string): void {
    if (this.#isLive) this.#show(text)
  }

  /** May be called often. */
  tick(doing: string, { session: { simulation } }: Run): void {
    const now = performance.now()
    if (now < this.#next) return
    const { err } = this.#context
    this.#next = now + (this.#isLive ? liveMillis : spokenMillis)
    const text = `${doing}: ${formatNumber(simulation.events)} events, ${formatMillis(simulation.now)} of virtual time`
    if (this.#isLive) this.#show(`${text} (Ctrl+C stops it)`)
    else if (err.isTerminal) err.line(`${text}.`)
  }

  /** Takes the line away. */
  clear(): void {
    if (this.#isShown) this.#context.err.write(clearLine)
    this.#isShown = false
  }

  get #isLive(): boolean {
    return this.#context.err.isLive && !this.#json
  }

  #show(text: string): void {
    const { err } = this.#context
    err.write(clearLine + err.dim(text.slice(0, err.columns - 1)))
    this.#isShown = true
  }
}
