/** What every scenario is held to, and short ways to run one. */
import { fromLink, Run, toLink, type ActionInput, type Recorded, type RunSpec } from '@peerlab/engine'
import { expect } from 'vitest'

/** An action at a time, as a plan has it. */
export function act(time: number, action: string, values: ActionInput['with'] = {}): Recorded<ActionInput> {
  return { time, input: { action, with: values } }
}

/** A run that has come to its end. */
export function finished(spec: RunSpec): Run {
  const run = new Run(spec)
  run.finish()
  return run
}

/** A measure that is there. */
export function measured(run: Run, name: string): number {
  const value = run.world.measures()[name]
  if (value === undefined || value === null) throw new Error(`${name} is ${value}; it must be a number here`)
  return value
}

/** The same spec gives the same bits, also out of a link, after going back, and with payloads folded. */
export function expectRepeatable(spec: RunSpec): void {
  const first = finished(spec)
  const { simulation } = first.session
  const { fingerprint, now } = simulation
  const measures = first.world.measures()
  const states = Array.from({ length: simulation.size }, (_, node) => first.world.state(node))
  const looks = Array.from({ length: simulation.size }, (_, node) => first.world.inspect(node))
  const linked = finished(fromLink(toLink(first.spec)))
  expect(linked.session.simulation.fingerprint).toBe(fingerprint)
  first.session.seek(now / 2)
  first.session.seek(now)
  for (const run of [linked, first]) {
    expect(run.session.simulation.fingerprint).toBe(fingerprint)
    expect(run.world.measures()).toEqual(measures)
    expect(Array.from({ length: states.length }, (_, node) => run.world.state(node))).toEqual(states)
    expect(Array.from({ length: states.length }, (_, node) => run.world.inspect(node))).toEqual(looks)
  }
  expect(Object.keys(measures)).toEqual(first.scenario.measures.map(({ name }) => name))
  const ids = first.scenario.states.map(({ id }) => id)
  for (const state of states) expect(ids).toContain(state)
}
