import type { Observer, Run } from '@peerlab/engine'
import { RunLog, type Entry } from './run-log.ts'
import { AmbientWatch, type AmbientCall } from './watch-ambient.ts'

/** Where two runs that should be one and the same begin to differ. */
export interface Difference {
  /** The number of the event, counted from 1. */
  readonly event: number
  /** Virtual time in ms. */
  readonly time: number
  /** -1 where it is no node's doing. */
  readonly node: number
  /** The event's kind, or what happened in it: send, drop, report, error. */
  readonly kind: string
  readonly first: string
  readonly second: string
  readonly likelyCause: string
}

export interface Comparison {
  /** Null when the runs did the same. */
  readonly difference: Difference | null
  /** Clocks and unseeded randomness that were called, be it without effect. */
  readonly ambientCalls: readonly AmbientCall[]
}

export interface CompareOptions {
  /** Virtual time in ms. Default: until the end. */
  readonly until?: number | undefined
  /** Called from time to time, for a line of progress. */
  readonly onSlice?: (run: Run) => void
}

/** The slice that `Run.finish` has by default. It decides where a scenario ends that looks whether it is over. */
const sliceEvents = 1000

/** Makes a run that is watched by what `observe` returns. */
export type MakeRun = (observe: () => readonly Observer[]) => Run

/** Goes through two runs in slices, side by side, so that the logs stay small. */
export function compareRuns(makeFirst: MakeRun, makeSecond: MakeRun, options: CompareOptions = {}): Comparison {
  const { until, onSlice } = options
  const watch = new AmbientWatch()
  const first = new WatchedRun(makeFirst, watch)
  const second = new WatchedRun(makeSecond, watch)
  for (;;) {
    const isFirstDone = first.advance(until)
    const isSecondDone = second.advance(until)
    const found = firstDifference(first.log.take(), second.log.take())
    const ambientCalls = [...watch.calls.values()]
    if (found !== undefined) return { difference: describe(found, ambientCalls), ambientCalls }
    if (isFirstDone && isSecondDone) return { difference: compareEnds(first, second, ambientCalls), ambientCalls }
    onSlice?.(first.run)
  }
}

class WatchedRun {
  readonly log = new RunLog()
  readonly run: Run
  readonly #watch: AmbientWatch
  #isDone = false

  constructor(make: MakeRun, watch: AmbientWatch) {
    this.#watch = watch
    this.run = watch.during(
      () => 0,
      () => make(() => [this.log]),
    )
  }

  /** Goes on by one slice. True at the end. */
  advance(until: number | undefined): boolean {
    if (this.#isDone) return true
    try {
      const bounds = { maxEvents: sliceEvents, slice: sliceEvents, ...(until === undefined ? {} : { until }) }
      this.#isDone =
        this.#watch.during(
          () => this.log.event,
          () => this.run.finish(bounds),
        ) !== 'events'
    } catch (error) {
      this.log.onError(error)
      this.#isDone = true
    }
    return this.#isDone
  }
}

type Pair = readonly [first: Entry | undefined, second: Entry | undefined]

function firstDifference(first: readonly Entry[], second: readonly Entry[]): Pair | undefined {
  const length = Math.max(first.length, second.length)
  for (let i = 0; i < length; i++) {
    if (!isSame(first[i], second[i])) return [first[i], second[i]]
  }
  return undefined
}

function isSame(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.event === b.event && a.time === b.time && a.node === b.node && a.kind === b.kind && a.text === b.text
}

/** Values that read the same may still differ (-0, NaN): the fingerprints, with payloads, know. */
function compareEnds(a: WatchedRun, b: WatchedRun, calls: readonly AmbientCall[]): Difference | null {
  const [{ simulation }, other] = [a.run.session, b.run.session]
  const [first, second] = [simulation.fingerprint, other.simulation.fingerprint]
  if (first === second) return null
  const place = { event: simulation.events, time: simulation.lastEventTime, node: -1, kind: 'fingerprint' }
  return { ...place, first, second, likelyCause: likelyCause(calls) }
}

function describe([first, second]: Pair, calls: readonly AmbientCall[]): Difference {
  const { event, time, node, kind } = earlier(first, second)
  const sides = { first: textOf(first, event), second: textOf(second, event) }
  return { event, time, node, kind, ...sides, likelyCause: likelyCause(calls) }
}

/** One run may be through with an event in which the other still does something. */
function earlier(first: Entry | undefined, second: Entry | undefined): Entry {
  if (first === undefined || second === undefined) return (first ?? second)!
  return second.event < first.event ? second : first
}

function textOf(entry: Entry | undefined, event: number): string {
  if (entry === undefined) return 'nothing more happens'
  return entry.event === event ? entry.text : `does nothing more in event ${event}`
}

function likelyCause(calls: readonly AmbientCall[]): string {
  if (calls.length === 0) {
    return (
      'The protocol keeps something outside of its instance, for example in a variable of the file, and one run ' +
      'finds what another has left there. Keep all state in the class.'
    )
  }
  const named = calls.map(({ name, instead, event }) => `${name} (first in event ${event}; use ${instead})`)
  return `The protocol uses what does not come from the seed: ${named.join(', ')}.`
}
