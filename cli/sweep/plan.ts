import { checkParameters, findScenario, type Scenario } from '@peerlab/engine'
import { maxRuns, tooManyRuns, type Axis, type AxisValue } from './ranges.ts'
import { Seeds, type SeedRange } from './seeds.ts'

/** Everything that decides a sweep, as plain data: workers are given it. */
export interface SweepSpec {
  /** A scenario's id. */
  readonly scenario: string
  readonly axes: readonly Axis[]
  readonly seeds: readonly SeedRange[]
  /** A run that is not over after so many events counts as endless. */
  readonly maxEvents: number
}

/** What names one run of a sweep: in a file, and in a complaint. */
export interface RunName {
  readonly scenario: string
  readonly seed: number
  /** In a file all of them, defaults filled in; in a plan those that are set. */
  readonly parameters: { readonly [name: string]: unknown }
}

/** All runs of a sweep, by number: each combination of values is a point, and each point is run with each seed. */
export class Plan {
  readonly spec: SweepSpec
  readonly scenario: Scenario
  readonly seeds: Seeds
  /** The values of all parameters of the scenario that are not set. */
  readonly defaults: { readonly [name: string]: unknown }
  /** How many combinations of values there are. */
  readonly points: number
  /** How many runs there are. */
  readonly runs: number
  /** By the parameter's name: the place of each value, which is looked up as JSON. */
  readonly #places: ReadonlyMap<string, ReadonlyMap<string, number>>

  /** Throws for a sweep that is larger than any can be. */
  constructor(spec: SweepSpec) {
    this.spec = spec
    this.scenario = findScenario(spec.scenario)
    this.seeds = new Seeds(spec.seeds)
    this.points = spec.axes.reduce((product, { values }) => product * values.length, 1)
    this.runs = this.points * this.seeds.count
    if (this.runs > maxRuns) throw tooManyRuns(this.runs)
    this.#places = new Map(
      spec.axes.map(({ name, values }) => [
        name,
        new Map(values.map((value, place) => [JSON.stringify(value), place])),
      ]),
    )
    this.defaults = checkParameters(this.scenario.id, this.scenario.parameters, {})
  }

  /** The axes that have more than one value. */
  get varied(): readonly Axis[] {
    return this.spec.axes.filter(({ values }) => values.length > 1)
  }

  /**
   * The numbers of all runs, in the order in which they are begun: all points with the first seed, all points with the
   * second one, and so on. So a sweep that is not over says something of every point, and the time left is known soon.
   */
  *order(): Generator<number> {
    for (let seed = 0; seed < this.seeds.count; seed++) {
      for (let point = 0; point < this.points; point++) yield point * this.seeds.count + seed
    }
  }

  /** The run with this number, from 0 to `runs - 1`. */
  run(number: number): RunName {
    const { count } = this.seeds
    return {
      scenario: this.spec.scenario,
      seed: this.seeds.at(number % count),
      parameters: this.point(Math.floor(number / count)),
    }
  }

  /** The values of a point, from 0 to `points - 1`; the last axis changes fastest. */
  point(number: number): { readonly [name: string]: AxisValue } {
    let left = number
    const values: [string, AxisValue][] = this.spec.axes.toReversed().map((axis) => {
      const place = left % axis.values.length
      left = (left - place) / axis.values.length
      return [axis.name, axis.values[place]!]
    })
    return Object.fromEntries(values.toReversed())
  }

  /** The number of a run, or in which way it is none of this sweep: the end of a sentence about it. */
  find({ scenario, seed, parameters }: RunName): number | string {
    if (scenario !== this.spec.scenario) return `is of the scenario ${scenario}`
    let point = 0
    for (const { name, values } of this.spec.axes) {
      const place = this.#places.get(name)!.get(JSON.stringify(parameters[name]))
      if (place === undefined) return `has ${name}=${inWords(parameters[name])}`
      point = point * values.length + place
    }
    for (const [name, standard] of Object.entries(this.defaults)) {
      if (this.#places.has(name) || JSON.stringify(parameters[name]) === JSON.stringify(standard)) continue
      return `has ${name}=${inWords(parameters[name])}`
    }
    const place = this.seeds.indexOf(seed)
    return place < 0 ? `has the seed ${seed}` : point * this.seeds.count + place
  }
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing')
}
