/** The scenario `eclipse`: a healthy screen, a restart, and who the eight connections are. Heilman et al. 2015. */
import { captureOdds, Run, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { act, behavesAsAScenario, finished, measured, statesOf } from '../support/scenario-checks.ts'
import { summarize } from '../support/statistics.ts'

const id = 'eclipse'
const minute = 60_000
const strike = 20 * minute
const seeds = Array.from({ length: 20 }, (_, i) => i + 1)
const few = seeds.slice(0, 3)

/** A run up to right before the victim restarts. */
function beforeStrike(seed: number, parameters: RunSpec['parameters'] = {}): Run {
  const run = new Run({ scenario: id, seed, parameters })
  run.session.run({ until: strike - 1 })
  return run
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const meanBefore = (name: string, parameters: RunSpec['parameters'] = {}): number =>
  mean(few.map((seed) => measured(beforeStrike(seed, parameters), name)))
const meanAfter = (name: string, parameters: RunSpec['parameters'] = {}): number =>
  mean(few.map((seed) => measured(finished(id, seed, parameters), name)))

describe('a victim', () => {
  const runs = seeds.map((seed) => {
    const run = beforeStrike(seed)
    const before = run.world.measures() as Record<string, number>
    const states = statesOf(run)
    run.finish()
    return { before, states, after: run.world.measures() as Record<string, number>, end: statesOf(run) }
  })

  test('has all of its connections to honest nodes and looks healthy, while its table fills', () => {
    for (const { before, states } of runs) {
      expect(before).toMatchObject({ captured: 0, restarts: 0 })
      expect(before['outgoing']).toBeGreaterThan(6)
      expect(before['tried']).toBeGreaterThan(0.5)
      expect(before['trash']).toBeGreaterThan(0.9)
      expect([...new Set(states)].sort()).toEqual(['healthy', 'peer'])
    }
  })

  test('has most of them to the attacker after a restart', () => {
    for (const { after } of runs) expect(after['captured']).toBeGreaterThan(0.5)
  })

  test('is lost as often as tries on its table have said, and more often than the formula: that is a lower bound', () => {
    const wins = runs.map(({ after }) => (after['captured'] === 1 ? 1 : 0))
    const { mean: won, standardError } = summarize(wins)
    const odds = mean(runs.map(({ before }) => before['odds']!))
    const predicted = mean(runs.map(({ before }) => before['predicted']!))
    expect(Math.abs(won - odds)).toBeLessThan(3 * standardError)
    expect(odds).toBeGreaterThan(predicted)
    expect(predicted).toBeGreaterThan(0)
  })

  test('shows who is who in the end: eclipsed where it was lost, healthy where one connection is left', () => {
    for (const { after, end } of runs) {
      expect(end[0]).toBe(after['captured'] === 1 ? 'eclipsed' : 'healthy')
      expect(end.filter((state) => state === 'attacker').length).toBe(end.length - 20)
    }
  })

  test('keeps the connections that it has for as long as it does not restart', () => {
    for (const seed of few) expect(measured(finished(id, seed, { strike: 0 }), 'captured')).toBe(0)
  })
})

test('an attacker with one address wins nothing', () => {
  for (const seed of few) {
    expect(measured(beforeStrike(seed, { size: 21 }), 'odds')).toBe(0)
    expect(measured(finished(id, seed, { size: 21 }), 'captured')).toBeLessThan(0.5)
  }
})

test('many addresses in one group give one connection: groups are what costs', () => {
  const inOneGroup = { perGroup: 60 }
  for (const seed of few) {
    const run = finished(id, seed, inOneGroup)
    expect(measured(run, 'groups')).toBe(1)
    expect(measured(run, 'captured') * measured(run, 'outgoing')).toBeLessThanOrEqual(1)
  }
})

describe('the countermeasure', () => {
  test('2, uniform selection: what counts is the share of the table alone, f^8', () => {
    for (const seed of few) {
      const run = beforeStrike(seed, { randomSelection: true })
      const expected = captureOdds(measured(run, 'tried'))
      expect(measured(run, 'predicted')).toBe(expected)
      // 200 tries; that no two connections go into one group makes the honest share grow a little with each.
      expect(Math.abs(measured(run, 'odds') - expected)).toBeLessThan(
        3 * Math.sqrt((expected * (1 - expected)) / 200) + 0.05,
      )
    }
    expect(meanBefore('odds', { randomSelection: true })).toBeLessThan(meanBefore('odds') / 2)
  })

  test('5, anchors: an honest connection is always left', () => {
    for (const seed of few) {
      const run = finished(id, seed, { anchors: true, honest: 30 })
      expect(measured(run, 'captured')).toBeLessThan(1)
      expect(measured(run, 'odds')).toBe(0)
    }
  })

  test('7, more outgoing connections: more have to be captured', () => {
    expect(meanBefore('odds', { moreOutgoing: true })).toBeLessThan(meanBefore('odds'))
  })

  test('8, large addr are ignored: no trash gets in', () => {
    const addresses = (banUnsolicited: boolean) => meanBefore('addresses', { banUnsolicited })
    expect(addresses(true)).toBeLessThanOrEqual(80)
    expect(addresses(false)).toBeGreaterThan(20 * addresses(true))
  })

  test('10, an alarm: after a few of the attacker have come, no more get into the table', () => {
    expect(meanBefore('tried', { anomalyDetection: true })).toBeLessThan(meanBefore('tried') / 1.5)
  })

  // With buckets of one address as many compete for one as in a network of thousands.
  test.each(['testBeforeEvict', 'moreBuckets'])('%s keeps honest addresses, where buckets are full', (name) => {
    const full = { bucketSize: 1 }
    expect(meanBefore('tried', { ...full, [name]: true })).toBeLessThan(meanBefore('tried', full))
  })

  test('all ten together leave nothing of the attack', () => {
    const all = Object.fromEntries(
      Object.entries(new Run({ scenario: id, seed: 1 }).scenario.parameters)
        .filter(([, { type }]) => type === 'boolean')
        .map(([name]) => [name, true]),
    )
    expect(Object.keys(all).length).toBe(10)
    expect(meanBefore('odds', all)).toBe(0)
    for (const seed of few) {
      const run = finished(id, seed, { ...all, honest: 30 })
      expect(measured(run, 'captured')).toBeLessThan(measured(finished(id, seed, { honest: 30 }), 'captured'))
    }
  })
})

test('Bitcoin of today loses less than that of 2015', () => {
  expect(meanBefore('odds', { release: 'today' })).toBeLessThan(meanBefore('odds'))
  expect(meanAfter('captured', { release: 'today' })).toBeLessThan(meanAfter('captured'))
})

test('quick rounds pay where fresh addresses are preferred', () => {
  expect(meanBefore('odds', { round: 18 * minute })).toBeLessThan(meanBefore('odds'))
})

test('a look at the victim shows its screen beside the truth', () => {
  const run = finished(id, 7)
  const { links, tried } = run.world.inspect(0) as unknown as Record<
    'links' | 'tried',
    { is: string; bucket: number }[]
  >
  const mine = (list: readonly { is: string }[]) => list.filter(({ is }) => is === 'attacker').length
  expect(mine(links)).toBeGreaterThan(links.length / 2)
  expect(mine(tried) / tried.length).toBeCloseTo(measured(run, 'tried'), 1)
  for (const { bucket } of tried) expect(bucket).toBeLessThan(64)
})

test('people can strike and reveal themselves', () => {
  const plan = [act(10 * minute, 'strike', { node: 0 }), act(18 * minute, 'reveal')]
  const run = finished(id, 7, { strike: 0, reveal: 0 }, plan)
  expect(measured(run, 'restarts')).toBe(1)
  expect(measured(run, 'captured')).toBeGreaterThan(0.5)
  expect(statesOf(run)).toContain('attacker')
})

test('a network without an attacker is refused', () => {
  expect(() => finished(id, 1, { size: 30, honest: 30 })).toThrow('honest is 30 of 30 nodes')
})

behavesAsAScenario(id, [act(5 * minute, 'crash', { node: 3 }), act(6 * minute, 'strike', { node: 0 })], {
  duration: 22 * minute,
})
