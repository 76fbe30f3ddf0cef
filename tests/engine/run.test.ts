import {
  fromLink,
  Run,
  scenarios,
  Trace,
  UnknownScenario,
  type Host,
  type Protocol,
  type RunSpec,
  type SubstituteSetup,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'

const gossip = (parameters: RunSpec['parameters'] = {}, rest: Partial<RunSpec> = {}): RunSpec => ({
  scenario: 'gossip',
  seed: 7,
  parameters: { size: 20, ...parameters },
  ...rest,
})

describe('a run ends', () => {
  test('idle, when nothing is left to do', () => {
    const run = new Run(gossip())
    expect(run.finish()).toBe('idle')
    expect(run.session.simulation.nextTime).toBe(Infinity)
  })

  test('over, when everybody knows and the nodes would beat for ever', () => {
    const run = new Run(gossip({ style: 'push-pull' }))
    expect(run.finish()).toBe('over')
    expect(run.world.measures()['coverage']).toBe(1)
    expect(run.session.simulation.nextTime).toBeLessThan(Infinity)
  })

  test('over, when the duration is reached first, at that time', () => {
    const run = new Run(gossip({ style: 'push-pull', loss: 1, duration: 5000 }))
    expect([run.finish(), run.session.simulation.now]).toEqual(['over', 5000])
  })

  test('at the time that was asked for', () => {
    const run = new Run(gossip({ style: 'push-pull' }))
    expect([run.finish({ until: 300 }), run.session.simulation.now]).toEqual(['time', 300])
  })

  test('after the number of events that was asked for', () => {
    const run = new Run(gossip({ style: 'push-pull' }))
    expect([run.finish({ maxEvents: 25 }), run.session.simulation.events]).toEqual(['events', 25])
    expect([run.finish({ maxEvents: 0 }), run.session.simulation.events]).toEqual(['events', 25])
  })

  test('at the same event whatever the size of its slices, and tells between them', () => {
    const ends = [1, 7, 100_000].map((slice) => {
      let slices = 0
      const run = new Run(gossip({ style: 'push-pull' }))
      const reason = run.finish({ slice, onSlice: () => slices++ })
      return { reason, events: run.session.simulation.events, fingerprint: run.session.simulation.fingerprint, slices }
    })
    const [first] = ends
    for (const { slices, ...end } of ends) {
      expect({ ...end, slices: 0 }).toEqual({ ...first, slices: 0 })
      expect(slices).toBeGreaterThanOrEqual(0)
    }
    expect(ends.map(({ slices }) => slices > 0)).toEqual([true, true, false])
  })

  test('only after the actions that are planned', () => {
    const actions = [{ time: 20_000, input: { action: 'publish', with: { node: 3 } } }]
    const run = new Run(gossip({ style: 'push-pull' }, { actions }))
    expect(run.finish()).toBe('over')
    expect(run.session.simulation.now).toBeGreaterThan(20_000)
  })
})

describe('a run', () => {
  test('has all parameters, defaults filled in; its spec has those that differ', () => {
    const run = new Run({ scenario: 'gossip', seed: 7, parameters: { size: 20, fanout: 3, loss: 0.5 } })
    expect(run.parameters).toMatchObject({ size: 20, topology: 'random-regular', fanout: 3, loss: 0.5, rumors: 1 })
    expect(run.spec).toEqual({ scenario: 'gossip', seed: 7, parameters: { size: 20, loss: 0.5 }, actions: [] })
  })

  test('is the same for the same seed, and another for another', () => {
    const fingerprint = (seed: number): string => {
      const run = new Run(gossip({}, { seed }))
      run.finish()
      return run.session.simulation.fingerprint
    }
    expect(fingerprint(7)).toBe(fingerprint(7))
    expect(fingerprint(8)).not.toBe(fingerprint(7))
  })

  test('has its observers made anew whenever it begins anew', () => {
    const traces: Trace[] = []
    const run = new Run(gossip(), { observe: () => [traces[traces.push(new Trace()) - 1]!] })
    run.finish()
    run.session.seek(0)
    run.finish()
    expect(traces.length).toBe(2)
    expect([...traces[1]!.events()]).toEqual([...traces[0]!.events()])
  })

  test('folds payloads only when asked to, and goes the same way', () => {
    const plain = new Run(gossip())
    const folded = new Run(gossip(), { foldPayloads: true })
    expect(plain.finish()).toBe(folded.finish())
    expect(folded.session.simulation.fingerprint).not.toBe(plain.session.simulation.fingerprint)
    expect(folded.world.measures()).toEqual(plain.world.measures())
  })

  test('records what is performed, defaults of the action filled in', () => {
    const run = new Run(gossip())
    run.finish({ until: 100 })
    run.perform('cut')
    expect(run.spec.actions).toMatchObject([
      { time: 100, input: { action: 'cut', with: { share: 0.5, oneWay: false } } },
    ])
  })
})

describe('a run refuses, with name, value and range,', () => {
  test('a scenario that there is not', () => {
    expect(() => new Run({ scenario: 'gosip', seed: 1 })).toThrow(UnknownScenario)
    expect(() => new Run({ scenario: 'gosip', seed: 1 })).toThrow(
      `there is no scenario "gosip"; there is ${scenarios.map(({ id }) => id).join(', ')}`,
    )
  })

  test.each([undefined, NaN, -1, 0.5, '7'])('the seed %s', (seed) => {
    expect(() => new Run({ scenario: 'gossip', seed: seed as number })).toThrow(
      /^seed is .*; it must be a whole number from 0/,
    )
  })

  test('parameters that there are not, and values that are not allowed', () => {
    expect(() => new Run(gossip({ sise: 3 }))).toThrow('gossip has no parameter "sise"')
    expect(() => new Run(gossip({ size: 1 }))).toThrow('size is 1; it must be a whole number from 2 to 1000000')
    expect(() => new Run(gossip({ style: 'shout' }))).toThrow('style is "shout"; it must be one of flood')
  })

  test('a degree that the size does not hold', () => {
    expect(() => new Run(gossip({ size: 5, degree: 8 }))).toThrow('degree is 8; it must be a whole number from 0 to 4')
  })

  test('actions that there are not, and arguments that are not allowed, performed or planned', () => {
    const run = new Run(gossip())
    const refusals: [action: string, values: { [name: string]: unknown }, message: string][] = [
      ['explode', {}, 'gossip has no action "explode"; it has publish, crash, restart, cut, heal, inject'],
      ['toString', {}, 'gossip has no action "toString"'],
      ['crash', { nod: 3 }, 'gossip: crash has no parameter "nod"; it has node'],
      ['crash', { node: 20 }, 'crash: node is 20; it must be a node from 0 to 19'],
      ['crash', { node: 1.5 }, 'node is 1.5; it must be a whole number from 0'],
      ['cut', { share: 1.1 }, 'share is 1.1; it must be a number from 0 to 1'],
      ['cut', { oneWay: 'yes' }, 'oneWay is "yes"; it must be true or false'],
      ['inject', { to: 20 }, 'inject: to is 20; it must be a node from 0 to 19'],
    ]
    for (const [action, values, message] of refusals) {
      expect(() => run.perform(action, values)).toThrow(message)
      const planned = [{ time: 5, input: { action, with: values as never } }]
      expect(() => new Run(gossip({}, { actions: planned }))).toThrow(message)
    }
    expect([run.spec.actions, run.session.simulation.events]).toEqual([[], 0])
  })

  test.each([[null], [{}], ['noise'], [{ type: 7 }], [{ type: 'x', list: [Infinity] }]])('to inject %j', (message) => {
    const run = new Run(gossip())
    expect(() => run.perform('inject', { from: 0, to: 1, message })).toThrow(/^message/)
    run.finish()
    expect(run.spec.actions).toEqual([])
  })

  test("a lab without the lab's protocol", () => {
    expect(() => new Run(fromLink('peerlab:gossip?seed=1&lab=03-gossip'))).toThrow("give the lab's protocol as well")
  })
})

describe("a lab's protocol in the place of the scenario's own", () => {
  test('is told seed, node, incarnation and options, and is checked strictly', () => {
    const setups: SubstituteSetup[] = []
    const run = new Run(gossip({ size: 2, degree: 1, fanout: 5, ttl: 9 }, { lab: '03-gossip' }), {
      substitute: (_host: Host<never>, setup) => {
        setups.push(setup)
        return { onMessage: () => undefined, onCommand: () => undefined } as Protocol<never, never>
      },
    })
    run.finish({ until: 10 })
    run.perform('crash', { node: 1 })
    run.perform('restart', { node: 1 })
    const options = { fanout: 5, ttl: 9, repairInterval: 1000, repairRounds: 8 }
    expect(setups).toEqual([
      { seed: 7, node: 0, incarnation: 0, options },
      { seed: 7, node: 1, incarnation: 0, options },
      { seed: 7, node: 1, incarnation: 1, options },
    ])
    expect(run.parameters['style']).toBe('gossip')
  })

  test('runs with the style that it implements, and no other', () => {
    const substitute = () => ({ onMessage: () => undefined })
    expect(() => new Run(gossip({ style: 'push' }), { substitute })).toThrow(
      "style is push; a lab's protocol runs with style=gossip",
    )
  })
})
