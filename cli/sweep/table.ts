import type { Measure } from '@peerlab/engine'
import type { Context } from '../context.ts'
import { formatCount, formatNumber } from '../format.ts'
import { meanAndHalf, shownAs } from './show-numbers.ts'
import type { Group } from './statistics.ts'

/** What is to be shown of the groups. */
export interface Shape {
  /** The parameters that tell the groups apart. */
  readonly by: readonly string[]
  /** Whether somebody has put them in this order. */
  readonly isOrdered: boolean
  readonly measures: readonly Measure[]
}

/** Cells of one column, the two of its header included; a number stands on the right. */
interface Column {
  readonly cells: readonly string[]
  readonly isNumber: boolean
}

/** Means with their intervals: as tables that are no wider than the terminal, or with --plain in sentences. */
export function tableLines(context: Context, shape: Shape, groups: readonly Group[]): string[] {
  return context.plain ? inSentences(shape, groups) : asTables(context, shape, groups)
}

/** As many of the first measures as one table can hold; at least one. */
export function fitting(context: Context, { by, measures }: Shape, groups: readonly Group[]): Measure[] {
  if (context.plain) return [...measures]
  const front = widthOf(frontColumns(by, groups))
  const chosen: Measure[] = []
  let width = front
  for (const measure of measures) {
    width += widthOf(measureColumns(measure, groups))
    if (chosen.length > 0 && width > context.out.columns) break
    chosen.push(measure)
  }
  return chosen
}

function asTables(context: Context, shape: Shape, groups: readonly Group[]): string[] {
  const lines: string[] = []
  for (let left = shape.measures; left.length > 0;) {
    const part = fitting(context, { ...shape, measures: left }, groups)
    const columns = [...frontColumns(shape.by, groups), ...part.flatMap((measure) => measureColumns(measure, groups))]
    if (lines.length > 0) lines.push('')
    lines.push(...rowsOf(columns).map((row, i) => (i < 2 ? context.out.bold(row) : row)))
    left = left.slice(part.length)
  }
  return lines.filter((row, i) => row !== '' || i > 0)
}

function frontColumns(by: readonly string[], groups: readonly Group[]): Column[] {
  const parameters = by.map((name) => {
    const isNumber = groups.every(({ values }) => typeof values[name] === 'number')
    return { cells: ['', name, ...groups.map(({ values }) => inWords(values[name]))], isNumber }
  })
  const runs = { cells: ['', 'runs', ...groups.map(({ runs }) => formatNumber(runs))], isNumber: true }
  const failed = { cells: ['', 'failed', ...groups.map(({ failed }) => formatNumber(failed))], isNumber: true }
  return [...parameters, runs, ...(groups.some((group) => group.failed > 0) ? [failed] : [])]
}

function measureColumns(measure: Measure, groups: readonly Group[]): Column[] {
  const { name } = measure
  const shown = shownAs({ ...measure, label: name })
  const summaries = groups.map(({ measures }) => measures[name]!)
  const parts = summaries.map((summary) => meanAndHalf(summary, shown))
  const [left, right] = [0, 1].map((side) => Math.max(...parts.map((part) => part[side]?.length ?? 0))) as [
    number,
    number,
  ]
  const values = parts.map(([mean, half]) =>
    right === 0 ? mean : mean.padStart(left) + (half === null ? '' : ` ± ${half}`).padEnd(right + 3),
  )
  const columns = [{ cells: [name, shown.unit, ...values], isNumber: true }]
  if (summaries.every(({ notReached }) => notReached === 0)) return columns
  return [
    ...columns,
    { cells: ['', 'none', ...summaries.map((each) => formatNumber(each.notReached))], isNumber: true },
  ]
}

function rowsOf(columns: readonly Column[]): string[] {
  const padded = columns.map(({ cells, isNumber }) => {
    const width = Math.max(...cells.map((cell) => cell.length))
    return cells.map((cell) => (isNumber ? cell.padStart(width) : cell.padEnd(width)))
  })
  return padded[0]!.map((_, row) =>
    padded
      .map((cells) => cells[row])
      .join('  ')
      .trimEnd(),
  )
}

function widthOf(columns: readonly Column[]): number {
  return columns.reduce((sum, { cells }) => sum + Math.max(...cells.map((cell) => cell.length)) + 2, 0)
}

function inSentences({ by, measures }: Shape, groups: readonly Group[]): string[] {
  return groups.flatMap((group) => {
    const where = by.map((name) => `${name} ${inWords(group.values[name])}`).join(', ')
    const failed = group.failed === 0 ? '' : `, ${formatNumber(group.failed)} of them failed`
    return [
      `${where === '' ? 'All' : `With ${where}`}: ${formatCount(group.runs, 'runs')}${failed}.`,
      ...measures.map((measure) => `  ${sentence(measure, group)}`),
    ]
  })
}

function sentence(measure: Measure, { measures }: Group): string {
  const summary = measures[measure.name]!
  const shown = shownAs({ ...measure, label: measure.name })
  const [mean, half] = meanAndHalf(summary, shown)
  const unit = shown.unit === '' ? '' : ` ${shown.unit}`
  const interval = half === null ? '' : `, plus or minus ${half}${unit}`
  const none = summary.notReached === 0 ? '' : `; none in ${formatCount(summary.notReached, 'runs')}`
  const value =
    summary.mean === null ? 'no value' : `mean ${mean}${unit}${interval}, of ${formatCount(summary.n, 'runs')}`
  return `${measure.name}: ${value}${none}.`
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'not set')
}
