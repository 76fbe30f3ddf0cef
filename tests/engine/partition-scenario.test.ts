/** The scenario `partition`: both sides of a cut go on, and when it heals one of two payments has never happened. */
import { expectedForkDepth, Run, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { act, expectRepeatable, finished, measured } from '../support/scenario-runs.ts'

const seeds = [1, 2, 3, 4, 5, 6, 7, 8]
const size = 20

const spec = (seed: number, parameters: RunSpec['parameters'] = {}, actions: RunSpec['actions'] = []): RunSpec => ({
  scenario: 'partition',
  seed,
  parameters,
  actions: actions!,
})

interface Look {
  readonly side: string
  readonly chain: readonly { readonly id: string; readonly branch: string }[]
  readonly payments: readonly { readonly id: string; readonly coin: string; readonly is: string }[]
}

const looksOf = (run: Run): Look[] =>
  Array.from({ length: size }, (_, node) => run.world.inspect(node) as unknown as Look)
const statesOf = (run: Run): string[] => Array.from({ length: size }, (_, node) => run.world.state(node))

describe('a coin that is spent on both sides of a cut', () => {
  test('is spent twice while the cut lasts: each side has its own payment in its chain', () => {
    for (const seed of seeds) {
      const run = new Run(spec(seed))
      run.finish({ until: 49_000 })
      expect(run.world.measures()).toMatchObject({ conflicts: 1, vanished: 0 })
      for (const { side, payments } of looksOf(run)) {
        const [near, far] = payments.map(({ is }) => is)
        expect([near, far]).toEqual(side === 'near' ? ['confirmed', 'not there'] : ['not there', 'confirmed'])
      }
      expect(new Set(statesOf(run))).toEqual(new Set(['near', 'far']))
    }
  })

  test('is spent once after the heal: all nodes have one chain, and the payment of the other has vanished', () => {
    for (const seed of seeds) {
      const run = finished(spec(seed))
      expect(run.world.measures()).toMatchObject({ conflicts: 0, vanished: 1, confirmed: 1 })
      // At its end a chain forks now and then, cut or not.
      expect(measured(run, 'atRisk')).toBeLessThan(measured(run, 'depth'))
      const looks = looksOf(run)
      const winner = looks[0]!.chain.some(({ branch }) => branch === 'far') ? 'far' : 'near'
      for (const { payments } of looks) {
        const [near, far] = payments.map(({ is }) => is)
        expect([near, far]).toEqual(winner === 'near' ? ['confirmed', 'not there'] : ['not there', 'confirmed'])
      }
      // The payee of the other side was paid, and is not any more.
      const payee = winner === 'near' ? size - 2 : 1
      expect(statesOf(run)).toEqual(Array.from({ length: size }, (_, node) => (node === payee ? 'robbed' : winner)))
    }
  })

  test('is lost by the smaller side, nearly always', () => {
    for (const farShare of [0.2, 0.8]) {
      const winners = seeds.map((seed) => {
        const [near] = looksOf(finished(spec(seed, { farShare })))[0]!.payments
        return near!.is === 'confirmed' ? 'near' : 'far'
      })
      const larger = farShare < 0.5 ? 'near' : 'far'
      expect(winners.filter((winner) => winner === larger).length).toBeGreaterThan(seeds.length / 2)
    }
  })

  test('cannot be spent twice without the cut', () => {
    for (const seed of seeds) {
      const run = finished(spec(seed, { cut: false }))
      expect(run.world.measures()).toMatchObject({ conflicts: 0, vanished: 0, confirmed: 1, expected: 0 })
      expect(statesOf(run)).toEqual(Array<string>(size).fill('common'))
    }
  })
})

test('a coin that is spent on one side only is spent in the end, whichever chain stays', () => {
  for (const spend of ['near', 'far']) {
    for (const seed of seeds) {
      const run = finished(spec(seed, { spend }))
      expect(run.world.measures()).toMatchObject({ conflicts: 0, vanished: 0, confirmed: 1 })
    }
  }
})

describe('what a heal undoes', () => {
  const atRisk = (seed: number, healAfter: number): number => {
    const run = new Run(spec(seed, { healAfter, spend: 'none', duration: 1_000_000, farShare: 0.5, latency: 1 }))
    run.finish({ until: 10_000 + healAfter - 1 })
    return measured(run, 'atRisk')
  }
  const many = Array.from({ length: 30 }, (_, seed) => seed)

  test('grows with the time that the cut lasts, as the formula says', () => {
    const interval = 2500
    for (const healAfter of [10_000, 40_000, 160_000]) {
      const depths = many.map((seed) => atRisk(seed, healAfter))
      const mean = depths.reduce((sum, depth) => sum + depth, 0) / depths.length
      const variance = depths.reduce((sum, depth) => sum + (depth - mean) ** 2, 0) / (depths.length - 1)
      const blocks = healAfter / interval / 2
      expect(Math.abs(mean - expectedForkDepth(blocks, blocks))).toBeLessThan(3 * Math.sqrt(variance / depths.length))
    }
  })

  test('is undone: the deepest reorganization is as deep', () => {
    for (const seed of seeds) {
      const parameters = { healAfter: 40_000, spend: 'none', duration: 100_000, farShare: 0.5, latency: 1 }
      // Until the news is everywhere both sides may find more.
      expect(measured(finished(spec(seed, parameters)), 'depth')).toBeGreaterThanOrEqual(atRisk(seed, 40_000))
    }
  })
})

test('the formula of the shorter chain lies under both means, comes near the smaller, and grows with each', () => {
  const blocks = fc.double({ min: 0, max: 400, noNaN: true })
  fc.assert(
    fc.property(blocks, blocks, (one, other) => {
      const depth = expectedForkDepth(one, other)
      expect(depth).toBe(expectedForkDepth(other, one))
      expect(depth).toBeGreaterThanOrEqual(0)
      expect(depth).toBeLessThanOrEqual(Math.min(one, other) + 1e-9)
      expect(expectedForkDepth(one + 1, other)).toBeGreaterThanOrEqual(depth - 1e-9)
      expect(expectedForkDepth(one, 10 * one + 50)).toBeGreaterThan(0.99 * Math.min(one, 500) - 1e-9)
    }),
    cases(200),
  )
})

test('people can cut, pay and heal by themselves', () => {
  const actions = [
    act(1000, 'cut'),
    act(2000, 'pay', { node: 2, to: 3, coin: 7 }),
    act(2000, 'pay', { node: 17, to: 16, coin: 7 }),
    act(60_000, 'heal'),
  ]
  for (const seed of seeds) {
    const run = finished(spec(seed, { cut: false, spend: 'none', duration: 100_000 }, actions))
    expect(run.world.measures()).toMatchObject({ conflicts: 0, vanished: 1, confirmed: 1 })
    expect(statesOf(run).flatMap((state, node) => (state === 'robbed' ? [node] : []))).toHaveLength(1)
  }
})

test('the same spec gives the same run, in a link and after going back', () => {
  expectRepeatable(
    spec(7, { loss: 0.05 }, [
      act(5000, 'crash', { node: 3 }),
      act(6000, 'pay', { node: 4, to: 5, coin: 1 }),
      act(30_000, 'restart', { node: 3 }),
      act(32_000, 'inject', { from: 1, to: 2, message: { type: 'tip', id: 7 } }),
      act(60_000, 'cut'),
      act(70_000, 'heal'),
    ]),
  )
})
