/** What a sweep consists of: values, seeds, points and shards. */
import { findScenario, Run } from '@peerlab/engine'
import { describe, expect, it } from 'vitest'
import { Plan, type SweepSpec } from '../../cli/sweep/plan.ts'
import { readAxes } from '../../cli/sweep/ranges.ts'
import { readSweep, type SweepRequest } from '../../cli/sweep/read-sweep.ts'
import { readSeeds } from '../../cli/sweep/seeds.ts'
import { isInShard, readShard, shardOf, sizeOfShard } from '../../cli/batch/shard.ts'
import { cases, fc } from '../support/fast-check.ts'

const gossip = findScenario('gossip')
const valuesOf = (text: string): readonly unknown[] => readAxes(gossip, [text])[0]!.values

describe('the values of --set', () => {
  it.each<readonly [text: string, values: readonly unknown[]]>([
    ['fanout=3', [3]],
    ['fanout=1..4', [1, 2, 3, 4]],
    ['fanout=4..4', [4]],
    ['fanout=1..10:4', [1, 5, 9]],
    ['fanout=1..10:5', [1, 6]],
    ['fanout=1..3,8,10..20:5', [1, 2, 3, 8, 10, 15, 20]],
    ['loss=0..0.5:0.1', [0, 0.1, 0.2, 0.3, 0.4, 0.5]],
    ['loss=0.05..0.2:0.05', [0.05, 0.1, 0.15, 0.2]],
    ['loss=0..1', [0, 1]],
    ['size=1e2..3e2:1e2', [100, 200, 300]],
    ['latency=5, 0.5 ,50', [5, 0.5, 50]],
    ['topology=ring,star', ['ring', 'star']],
  ])('%s', (text, values) => expect(valuesOf(text)).toEqual(values))

  it('of a range in steps are the numbers that one would type, to the last bit', () => {
    const places = 6
    const written = (millionths: number): string =>
      `${Math.floor(millionths / 1e6)}.${String(millionths % 1e6).padStart(places, '0')}`
    const millionths = fc.integer({ min: 1, max: 999_999 })
    fc.assert(
      fc.property(millionths, fc.integer({ min: 1, max: 1000 }), fc.nat(50), (from, step, count) => {
        const last = Math.min(from + step * count, 1_000_000)
        const values = valuesOf(`loss=${written(from)}..${written(last)}:${written(step)}`)
        const typed: number[] = []
        for (let at = from; at <= last; at += step) typed.push(Number(written(at)))
        expect(values).toEqual(typed)
      }),
      cases(300),
    )
  })

  it.each([
    ['fanuot=1..3', 'Did you mean "fanout"?'],
    ['fanout=0..3', 'fanout cannot be "0"'],
    ['fanout=1..65', 'fanout cannot be "65"'],
    ['fanout=1..3:0.5', 'fanout cannot be "1.5"'],
    ['fanout=3..1', 'goes downwards'],
    ['fanout=1..3:0', 'has the step 0'],
    ['fanout=1..3:-1', 'has the step -1'],
    ['fanout=1..x', 'that is no range'],
    ['fanout=1..3:', 'that is no range'],
    ['fanout=1-3', 'fanout cannot be "1-3"'],
    ['fanout=1,,3', 'empty place'],
    ['fanout=1..3,2', 'has 2 twice'],
    ['loss=0.1..0.5', 'needs a step'],
    ['loss=0..1:1e-9', 'at most 10,000,000'],
    ['topology=ring,strar', 'Did you mean "star"?'],
    ['topology=ring,ring', 'has ring twice'],
    ['fanout', '--set fanout has no value'],
  ])('%s is refused', (text, why) => {
    let message = ''
    try {
      readAxes(gossip, [text])
    } catch (error) {
      const { message: what, wayOut } = error as { message: string; wayOut: string }
      message = `${what} ${wayOut}`
    }
    expect(message).toContain(why)
  })

  it('are refused for a parameter that is given twice', () => {
    expect(() => readAxes(gossip, ['fanout=1..3', 'fanout=5'])).toThrow('fanout is set twice')
  })
})

describe('seeds', () => {
  it.each([
    ['7', '7'],
    ['1..200', '1..200'],
    ['9,1,5', '1,5,9'],
    ['1..3,4..5', '1..5'],
    ['10..12,1..3,7', '1..3,7,10..12'],
    [`${Number.MAX_SAFE_INTEGER}`, `${Number.MAX_SAFE_INTEGER}`],
  ])('%s', (text, all) => expect(readSeeds(text).toString()).toBe(all))

  it.each(['', '1..', '-1', '1.5', '1..2..3', '1,,2', 'x', '9007199254740992', '5..1', '1..5,3', '4,4', '0..10000000'])(
    '%j are refused',
    (text) => expect(() => readSeeds(text)).toThrow(/--seeds|runs/),
  )

  it('are asked for when there are none', () => expect(() => readSeeds(undefined)).toThrow('needs seeds'))

  it('are found at their places, and nothing else is', () => {
    const some = fc.uniqueArray(fc.nat(60), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(some, (list) => {
        const seeds = readSeeds(list.join(','))
        const sorted = list.toSorted((a, b) => a - b)
        expect(seeds.count).toBe(list.length)
        expect(sorted.map((_, place) => seeds.at(place))).toEqual(sorted)
        for (let seed = 0; seed <= 61; seed++) expect(seeds.indexOf(seed)).toBe(sorted.indexOf(seed))
      }),
      cases(200),
    )
  })
})

/** Small sweeps of all forms. */
const anySpec: fc.Arbitrary<SweepSpec> = fc.record({
  scenario: fc.constant('gossip'),
  axes: fc
    .tuple(
      fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { maxLength: 4 }),
      fc.uniqueArray(fc.integer({ min: 0, max: 10 }), { maxLength: 4 }),
      fc.uniqueArray(fc.constantFrom('ring', 'star', 'grid'), { maxLength: 3 }),
    )
    .map(([fanout, tenths, topology]) =>
      [
        { name: 'fanout', values: fanout },
        { name: 'loss', values: tenths.map((tenth) => tenth / 10) },
        { name: 'topology', values: topology },
      ].filter(({ values }) => values.length > 0),
    ),
  seeds: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 12 }).map((seeds) => readSeeds(seeds.join(',')).ranges),
  maxEvents: fc.constant(1e6),
})

describe('a plan', () => {
  it('holds each combination of values with each seed once', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const plan = new Plan(spec)
        const runs = Array.from({ length: plan.runs }, (_, number) => plan.run(number))
        const combinations = spec.axes.reduce((product, { values }) => product * values.length, 1)
        expect(runs).toHaveLength(combinations * plan.seeds.count)
        expect(new Set(runs.map((run) => JSON.stringify(run))).size).toBe(runs.length)
        for (const { parameters } of runs) {
          for (const { name, values } of spec.axes) expect(values).toContain(parameters![name])
        }
      }),
      cases(100),
    )
  })

  it('begins each run once', () => {
    fc.assert(
      fc.property(anySpec, (spec) => {
        const plan = new Plan(spec)
        const order = [...plan.order()]
        expect(order.toSorted((a, b) => a - b)).toEqual(order.map((_, number) => number))
        expect(order).toHaveLength(plan.runs)
      }),
      cases(100),
    )
  })

  it('finds the number of a run by what its line says', () => {
    fc.assert(
      fc.property(anySpec, fc.nat(), (spec, any) => {
        const plan = new Plan(spec)
        const number = any % plan.runs
        const { scenario, seed, parameters } = plan.run(number)
        const line = { scenario, seed, parameters: { ...plan.defaults, ...parameters } }
        expect(plan.find(JSON.parse(JSON.stringify(line)))).toBe(number)
      }),
      cases(200),
    )
  })

  it('names what makes a run one of another sweep', () => {
    const plan = new Plan({
      scenario: 'gossip',
      axes: [{ name: 'fanout', values: [1, 2] }],
      seeds: [{ first: 1, last: 5 }],
      maxEvents: 1e6,
    })
    const { parameters } = new Run({ scenario: 'gossip', seed: 1, parameters: { fanout: 2 } })
    const run = { scenario: 'gossip', seed: 5, parameters }
    expect(plan.find(run)).toBe(9)
    expect(plan.find({ ...run, scenario: 'hello' })).toBe('is of the scenario hello')
    expect(plan.find({ ...run, seed: 6 })).toBe('has the seed 6')
    expect(plan.find({ ...run, parameters: { ...parameters, fanout: 3 } })).toBe('has fanout=3')
    expect(plan.find({ ...run, parameters: { ...parameters, loss: 0.5 } })).toBe('has loss=0.5')
    expect(plan.find({ ...run, parameters: {} })).toBe('has fanout=nothing')
  })

  it('is refused where it has more than ten million runs', () => {
    const values = Array.from({ length: 64 }, (_, i) => i + 1)
    const spec = { scenario: 'gossip', axes: [{ name: 'fanout', values }], maxEvents: 1 }
    expect(() => new Plan({ ...spec, seeds: [{ first: 1, last: 156_250 }] })).not.toThrow()
    expect(() => new Plan({ ...spec, seeds: [{ first: 1, last: 156_251 }] })).toThrow('10,000,064 runs')
  })
})

describe('shards', () => {
  it('are disjoint, make up the whole, and differ by one run at most', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 60 }), (runs, count) => {
        const sizes = new Array<number>(count).fill(0)
        for (let run = 0; run < runs; run++) {
          const mine = sizes.map((_, i) => isInShard({ number: i + 1, count }, run))
          expect(mine.filter(Boolean)).toHaveLength(1)
          sizes[mine.indexOf(true)]!++
        }
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
        expect(sizes.map((_, i) => sizeOfShard({ number: i + 1, count }, runs))).toEqual(sizes)
      }),
      cases(100),
    )
  })

  it('do not have the same seeds at every point, so that a missing one is seen', () => {
    for (const [seeds, count] of [
      [200, 5],
      [50, 2],
      [199, 5],
      [64, 8],
    ] as const) {
      const missingAt = (point: number): string =>
        Array.from({ length: seeds }, (_, seed) => shardOf(point * seeds + seed, count)).join()
      expect(new Set([0, 1, 2, 3].map(missingAt)).size).toBe(4)
    }
  })

  it.each(['0/5', '6/5', '1/0', '2', '1/x', '-1/5', '1.5/2', '', '2 of 5'])('%j is none', (text) => {
    expect(() => readShard(text)).toThrow(`--shard cannot be "${text}"`)
  })
})

describe('what is asked for', () => {
  const good: SweepRequest = { scenario: 'gossip', excess: [], seeds: '1..4', set: ['fanout=1..3'], out: 'a.jsonl' }

  it('is taken with as many jobs as the machine has, and whole', () => {
    const { plan, runs, jobs, shard } = readSweep(good)
    expect({ runs, shard }).toEqual({ runs: 12, shard: { number: 1, count: 1 } })
    expect(jobs).toBeGreaterThan(0)
    expect(plan.spec).toEqual({
      scenario: 'gossip',
      axes: [{ name: 'fanout', values: [1, 2, 3] }],
      seeds: [{ first: 1, last: 4 }],
      maxEvents: 1e9,
    })
  })

  it.each<readonly [request: Partial<SweepRequest>, why: string]>([
    [{ scenario: undefined }, 'Name the scenario'],
    [{ scenario: 'gosip' }, 'Did you mean "gossip"?'],
    [{ scenario: 'peerlab:gossip?seed=7' }, 'a sweep makes many'],
    [{ excess: ['fanout=2'] }, 'one word too many'],
    [{ seeds: '1..x' }, '--seeds cannot be "1..x"'],
    [{ set: ['fanout=1..3', 'fanout=4'] }, 'fanout is set twice'],
    [{ seeds: '1..4000000' }, '12,000,000 runs'],
    [{ set: ['size=4,20', 'degree=3,9'] }, 'gossip cannot run with size=4 degree=9: '],
    [{ shard: '3/2' }, '--shard cannot be "3/2"'],
    [{ jobs: '0' }, '--jobs cannot be "0"'],
    [{ maxEvents: '-1' }, '--max-events cannot be "-1"'],
    [{ out: '' }, 'needs a file'],
  ])('%j is refused', (request, why) => {
    expect(() => readSweep({ ...good, ...request })).toThrow(why)
  })
})
