import { fromLink, Run, toLink, type ActionInput, type Recorded, type RunSpec } from '@peerlab/engine'
import { expect, test } from 'vitest'
import { birthdayPunchOdds } from '../../../engine/measures/formulas.ts'

const seeds = [1, 2, 3]

function finished(
  parameters: RunSpec['parameters'] = {},
  seed = 7,
  actions: readonly Recorded<ActionInput>[] = [],
): Run {
  const run = new Run({ scenario: 'punching-odds', seed, parameters, actions })
  run.finish()
  return run
}

const connected = (run: Run): number => run.world.measures()['connected']!

/** Three standard errors of a share of `count` pairs. */
const threeErrors = (share: number, count: number): number => 3 * Math.sqrt((share * (1 - share)) / count)

test.each([64, 174, 512])('after %d probes as many pairs have a way as the formula says', (probes) => {
  const pairs = 100
  const odds = birthdayPunchOdds(256, probes)
  for (const seed of seeds) {
    const run = finished({ pairs, probes }, seed)
    expect(Math.abs(connected(run) - odds)).toBeLessThan(threeErrors(odds, pairs))
    expect(run.world.measures()['expected']).toBeCloseTo(odds, 12)
  }
})

test('half of the pairs have a way after about 177 probes, and after half as many where twice as many ports are open', () => {
  const half = (openPorts: number, seed: number): number =>
    finished({ pairs: 100, probes: 1024, openPorts }, seed).world.measures()['half']!
  for (const seed of seeds) {
    const [once, twice] = [half(256, seed), half(512, seed)]
    const spread = threeErrors(0.5, 100)
    expect(Math.abs(birthdayPunchOdds(256, once) - 0.5)).toBeLessThan(spread)
    expect(Math.abs(birthdayPunchOdds(512, twice) - 0.5)).toBeLessThan(spread)
    expect(twice).toBeLessThan(once)
  }
})

test('one open port is worth nearly nothing, and a prober whose NAT moves it finds nobody', () => {
  for (const seed of seeds) {
    expect(connected(finished({ openPorts: 1 }, seed))).toBeLessThan(connected(finished({}, seed)) / 4)
    expect(connected(finished({ easyMoves: true }, seed))).toBe(0)
  }
})

test('the measured curve stays near the formula at all times', () => {
  const pairs = 100
  for (const seed of seeds) {
    const { measured, formula } = finished({ pairs }, seed).world.curves(50)
    const worst = measured.points.map(([, share], i) => Math.abs(share - formula!.points[i]![1]))
    // Kolmogorov's bound at 99.9 %: 1.95 / √n.
    expect(Math.max(...worst)).toBeLessThan(1.95 / Math.sqrt(pairs))
  }
})

test('both ends agree who has a way; who has none gives up, and finds one when all go on', () => {
  for (const seed of seeds) {
    const run = finished({ probes: 100 }, seed)
    const states = Array.from({ length: 60 }, (_, node) => run.world.state(node))
    expect(states).toContain('gave-up')
    for (let hard = 0; hard < 60; hard += 2) expect(states[hard] === 'connected').toBe(states[hard + 1] === 'connected')
    run.perform('more', { probes: 2000 })
    run.finish()
    expect(connected(run)).toBeGreaterThan(connected(finished({ probes: 100 }, seed)))
  }
})

test('the NAT of the hard side has as many lines as ports were opened, and each pair its own', () => {
  const run = finished({ pairs: 3, probes: 0 })
  const ports = (node: number) => (run.world.inspect(node) as { readonly openPorts: readonly number[] }).openPorts
  expect(new Set(ports(0)).size).toBe(256)
  expect(ports(0)).not.toEqual(ports(2))
})

test('a crashed side is not found', () => {
  const actions = [{ time: 1, input: { action: 'crash', with: { node: 0 } } }]
  const run = finished({ pairs: 1, probes: 2000 }, 7, actions)
  expect([connected(finished({ pairs: 1, probes: 2000 })), connected(run)]).toEqual([1, 0])
})

test('the same seed gives the same run, also out of its link, and another seed another one', () => {
  const parameters = { pairs: 5, loss: 0.1 }
  const run = finished(parameters, 7, [{ time: 6000, input: { action: 'more', with: { probes: 300 } } }])
  const again = new Run(fromLink(toLink(run.spec)))
  again.finish()
  expect(again.session.simulation.fingerprint).toBe(run.session.simulation.fingerprint)
  expect(finished(parameters, 8).session.simulation.fingerprint).not.toBe(run.session.simulation.fingerprint)
})
