/** The scenario `architectures`: three kills for each of four ways to find a thing. */
import { describe, expect, test } from 'vitest'
import { act, behavesAsAScenario, finished, measured, statesOf } from '../../support/scenario-checks.ts'

const id = 'architectures'
const seeds = [1, 2, 3, 4]
const all = ['directory', 'supernodes', 'flat', 'structured'] as const

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const means = (name: string, parameters: object): number =>
  mean(seeds.map((seed) => measured(finished(id, seed, { ...parameters }), name)))

test.each(all)('while all are up everything is found: %s', (architecture) => {
  for (const seed of seeds) {
    expect(finished(id, seed, { architecture }).world.measures()).toMatchObject({ found: 1, foundAll: 1, predicted: 1 })
  }
})

describe('three kills', () => {
  test('of the busiest end a directory, and ruin supernodes', () => {
    for (const seed of seeds) {
      const directory = finished(id, seed, { architecture: 'directory', kills: 'chosen' })
      expect(directory.world.measures()).toMatchObject({ found: 0, predicted: 0 })
      const supernodes = finished(id, seed, { architecture: 'supernodes', kills: 'chosen' })
      expect(
        statesOf(supernodes)
          .slice(0, 4)
          .filter((state) => state === 'down'),
      ).toHaveLength(3)
      expect(measured(supernodes, 'found')).toBeLessThan(0.5)
    }
  })

  test('at random hardly touch the supernodes', () => {
    const random = means('found', { architecture: 'supernodes', kills: 'random' })
    expect(random).toBeGreaterThan(0.7)
    expect(random).toBeGreaterThan(means('found', { architecture: 'supernodes', kills: 'chosen' }) + 0.4)
  })

  test('of whomever one likes do little where all are equal', () => {
    for (const architecture of ['flat', 'structured']) {
      for (const kills of ['random', 'chosen']) {
        expect(means('found', { architecture, kills }), `${architecture}, ${kills}`).toBeGreaterThan(0.9)
      }
    }
  })

  test('of supernodes leave what is expected from those that are up', () => {
    for (const killed of [1, 2, 3]) {
      const parameters = { architecture: 'supernodes', kills: 'chosen', killed, interval: 50, duration: 40_000 }
      // From 2 s after the kills on; each search counts once.
      const shares = seeds.map((seed) => {
        const run = finished(id, seed, parameters)
        const searches = statesOf(run).flatMap(
          (_, node) => (run.world.inspect(node) as unknown as { searches: readonly Search[] }).searches,
        )
        const late = searches.filter(({ began, ended }) => began > 22_000 && ended !== null)
        return late.filter(({ found }) => found).length / late.length
      })
      const expected = measured(finished(id, 1, parameters), 'predicted')
      // Who has what is drawn anew in each run: with 60 things of 3 copies shares differ by a few per cent from it.
      expect(Math.abs(mean(shares) - expected)).toBeLessThan(0.1)
    }
  })

  test('are made good when those who were killed come back', () => {
    for (const architecture of all) {
      const revived = finished(id, 2, { architecture, kills: 'chosen', duration: 70_000 }, [act(30_000, 'revive')])
      expect(statesOf(revived)).not.toContain('down')
      expect(measured(revived, 'found'), architecture).toBe(1)
    }
  })
})

interface Search {
  readonly began: number
  readonly ended: number | null
  readonly found: boolean
}

describe('the price', () => {
  test('is load: the busiest node of a directory bears most, then that of supernodes, and equals bear about the same', () => {
    const [directory, supernodes, flat, structured] = all.map((architecture) => means('busiest', { architecture }))
    expect(directory).toBeGreaterThan(0.5)
    expect(supernodes).toBeLessThan(directory!)
    for (const equal of [flat!, structured!]) expect(equal).toBeLessThan(supernodes! / 2)
  })

  test('is messages: a flat network asks everybody, and doubles its price with its size', () => {
    const [small, large] = [40, 80].map((size) => means('perSearch', { architecture: 'flat', size }))
    expect(large! / small!).toBeGreaterThan(1.5)
    const structured = [40, 80].map((size) => means('perSearch', { architecture: 'structured', size }))
    expect(structured[1]! / structured[0]!).toBeLessThan(1.5)
    expect(small!).toBeGreaterThan(5 * means('perSearch', { architecture: 'supernodes' }))
  })
})

test('two supernodes for each node outlive what one does not', () => {
  const kills = { architecture: 'supernodes', kills: 'chosen', killed: 2 }
  expect(means('found', { ...kills, parents: 2 })).toBeGreaterThan(means('found', { ...kills, parents: 1 }))
})

test('an index node shows its leaves, and all of them together are all other nodes', () => {
  const run = finished(id, 7)
  const leaves = [0, 1, 2, 3].flatMap((node) =>
    (run.world.inspect(node) as unknown as { index: readonly { node: number }[] }).index.map((leaf) => leaf.node),
  )
  expect(leaves.sort((a, b) => a - b)).toEqual(Array.from({ length: 36 }, (_, i) => i + 4))
})

test('what does not fit together is refused', () => {
  expect(() => finished(id, 1, { size: 8, copies: 4 })).toThrow('size is 8; take more than 8')
  expect(() => finished(id, 1, { parents: 5 })).toThrow('parents is 5; there are 4 supernodes')
  expect(() => finished(id, 1, { architecture: 'flat', size: 10, degree: 12 })).toThrow('degree is 12')
})

describe.each(all)('%s', (architecture) => {
  behavesAsAScenario(
    id,
    [act(8000, 'kill-random', { count: 2 }), act(9000, 'kill-chosen', { count: 1 })],
    {
      architecture,
      size: 20,
      items: 20,
      duration: 20_000,
    },
    ['parents = 8', 'copies = 100'],
  )
})
