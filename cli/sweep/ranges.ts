import type { Parameter, Scenario } from '@peerlab/engine'
import { WrongUse } from '../failure.ts'
import { formatNumber } from '../format.ts'
import { readAssignments, readValue } from '../run/read-settings.ts'
import { decimalRange, isWhole, parseDecimal, valuesOf } from './decimals.ts'

/** A parameter and the values that it takes, in the order in which they were typed. One value: it is fixed. */
export interface Axis {
  readonly name: string
  readonly values: readonly AxisValue[]
}

export type AxisValue = number | string | boolean | null | object

/** More runs than this are a slip: at 1000 a second they take three hours, and their file has 5 GB. */
export const maxRuns = 10_000_000

/**
 * Reads all `--set`: `fanout=3` is fixed, `fanout=1..10` takes each whole number, `loss=0..0.5:0.1` goes in steps,
 * `topology=ring,star` is a list, and a list may hold ranges. Throws where a value is not one of the parameter.
 */
export function readAxes(scenario: Scenario, texts: readonly string[]): Axis[] {
  return readAssignments(scenario, texts, (name, parameter, raw) => readValues(name, parameter, raw)).map(
    ([name, values]) => ({ name, values }),
  )
}

function readValues(name: string, parameter: Parameter, raw: string): readonly AxisValue[] {
  if (parameter.type === 'data') return [readValue(name, parameter, raw) as AxisValue]
  const isNumber = parameter.type === 'integer' || parameter.type === 'number'
  const values = raw.split(',').flatMap((item) => {
    const text = item.trim()
    if (text === '') {
      throw new WrongUse(`--set ${name}=${raw} has an empty place between its commas.`, forms(name))
    }
    return isNumber && text.includes('..')
      ? readRange(name, parameter, text)
      : [readValue(name, parameter, text) as AxisValue]
  })
  const seen = new Set<AxisValue>()
  for (const value of values) {
    if (seen.has(value)) {
      throw new WrongUse(`--set ${name}=${raw} has ${formatValue(value)} twice.`, 'Leave one of the two out.')
    }
    seen.add(value)
  }
  return values
}

function readRange(name: string, parameter: Parameter, text: string): number[] {
  const [, from = '', to = '', by] = /^(.+?)\.\.(.+?)(?::(.*))?$/.exec(text) ?? []
  const [first, last, given] = [from, to, by ?? '1'].map(parseDecimal)
  if (first === undefined || last === undefined || given === undefined) {
    throw new WrongUse(`${name} cannot be "${text}": that is no range.`, forms(name))
  }
  for (const end of [from, to]) readValue(name, parameter, end)
  if (by === undefined && !(isWhole(first) && isWhole(last))) {
    throw new WrongUse(`The range ${name}=${text} needs a step.`, `Write for example: --set ${name}=${text}:0.1`)
  }
  const range = decimalRange(first, last, given)
  if (range === null) throw wrongWay(name, text, { from, to, by })
  if (range.count > maxRuns) throw tooManyRuns(range.count)
  const values = valuesOf(range)
  for (const value of values) readValue(name, parameter, String(value))
  return values
}

interface WrittenRange {
  readonly from: string
  readonly to: string
  readonly by: string | undefined
}

function wrongWay(name: string, text: string, { from, to, by }: WrittenRange): WrongUse {
  if (Number(from) <= Number(to)) return new WrongUse(`${name}=${text} has the step ${by}.`, 'A step must be over 0.')
  const upwards = `${to}..${from}${by === undefined ? '' : `:${by.replace(/^-/, '')}`}`
  return new WrongUse(`${name}=${text} goes downwards.`, `Write the smaller number first: --set ${name}=${upwards}`)
}

/** As people type it. */
export function formatValue(value: AxisValue): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

export function tooManyRuns(count: number): WrongUse {
  return new WrongUse(
    `These are ${formatNumber(count)} runs, and a sweep has at most ${formatNumber(maxRuns)}.`,
    'Give fewer values or fewer seeds: a step makes a range coarser, for example 1..1000:50',
  )
}

function forms(name: string): string {
  return `Write for example ${name}=1..10 or ${name}=0..1:0.1 or ${name}=1,2,5`
}
