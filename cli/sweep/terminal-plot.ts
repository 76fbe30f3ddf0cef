import type { Curve, Measure } from '@peerlab/engine'
import type { Context } from '../context.ts'
import { chartWidth, dots, labelWidth, line, overlay, plotRows, type Scale } from '../run/chart.ts'
import { plainNumber, shownAs } from './show-numbers.ts'
import type { Mark, PlotData, Series } from './series.ts'

/** More charts than this push the table off the screen. */
const maxCharts = 3

/** Means as a line between two dotted ones, the ends of their intervals. Nothing where there is no line to draw. */
export function terminalPlot(context: Context, measure: Measure, data: PlotData): string[] {
  const drawable = data.isNumeric ? data.series.filter(({ marks }) => known(marks).length > 1) : []
  const all = drawable.flatMap(({ marks }) => known(marks))
  if (all.length === 0) return []
  const scale = scaleOf(measure, all)
  const shown = drawable.slice(0, maxCharts)
  const lines = shown.flatMap((series) => [...chart(context, measure, data.across, series, scale), ''])
  const left = drawable.length - shown.length
  return left === 0 ? lines.slice(0, -1) : [...lines, `${left} more: --plot FILE.svg draws all of them.`]
}

function chart({ out }: Context, measure: Measure, across: string, { label, marks }: Series, scale: Scale): string[] {
  const points = known(marks)
  const [first, last] = [points[0]!, points.at(-1)!]
  const width = Math.max(20, Math.min(chartWidth, out.columns - labelWidth - 4))
  const xs = Array.from({ length: width }, (_, i) => first.x + ((last.x - first.x) * i) / (width - 1))
  const rows = (y: (mark: Mark) => number, symbols: readonly string[]): string[] => {
    const curve: Curve = { label: '', points: points.map((mark) => [mark.x, y(mark)] as const) }
    return plotRows(curve, xs, symbols, scale)
  }
  const mean = rows((mark) => mark.mean!, line)
  const low = rows((mark) => mark.low ?? mark.mean!, dots)
  const high = rows((mark) => mark.high ?? mark.mean!, dots)
  const front = ' '.repeat(labelWidth + 2)
  const pictured = mean.map((row, i) => {
    const behind = front + overlay(low[i]!, high[i]!, (text) => text)
    return out.dim(row.slice(0, labelWidth + 2)) + overlay(row, behind, out.cyan)
  })
  const { unit } = shownAs(measure)
  const title = `${measure.label}${unit === '' ? '' : ` (${unit})`}${label === '' ? '' : `, ${label}`}`
  return [
    out.bold(title),
    ...pictured,
    out.dim(front + first.label + `${across} ${last.label}`.padStart(width - first.label.length)),
    `${front}${out.cyan('──')} mean   ·· 95 % confidence interval`,
  ]
}

function known(marks: readonly Mark[]): Mark[] {
  return marks.filter(({ mean }) => mean !== null)
}

function scaleOf(measure: Measure, marks: readonly Mark[]): Scale {
  const { factor } = shownAs(measure)
  const min = Math.min(...marks.map(({ low, mean }) => low ?? mean!))
  const max = Math.max(...marks.map(({ high, mean }) => high ?? mean!))
  // A level line needs some height as well.
  const room = min === max ? Math.max(Math.abs(max), 1) / 2 : 0
  return { min: min - room, max: max + room, format: (value) => plainNumber(value * factor) }
}
