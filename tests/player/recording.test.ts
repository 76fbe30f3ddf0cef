/** A recording shows at any moment what the run had at that moment. */
import { findScenario, Run, type RunSpec } from '@peerlab/engine'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { firstDivergence } from '../../slides/theme/player/divergence.ts'
import { branchAt } from '../../slides/theme/player/player-state.ts'
import { Recorder } from '../../slides/theme/player/recorder.ts'
import { fates, Recording, type RecordingData } from '../../slides/theme/player/recording.ts'

function recordRun(spec: RunSpec): { data: RecordingData; run: Run } {
  const recorder = new Recorder(findScenario(spec.scenario))
  const run = new Run(spec, { observe: () => [recorder] })
  recorder.watch(run)
  run.finish()
  return { data: recorder.finish(), run }
}

const specs = fc
  .record({
    seed: fc.nat(10_000),
    style: fc.constantFrom('flood', 'push', 'rumor', 'gossip'),
    loss: fc.constantFrom(0, 0.2),
    crash: fc.nat(400),
  })
  .map(({ seed, style, loss, crash }): RunSpec => ({
    scenario: 'gossip',
    seed,
    parameters: { size: 24, degree: 4, style, loss, rumors: 2, k: 3 },
    actions: [
      { time: crash, input: { action: 'crash', with: { node: seed % 24 } } },
      { time: crash + 300, input: { action: 'restart', with: { node: seed % 24 } } },
    ],
  }))

describe('a recording', () => {
  test('has at any moment the states that the run has when it is sought there', () => {
    fc.assert(
      fc.property(specs, fc.double({ min: 0, max: 1, noNaN: true }), (spec, share) => {
        const { data } = recordRun(spec)
        const recording = new Recording(data)
        const time = Math.round(share * data.end * 1000) / 1000
        const run = new Run(spec)
        run.session.seek(time)
        const ids = run.scenario.states.map(({ id }) => id)
        const wanted = Array.from({ length: data.size }, (_, node) => ids.indexOf(run.world.state(node)))
        expect(Array.from(recording.statesAt(time))).toEqual(wanted)
      }),
      { seed: 5, numRuns: 60 },
    )
  })

  test('shows a node as its run does, also where others decide how it fares', () => {
    const spec: RunSpec = {
      scenario: 'bootstrap',
      seed: 7,
      parameters: { size: 16, joining: 5000, duration: 12_000, liars: 0.1, gone: 0.2, slow: 0.1, silence: 3000 },
      actions: [
        { time: 4500, input: { action: 'crash', with: { node: 0 } } },
        { time: 6000, input: { action: 'crash', with: { node: 5 } } },
        { time: 9000, input: { action: 'restart', with: { node: 5 } } },
      ],
    }
    const recording = new Recording(recordRun(spec).data)
    const run = new Run(spec)
    const ids = run.scenario.states.map(({ id }) => id)
    for (let time = 0; time <= 12_000; time += 10) {
      run.session.seek(time)
      const wanted = Array.from({ length: 16 }, (_, node) => ids.indexOf(run.world.state(node)))
      expect(Array.from(recording.statesAt(time)), `${time} ms`).toEqual(wanted)
    }
  })

  test('has in the air exactly the packets that were sent and have not arrived', () => {
    fc.assert(
      fc.property(specs, fc.double({ min: 0, max: 1, noNaN: true }), (spec, share) => {
        const { data } = recordRun(spec)
        const time = share * data.end
        const { sent, arrival } = data.packets
        const wanted = Array.from(sent).filter((at, i) => at <= time && arrival[i]! > time).length
        let found = 0
        const recording = new Recording(data)
        recording.forEachPacketAt(time, Infinity, (_packet, way) => {
          expect(way).toBeGreaterThanOrEqual(0)
          expect(way).toBeLessThan(1)
          found++
        })
        expect(found).toBe(wanted)
        expect(recording.packetsAt(time)).toBe(wanted)
      }),
      { seed: 6, numRuns: 60 },
    )
  })

  test('shows a part of the packets where there are too many, and the same ones for as long as they are too many', () => {
    const { data } = recordRun({ scenario: 'gossip', seed: 3, parameters: { size: 300, fanout: 6 } })
    const recording = new Recording(data)
    const shownAt = (time: number, limit: number): number[] => {
      const shown: number[] = []
      recording.forEachPacketAt(time, limit, (packet) => void shown.push(packet))
      return shown
    }
    const times = Array.from({ length: 50 }, (_, i) => (i * data.end) / 50)
    const crowded = times.filter((time) => recording.packetsAt(time) > 100)
    expect(crowded.length).toBeGreaterThan(10)
    for (const time of crowded) {
      const all = shownAt(time, Infinity)
      const some = shownAt(time, 100)
      expect(some.length).toBeGreaterThan(0)
      expect(some.length).toBeLessThan(all.length)
      expect(some).toEqual(all.filter((packet) => packet % recording.thinningAt(time, 100) === 0))
    }
  })

  test('has the same states whichever way its moments are reached', () => {
    fc.assert(
      fc.property(specs, fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2 }), (spec, shares) => {
        const { data } = recordRun(spec)
        const recording = new Recording(data)
        for (const share of shares) {
          const time = share * data.end
          expect(Array.from(recording.statesAt(time))).toEqual(Array.from(new Recording(data).statesAt(time)))
        }
      }),
      { seed: 8, numRuns: 40 },
    )
  })

  test('ends with the measures, the fingerprint and the packets of the run', () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const { data, run } = recordRun(spec)
        const recording = new Recording(data)
        for (const [name, value] of Object.entries(run.world.measures())) {
          expect(recording.measureAt(name, data.end), name).toBe(value)
        }
        expect(data.fingerprint).toBe(run.session.simulation.fingerprint)
        expect(data.packets.sent.length).toBe(run.session.simulation.packets.sent)
      }),
      { seed: 7, numRuns: 40 },
    )
  })

  test('marks every duplicate, and loses what the network lost', () => {
    const { data, run } = recordRun({ scenario: 'gossip', seed: 7, parameters: { loss: 0.2 } })
    const count = (fate: number): number => data.packets.fate.filter((each) => each === fate).length
    expect(count(fates.marked)).toBe(run.world.measures()['duplicates'])
    expect(count(fates.lost)).toBe(run.session.simulation.packets.dropped)
  })

  test('steps from event to event in both directions', () => {
    const recording = new Recording(recordRun({ scenario: 'gossip', seed: 7 }).data)
    const times: number[] = []
    for (let at = 0; at < recording.data.end; at = recording.neighborEvent(at, 1)) times.push(at)
    for (let at = recording.data.end; at > 0; at = recording.neighborEvent(at, -1))
      expect(times.pop()! <= at).toBe(true)
    expect(times.length).toBeLessThanOrEqual(1)
  })
})

describe('a branch', () => {
  test('leaves everything before it as it was', () => {
    const spec: RunSpec = { scenario: 'gossip', seed: 7 }
    const before = new Recording(recordRun(spec).data)
    const after = new Recording(recordRun(branchAt(spec, 120, 'crash', { node: 9 })).data)
    for (const time of [0, 40, 80, 119.9]) expect(after.statesAt(time)).toEqual(before.statesAt(time))
    expect(firstDivergence(before.data, after.data)).toBeGreaterThanOrEqual(120)
  })

  test('forgets what was done later', () => {
    const once = branchAt({ scenario: 'gossip', seed: 7 }, 200, 'crash', { node: 1 })
    expect(branchAt(once, 100, 'crash', { node: 2 }).actions).toEqual([
      { time: 100, input: { action: 'crash', with: { node: 2 } } },
    ])
  })
})
