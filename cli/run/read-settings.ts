import { allowed, formatParameter, parseParameter, type Parameter, type Scenario } from '@peerlab/engine'
import { WrongUse } from '../failure.ts'
import { allowedWithUnit } from '../scenarios/list-scenarios.ts'
import { didYouMean } from '../suggest.ts'

export type Settings = { readonly [name: string]: unknown }

/** Reads all `--set name=value`. */
export function readSettings(scenario: Scenario, texts: readonly string[]): Settings {
  return Object.fromEntries(readAssignments(scenario, texts, readValue))
}

/** What stands behind the name of a parameter in `--set`, read. */
type ReadValue<T> = (name: string, parameter: Parameter, raw: string) => T

/** Names and values, in order. A name that comes twice is refused: one of the two would be lost in silence. */
export function readAssignments<T>(
  scenario: Scenario,
  texts: readonly string[],
  read: ReadValue<T>,
): (readonly [name: string, value: T])[] {
  const given = new Map<string, string>()
  return texts.map((text) => {
    const [name, value] = readAssignment(scenario, text, read)
    const before = given.get(name)
    if (before !== undefined) {
      throw new WrongUse(`${name} is set twice: --set ${before} and --set ${text}.`, 'Keep the one that you mean.')
    }
    given.set(name, text)
    return [name, value]
  })
}

function readAssignment<T>(scenario: Scenario, text: string, read: ReadValue<T>): readonly [name: string, value: T] {
  const [name = '', raw] = text.split(/=(.*)/s).map((part) => part.trim())
  if (name === '') throw new WrongUse(`--set ${text} has no name. Write --set name=value.`, seeParameters(scenario))
  const parameter = Object.hasOwn(scenario.parameters, name) ? scenario.parameters[name]! : undefined
  if (parameter === undefined) throw unknownParameter(scenario, name, raw !== undefined)
  if (raw === undefined || raw === '') {
    const example = `--set ${name}=${formatParameter(parameter, parameter.default)}`
    throw new WrongUse(
      `--set ${text} has no value. Write for example: ${example}`,
      `${name} is ${allowedWithUnit(parameter)}.`,
    )
  }
  return [name, read(name, parameter, raw)]
}

/** Reads one value; throws, with what is allowed, for one that the parameter cannot have. */
export function readValue(name: string, parameter: Parameter, raw: string): unknown {
  try {
    return parseParameter(name, parameter, raw)
  } catch (cause) {
    const guess = parameter.type === 'choice' ? didYouMean(raw, parameter.options) : ''
    const what = parameter.type === 'choice' ? allowed(parameter) : allowedWithUnit(parameter)
    throw new WrongUse(
      `${name} cannot be "${raw}".${guess}`,
      `It must be ${what}. The default is ${formatParameter(parameter, parameter.default)}.`,
      cause,
    )
  }
}

function unknownParameter(scenario: Scenario, name: string, hasValue: boolean): WrongUse {
  const names = Object.keys(scenario.parameters)
  // Somebody may have written name:value or "name value".
  const guess = didYouMean(name, names) || didYouMean(name.split(/[:\s]/)[0]!, names)
  const form = hasValue ? '' : ' Write --set name=value.'
  return new WrongUse(`${scenario.id} has no parameter "${name}".${guess}${form}`, seeParameters(scenario))
}

function seeParameters({ id }: Scenario): string {
  return `See its parameters with: npx peerlab scenarios ${id}`
}
