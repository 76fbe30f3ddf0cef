import type { Run } from '@peerlab/engine'

/** What came out of a run, and what it was: the same on every machine. */
export interface Result {
  readonly scenario: string
  readonly seed: number
  readonly parameters: Run['parameters']
  readonly fingerprint: string
  /** Virtual time of the last event, in ms. */
  readonly time: number
  /** Handled ones. */
  readonly events: number
  /** Packets sent. */
  readonly messages: number
  readonly measures: { readonly [name: string]: number | null }
}

/** A result and how it came about. All but `reason` is what `--json` prints. */
export interface Outcome extends Result {
  readonly reason: ReturnType<Run['finish']>
  /** Real time without the set-up. */
  readonly wallSeconds: number
  /** Memory of the process at the end. */
  readonly rssBytes: number
}

/** Runs to the end, or to a virtual time. */
export function finishRun(run: Run, until: number | undefined, onSlice: () => void): Outcome {
  const start = performance.now()
  const reason = run.finish({ onSlice, ...(until === undefined ? {} : { until }) })
  const wallSeconds = (performance.now() - start) / 1000
  return { reason, ...resultOf(run), wallSeconds, rssBytes: process.memoryUsage.rss() }
}

/** What a run has come to so far. */
export function resultOf(run: Run): Result {
  const { simulation } = run.session
  return {
    scenario: run.scenario.id,
    seed: run.seed,
    parameters: run.parameters,
    fingerprint: simulation.fingerprint,
    time: simulation.lastEventTime,
    events: simulation.events,
    messages: simulation.packets.sent,
    measures: run.world.measures(),
  }
}
