import { findScenario, Run, type RunSpec } from '@peerlab/engine'
import { expect } from 'vitest'
import { Recorder } from '../../slides/theme/player/recorder.ts'
import { Recording } from '../../slides/theme/player/recording.ts'

/** A recording shows what the run has: a state may change only where an event is. */
export function expectRecordedStates(spec: RunSpec): void {
  const recorder = new Recorder(findScenario(spec.scenario))
  const recorded = new Run(spec, { observe: () => [recorder] })
  recorder.watch(recorded)
  recorded.finish()
  const data = recorder.finish()
  const recording = new Recording(data)
  const run = new Run(spec)
  const ids = run.scenario.states.map(({ id }) => id)
  const seen = new Set<number>()
  const moments = 300
  for (let i = 0; i <= moments; i++) {
    const time = Math.floor((data.end * i) / moments)
    run.session.seek(time)
    const wanted = Array.from({ length: data.size }, (_, node) => ids.indexOf(run.world.state(node)))
    expect(Array.from(recording.statesAt(time)), `${time} ms`).toEqual(wanted)
    for (const state of wanted) seen.add(state)
  }
  expect(seen.size).toBeGreaterThan(ids.length / 2)
}
