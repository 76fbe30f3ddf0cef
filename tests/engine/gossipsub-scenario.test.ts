/** The scenario `gossipsub`: the mesh pushes, gossip mends its holes, and without gossip they stay. */
import { gossipSubDefaults, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { act, expectRepeatable, finished, measured } from '../support/scenario-runs.ts'

const seeds = [1, 2, 3, 4, 5, 6]

const spec = (seed: number, parameters: RunSpec['parameters'] = {}, actions: RunSpec['actions'] = []): RunSpec => ({
  scenario: 'gossipsub',
  seed,
  parameters,
  actions: actions!,
})

test('the whole mesh: everybody has every message, nearly all of it pushed', () => {
  for (const seed of seeds) {
    const run = finished(spec(seed))
    expect(run.world.measures()).toMatchObject({ coverage: 1, holes: 0 })
    const { d, dHigh, dLow } = gossipSubDefaults
    expect(measured(run, 'meshDegree')).toBeGreaterThanOrEqual(dLow)
    expect(measured(run, 'meshDegree')).toBeLessThanOrEqual(dHigh)
    expect(measured(run, 'repaired')).toBeLessThan(measured(run, 'duplicates') / d)
  }
})

describe('a node whose mesh links are cut', () => {
  const isolated = (seed: number, gossip: boolean) => {
    const node = 7
    // Somebody else publishes.
    return {
      node,
      run: finished(
        spec(seed, { gossip, messages: 0 }, [act(3000, 'isolate', { node }), act(4000, 'publish', { node: 8 })]),
      ),
    }
  }

  test('gets the message all the same: an IHAVE comes from outside of its mesh', () => {
    for (const seed of seeds) {
      const { run, node } = isolated(seed, true)
      expect(run.world.state(node)).toBe('repaired')
      expect(run.world.measures()).toMatchObject({ coverage: 1, holes: 0 })
    }
  })

  test('has a hole for ever without gossip, and does not know it', () => {
    for (const seed of seeds) {
      const { run, node } = isolated(seed, false)
      expect(run.world.state(node)).toBe('severed')
      expect(run.world.measures()).toMatchObject({ holes: 1, repaired: 0 })
      const { mesh } = run.world.inspect(node) as unknown as { mesh: readonly { isCut: boolean }[] }
      expect(mesh.length).toBeGreaterThan(0)
      expect(mesh.every(({ isCut }) => isCut)).toBe(true)
    }
  })
})

describe('with most mesh links cut', () => {
  const broken = { broken: 0.8, messages: 1 }

  test('gossip brings the message to everybody, and takes longer than the mesh', () => {
    for (const seed of seeds) {
      const run = finished(spec(seed, broken))
      expect(run.world.measures()).toMatchObject({ coverage: 1, holes: 0 })
      expect(measured(run, 'repaired')).toBeGreaterThan(0)
      expect(measured(run, 'time100')).toBeGreaterThan(measured(finished(spec(seed, { messages: 1 })), 'time100'))
    }
  })

  test('there are holes without it', () => {
    for (const seed of seeds) {
      const run = finished(spec(seed, { ...broken, gossip: false }))
      expect(measured(run, 'holes')).toBeGreaterThan(0)
      expect(measured(run, 'coverage')).toBeLessThan(1)
      expect(measured(run, 'repaired')).toBe(0)
    }
  })

  test('mended links push again', () => {
    const actions = [act(8000, 'mend-links'), act(9000, 'publish', { node: 0 })]
    for (const seed of seeds) {
      const run = finished(spec(seed, { ...broken, gossip: false }, actions))
      expect(run.world.measures()).toMatchObject({ coverage: 1, working: measured(run, 'meshDegree') })
    }
  })
})

test('flood publishing hides a cut from the peers of the publisher', () => {
  const holes = (floodPublish: boolean): number => {
    const parameters = { gossip: false, broken: 1, messages: 1, floodPublish, topology: 'complete', size: 20 }
    return seeds.reduce((sum, seed) => sum + measured(finished(spec(seed, parameters)), 'holes'), 0)
  }
  expect(holes(true)).toBeLessThan(holes(false))
})

test('who was down when a message was published has no hole for it', () => {
  const run = finished(
    spec(3, { messages: 0 }, [
      act(3000, 'crash', { node: 5 }),
      act(4000, 'publish', { node: 0 }),
      act(15_000, 'restart', { node: 5 }),
    ]),
  )
  expect(run.world.state(5)).toBe('unaware')
  expect(measured(run, 'holes')).toBe(0)
})

test('the curve of the mesh alone ends below the measured one where links are cut, and near it where none is', () => {
  for (const seed of seeds) {
    const last = (parameters: RunSpec['parameters']) => {
      const { measured: curve, formula } = finished(spec(seed, { ...parameters, messages: 1 })).world.curves(100)
      return { curve: curve.points.at(-1)![1], formula: formula!.points.at(-1)![1] }
    }
    const cut = last({ broken: 0.8 })
    expect(cut.formula).toBeLessThan(cut.curve)
    const whole = last({})
    expect(whole.formula).toBeGreaterThan(cut.formula)
    expect(whole.curve).toBe(1)
  }
})

test('the same spec gives the same run, in a link and after going back', () => {
  expectRepeatable(
    spec(7, { size: 20, degree: 8, loss: 0.1 }, [
      act(3500, 'isolate', { node: 2 }),
      act(4000, 'crash', { node: 3 }),
      act(5000, 'cut', { share: 0.3 }),
      act(6000, 'inject', { from: 1, to: 2, message: { type: 'noise' } }),
      act(9000, 'heal'),
      act(9500, 'cut-links', { share: 0.5 }),
      act(10_000, 'restart', { node: 3 }),
      act(12_000, 'mend-links'),
      act(12_500, 'publish', { node: 4 }),
    ]),
  )
})
