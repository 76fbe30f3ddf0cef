/** The scenario `churn`: repair in time keeps objects, late repair loses them, and the mean session does not say which. */
import { checkParameters, findScenario, objectSurvival, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { act, expectRepeatable, finished, measured } from '../support/scenario-runs.ts'

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
const defaults = checkParameters('churn', findScenario('churn').parameters, {}) as { readonly [name: string]: number }
const { session, copies, duration } = defaults as { session: number; copies: number; duration: number }

const spec = (seed: number, parameters: RunSpec['parameters'] = {}, actions: RunSpec['actions'] = []): RunSpec => ({
  scenario: 'churn',
  seed,
  parameters,
  actions: actions!,
})

function survived(parameters: RunSpec['parameters']): { readonly mean: number; readonly standardError: number } {
  const shares = seeds.map((seed) => measured(finished(spec(seed, parameters)), 'survived'))
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  const variance = shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / (shares.length - 1)
  return { mean, standardError: Math.sqrt(variance / shares.length) }
}

describe('the interval of repair', () => {
  // From a sixteenth of the mean session to twice the mean session.
  const intervals = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2].map((part) => part * session)

  test('has a cliff: each time it doubles fewer objects are left, from nearly all to few', () => {
    const shares = intervals.map((repairInterval) => survived({ repairInterval, away: 100 }).mean)
    for (let i = 1; i < shares.length; i++) expect(shares[i]).toBeLessThan(shares[i - 1]!)
    expect(shares[0]).toBeGreaterThan(0.9)
    expect(shares.at(-1)).toBeLessThan(0.2)
  })

  test('moves the cliff by more copies', () => {
    const repairInterval = session / 2
    const shares = [1, 2, 3, 4, 5].map((many) => survived({ repairInterval, copies: many }).mean)
    for (let i = 1; i < shares.length; i++) expect(shares[i]).toBeGreaterThan(shares[i - 1]!)
  })

  test('costs what it saves: messages grow as it shrinks', () => {
    const messages = intervals.map((repairInterval) => measured(finished(spec(1, { repairInterval })), 'messages'))
    for (let i = 1; i < messages.length; i++) expect(messages[i]).toBeLessThan(messages[i - 1]!)
  })

  test.each(intervals.slice(1, -1))(
    'of %d ms keeps as many as the formula says, where repair itself takes no time',
    (repairInterval) => {
      const { mean, standardError } = survived({ repairInterval, latency: 1, timeout: 5, objects: 100 })
      const expected = objectSurvival({ copies, session, interval: repairInterval }, duration)
      expect(Math.abs(mean - expected)).toBeLessThan(3 * standardError)
    },
  )

  test('that never comes leaves what the first copies alone would', () => {
    const parameters = { repairInterval: 0, latency: 1, timeout: 5, duration: session, objects: 100 }
    const { mean, standardError } = survived(parameters)
    expect(Math.abs(mean - objectSurvival({ copies, session, interval: 0 }, session))).toBeLessThan(3 * standardError)
    for (const seed of seeds) expect(measured(finished(spec(seed, parameters)), 'repairs')).toBe(0)
  })
})

describe('the same mean session', () => {
  test.each(['weibull', 'pareto'])(
    'with the longer tail of %s loses fewer objects, though most sessions are shorter',
    (tail) => {
      for (const repairInterval of [session / 4, session / 2, 0]) {
        expect(survived({ tail, repairInterval }).mean).toBeGreaterThan(survived({ repairInterval }).mean)
      }
      for (const seed of seeds) {
        const median = (parameters: RunSpec['parameters']) =>
          measured(finished(spec(seed, parameters)), 'medianSession')
        expect(median({ tail })).toBeLessThan(median({}))
      }
    },
  )

  test('is a Weibull of shape 1, if it is exponential', () => {
    const [one, other] = [survived({ tail: 'weibull', weibullShape: 1 }), survived({})]
    expect(Math.abs(one.mean - other.mean)).toBeLessThan(3 * Math.hypot(one.standardError, other.standardError))
  })
})

test('an exodus of all at once is survived by nothing', () => {
  for (const seed of seeds) {
    const run = finished(spec(seed, {}, [act(10_000, 'exodus', { share: 1 })]))
    expect(measured(run, 'survived')).toBe(0)
    expect(run.world.measures()['copies']).toBeNull()
  }
})

test('an object that is put later is one more, with all its copies', () => {
  const run = finished(spec(3, { objects: 0, session: 36_000_000, duration: 5000 }, [act(1000, 'put', { node: 0 })]))
  const up = run.world.state(0) !== 'down'
  expect(run.world.measures()).toMatchObject({
    lost: up ? 0 : null,
    survived: up ? 1 : null,
    copies: up ? copies : null,
  })
  expect(up).toBe(true)
})

test('a node shows its copies and whom it believes to have the others', () => {
  const run = finished(spec(2, { session: 36_000_000, duration: 4000 }))
  const { simulation } = run.session
  const looks = Array.from({ length: simulation.size }, (_, node) => run.world.inspect(node)) as unknown as {
    state: string
    copies: { id: string; by: string; holders: number[] }[]
  }[]
  for (const [node, { state, copies: held }] of looks.entries()) {
    expect(state === 'first').toBe(held.length > 0)
    for (const { id, holders } of held) {
      expect(holders).toContain(node)
      for (const holder of holders) expect(looks[holder]!.copies.map((copy) => copy.id)).toContain(id)
    }
  }
})

test('the curves end where the measures are', () => {
  for (const tail of ['exponential', 'pareto']) {
    const run = finished(spec(5, { tail }))
    const { measured: curve, formula } = run.world.curves(100)
    expect(curve.points.at(-1)![1]).toBe(measured(run, 'lost'))
    expect(formula!.points.at(-1)![1]).toBe(measured(run, 'expected'))
  }
})

test('the same spec gives the same run, in a link and after going back', () => {
  const timings = ['rounds', 'periodic'] as const
  for (const timing of timings) {
    expectRepeatable(
      spec(7, { size: 20, tail: 'pareto', timing, loss: 0.05, duration: 60_000 }, [
        act(5000, 'crash', { node: 3 }),
        act(6000, 'put', { node: 4 }),
        act(10_000, 'cut', { share: 0.3 }),
        act(20_000, 'heal'),
        act(25_000, 'exodus', { share: 0.5 }),
        act(26_000, 'restart', { node: 3 }),
        act(30_000, 'inject', { from: 1, to: 2, message: { type: 'store', id: 'x' } }),
      ]),
    )
  }
})
