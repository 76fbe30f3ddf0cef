/** What a player shows of Kademlia is what the run has: a state may change only where an event is. */
import { findScenario, Run, type RunSpec } from '@peerlab/engine'
import { expect, test } from 'vitest'
import { layOut } from '../../slides/theme/player/layout.ts'
import { Recorder } from '../../slides/theme/player/recorder.ts'
import { Recording } from '../../slides/theme/player/recording.ts'
import { cases, fc } from '../support/fast-check.ts'

const specs = fc
  .record({ seed: fc.nat(10_000), dead: fc.constantFrom(0, 0.3), liars: fc.constantFrom(0, 0.3), crash: fc.nat(400) })
  .map(({ seed, dead, liars, crash }): RunSpec => ({
    scenario: 'kademlia',
    seed,
    parameters: { size: 30, k: 4, dead, liars, lookups: 4, interval: 200, timeout: 300 },
    actions: [
      { time: crash, input: { action: 'crash', with: { node: seed % 30 } } },
      { time: crash + 10, input: { action: 'lookup', with: { node: (seed + 1) % 30, key: 3 } } },
      { time: crash + 500, input: { action: 'restart', with: { node: seed % 30 } } },
    ],
  }))

test('where a network has no links, none is said to be missing', () => {
  const remarksOf = (scenario: string, parameters: NonNullable<RunSpec['parameters']>): readonly string[] => {
    const recorder = new Recorder(findScenario(scenario))
    const run = new Run({ scenario, seed: 1, parameters }, { observe: () => [recorder] })
    recorder.watch(run)
    run.finish({ maxEvents: 100 })
    return recorder.finish().remarks
  }
  expect(remarksOf('kademlia', { size: 200 })).toEqual([])
  expect(remarksOf('gossip', { size: 1000, topology: 'complete' })).toEqual([
    'links are not drawn: there are too many to see',
  ])
})

test('the circle of nodes is the key space: each node has its place between those with the next ids', () => {
  const middle = (parameters: NonNullable<RunSpec['parameters']>): boolean => {
    const { topology } = new Run({ scenario: 'kademlia', seed: 1, parameters }).session.simulation
    const [x, y] = layOut(topology, undefined)
    return x === 0.5 && y === 0.5
  }
  expect(middle({ size: 30 })).toBe(false)
  expect(middle({ size: 30, tables: 'join' })).toBe(true) // node 0 is everybody's way in
})

test('a recording of lookups has at any moment the states that the run has when it is sought there', () => {
  fc.assert(
    fc.property(specs, fc.double({ min: 0, max: 1, noNaN: true }), (spec, share) => {
      const recorder = new Recorder(findScenario(spec.scenario))
      const recorded = new Run(spec, { observe: () => [recorder] })
      recorder.watch(recorded)
      recorded.finish()
      const data = recorder.finish()
      const time = Math.round(share * data.end * 1000) / 1000
      const run = new Run(spec)
      run.session.seek(time)
      const ids = run.scenario.states.map(({ id }) => id)
      const wanted = Array.from({ length: data.size }, (_, node) => ids.indexOf(run.world.state(node)))
      expect(Array.from(new Recording(data).statesAt(time))).toEqual(wanted)
    }),
    cases(60),
  )
})
