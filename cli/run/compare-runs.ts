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

/** As many events as `Run.finish` dispatches between two looks whether the scenario is over: another number, other ends. */
const sliceEvents = 1000

/** Makes a run that is watched by what `observe` returns. */
export type MakeRun = (observe: () => readonly Observer[]) => Run

/** Goes through two runs in slices, side by side, so that the logs stay small. */
export function compareRuns(makeFirst: MakeRun, makeSecond: MakeRun, { until, onSlice }: CompareOptions = {}): Comparison {
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
    this.run = watch.during(() => 0, () => make(() => [this.log]))
  }

  /** Goes on by one slice. True at the end. */
  advance(until: number | undefined): boolean {
    if (this.#isDone) return true
    try {
      const bounds = { maxEvents: sliceEvents, slice: sliceEvents, ...(until === undefined ? {} : { until }) }
      this.#isDone = this.#watch.during(() => this.log.event, () => this.run.finish(bounds)) !== 'events'
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
function compareEnds({ run: { session: a } }: WatchedRun, { run: { session: b } }: WatchedRun, calls: readonly AmbientCall[]): Difference | null {
  const [first, second] = [a.simulation.fingerprint, b.simulation.fingerprint]
  if (first === second) return null
  const { events, lastEventTime } = a.simulation
  return { event: events, time: lastEventTime, node: -1, kind: 'fingerprint', first, second, likelyCause: likelyCause(calls) }
}

function describe([first, second]: Pair, calls: readonly AmbientCall[]): Difference {
  const { event, time, node, kind } = (first ?? second)!
  return { event, time, node, kind, first: textOf(first, second), second: textOf(second, first), likelyCause: likelyCause(calls) }
}

/** Says the place as well where the other run is at another one. */
function textOf(entry: Entry | undefined, other: Entry | undefined): string {
  if (entry === undefined) return 'nothing more happens'
  const isSamePlace = entry.event === other?.event && entry.time === other.time && entry.node === other.node
  return isSamePlace ? entry.text : `${placeOf(entry)}: ${entry.text}`
}

function placeOf({ event, time, node }: Entry): string {
  return `event ${event} at ${time} ms${node < 0 ? '' : `, node ${node}`}`
}

function likelyCause(calls: readonly AmbientCall[]): string {
  if (calls.length === 0) {
    return 'The protocol keeps something outside of its instance, for example in a variable of the file, and the second ' +
      'run finds what the first has left there. Keep all state in the class.'
  }
  const named = calls.map(({ name, instead, event }) => `${name} (first in event ${event}; use ${instead})`)
  return `The protocol uses what does not come from the seed: ${named.join(', ')}.`
}
