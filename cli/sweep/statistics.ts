import type { Parameter, Scenario } from '@peerlab/engine'
import type { Collection, MeasureSums, Point } from './collection.ts'
import { ExactSums } from './exact-sums.ts'
import { t95 } from './student-t.ts'

/** What is known of one measure in one group of runs. A number is null where there are too few runs for it. */
export interface MeasureSummary {
  /** Runs that have a value. */
  readonly n: number
  /** Runs in which it was null. */
  readonly notReached: number
  readonly mean: number | null
  /** Of the sample. Null for n = 1. */
  readonly standardDeviation: number | null
  /** Half of the 95 % confidence interval of the mean: t · s / √n, Student's t with n - 1 degrees. Null for n = 1. */
  readonly halfWidth: number | null
  readonly min: number | null
  readonly max: number | null
}

/** Runs that are looked at together. */
export interface Group {
  /** The values that they have in common, of the parameters that are told apart. */
  readonly values: { readonly [name: string]: unknown }
  readonly runs: number
  readonly failed: number
  readonly measures: { readonly [name: string]: MeasureSummary }
}

/** Runs that other points have and this one has not. */
export interface Gap {
  readonly point: Point
  readonly count: number
  /** The first few of their seeds. */
  readonly seeds: readonly number[]
}

/** Parameters that have more than one value in the files, in the scenario's order, with these values in order. */
export function variedIn({ scenario, points }: Collection): ReadonlyMap<string, readonly unknown[]> {
  const varied = new Map<string, readonly unknown[]>()
  for (const [name, parameter] of Object.entries(scenario?.parameters ?? {})) {
    const values = new Map<string, unknown>()
    for (const point of points.values()) values.set(JSON.stringify(point.parameters[name]), point.parameters[name])
    if (values.size > 1)
      varied.set(
        name,
        [...values.values()].sort((a, b) => compareValues(parameter, a, b)),
      )
  }
  return varied
}

/** Groups by these parameters, in the order of their values. */
export function groupBy(collection: Collection, by: readonly string[]): Group[] {
  const scenario = collection.scenario!
  const groups = Map.groupBy(collection.points.values(), ({ parameters }) =>
    JSON.stringify(by.map((name) => parameters[name])),
  )
  const first = ([point]: Point[]): Point['parameters'] => point!.parameters
  return [...groups.values()]
    .sort((a, b) => comparePoints(scenario, by, first(a), first(b)))
    .map((points) => ({
      values: Object.fromEntries(by.map((name) => [name, first(points)[name]])),
      runs: points.reduce((sum, { runs }) => sum + runs.size, 0),
      failed: points.reduce((sum, { failed }) => sum + failed, 0),
      measures: Object.fromEntries(
        scenario.measures.map(({ name }) => [name, summarize(points.map(({ measures }) => measures.get(name)!))]),
      ),
    }))
}

/** Of a long list these are named. */
const namedSeeds = 5

/** Points that lack seeds which another point has, in the order of their values. */
export function gapsIn(collection: Collection): Gap[] {
  const seeds = seedsOf(collection)
  const by = [...variedIn(collection).keys()]
  return [...collection.points.values()]
    .filter(({ runs }) => runs.size < seeds.length)
    .sort((a, b) => comparePoints(collection.scenario!, by, a.parameters, b.parameters))
    .map((point) => {
      const named: number[] = []
      for (const seed of seeds) {
        if (named.length === namedSeeds) break
        if (!point.runs.has(seed)) named.push(seed)
      }
      return { point, count: seeds.length - point.runs.size, seeds: named }
    })
}

/**
 * Seeds between the smallest and the largest that no point has: how many, and the first few. Whoever gave a list with
 * large steps wants to hear nothing of what lies between, so none count where they are more than those that are there.
 */
export function skippedSeeds(collection: Collection): Pick<Gap, 'count' | 'seeds'> {
  const sorted = seedsOf(collection)
  const count = sorted.length === 0 ? 0 : sorted.at(-1)! - sorted[0]! + 1 - sorted.length
  const seeds: number[] = []
  if (count > sorted.length) return { count: 0, seeds }
  for (let i = 1; i < sorted.length && seeds.length < namedSeeds; i++) {
    for (let seed = sorted[i - 1]! + 1; seed < sorted[i]! && seeds.length < namedSeeds; seed++) seeds.push(seed)
  }
  return { count, seeds }
}

function seedsOf({ points }: Collection): number[] {
  const seeds = new Set<number>()
  for (const { runs } of points.values()) for (const seed of runs.keys()) seeds.add(seed)
  return [...seeds].sort((a, b) => a - b)
}

export function summarize(found: readonly MeasureSums[]): MeasureSummary {
  const all = new ExactSums()
  for (const { sums } of found) all.addAll(sums)
  const notReached = found.reduce((sum, each) => sum + each.notReached, 0)
  const { count: n, mean, variance, min, max } = all
  const deviation = n < 2 ? null : Math.sqrt(variance)
  return {
    n,
    notReached,
    mean: n === 0 ? null : mean,
    standardDeviation: deviation,
    halfWidth: deviation === null ? null : (t95(n - 1) * deviation) / Math.sqrt(n),
    min: n === 0 ? null : min,
    max: n === 0 ? null : max,
  }
}

function comparePoints(
  { parameters }: Scenario,
  by: readonly string[],
  a: Point['parameters'],
  b: Point['parameters'],
): number {
  for (const name of by) {
    const order = compareValues(parameters[name]!, a[name], b[name])
    if (order !== 0) return order
  }
  return 0
}

function compareValues(parameter: Parameter, a: unknown, b: unknown): number {
  if (parameter.type === 'choice') return parameter.options.indexOf(String(a)) - parameter.options.indexOf(String(b))
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [first, second] = [JSON.stringify(a), JSON.stringify(b)]
  return first < second ? -1 : first > second ? 1 : 0
}
