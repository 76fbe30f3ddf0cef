/** The scenario `last-copy`: the union of the pieces is enough, and nothing less is. */
import { describe, expect, test } from 'vitest'
import { act, behavesAsAScenario, finished, measured, statesOf } from '../../support/scenario-checks.ts'

const id = 'last-copy'
const seeds = [1, 2, 3, 4]

describe('everybody at 97 %', () => {
  test('with the same piece missing they are stuck for good, all of them', () => {
    for (const seed of seeds) {
      const run = finished(id, seed)
      expect(run.world.measures()).toMatchObject({ held: 31 / 32, union: 31 / 32, complete: 0, rarest: 0, time: null })
      expect(statesOf(run)).toEqual(['down', ...Array<string>(24).fill('incomplete')])
    }
  })

  test('with scattered gaps all finish, though nobody had the file', () => {
    for (const seed of seeds) {
      const run = finished(id, seed, { gaps: 'scattered' })
      expect(run.world.measures()).toMatchObject({ held: 1, union: 1, complete: 24 })
      expect(measured(run, 'time')).toBeGreaterThan(0)
    }
  })

  test('one more copy frees them, unless it goes too soon', () => {
    for (const seed of seeds) {
      const start = finished(id, seed, { copies: 1, duration: 1 })
      const holder = statesOf(start).indexOf('complete')
      expect(holder).toBeGreaterThan(0)
      expect(finished(id, seed, { copies: 1 }).world.measures()).toMatchObject({ held: 1, complete: 24 })
      const early = finished(id, seed, { copies: 1 }, [act(10, 'crash', { node: holder })])
      expect(early.world.measures()).toMatchObject({ complete: 0, union: 31 / 32 })
      const back = finished(id, seed, { copies: 1 }, [
        act(10, 'crash', { node: holder }),
        act(20_000, 'restart', { node: holder }),
      ])
      expect(back.world.measures()).toMatchObject({ held: 1, complete: 24 })
    }
  })

  test('the origin that comes back frees them as well', () => {
    for (const seed of seeds) {
      const run = finished(id, seed, {}, [act(10_000, 'restart', { node: 0 })])
      expect(run.world.measures()).toMatchObject({ held: 1, complete: 25, rarest: 25 })
      expect(measured(run, 'time')).toBeGreaterThan(10_000)
    }
  })
})

test('however gaps are, peers come as far as their union, and no farther', () => {
  for (const seed of seeds) {
    for (const missing of [4, 16, 24]) {
      const parameters = { gaps: 'random', missing, size: 5, upload: 64 }
      const start = measured(finished(id, seed, { ...parameters, duration: 1 }), 'union')
      const end = finished(id, seed, parameters)
      expect(measured(end, 'union')).toBe(start)
      expect(measured(end, 'held')).toBe(start)
    }
  }
})

test('gaps that are drawn leave as much of the file as 1-(missing/pieces)^peers says', () => {
  const parameters = { gaps: 'random', missing: 16, size: 4, pieceLength: 1, duration: 1 }
  const runs = Array.from({ length: 100 }, (_, seed) => finished(id, seed, parameters))
  const mean = runs.reduce((sum, run) => sum + measured(run, 'union'), 0) / runs.length
  const predicted = measured(runs[0]!, 'predicted')
  expect(predicted).toBeCloseTo(7 / 8, 12)
  // Each of 3200 pieces is there with that probability; that a node draws without putting back makes it less uneven.
  expect(Math.abs(mean - predicted)).toBeLessThan(3 * Math.sqrt((predicted * (1 - predicted)) / (100 * 32)))
})

test('a node shows what it lacks and how many copies there are of each piece', () => {
  const run = finished(id, 7, { duration: 2000 })
  const { lacked, missing, copies } = run.world.inspect(9) as {
    readonly lacked: readonly number[]
    readonly missing: readonly number[]
    readonly copies: readonly number[]
  }
  expect(missing).toEqual(lacked)
  expect(copies.map((count, piece) => (lacked.includes(piece) ? count === 0 : count === 24))).not.toContain(false)
})

test('more gaps than pieces are refused', () => {
  expect(() => finished(id, 1, { missing: 9, pieces: 8 })).toThrow('missing is 9 of 8 pieces; take at most all of them')
})

behavesAsAScenario(id, [act(300, 'crash', { node: 3 }), act(900, 'restart', { node: 0 })], {
  size: 12,
  pieces: 16,
  duration: 20_000,
})
