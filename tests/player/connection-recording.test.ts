/** What a player shows of the scenarios about connections is what the run has: a state may change only where an event is. */
import { findScenario, Run, type ActionInput, type Recorded, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { Recorder } from '../../slides/theme/player/recorder.ts'
import { Recording } from '../../slides/theme/player/recording.ts'

const act = (time: number, action: string, values: ActionInput['with']): Recorded<ActionInput> => ({
  time,
  input: { action, with: values },
})

const faults = (node: number): Recorded<ActionInput>[] => [act(600, 'crash', { node }), act(1500, 'restart', { node })]

const specs: readonly RunSpec[] = [
  { scenario: 'nat-traversal', seed: 1, actions: [...faults(2), act(3000, 'knock', { node: 1 })] },
  { scenario: 'nat-traversal', seed: 2, parameters: { alice: 'APD-APD', duration: 8000 }, actions: faults(0) },
  { scenario: 'punching-odds', seed: 1, parameters: { pairs: 5, probes: 200 }, actions: faults(3) },
  {
    scenario: 'punching-odds',
    seed: 2,
    parameters: { pairs: 5, probes: 100 },
    actions: [act(4000, 'more', { probes: 50 })],
  },
  { scenario: 'connection-upgrade', seed: 1, parameters: { security: 'none' }, actions: faults(1) },
  { scenario: 'connection-upgrade', seed: 2, parameters: { loss: 0.2 }, actions: [act(5000, 'dial', {})] },
  { scenario: 'multiplexing', seed: 1, actions: faults(2) },
  { scenario: 'multiplexing', seed: 2, parameters: { loss: 0.1 }, actions: faults(0) },
  { scenario: 'multiaddr', seed: 1, actions: [...faults(0), act(2500, 'remove', { address: 0, component: 0 })] },
  { scenario: 'multiaddr', seed: 2, parameters: { interval: 50 }, actions: [act(1100, 'dial', { node: 1 })] },
]

function recorded(spec: RunSpec): { readonly run: Run; readonly recorder: Recorder } {
  const recorder = new Recorder(findScenario(spec.scenario))
  const run = new Run(spec, { observe: () => [recorder] })
  recorder.watch(run)
  run.finish()
  return { run, recorder }
}

describe('a recording', () => {
  test.each(specs)(
    'of $scenario, seed $seed, has at any moment the states that the run has when it is sought there',
    (spec) => {
      const data = recorded(spec).recorder.finish()
      const sought = new Run(spec)
      const ids = sought.scenario.states.map(({ id }) => id)
      for (let step = 0; step <= 40; step++) {
        const time = Math.round((data.end * 1000 * step) / 40) / 1000
        sought.session.seek(time)
        const wanted = Array.from({ length: data.size }, (_, node) => ids.indexOf(sought.world.state(node)))
        expect([time, Array.from(new Recording(data).statesAt(time))]).toEqual([time, wanted])
      }
    },
  )

  test.each(specs)('of $scenario, seed $seed, is of the same run that nobody watches', (spec) => {
    const alone = new Run(spec)
    alone.finish()
    const { run } = recorded(spec)
    expect(run.session.simulation.fingerprint).toBe(alone.session.simulation.fingerprint)
    expect(run.world.measures()).toEqual(alone.world.measures())
  })
})
