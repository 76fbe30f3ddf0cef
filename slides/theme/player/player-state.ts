import type { RunSpec } from '@peerlab/engine'

/** Everything about a player that a link, a second window or a printed page has to know. Plain data. */
export interface PlayerState {
  readonly spec: RunSpec
  /** Virtual time, in ms. */
  readonly playhead: number
  readonly isPlaying: boolean
  /** A multiple of the pace that fits the run: see {@link paceOf}. */
  readonly speed: number
}

/** The speeds that can be chosen, as multiples of the pace that fits the run. */
export const speeds = [0.25, 0.5, 1, 2, 4] as const

/** At speed 1 a run takes about this long on stage, in seconds of real time, whatever its virtual length. */
const showSeconds = 10

/** Virtual ms that pass in one real ms at speed 1: a short run is shown slowly, a long one fast. */
export function paceOf(end: number): number {
  return Math.max(end, 1) / (showSeconds * 1000)
}

/** What is left of the actions when something new is done at a moment: a branch begins. */
export function branchAt(
  spec: RunSpec,
  playhead: number,
  action: string,
  values: { readonly [name: string]: unknown },
): RunSpec {
  const earlier = (spec.actions ?? []).filter(({ time }) => time <= playhead)
  // Times are whole microseconds inside: a playhead between two of them is rounded up, never back over an event.
  const time = Math.ceil(playhead * 1000) / 1000
  const input = { action, with: values as NonNullable<RunSpec['actions']>[number]['input']['with'] }
  return { ...spec, actions: [...earlier, { time, input }] }
}
