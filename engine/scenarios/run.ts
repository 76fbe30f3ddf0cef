import { firstDifference, type Data } from '../core/data.ts'
import { describe } from '../core/errors.ts'
import type { Observer } from '../core/observer.ts'
import { checkSeed } from '../core/random.ts'
import { Session, type Recorded } from '../core/session.ts'
import type { StopReason } from '../core/simulation-options.ts'
import type { SubstituteProtocol } from '../core/substitute.ts'
import { maxMillis, type Millis } from '../core/time.ts'
import type { ActionInput, Scenario, World } from './define-scenario.ts'
import { checkParameters } from './parameters.ts'
import { findScenario } from './registry.ts'

/** Everything that decides a run. It is plain data and fits in a link. */
export interface RunSpec {
  /** A scenario's id. */
  readonly scenario: string
  readonly seed: number
  /** Those that differ from the defaults; the rest is filled in. */
  readonly parameters?: { readonly [name: string]: unknown }
  /** What people did, or a plan of what is to be done. In order of time. */
  readonly actions?: readonly Recorded<ActionInput>[]
  /** The lab whose file runs in the place of the scenario's own protocol. */
  readonly lab?: string | undefined
}

export interface RunOptions {
  /** The lab's protocol; needed when the spec names a lab. */
  readonly substitute?: SubstituteProtocol | undefined
  /** Makes what watches the run; called again whenever the run begins anew. */
  readonly observe?: () => readonly Observer[]
  /** Fold message contents into the fingerprint as well. */
  readonly foldPayloads?: boolean
}

/** A scenario with its parameters checked, running. */
export class Run {
  readonly scenario: Scenario
  readonly seed: number
  /** All parameters, defaults filled in. */
  readonly parameters: { readonly [name: string]: Data }
  readonly lab: string | undefined
  readonly session: Session<World, ActionInput>

  constructor(spec: RunSpec, { substitute, observe = () => [], foldPayloads = false }: RunOptions = {}) {
    this.scenario = findScenario(spec.scenario)
    this.seed = checkSeed(spec.seed)
    this.lab = spec.lab
    this.parameters = checkParameters(this.scenario.id, this.scenario.parameters, {
      ...(substitute === undefined ? {} : this.scenario.substituteParameters),
      ...spec.parameters,
    })
    if (spec.lab !== undefined && substitute === undefined) {
      throw new Error(`this run is of the lab ${spec.lab}: give the lab's protocol as well`)
    }
    const recorded = (spec.actions ?? []).map((entry) => ({ ...entry, input: this.#checked(entry.input) }))
    this.session = new Session({
      create: () => {
        const { parameters, seed, scenario } = this
        return scenario.create({ parameters, seed, substitute, observers: observe(), foldPayloads })
      },
      apply: (world, { action, with: values }) => world.perform(action, values),
      recorded,
    })
  }

  get world(): World {
    return this.session.world
  }

  /** Does an action now. Throws, with names and ranges, for one that the scenario does not have. */
  perform(action: string, values: { readonly [name: string]: unknown } = {}): void {
    this.session.perform(this.#checked({ action, with: values as ActionInput['with'] }))
  }

  /**
   * Runs until the scenario is over, nothing is left to do, or a bound is met.
   *
   * @param onSlice called between two slices of events, to show progress; slices change nothing else
   */
  finish({
    until = maxMillis,
    maxEvents = Infinity,
    slice = 20_000,
    onSlice,
  }: {
    readonly until?: Millis
    readonly maxEvents?: number
    readonly slice?: number
    readonly onSlice?: () => void
  } = {}): StopReason {
    const { session } = this
    const lastEvent = session.simulation.events + maxEvents
    const duration = this.parameters['duration']
    const end = typeof duration === 'number' ? Math.min(until, duration) : until
    for (;;) {
      const left = lastEvent - session.simulation.events
      const reason = session.run({ until: end, maxEvents: Math.min(slice, left), isOver: () => this.world.isOver() })
      if (reason === 'time' && end < until) return 'over'
      if (reason !== 'events' || left <= slice) return reason
      onSlice?.()
    }
  }

  /** What decides this run, with everything that was done so far. */
  get spec(): RunSpec {
    const defaults = checkParameters(this.scenario.id, this.scenario.parameters, {})
    const changed = Object.entries(this.parameters).filter(
      ([name, value]) => firstDifference(defaults[name], value) !== undefined,
    )
    const { seed, lab } = this
    return {
      scenario: this.scenario.id,
      seed,
      parameters: Object.fromEntries(changed),
      actions: this.session.recorded,
      ...(lab === undefined ? {} : { lab }),
    }
  }

  #checked({ action, with: values }: ActionInput): ActionInput {
    const { id, actions } = this.scenario
    const definition = Object.hasOwn(actions, action) ? actions[action] : undefined
    if (definition === undefined) {
      throw new RangeError(`${id} has no action "${action}"; it has ${Object.keys(actions).join(', ')}`)
    }
    const checked = checkParameters(`${id}: ${action}`, definition.parameters, values) as ActionInput['with']
    for (const [name, { type, ...rest }] of Object.entries(definition.parameters)) {
      // A node's range depends on the run's size, which the definition cannot know.
      const size = this.parameters['size'] as number
      const isNode = type === 'integer' && 'unit' in rest && rest.unit === 'node'
      if (isNode && (checked[name] as number) >= size) {
        throw new RangeError(
          `${action}: ${name} is ${describe(checked[name])}; it must be a node from 0 to ${size - 1}`,
        )
      }
    }
    return { action, with: checked }
  }
}
