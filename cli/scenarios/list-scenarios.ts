import { allowed, formatParameter, scenarios, type Parameter, type Parameters, type Scenario } from '@peerlab/engine'
import type { Context } from '../context.ts'
import { columns, formatNumber } from '../format.ts'
import { scenarioNamed } from './find-scenario.ts'

export interface ListRequest {
  readonly id: string | undefined
  readonly json: boolean
}

/** `peerlab scenarios`: all of them in short, or one with everything that can be set and measured. */
export function listScenarios(context: Context, { id, json }: ListRequest): void {
  const chosen = id === undefined ? scenarios : [scenarioNamed(id)]
  if (json) context.out.line(JSON.stringify(chosen.map(describeScenario), null, 2))
  else if (id === undefined) printList(context)
  else for (const scenario of chosen) printOne(context, scenario)
}

/** What does not apply is null, so that every entry has the same keys. */
export function describeScenario({ id, title, parameters, measures }: Scenario) {
  return {
    id,
    title,
    parameters: Object.entries(parameters).map(([name, parameter]) => ({
      name,
      type: parameter.type,
      unit: unitOf(parameter) ?? null,
      min: 'min' in parameter ? parameter.min : null,
      max: 'max' in parameter ? parameter.max : null,
      options: 'options' in parameter ? parameter.options : null,
      default: parameter.default,
      label: parameter.label,
    })),
    measures: measures.map(({ name, unit, label }) => ({ name, unit, label })),
  }
}

function printList({ out }: Context): void {
  for (const { id, title, summary } of scenarios) {
    out.line(`${out.bold(id)}: ${title}`)
    out.line(`  ${summary}`)
  }
  const example = scenarios.at(-1)!.id
  out.line()
  out.line(`See what can be set and measured with: npx peerlab scenarios ${example}`)
  out.line(`Run one with: npx peerlab run ${example} --seed 7`)
}

function printOne(context: Context, { id, title, summary, parameters, measures }: Scenario): void {
  const { out, plain } = context
  out.line(`${out.bold(id)}: ${title}`)
  out.line(plain ? summary : `  ${summary}`)
  out.line()
  out.line(out.bold('Parameters, with their defaults (change one with --set name=value):'))
  for (const line of plain ? spokenParameters(parameters) : parameterTable(context, parameters)) out.line(line)
  out.line()
  out.line(out.bold('Measures:'))
  const lines = plain
    ? measures.map(({ name, unit, label }) => `${name}: ${label}; unit ${unit}.`)
    : columns(measures.map(({ name, unit, label }) => [name, label, unit]))
  for (const line of lines) out.line(line)
  out.line()
  out.line(`Run it with: npx peerlab run ${id} --seed 7`)
}

/** Choices have a line of their own: beside the rest they would not fit into a terminal. */
function parameterTable({ out }: Context, parameters: Parameters): string[] {
  const entries = Object.entries(parameters)
  const rows = columns(
    entries.map(([name, parameter]) => [
      name,
      formatParameter(parameter, parameter.default),
      isChoice(parameter) ? '' : rangeOf(parameter),
      parameter.label,
    ]),
  )
  return entries.flatMap(([, parameter], i) => {
    const choices = isChoice(parameter) ? [out.dim(`      ${allowed(parameter)}`)] : []
    return [rows[i]!, ...choices]
  })
}

/** A screen reader does not read columns. */
function spokenParameters(parameters: Parameters): string[] {
  return Object.entries(parameters).map(([name, parameter]) => {
    const standard = formatParameter(parameter, parameter.default)
    return `${name}: ${parameter.label}; ${allowedWithUnit(parameter)}; default ${standard}.`
  })
}

function isChoice({ type }: Parameter): boolean {
  return type === 'choice'
}

function rangeOf(parameter: Parameter): string {
  if (!('min' in parameter)) return allowed(parameter)
  return `${formatNumber(parameter.min)} to ${formatNumber(parameter.max)} ${parameter.unit ?? ''}`.trimEnd()
}

/** `a whole number from 1 to 64 (nodes)` */
export function allowedWithUnit(parameter: Parameter): string {
  const unit = unitOf(parameter)
  return unit === undefined ? allowed(parameter) : `${allowed(parameter)} (${unit})`
}

function unitOf(parameter: Parameter): string | undefined {
  return 'unit' in parameter ? parameter.unit : undefined
}
