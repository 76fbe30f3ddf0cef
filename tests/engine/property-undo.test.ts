import { loss, partition, type Rule, type Simulation } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { horizon, script, ScriptedRun, snapshot } from '../support/scripts.ts'

const cuts: readonly (() => Rule)[] = [
  () => ({ ...loss(1), name: 'blackout' }),
  () => ({ ...partition([0]), name: 'cut' }),
]

/** Plays a script without inputs but its rules, with breaks in which something is done to the simulation. */
function playWithBreaks(
  run: ScriptedRun,
  breaks: readonly { time: number; act: (simulation: Simulation) => void }[],
): string[] {
  for (const { time, act } of breaks) {
    run.simulation.runUntil(time)
    act(run.simulation)
  }
  run.simulation.runUntil(horizon)
  return [JSON.stringify(snapshot(run.simulation))]
}

describe('a rule that was undone', () => {
  test('leaves the future that there would have been without it, if nothing was sent meanwhile', () => {
    fc.assert(
      fc.property(script, fc.nat(1000), fc.nat(cuts.length - 1), (plan, pick, cut) => {
        // A first run finds when packets are sent: the rule stands in a gap between two such times.
        const scout = new ScriptedRun({ ...plan, inputs: [] })
        const sendTimes = new Set<number>([0])
        scout.simulation.observe({
          onSend: (time) => void sendTimes.add(time),
          onDrop: (time, _from, _to, _message, reason) => {
            if (reason !== 'receiver down') sendTimes.add(time)
          },
        })
        scout.simulation.runUntil(horizon)
        const times = [...sendTimes, horizon]
        const gap = pick % (times.length - 1)
        const [from, to] = [times[gap]!, times[gap + 1]! - 0.001]
        fc.pre(to >= from)
        let undo = (): void => undefined
        const touched = playWithBreaks(new ScriptedRun({ ...plan, inputs: [] }), [
          { time: from, act: (simulation) => (undo = simulation.addRule(cuts[cut]!())) },
          { time: to, act: () => undo() },
        ])
        expect(touched).toEqual([JSON.stringify(snapshot(scout.simulation))])
      }),
      cases(200),
    )
  })

  test('leaves another future if something was sent meanwhile and lost', () => {
    // The property above must not hold for want of effect.
    let differing = 0
    for (const plan of fc.sample(script, 100)) {
      const scout = new ScriptedRun(plan).finish()
      const run = new ScriptedRun(plan)
      const undo = run.simulation.addRule(cuts[0]!())
      run.simulation.runUntil(0)
      undo()
      if (run.finish().simulation.fingerprint !== scout.simulation.fingerprint) differing++
    }
    expect(differing).toBeGreaterThan(50)
  })
})
