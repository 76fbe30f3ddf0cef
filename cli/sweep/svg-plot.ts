import type { Measure, Scenario } from '@peerlab/engine'
import { formatNumber } from '../format.ts'
import { plotData, type Mark, type PlotData } from './series.ts'
import { plainNumber, shownAs } from './show-numbers.ts'
import type { Group } from './statistics.ts'
import { element, escape, line, text, ticks } from './svg.ts'
import type { Shape } from './table.ts'

/** Told apart by people who do not see all colours (Okabe and Ito); marks and dashes differ as well. */
const colours = ['#0072b2', '#d55e00', '#007a5a', '#b3478a', '#8a6d00', '#3b3b3b']
const dashes = [undefined, '8 4', '2 4', '10 4 2 4']

/** More lines than this cannot be told apart. */
export const maxSeries = colours.length * dashes.length

const [panelWidth, panelHeight] = [560, 300]
const margin = { left: 92, top: 62, bottom: 84 }
const legendLine = 22
/** About. */
const letterWidth = 8
const grey = '#555555'

/** What every panel needs to know. */
interface Panel {
  readonly measure: Measure
  readonly data: PlotData
  readonly top: number
  readonly toX: (x: number) => number
  readonly toY: (y: number) => number
  /** In the unit that is shown. */
  readonly yTicks: readonly number[]
}

/** One panel for each measure, as a file of its own: no script, no font, nothing from elsewhere. */
export function svgPlot(scenario: Scenario, shape: Shape, groups: readonly Group[], notes: string[]): string {
  const { measures } = shape
  const all = measures.map((measure) => ({ measure, data: plotData(shape, groups, measure)! }))
  const labels = all[0]!.data.series.map(({ label }) => label)
  const legend = labels.length < 2 ? [] : labels
  const height = margin.top + panelHeight + margin.bottom
  const width = margin.left + panelWidth + 30
  const isHollow = all.some(({ data }) => marksOf(data).some(isPartial))
  const foot = [
    'Mean and 95 % confidence interval (Student’s t).',
    ...(isHollow ? ['Hollow: some runs did not reach it, and are in no mean.'] : []),
    ...notes,
  ]
  const total = all.length * height + legend.length * legendLine + foot.length * 18 + 20
  const panels = all.map(({ measure, data }, i) => panel(scenario, makePanel(measure, data, i * height)))
  const below = all.length * height
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${total}" viewBox="0 0 ${width} ${total}" ` +
      `font-family="system-ui, sans-serif" font-size="14" fill="#222222" role="img">`,
    `<title>${escape(`${scenario.title}: ${measures.map(({ label }) => label).join(', ')}`)}</title>`,
    element('rect', { width, height: total, fill: '#ffffff' }),
    ...panels,
    ...legend.map((label, i) => legendEntry(label, i, below + i * legendLine)),
    ...foot.map((note, i) =>
      text(margin.left, below + legend.length * legendLine + 14 + i * 18, note, { 'font-size': 12, fill: grey }),
    ),
    '</svg>',
    '',
  ].join('\n')
}

function makePanel(measure: Measure, data: PlotData, top: number): Panel {
  const { factor } = shownAs(measure)
  const marks = marksOf(data)
  const xs = marks.map(({ x }) => x)
  const ys = marks.flatMap(({ low, high, mean }) => [low, high, mean].filter((y) => y !== null)).map((y) => y * factor)
  const [yMin, yMax] = yRange(ys)
  const yTicks = ticks(yMin, yMax, 6)
  const [xMin, xMax] = [Math.min(...xs), Math.max(...xs)]
  const toX = (x: number): number => margin.left + 24 + ((panelWidth - 48) * (x - xMin)) / (xMax - xMin || 1)
  const toY = (y: number): number =>
    top + margin.top + panelHeight - (panelHeight * (y * factor - yMin)) / (yMax - yMin || 1)
  return { measure, data, top, toX, toY, yTicks }
}

/** From 0 on, unless all values are close to each other and far from it. */
function yRange(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1]
  const [min, max] = [Math.min(...values), Math.max(...values)]
  if (min === max) return min === 0 ? [0, 1] : [Math.min(0, min), Math.max(0, max)]
  const isFar = max - min < 0.25 * Math.max(Math.abs(min), Math.abs(max))
  return isFar ? [min, max] : [Math.min(0, min), Math.max(0, max)]
}

function panel(scenario: Scenario, shown: Panel): string {
  const { measure, data, top } = shown
  const { unit } = shownAs(measure)
  const middle = margin.left + panelWidth / 2
  const bottom = top + margin.top + panelHeight
  const upwards = { transform: `translate(22 ${top + margin.top + panelHeight / 2}) rotate(-90)` }
  return [
    text(margin.left, top + 34, `${scenario.title}: ${measure.label}`, { 'font-size': 17, 'font-weight': 600 }),
    ...yAxis(shown),
    line([margin.left, bottom], [margin.left + panelWidth, bottom], { stroke: '#222222' }),
    ...xAxis(shown, bottom),
    text(middle, bottom + 66, axisTitle(scenario, data.across), { 'text-anchor': 'middle' }),
    element('g', upwards, text(0, 0, withUnit(measure.label, unit), { 'text-anchor': 'middle' })),
    ...data.series.map(({ marks }, i) => curve(shown, marks, i)),
  ].join('\n')
}

function yAxis({ yTicks, measure, toY }: Panel): string[] {
  const { factor } = shownAs(measure)
  return yTicks.flatMap((y) => {
    const at = toY(y / factor)
    return [
      line([margin.left, at], [margin.left + panelWidth, at], { stroke: '#dddddd' }),
      text(margin.left - 10, at + 5, plainNumber(y), { 'text-anchor': 'end' }),
    ]
  })
}

/** At the values themselves while there is room for them; long labels stand in two rows. */
function xAxis({ data, toX }: Panel, bottom: number): string[] {
  const marks = new Map(marksOf(data).map(({ x, label }) => [x, label]))
  const xs = [...marks.keys()].sort((a, b) => a - b)
  const fits = !data.isNumeric || xs.length <= 13
  const round = ticks(xs[0]!, xs.at(-1)!, 8)
  const places = fits ? xs.map((x) => [x, marks.get(x)!] as const) : round.map((x) => [x, formatNumber(x, 6)] as const)
  const letters = Math.max(...places.map(([, label]) => label.length))
  const isCrowded = letters * letterWidth > (panelWidth - 48) / (places.length - 1)
  return places.flatMap(([x, label], i) => {
    const down = isCrowded && i % 2 === 1 ? 18 : 0
    return [
      line([toX(x), bottom], [toX(x), bottom + 6 + down], { stroke: '#222222' }),
      text(toX(x), bottom + 23 + down, label, { 'text-anchor': 'middle' }),
    ]
  })
}

/** Between values that are no numbers there is nothing, so no line joins them. */
function curve({ data, toX, toY }: Panel, marks: readonly Mark[], number: number): string {
  const { colour, dash } = styleOf(number)
  const known = marks.filter(({ mean }) => mean !== null)
  const points = known.map(({ x, mean }) => `${toX(x).toFixed(2)},${toY(mean!).toFixed(2)}`).join(' ')
  const stroke = { stroke: colour, 'stroke-width': 2 }
  const path = { points, fill: 'none', ...stroke, 'stroke-dasharray': dash }
  return [
    ...(data.isNumeric && known.length > 1 ? [element('polyline', path)] : []),
    ...known.map((mark) => errorBar(toX(mark.x), mark, toY, colour)),
    ...known.map((mark) => symbol(toX(mark.x), toY(mark.mean!), number, isPartial(mark))),
  ].join('\n')
}

function errorBar(x: number, { low, high }: Mark, toY: (y: number) => number, colour: string): string {
  if (low === null || high === null) return ''
  const [from, to] = [toY(low), toY(high)]
  const path = `M${(x - 5).toFixed(2)} ${from.toFixed(2)}h10m-5 0V${to.toFixed(2)}m-5 0h10`
  return element('path', { d: path, fill: 'none', stroke: colour, 'stroke-width': 1.5 })
}

/** A circle, a square, a triangle or a diamond. */
function symbol(x: number, y: number, number: number, isHollow: boolean): string {
  const { colour } = styleOf(number)
  const paint = { fill: isHollow ? '#ffffff' : colour, stroke: colour, 'stroke-width': 2 }
  const at = `M${x.toFixed(2)} ${y.toFixed(2)}`
  const shapes = [`${at}m-5 -5h10v10h-10z`, `${at}m0 -6l6 11h-12z`, `${at}m0 -6l6 6l-6 6l-6 -6z`]
  const shape = number % 4
  if (shape === 0) return element('circle', { cx: x, cy: y, r: 4.5, ...paint })
  return element('path', { d: shapes[shape - 1], ...paint })
}

function legendEntry(label: string, number: number, top: number): string {
  const { colour, dash } = styleOf(number)
  const y = top + 8
  return [
    line([margin.left, y], [margin.left + 40, y], { stroke: colour, 'stroke-width': 2, 'stroke-dasharray': dash }),
    symbol(margin.left + 20, y, number, false),
    text(margin.left + 52, y + 5, label),
  ].join('\n')
}

function styleOf(number: number): { readonly colour: string; readonly dash: string | undefined } {
  return {
    colour: colours[number % colours.length]!,
    dash: dashes[Math.floor(number / colours.length) % dashes.length],
  }
}

function axisTitle({ parameters }: Scenario, name: string): string {
  const parameter = parameters[name]!
  const label = parameter.label === name ? name : `${name}: ${parameter.label}`
  return withUnit(label, 'unit' in parameter ? (parameter.unit ?? '') : '')
}

function withUnit(label: string, unit: string): string {
  return unit === '' || unit === label ? label : `${label} (${unit})`
}

function isPartial({ summary }: Mark): boolean {
  return summary.notReached > 0
}

function marksOf({ series }: PlotData): Mark[] {
  return series.flatMap(({ marks }) => marks)
}
