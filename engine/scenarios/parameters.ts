import type { Data } from '../core/data.ts'
import { describe } from '../core/errors.ts'

interface Described {
  /** A few words, for a control and for help. */
  readonly label: string
}

/** A whole or a real number in a closed range. */
export interface NumberParameter extends Described {
  readonly type: 'integer' | 'number'
  readonly min: number
  readonly max: number
  readonly default: number
  /** `ms`, `nodes`, … Shares have none: they are 0 to 1. */
  readonly unit?: string
}

export interface ChoiceParameter extends Described {
  readonly type: 'choice'
  readonly options: readonly string[]
  readonly default: string
}

export interface SwitchParameter extends Described {
  readonly type: 'boolean'
  readonly default: boolean
}

/** Any plain value: for actions that carry a message. */
export interface DataParameter extends Described {
  readonly type: 'data'
  readonly default: Data
}

/** One definition serves the slide's control, `--set`, the playground, links and the documentation. */
export type Parameter = NumberParameter | ChoiceParameter | SwitchParameter | DataParameter

export type Parameters = { readonly [name: string]: Parameter }

/** The values that belong to definitions. */
export type ValuesOf<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends NumberParameter
    ? number
    : P[K] extends { readonly options: readonly (infer O)[] }
      ? O
      : P[K] extends SwitchParameter
        ? boolean
        : Data
}

/** A parameter was given that the scenario, or the action, does not have. Knows those that there are. */
export class UnknownParameter extends RangeError {
  override readonly name = 'UnknownParameter'
  readonly parameter: string
  readonly known: readonly string[]

  constructor(parameter: string, known: readonly string[], owner: string) {
    super(`${owner} has no parameter "${parameter}"; it has ${known.length === 0 ? 'none' : known.join(', ')}`)
    this.parameter = parameter
    this.known = known
  }
}

/** Fills in defaults and checks what is given. Throws with the name, the value and what is allowed. */
export function checkParameters<P extends Parameters>(
  owner: string,
  parameters: P,
  given: { readonly [name: string]: unknown },
): ValuesOf<P> {
  const names = Object.keys(parameters)
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(parameters, name)) throw new UnknownParameter(name, names, owner)
  }
  const values = names.map((name) => [
    name,
    given[name] === undefined ? parameters[name]!.default : checked(name, parameters[name]!, given[name]),
  ])
  return Object.fromEntries(values) as ValuesOf<P>
}

/** Reads a value as people type it: `60`, `0.05`, `ring`, `true`, JSON for data. Throws like {@link checkParameters}. */
export function parseParameter(name: string, parameter: Parameter, text: string): unknown {
  switch (parameter.type) {
    case 'integer':
    case 'number':
      // Number('') is 0: an empty value is a slip, not a zero. What is no number is shown as it was typed.
      return checked(name, parameter, text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text))
    case 'boolean':
      return checked(name, parameter, text === 'true' ? true : text === 'false' ? false : text)
    case 'choice':
      return checked(name, parameter, text)
    case 'data':
      try {
        return JSON.parse(text) as Data
      } catch {
        throw new RangeError(`${name} is ${describe(text)}; it must be JSON`)
      }
  }
}

/** The way back from {@link parseParameter}. */
export function formatParameter(parameter: Parameter, value: unknown): string {
  return parameter.type === 'data' ? JSON.stringify(value) : String(value)
}

/** What is allowed, in words. */
export function allowed(parameter: Parameter): string {
  switch (parameter.type) {
    case 'integer':
      return `a whole number from ${parameter.min} to ${parameter.max}`
    case 'number':
      return `a number from ${parameter.min} to ${parameter.max}`
    case 'boolean':
      return 'true or false'
    case 'choice':
      return `one of ${parameter.options.join(', ')}`
    case 'data':
      return 'plain data'
  }
}

function checked(name: string, parameter: Parameter, value: unknown): unknown {
  if (isAllowed(parameter, value)) return value
  throw new RangeError(`${name} is ${describe(value)}; it must be ${allowed(parameter)}`)
}

function isAllowed(parameter: Parameter, value: unknown): boolean {
  switch (parameter.type) {
    case 'integer':
      return Number.isInteger(value) && isWithin(parameter, value as number)
    case 'number':
      return typeof value === 'number' && isWithin(parameter, value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'choice':
      return parameter.options.includes(value as string)
    case 'data':
      return value !== undefined
  }
}

function isWithin({ min, max }: NumberParameter, value: number): boolean {
  return value >= min && value <= max
}
