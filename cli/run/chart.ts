import type { Curve } from '@peerlab/engine'
import { plot } from 'asciichart'
import type { Context } from '../context.ts'
import { formatMillis, formatNumber, formatShare } from '../format.ts'

export interface Curves {
  readonly measured: Curve
  readonly formula: Curve | null
}

/** How finely the curves must be known: the chart may show only the beginning of a long run. */
export const curvePoints = 2000
export const chartWidth = 60
const chartHeight = 8
/** Columns of the labels in front of the axis. */
export const labelWidth = 7
/** In words, a curve is read at this many moments. */
const spokenMoments = 5

/** What a curve is drawn with. */
export const line = ['┼', '┤', '╶', '╴', '─', '╰', '╭', '╮', '╯', '│']
export const dots = line.map(() => '·')

/** The axis that goes up. */
export interface Scale {
  readonly min: number
  readonly max: number
  readonly format: (value: number) => string
}

const shares: Scale = { min: 0, max: 1, format: formatShare }

/** Shares, as most curves are; or from 0 up to the largest value, or from the smallest if there is less than nothing. */
function scaleOf(measured: Curve, behind: Curve | null): Scale {
  const values = [measured, ...(behind === null ? [] : [behind])].flatMap(({ points }) => points.map(([, y]) => y))
  const min = Math.min(0, ...values)
  const max = Math.max(1, ...values)
  return min === 0 && max === 1 ? shares : { min, max, format: formatNumber }
}

/** The measured curve, drawn, over the formula's, dotted; with --plain both in words. Nothing if nothing happened. */
export function chartLines(context: Context, { measured, formula }: Curves): string[] {
  if (formula === null) return linesOf(context, measured, null)
  const { label } = formula
  return linesOf(context, measured, { ...formula, drawnName: `formula: ${label}`, spokenName: `formula (${label})` })
}

/** The same with a curve behind the measured one that is no formula. */
export function comparedLines(context: Context, measured: Curve, other: Curve): string[] {
  const { label, points } = other
  return linesOf(context, measured, points.length === 0 ? null : { ...other, drawnName: label, spokenName: label })
}

/** The curve behind the measured one. */
interface Background extends Curve {
  readonly drawnName: string
  readonly spokenName: string
}

function linesOf(context: Context, measured: Curve, behind: Background | null): string[] {
  const [first, last] = [measured.points[0], measured.points.at(-1)]
  if (first === undefined || first[0] === last![0]) return [] // nothing happened, or all at once
  return context.plain ? inWords(measured, behind) : drawn(context, measured, behind)
}

function drawn({ out }: Context, measured: Curve, behind: Background | null): string[] {
  const width = Math.max(20, Math.min(chartWidth, out.columns - labelWidth - 4))
  const moments = momentsOf(measured, behind, width)
  const scale = scaleOf(measured, behind)
  const rows = plotRows(measured, moments, line, scale)
  const below = behind === null ? [] : plotRows(behind, moments, dots, scale)
  const pictured = rows.map((row, y) => out.dim(row.slice(0, labelWidth + 2)) + overlay(row, below[y] ?? '', out.cyan))
  const [start, end] = [formatMillis(moments[0]!), formatMillis(moments.at(-1)!)]
  const legend = [`${out.cyan('──')} ${measured.label}`, ...(behind === null ? [] : [`·· ${behind.drawnName}`])]
  return [
    ...pictured,
    out.dim(' '.repeat(labelWidth + 2) + start + end.padStart(width - start.length)),
    ' '.repeat(labelWidth + 2) + legend.join('   '),
  ]
}

/** A curve at these places, as rows of text with the axis in front; every fourth row has a label. */
export function plotRows(
  curve: Curve,
  xs: readonly number[],
  symbols: readonly string[],
  { min, max, format: label }: Scale = shares,
): string[] {
  const format = (value: number, row: number): string => (row % 4 === 0 ? label(value) : '').padStart(labelWidth)
  const values = xs.map((x) => valueAt(curve, x))
  return plot(values, { min, max, height: chartHeight, offset: 3, format, symbols }).split('\n')
}

/** The drawn curve where there is one, what is behind it elsewhere. The axis in front is left out. */
export function overlay(row: string, below: string, paint: (text: string) => string): string {
  const [front, back] = [row.slice(labelWidth + 2), below.slice(labelWidth + 2)]
  const behind = (at: number, length: number): string => back.slice(at, at + length).padEnd(length)
  return front
    .padEnd(back.length)
    .replace(/[^ ]+| +/g, (part, at: number) => (part.startsWith(' ') ? behind(at, part.length) : paint(part)))
    .trimEnd()
}

function inWords(measured: Curve, behind: Background | null): string[] {
  const moments = momentsOf(measured, behind, spokenMoments + 1).slice(1)
  const { format } = scaleOf(measured, behind)
  return moments.map((x) => {
    const theory = behind === null ? '' : `; ${behind.spokenName} ${format(valueAt(behind, x))}`
    return `At ${formatMillis(x)}: ${measured.label} ${format(valueAt(measured, x))}${theory}.`
  })
}

/**
 * Equal distances from the first point of both curves to where both are as good as level: the last few nodes may take
 * longer than all others together, and the change is what people look at. Of a curve without change, all is shown.
 */
function momentsOf(measured: Curve, behind: Curve | null, count: number): number[] {
  const curves = behind === null ? [measured] : [measured, behind]
  const start = Math.min(...curves.map(({ points }) => points[0]![0]))
  const last = Math.max(...curves.map(({ points }) => points.at(-1)![0]))
  const end = Math.min(last, start + 1.5 * (Math.max(...curves.map(levelFrom)) - start))
  return Array.from({ length: count }, (_, i) => start + ((end - start) * i) / (count - 1))
}

function levelFrom({ points }: Curve): number {
  const values = points.map(([, y]) => y)
  const range = Math.max(...values) - Math.min(...values)
  const final = values.at(-1)!
  const lastFar = values.findLastIndex((y) => Math.abs(y - final) > range / 20)
  return points[lastFar < 0 ? points.length - 1 : Math.min(lastFar + 1, points.length - 1)]![0]
}

/** Straight between two points, level before the first and after the last. */
function valueAt({ points }: Curve, x: number): number {
  const after = points.findIndex(([px]) => px >= x)
  if (after < 0) return points.at(-1)![1]
  const [x1, y1] = points[after]!
  const [x0, y0] = points[Math.max(0, after - 1)]!
  return x1 === x0 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0)
}
