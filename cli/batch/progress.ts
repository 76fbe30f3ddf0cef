import type { Context } from '../context.ts'
import { formatNumber } from '../format.ts'

const liveMillis = 200
/** In a log and for screen readers: seldom enough to read or to listen to. */
const spokenMillis = 10_000

const clearLine = '\r\x1b[K'

/** How far a work of many parts is. */
export interface BatchState {
  /** All parts of it, or of this shard. */
  readonly parts: number
  /** How many of them are done. */
  readonly done: number
  /** How many of those were there before. */
  readonly before: number
  readonly failed: number
}

/** Says on stderr how far a work is: on one line that is written over, or in a line of a log now and then. */
export class BatchProgress {
  readonly #context: Context
  readonly #state: () => BatchState
  readonly #unit: string
  readonly #start = performance.now()
  readonly #timer: NodeJS.Timeout
  #isShown = false

  /** @param unit what the parts are, in the plural */
  constructor(context: Context, unit: string, state: () => BatchState) {
    this.#context = context
    this.#unit = unit
    this.#state = state
    this.#timer = setInterval(() => this.#show(), context.err.isLive ? liveMillis : spokenMillis).unref()
  }

  /** Takes the line away, and says no more. */
  end(): void {
    clearInterval(this.#timer)
    if (this.#isShown) this.#context.err.write(clearLine)
    this.#isShown = false
  }

  #show(): void {
    const { err } = this.#context
    const text = progressText(this.#state(), this.#unit, (performance.now() - this.#start) / 1000)
    if (!err.isLive) return err.line(`${text}.`)
    err.write(clearLine + err.dim(`${text} (Ctrl+C stops it)`.slice(0, err.columns - 1)))
    this.#isShown = true
  }
}

/** `120 of 300 runs (40 %), 85 a second, 2 s left, 1 failed` */
export function progressText({ parts, done, before, failed }: BatchState, unit: string, seconds: number): string {
  const share = Math.floor((100 * done) / parts)
  const rate = (done - before) / seconds
  const texts = [`${formatNumber(done)} of ${formatNumber(parts)} ${unit} (${share} %)`]
  if (rate > 0) texts.push(rateText(rate), `${formatSeconds((parts - done) / rate)} left`)
  if (failed > 0) texts.push(`${formatNumber(failed)} failed`)
  return texts.join(', ')
}

function rateText(rate: number): string {
  return rate >= 1 ? `${formatNumber(rate, rate < 10 ? 1 : 0)} a second` : `${formatNumber(rate * 60, 1)} a minute`
}

/** `45 s`, `12 min`, `3 h 20 min` */
export function formatSeconds(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 100) return `${whole} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 100) return `${minutes} min`
  return `${formatNumber(Math.floor(minutes / 60))} h ${minutes % 60} min`
}
