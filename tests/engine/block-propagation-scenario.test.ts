/** The scenario `block-propagation`: larger blocks travel longer, fork more, and miners far away lose most of them. */
import { isBlockMessage, type Message, type RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { act, expectRepeatable, finished, measured } from '../support/scenario-runs.ts'

const seeds = [1, 2, 3, 4, 5]
/** Long enough for a hundred blocks or so. */
const duration = 600_000

const spec = (seed: number, parameters: RunSpec['parameters'] = {}, actions: RunSpec['actions'] = []): RunSpec => ({
  scenario: 'block-propagation',
  seed,
  parameters,
  actions: actions!,
})

const known = new Map<string, { readonly [name: string]: number | null }>()

/** The mean of a measure over all seeds. Each run is made once. */
function mean(name: string, parameters: RunSpec['parameters']): number {
  const values = seeds.map((seed) => {
    const key = JSON.stringify([seed, parameters])
    const measures = known.get(key) ?? finished(spec(seed, { duration, ...parameters })).world.measures()
    known.set(key, measures)
    return measures[name]!
  })
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Whether values that ought to be 0 in the mean are, as far as chance allows: within three standard errors. */
function expectNone(values: readonly number[]): void {
  const average = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - average) ** 2, 0) / (values.length - 1)
  expect(Math.abs(average)).toBeLessThan(3 * Math.sqrt(variance / values.length))
}

describe('double the block size', () => {
  const sizes = [125, 250, 500, 1000]
  const over = (name: string, parameters: RunSpec['parameters'] = {}): number[] =>
    sizes.map((blockSize) => mean(name, { blockSize, ...parameters }))

  test('and miners far away lose a larger share of their blocks, always more than those who are near each other', () => {
    const [remote, near] = [over('remoteLost'), over('nearLost')]
    for (const [i, lost] of remote.entries()) {
      expect(lost).toBeGreaterThan(near[i]!)
      if (i > 0) expect(lost).toBeGreaterThan(remote[i - 1]!)
    }
  })

  test('and they get a smaller part of the chain than they have of the hash power', () => {
    const rewards = over('remoteReward', { remoteHash: 0.2 })
    for (const reward of rewards) expect(reward).toBeLessThan(0.2)
    expect(rewards.at(-1)).toBeLessThan(rewards[0]!)
  })

  test('and blocks take longer, and there are more forks', () => {
    for (const name of ['time50', 'time95', 'forkRate', 'expected']) {
      const values = over(name)
      for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThan(values[i - 1]!)
    }
  })

  test.each<{ readonly remedy: NonNullable<RunSpec['parameters']> }>([
    { remedy: { relay: 'compact' } },
    { remedy: { relay: 'compact-high-bandwidth' } },
    { remedy: { bandwidth: 200 } },
    { remedy: { interval: 50_000, duration: 10 * duration } },
    { remedy: { bridges: 20 } },
  ])('and it matters less with $remedy', ({ remedy }) => {
    const large = { blockSize: 1000 }
    for (const name of ['forkRate', 'remoteLost']) {
      expect(mean(name, { ...large, ...remedy })).toBeLessThan(mean(name, large))
    }
  })
})

test('without a distance nobody is worse off: miners lose as much on both sides', () => {
  // The same number of miners with equal shares on both sides of a well connected network.
  const equal = { remoteNodes: 0.5, remoteHash: 0.5, miners: 4, remoteMiners: 4, bridges: 100, blockSize: 500 }
  const many = Array.from({ length: 12 }, (_, i) => finished(spec(i, { duration, ...equal })))
  expectNone(many.map((run) => measured(run, 'remoteLost') - measured(run, 'nearLost')))
})

test('the rate of forks is that of Decker and Wattenhofer for blocks that spread as these did', () => {
  // Forks are as rare as in the paper's network, or nearly: a fork changes how the blocks of its height spread.
  const interval = 30_000
  const runs = Array.from({ length: 40 }, (_, seed) =>
    finished(spec(seed, { size: 24, blockSize: 500, interval, duration: 120 * interval })),
  )
  expectNone(runs.map((run) => measured(run, 'forkRate') - measured(run, 'expected')))
  // The test could not fail if there were no forks.
  expect(runs.some((run) => measured(run, 'forkRate') > 0)).toBe(true)
})

test('where nobody is far away, all hash power is here', () => {
  const alone = finished(spec(1, { remoteNodes: 0 })).world.measures()
  expect(alone).toMatchObject({ remoteLost: null, remoteReward: 0 })
  expect(alone['forkRate']).not.toBeNull()
})

test('a miner that is down for a while does not stop the count', () => {
  const whole = finished(spec(3, { duration }))
  const miner = Array.from({ length: 40 }, (_, node) => node).find(
    (node) => (whole.world.inspect(node) as { hashPower: number }).hashPower > 0,
  )!
  const times = [100_000, 300_000] as const
  const run = finished(
    spec(3, { duration }, [act(times[0], 'crash', { node: miner }), act(times[1], 'restart', { node: miner })]),
  )
  const points = run.world.curves(1000).measured.points
  expect(points.some(([time]) => time > times[0] && time < times[1])).toBe(true)
  expect(points.some(([time]) => time > times[1])).toBe(true)
  expect(run.world.state(miner)).not.toBe('down')
})

test('a cut lets both sides mine on, and the heal throws the chain of one of them away', () => {
  for (const seed of seeds) {
    const actions = [act(60_000, 'cut', { share: 0.25 }), act(160_000, 'heal')]
    const depth = measured(finished(spec(seed, { duration: 300_000 }, actions)), 'depth')
    expect(depth).toBeGreaterThan(measured(finished(spec(seed, { duration: 300_000 })), 'depth'))
  }
})

test('a block that somebody is told to find is as large as they say', () => {
  const sizes: number[] = []
  const run = finished(spec(1, { duration: 1000, interval: 3_600_000 }, [act(10, 'mine', { node: 4, kilobytes: 3 })]))
  run.session.seek(0)
  run.session.simulation.observe({
    onSend: (_time, _from, _to, message: Message) => {
      if (isBlockMessage(message) && message.type === 'block') sizes.push(message.payload.length)
    },
  })
  run.finish()
  expect(new Set(sizes)).toEqual(new Set([3000]))
  expect(sizes.length).toBeGreaterThan(0)
})

test('what a node shows adds up: each block that was lost is one of some miner, and each tip ends its chain', () => {
  const run = finished(spec(2, { blockSize: 1000 }))
  const looks = Array.from({ length: 40 }, (_, node) => run.world.inspect(node)) as unknown as {
    hashPower: number
    tip: { id: string; height: number }
    chain: { id: string; height: number }[]
    mined: { fate: string }[]
  }[]
  expect(looks.flatMap(({ mined }) => mined).filter(({ fate }) => fate === 'lost').length).toBe(measured(run, 'lost'))
  expect(measured(run, 'lost')).toBeGreaterThan(0)
  expect(looks.reduce((sum, { hashPower }) => sum + hashPower, 0)).toBeCloseTo(1, 12)
  for (const { tip, chain } of looks) {
    expect(chain[0]).toMatchObject(tip)
    for (const [i, { height }] of chain.entries()) expect(height).toBe(tip.height - i)
  }
})

test('the same spec gives the same run, in a link and after going back', () => {
  for (const relay of ['block', 'compact-high-bandwidth']) {
    expectRepeatable(
      spec(7, { size: 20, relay, loss: 0.02, duration: 60_000 }, [
        act(5000, 'mine', { node: 3, kilobytes: 100 }),
        act(8000, 'crash', { node: 3 }),
        act(12_000, 'cut', { share: 0.25 }),
        act(15_000, 'inject', { from: 1, to: 2, message: { type: 'inv', ids: 'x' } }),
        act(30_000, 'restart', { node: 3 }),
        act(40_000, 'heal'),
      ]),
    )
  }
})
