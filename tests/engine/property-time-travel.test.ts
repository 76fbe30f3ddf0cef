import type { Recorded } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { horizon, script, ScriptedRun, snapshot, type Input, type Script } from '../support/scripts.ts'
import { performed, sessionOf, type ScriptSession } from '../support/sessions.ts'

const moment = fc.integer({ min: 0, max: 600_000 }).map((micros) => micros / 1000)

/** The script played straight on a simulation, up to and at a time, without any session. */
function straightTo(plan: Script, time: number): ReturnType<typeof snapshot> {
  const run = new ScriptedRun(plan)
  for (const { time: at, input } of plan.inputs) {
    if (at > time) break
    run.simulation.runUntil(at)
    run.apply(input)
  }
  run.simulation.runUntil(time)
  return snapshot(run.simulation)
}

/** As it comes out of a file or a link. */
function copyOf(recorded: readonly Recorded<Input>[]): Recorded<Input>[] {
  return JSON.parse(JSON.stringify(recorded)) as Recorded<Input>[]
}

const present = (session: ScriptSession): ReturnType<typeof snapshot> => snapshot(session.simulation)

describe('a session of any run', () => {
  test('is the run: what is performed in it comes out as if it were done to the simulation', () => {
    fc.assert(
      fc.property(script, (plan) => {
        expect(present(performed(plan))).toEqual(straightTo(plan, horizon))
      }),
      cases(200),
    )
  })

  test('gives the same fingerprint when its recorded inputs are replayed', () => {
    fc.assert(
      fc.property(script, (plan) => {
        const session = performed(plan)
        const replay = sessionOf(plan, copyOf(session.recorded))
        replay.run({ until: horizon })
        expect(present(replay)).toEqual(present(session))
        expect(replay.recorded).toEqual(session.recorded)
      }),
      cases(200),
    )
  })

  test('gives the same fingerprint when it is replayed step by step', () => {
    fc.assert(
      fc.property(script, (plan) => {
        const session = performed(plan)
        const replay = sessionOf(plan, copyOf(session.recorded))
        while (replay.step());
        replay.run({ until: horizon })
        expect(present(replay)).toEqual(present(session))
      }),
      cases(200),
    )
  })

  test('gives the same fingerprint for a plan that says when, and not after which event', () => {
    fc.assert(
      fc.property(script, fc.boolean(), (plan, stepwise) => {
        const replay = sessionOf(plan, plan.inputs)
        if (stepwise) while (replay.step());
        replay.run({ until: horizon })
        expect(present(replay)).toEqual(straightTo(plan, horizon))
      }),
      cases(200),
    )
  })

  test('is at any time where running to that time leads, however often it was sent back and forth', () => {
    fc.assert(
      fc.property(script, fc.array(moment, { minLength: 1, maxLength: 4 }), (plan, moments) => {
        const session = performed(plan)
        for (const time of moments) {
          session.seek(time)
          expect(present(session)).toEqual(straightTo(plan, time))
        }
        session.seek(horizon)
        expect(present(session)).toEqual(straightTo(plan, horizon))
      }),
      cases(150),
    )
  })

  test('is after any event where stepping to that event leads', () => {
    fc.assert(
      fc.property(script, fc.array(fc.nat(10_000), { minLength: 1, maxLength: 4 }), (plan, picks) => {
        const session = performed(plan)
        const after = new Map<number, string>()
        const lastEvent = session.simulation.events
        const replay = sessionOf(plan, session.recorded)
        after.set(0, replay.simulation.fingerprint)
        while (replay.step()) after.set(replay.simulation.events, replay.simulation.fingerprint)
        for (const pick of picks) {
          const number = pick % (lastEvent + 1)
          session.seekEvent(number)
          expect(session.simulation.events).toBe(number)
          expect(session.simulation.fingerprint).toBe(after.get(number))
        }
      }),
      cases(150),
    )
  })
})

describe('a branch of any run', () => {
  test('begins at the same moment, and goes on as the original would without what was still to come', () => {
    fc.assert(
      fc.property(script, moment, (plan, time) => {
        const session = performed(plan)
        session.seek(time)
        const branch = session.branch()
        expect(present(branch)).toEqual(present(session))
        branch.run({ until: horizon })
        const past = plan.inputs.filter((entry) => entry.time <= time)
        expect(present(branch)).toEqual(straightTo({ ...plan, inputs: past }, horizon))
      }),
      cases(150),
    )
  })

  test('leaves the original as it was, with its future', () => {
    fc.assert(
      fc.property(script, moment, (plan, time) => {
        const session = performed(plan)
        session.seek(time)
        const branch = session.branch()
        branch.perform({ do: 'crash', node: 0 })
        branch.run({ until: horizon })
        expect(present(session)).toEqual(straightTo(plan, time))
        session.seek(horizon)
        expect(present(session)).toEqual(straightTo(plan, horizon))
      }),
      cases(100),
    )
  })

  test('from after any event begins there too', () => {
    fc.assert(
      fc.property(script, fc.nat(10_000), (plan, pick) => {
        const session = performed(plan)
        session.seekEvent(pick % (session.simulation.events + 1))
        const branch = session.branch()
        // Packets that get lost at this very instant, at nodes that are down, are no events and may be booked later.
        const { packets: _before, ...moment } = present(session)
        const { packets: _after, ...begun } = present(branch)
        expect(begun).toEqual(moment)
        branch.run({ until: horizon })
        const replay = sessionOf(plan, branch.recorded)
        replay.run({ until: horizon })
        expect(present(branch)).toEqual(present(replay))
      }),
      cases(150),
    )
  })

  test('comes about by performing something in the past: the future that was recorded is forgotten', () => {
    fc.assert(
      fc.property(script, moment, (plan, time) => {
        const session = performed(plan)
        session.seek(time)
        const stir = { do: 'stir', node: 1, energy: 2 } as const
        session.perform(stir)
        session.run({ until: horizon })
        const past = plan.inputs.filter((entry) => entry.time <= time)
        expect(present(session)).toEqual(straightTo({ ...plan, inputs: [...past, { time, input: stir }] }, horizon))
        expect(session.recorded.map(({ input }) => input)).toEqual([...past.map(({ input }) => input), stir])
      }),
      cases(150),
    )
  })
})
