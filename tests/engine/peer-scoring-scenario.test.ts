/** The scenario `peer-scoring`: who behaves and then betrays, and the decay between two errors. */
import { expectedScores, ShareGiver, ShareJudge, type Host } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { act, behavesAsAScenario, finished, measured } from '../support/scenario-checks.ts'

const id = 'peer-scoring'
const seeds = [1, 2, 3, 4, 5]
const total = (name: string, parameters: object): number =>
  seeds.reduce((sum, seed) => sum + measured(finished(id, seed, parameters as never), name), 0)

describe('a traitor', () => {
  test('is trusted like anybody until it betrays, and caught soon after', () => {
    for (const seed of seeds) {
      const before = finished(id, seed, { duration: 20_000 })
      expect(before.world.measures()).toMatchObject({ harm: 0, caught: 0, caughtAfter: null })
      const after = finished(id, seed)
      expect(measured(after, 'caught')).toBe(1)
      expect(measured(after, 'caughtAfter')).toBeLessThan(10_000)
    }
  })

  test('does more harm the more it could save up before: the cap bounds it', () => {
    const saving = { decay: 0.9999, accidents: 0, reward: 5, duration: 40_000 }
    expect(total('harm', { ...saving, cap: 1000 })).toBeGreaterThan(total('harm', { ...saving, cap: 0 }))
  })

  test('that rests between its blows gets away where scores fade fast, and not where they fade slowly', () => {
    const rests = { rests: 20, accidents: 0 }
    for (const seed of seeds) {
      expect(finished(id, seed, { ...rests, decay: 0.8 }).world.measures()).toMatchObject({ caughtAfter: null })
      expect(measured(finished(id, seed, { ...rests, decay: 0.99 }), 'caughtAfter')).toBeGreaterThan(0)
    }
    expect(total('harm', { ...rests, decay: 0.8 })).toBeGreaterThan(total('harm', { ...rests, decay: 0.99 }))
  })
})

describe('the decay is a choice between two errors:', () => {
  const decays = [0.5, 0.9, 0.999]

  test('the faster scores fade, the more harm is done', () => {
    const harm = decays.map((decay) => total('harm', { decay, duration: 90_000 }))
    expect(harm[0]).toBeGreaterThan(harm[1]!)
    expect(harm[1]).toBeGreaterThan(harm[2]!)
  })

  test('the slower they fade, the more are out who meant no harm', () => {
    const lost = decays.map((decay) => total('lost', { decay, duration: 90_000 }))
    expect(lost[2]).toBeGreaterThan(lost[1]!)
    expect(lost[0]).toBe(0)
  })
})

test('without accidents nobody is wronged, without points off nobody is caught', () => {
  for (const seed of seeds) {
    expect(finished(id, seed, { accidents: 0, decay: 0.999 }).world.measures()).toMatchObject({ wronged: 0, lost: 0 })
    expect(finished(id, seed, { penalty: 0 }).world.measures()).toMatchObject({ caught: 0, caughtAfter: null })
  }
})

test('a click betrays, and the next one behaves again', () => {
  const run = (...actions: ReturnType<typeof act>[]) => finished(id, 7, { traitors: 0, accidents: 0 }, actions)
  expect(run(act(5000, 'betray', { node: 4 })).world.state(4)).toBe('caught')
  const back = run(act(5000, 'betray', { node: 4 }), act(9000, 'betray', { node: 4 }))
  expect([back.world.state(4), run().world.state(4)]).toEqual(['trusted', 'trusted'])
  expect(() => run(act(5000, 'betray', { node: 0 }))).toThrow('betray: node is 0, who keeps the scores')
})

describe('the expected score', () => {
  const steady = { penalty: 20, accidents: 0, period: 500, decayInterval: 1000, cap: 1e6, threshold: -1e6 }
  const forecast = { ...steady, reward: 1, decay: 0.9, betrayal: Infinity, blows: 1, rests: 0, until: 300_000 }

  test('ends at the sum of a geometric series', () => {
    const [, last] = expectedScores(forecast).at(-1)!
    const { reward, decay, period, decayInterval } = forecast
    const gain = (reward * decayInterval) / period
    expect(last).toBeCloseTo(gain / (1 - decay), 6)
  })

  test('is what the scores of the run are on average', () => {
    const parameters = { traitors: 20, duration: 40_000, decay: 0.95, threshold: -10_000 }
    for (const seed of seeds) {
      const { measured: line, formula } = finished(id, seed, parameters).world.curves(400)
      for (const at of [15_000, 35_000]) {
        const near = (points: readonly (readonly [number, number])[]) => points.findLast(([time]) => time <= at)![1]
        // Peers begin anywhere in their period, and the line has a point a second: the score moves by two blows meanwhile.
        expect(Math.abs(near(line.points) - near(formula!.points))).toBeLessThan(2 * steady.penalty)
      }
    }
  })
})

test('a judge takes what is malformed for bad, and options out of range are refused', () => {
  const reports: string[] = []
  const host = { now: 0, report: (event: string) => reports.push(event) } as unknown as Host<never>
  const judge = new ShareJudge(host)
  const content = new Uint8Array(8)
  for (const message of [
    { type: 'noise' },
    { type: 'share' },
    { type: 'share', content, digest: 'x' },
    { type: 'share', content, digest: new Uint8Array(0) },
  ])
    judge.onMessage(1 as never, message as never)
  expect(reports).toEqual(['bad', 'bad', 'bad', 'bad'])
  expect(judge.scores.of(1 as never, 0)).toBe(-80)
  expect(() => new ShareJudge(host, { reward: -1 })).toThrow('reward is -1')
  expect(() => new ShareGiver(host, { to: 1 as never, period: 1, accidents: 2 })).toThrow('accidents is 2')
  expect(() => finished(id, 1, { size: 4, traitors: 3 })).toThrow('traitors is 3 of 4 nodes')
})

behavesAsAScenario(id, [act(10_000, 'betray', { node: 9 }), act(30_000, 'crash', { node: 3 })], { decay: 0.95 })
