/** The scenario `liars`: what nodes believe beside the truth. */
import { describe, expect, test } from 'vitest'
import { act, behavesAsAScenario, finished, measured, statesOf } from '../../support/scenario-checks.ts'

const id = 'liars'
const seeds = [1, 2, 3, 4, 5]

interface Look {
  readonly believes: { readonly peers: number; readonly connections: number }
  readonly truth: {
    readonly peers: {
      readonly honest: number
      readonly bootnodes: number
      readonly liars: number
      readonly nobody: number
    }
  }
  readonly known: readonly { readonly node: number; readonly is: string; readonly isVerified: boolean }[]
}

describe('few liars', () => {
  test('get into nearly every table, and hold more of the entries than is their share', () => {
    for (const seed of seeds) {
      for (const lie of ['accomplices', 'made-up']) {
        const run = finished(id, seed, { liars: 0.05, lie })
        expect(statesOf(run).filter((state) => state === 'liar')).toHaveLength(2)
        expect(measured(run, 'deceived')).toBeGreaterThan(0.9)
        expect(measured(run, 'falseEntries')).toBeGreaterThan(measured(run, 'fair'))
      }
    }
  })

  test('take connections as well, so that honest nodes have fewer peers than they believe', () => {
    for (const seed of seeds) {
      const run = finished(id, seed, { liars: 0.2 })
      expect(measured(run, 'fooled')).toBeGreaterThan(0)
      expect(measured(run, 'honest')).toBeLessThan(measured(run, 'believed'))
    }
  })

  test('fill more of the tables the more they are', () => {
    for (const seed of seeds) {
      const shares = [0, 0.1, 0.2, 0.4].map((liars) => measured(finished(id, seed, { liars }), 'falseEntries'))
      for (let i = 1; i < shares.length; i++) expect(shares[i]!).toBeGreaterThan(shares[i - 1]!)
    }
  })
})

test('without liars all that is believed is true', () => {
  for (const seed of seeds) {
    const run = finished(id, seed, { liars: 0 })
    expect(run.world.measures()).toMatchObject({ falseEntries: 0, deceived: 0, fooled: 0, fair: 0, verified: 0 })
    expect(measured(run, 'honest')).toBe(measured(run, 'believed'))
    expect(measured(run, 'believed')).toBeGreaterThan(4)
  }
})

test('what liars make up is hearsay for ever: nobody has ever answered there', () => {
  const run = finished(id, 7, { liars: 0.2, lie: 'made-up' })
  const looks = statesOf(run).flatMap((state, node) =>
    state === 'deceived' ? [run.world.inspect(node) as unknown as Look] : [],
  )
  const ghosts = looks.flatMap(({ known }) => known).filter(({ is }) => is === 'nobody')
  expect(ghosts.length).toBeGreaterThan(looks.length)
  expect(ghosts.filter(({ node, isVerified }) => node >= 0 || isVerified)).toEqual([])
})

test('a node that people make a liar of gets into tables as a liar, and its victims show it', () => {
  for (const seed of seeds) {
    const run = finished(id, seed, { liars: 0 }, [act(15_000, 'turn', { node: 5 })])
    expect(run.world.state(5)).toBe('liar')
    expect(measured(run, 'fair')).toBe(1 / 39)
    expect(measured(run, 'falseEntries')).toBeGreaterThan(measured(run, 'fair'))
    expect(measured(run, 'deceived')).toBeGreaterThan(0.9)
  }
})

test('who is turned twice, or is the bootnode, stays what it is', () => {
  const run = finished(id, 7, { liars: 0 }, [
    act(9000, 'turn', { node: 5 }),
    act(10_000, 'turn', { node: 5 }),
    act(11_000, 'turn', { node: 0 }),
  ])
  expect([run.world.state(0), run.world.state(5)]).toEqual(['bootnode', 'liar'])
  expect([0, 5].map((node) => run.session.simulation.incarnation(node))).toEqual([0, 1])
})

test('what a node believes adds up with what is true', () => {
  const run = finished(id, 7, { liars: 0.2 })
  for (const [node, state] of statesOf(run).entries()) {
    if (state !== 'clean' && state !== 'deceived') continue
    const { believes, truth, known } = run.world.inspect(node) as unknown as Look
    const { honest, bootnodes, liars, nobody } = truth.peers
    expect(honest + bootnodes + liars + nobody).toBe(believes.peers)
    expect(known.filter(({ is }) => is === 'liar')).toHaveLength(liars)
    expect(state === 'deceived').toBe(liars > 0)
  }
})

test('the line beside the false entries is the share of liars among all', () => {
  const { measured: line, formula } = finished(id, 7).world.curves(50)
  expect(new Set(formula!.points.map(([, share]) => share))).toEqual(new Set([4 / 39]))
  expect(line.points.at(-1)![1]).toBeGreaterThan(4 / 39)
})

behavesAsAScenario(
  id,
  [act(3000, 'turn', { node: 4 }), act(5000, 'crash', { node: 9 })],
  {
    size: 20,
    loss: 0.05,
    duration: 20_000,
  },
  ['target = 64', 'limit = 1'],
)
