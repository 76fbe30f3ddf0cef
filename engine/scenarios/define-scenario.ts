import type { Data } from '../core/data.ts'
import type { Observer } from '../core/observer.ts'
import type { Simulation } from '../core/simulation.ts'
import type { SubstituteProtocol } from '../core/substitute.ts'
import type { Parameters, ValuesOf } from './parameters.ts'

/** The theme's colours for what a node can be. Idle is a grey ring, dead a grey cross. */
export type Tone = 'idle' | 'a' | 'b' | 'c' | 'd' | 'dead'

export interface State {
  readonly id: string
  readonly label: string
  readonly tone: Tone
}

export interface Measure {
  readonly name: string
  /** `ms`, `messages`, … A share has the unit `share`: 0 to 1. */
  readonly unit: string
  readonly label: string
}

/** How the packets of one message type are drawn, and what they are. */
export interface MessageKind {
  readonly type: string
  readonly label: string
  readonly tone: Tone
}

/** What a stage shows first. All of it can be changed on a slide. */
export interface Presentation {
  /** The measure that is the one big number; its chart stands under it. */
  readonly headline: string
  /** The two or three measures that are the price. */
  readonly costs: readonly string[]
  /** The two parameters that matter. */
  readonly controls: readonly string[]
  /** What a click on a node and a double click do: actions with a parameter `node`. */
  readonly click: string
  readonly doubleClick: string
  readonly messages: readonly MessageKind[]
  /** Reports that mark the packet which brought them about: a duplicate, an attack. */
  readonly marks: readonly { readonly report: string; readonly label: string; readonly tone: Tone }[]
}

/** Something that people can do to a run. */
export interface Action {
  readonly label: string
  readonly parameters: Parameters
}

/** An action with its arguments, as it is recorded. */
export interface ActionInput {
  readonly action: string
  readonly with: { readonly [name: string]: Data }
}

/** One curve of a chart. x is virtual time in ms. */
export interface Curve {
  readonly label: string
  readonly points: readonly (readonly [x: number, y: number])[]
}

/** What a scenario is created from. */
export interface Context<Values> {
  readonly parameters: Values
  readonly seed: number
  /** Runs in the place of the scenario's own protocol, which then must be the one that the lab implements. */
  readonly substitute?: SubstituteProtocol | undefined
  readonly observers: readonly Observer[]
  readonly foldPayloads: boolean
}

/** A run in progress: the simulation and what looks at it. */
export interface World {
  readonly simulation: Simulation
  /** Does an action now; its arguments were checked. */
  perform(action: string, values: { readonly [name: string]: unknown }): void
  /** The measures so far. Null where a value is not reached. */
  measures(): { readonly [name: string]: number | null }
  /** The id of the node's state. */
  state(node: number): string
  /** What the node shows when looked at. */
  inspect(node: number): Data
  /** The measured curve and the formula's, at most `points` points each. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null }
  /** Whether the run has come to its end though events are left. Asked before each event: be quick. */
  isOver(): boolean
}

export interface Scenario<P extends Parameters = Parameters> {
  /** Kebab-case, unique, and stable: links carry it. */
  readonly id: string
  readonly title: string
  /** One sentence: what it makes people see. */
  readonly summary: string
  readonly parameters: P
  /** What the parameters must be where a lab's protocol runs in the place of the scenario's own. */
  readonly substituteParameters?: { readonly [name: string]: Data }
  readonly actions: { readonly [name: string]: Action }
  readonly states: readonly State[]
  readonly measures: readonly Measure[]
  readonly presentation: Presentation
  create(context: Context<ValuesOf<P>>): World
}

/** Types a scenario's parameters from their definitions. */
export function defineScenario<const P extends Parameters>(scenario: Scenario<P>): Scenario<P> {
  return scenario
}
