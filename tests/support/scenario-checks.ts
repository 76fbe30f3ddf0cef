import { findScenario, fromLink, Run, toLink, type ActionInput, type Recorded, type RunSpec } from '@peerlab/engine'
import { expect, test } from 'vitest'

/** An action of a plan. */
export function act(time: number, action: string, values: ActionInput['with'] = {}): Recorded<ActionInput> {
  return { time, input: { action, with: values } }
}

/** A run of the scenario to its end. */
export function finished(
  scenario: string,
  seed: number,
  parameters: RunSpec['parameters'] = {},
  actions: readonly Recorded<ActionInput>[] = [],
): Run {
  const run = new Run({ scenario, seed, parameters, actions })
  run.finish()
  return run
}

/** A measure at the end; throws where it is not reached. */
export function measured(run: Run, name: string): number {
  const value = run.world.measures()[name]
  if (typeof value !== 'number') throw new Error(`${name} is ${String(value)} at the end of the run`)
  return value
}

export function statesOf(run: Run): string[] {
  return Array.from({ length: run.session.simulation.size }, (_, node) => run.world.state(node))
}

/**
 * What holds of every scenario, with these actions: a run repeats itself, seeks, and comes out of its link the same.
 *
 * @param refused ends of parameters that do not fit the other defaults, as `parents = 8`; none that a stage has a slider for
 */
export function behavesAsAScenario(
  scenario: string,
  actions: readonly Recorded<ActionInput>[],
  parameters: RunSpec['parameters'] = {},
  refused: readonly string[] = [],
): void {
  const look = (run: Run) => ({
    fingerprint: run.session.simulation.fingerprint,
    measures: run.world.measures(),
    states: statesOf(run),
    curves: run.world.curves(20),
    seen: statesOf(run).map((_, node) => run.world.inspect(node)),
  })

  test('the same seed gives the same run, also from its link, and another seed another', () => {
    const run = finished(scenario, 7, parameters, actions)
    expect(look(finished(scenario, 7, parameters, actions))).toEqual(look(run))
    const again = new Run(fromLink(toLink(run.spec)))
    again.finish()
    expect(look(again)).toEqual(look(run))
    expect(finished(scenario, 8, parameters, actions).session.simulation.fingerprint).not.toBe(look(run).fingerprint)
  })

  test('who goes back and forth sees the same', () => {
    const run = finished(scenario, 7, parameters, actions)
    const before = look(run)
    const { now } = run.session.simulation
    run.session.seek(now / 2)
    run.session.seek(now)
    expect(look(run)).toEqual(before)
  })

  test('every state, measure and number that it shows is one that it has announced', () => {
    const run = finished(scenario, 7, parameters, actions)
    const ids = run.scenario.states.map(({ id }) => id)
    for (const state of statesOf(run)) expect(ids).toContain(state)
    expect(Object.keys(run.world.measures()).sort()).toEqual(run.scenario.measures.map(({ name }) => name).sort())
    const { measured: line, formula } = run.world.curves(20)
    for (const { points } of formula === null ? [line] : [line, formula]) {
      for (const [x, y] of points) expect([Number.isFinite(x), Number.isFinite(y)]).toEqual([true, true])
    }
    expect(line.points.length).toBeLessThanOrEqual(20)
    for (const node of [0, 1]) expect(JSON.parse(JSON.stringify(run.world.inspect(node)))).toBeTypeOf('object')
  })

  test('a parameter alone can be moved to both of its ends, but for those that are said to need another one', () => {
    for (const [name, parameter] of Object.entries(findScenario(scenario).parameters)) {
      if (parameter.type !== 'integer' && parameter.type !== 'number') continue
      for (const end of [parameter.min, parameter.max]) {
        const move = (): unknown =>
          new Run({ scenario, seed: 7, parameters: { [name]: end } }).finish({ maxEvents: 1000 })
        if (refused.includes(`${name} = ${end}`)) expect(move, `${name} = ${end}`).toThrow(RangeError)
        else expect(move, `${name} = ${end}`).not.toThrow()
      }
    }
    const { controls } = findScenario(scenario).presentation
    expect(refused.filter((end) => controls.includes(end.split(' ')[0]!))).toEqual([])
  })

  test('its nodes can crash and come back at any time, and noise harms nobody', () => {
    const size = run0().session.simulation.size
    const half = run0().session.simulation.now / 2
    const nodes = [0, 1, Math.floor(size / 2), size - 1]
    const plan = nodes.flatMap((node, i) => [
      act(half + i, 'inject', { from: node, to: 0, message: { type: 'noise' } }),
      act(half + i, 'crash', { node }),
      act(half + 100 + i, 'restart', { node }),
    ])
    const inOrder = plan.sort((a, b) => a.time - b.time)
    const run = finished(scenario, 7, parameters, inOrder)
    for (const node of nodes) expect(run.session.simulation.incarnation(node)).toBeGreaterThan(0)
    expect(statesOf(run)).not.toContain('down')
  })

  const run0 = (): Run => finished(scenario, 7, parameters)
}
