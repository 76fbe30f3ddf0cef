import type { Scenario } from '@peerlab/engine'
import type { Group } from './statistics.ts'

/**
 * One row for each group and measure, as RFC 4180 has it. What a number lacks is empty. Spreadsheets take a text that
 * begins with one of = + - @ for a formula, and run it: such a text gets an apostrophe in front.
 */
export function toCsv(scenario: Scenario, by: readonly string[], groups: readonly Group[]): string {
  const header = [
    ...by,
    'measure',
    'unit',
    'runs',
    'failed',
    'n',
    'not_reached',
    'mean',
    'standard_deviation',
    'half_width_95',
    'low_95',
    'high_95',
    'min',
    'max',
  ]
  const rows = groups.flatMap(({ values, runs, failed, measures }) =>
    scenario.measures.map(({ name, unit }) => {
      const { n, notReached, mean, standardDeviation, halfWidth, min, max } = measures[name]!
      const [low, high] = mean === null || halfWidth === null ? [null, null] : [mean - halfWidth, mean + halfWidth]
      const counts = [runs, failed, n, notReached]
      return [
        ...by.map((each) => values[each]),
        name,
        unit,
        ...counts,
        mean,
        standardDeviation,
        halfWidth,
        low,
        high,
        min,
        max,
      ]
    }),
  )
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const safe = /^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
