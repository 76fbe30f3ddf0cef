import { checkParameters, type Measure, type Scenario } from '@peerlab/engine'
import { existsSync, realpathSync } from 'node:fs'
import type { Context } from '../context.ts'
import { OutputFile } from '../export/output-file.ts'
import { WrongUse } from '../failure.ts'
import { formatCount, formatNumber } from '../format.ts'
import { didYouMean } from '../suggest.ts'
import { Collection } from './collection.ts'
import { toCsv } from './csv.ts'
import { plotData } from './series.ts'
import { gapsIn, groupBy, skippedSeeds, variedIn, type Gap, type Group } from './statistics.ts'
import { maxSeries, svgPlot } from './svg-plot.ts'
import { fitting, tableLines, type Shape } from './table.ts'
import { terminalPlot } from './terminal-plot.ts'

/** The options of `peerlab sweep merge`, as they were typed. */
export interface MergeRequest {
  readonly files: readonly string[]
  readonly by?: readonly string[]
  readonly measure?: readonly string[]
  readonly outCsv?: string
  readonly plot?: string
  readonly json?: boolean
}

type Varied = ReadonlyMap<string, readonly unknown[]>

/** What was found of the files as a whole. */
interface Findings {
  readonly collection: Collection
  readonly scenario: Scenario
  readonly varied: Varied
  readonly groups: readonly Group[]
  readonly gaps: readonly Gap[]
  readonly skipped: Pick<Gap, 'count' | 'seeds'>
  /** Combinations of values that no file has. */
  readonly missingPoints: number
}

/** `peerlab sweep merge`. */
export async function mergeSweeps(context: Context, request: MergeRequest): Promise<void> {
  const { files, json = false } = request
  const csv = outputFor(files, '--out-csv', request.outCsv, 'sweep.csv')
  const svg = outputFor(files, '--plot', request.plot, 'sweep.svg')
  const collection = new Collection()
  for (const file of files) await collection.read(file)
  const { scenario } = collection
  if (scenario === null) {
    throw new WrongUse(`There is no run in ${files.join(', ')}`, 'Wait until the sweep has written a line.')
  }
  const varied = variedIn(collection)
  const by = readBy(scenario, varied, request.by)
  const groups = groupBy(collection, by)
  const findings = { collection, scenario, varied, groups, ...lookForGaps(collection, varied) }
  const asked = readMeasures(scenario, request.measure)
  const usual = usualMeasures(scenario)
  const isOrdered = request.by !== undefined
  const measures = asked ?? fitting(context, { by, isOrdered, measures: usual }, groups)
  const shape = { by, isOrdered, measures }
  const drawing = svg === undefined ? undefined : draw(findings, shape)
  tellRemarks(context, findings, by)
  if (json) context.out.line(JSON.stringify(toJson(findings, by)))
  else print(context, findings, shape)
  csv?.write(toCsv(scenario, by, groups))
  if (drawing !== undefined) svg!.write(drawing)
}

/** An output that takes the place of an input would lose runs. */
function outputFor(
  inputs: readonly string[],
  option: string,
  path: string | undefined,
  example: string,
): OutputFile | undefined {
  if (path === undefined) return undefined
  const file = new OutputFile(path, undefined, { option, example })
  const real = (name: string): string => (existsSync(name) ? realpathSync(name) : name)
  if (existsSync(file.path) && inputs.some((input) => real(input) === real(file.path))) {
    throw new WrongUse(`${option} names a file that is to be read: ${path}`, 'Name another one.')
  }
  file.check()
  return file
}

function readBy(scenario: Scenario, varied: Varied, texts: readonly string[] | undefined): string[] {
  if (texts === undefined) return [...varied.keys()]
  return readNames(texts, '--by', 'parameter', scenario, Object.keys(scenario.parameters))
}

function readMeasures(scenario: Scenario, texts: readonly string[] | undefined): Measure[] | undefined {
  if (texts === undefined) return undefined
  const known = scenario.measures.map(({ name }) => name)
  const names = readNames(texts, '--measure', 'measure', scenario, known)
  return names.map((name) => scenario.measures.find((measure) => measure.name === name)!)
}

function readNames(
  texts: readonly string[],
  option: string,
  what: string,
  { id }: Scenario,
  known: readonly string[],
): string[] {
  const names = texts.flatMap((text) => text.split(',')).map((name) => name.trim())
  for (const [i, name] of names.entries()) {
    if (!known.includes(name)) {
      throw new WrongUse(`${id} has no ${what} "${name}".${didYouMean(name, known)}`, `It has ${known.join(', ')}.`)
    }
    if (names.indexOf(name) < i) throw new WrongUse(`${option} names ${name} twice.`, 'Leave one of the two out.')
  }
  return names
}

/** What a slide shows big, and then what it costs. */
function usualMeasures({ measures, presentation: { headline, costs } }: Scenario): Measure[] {
  return [headline, ...costs].flatMap((name) => measures.find((measure) => measure.name === name) ?? [])
}

function lookForGaps(collection: Collection, varied: Varied) {
  const combinations = [...varied.values()].reduce((product, values) => product * values.length, 1)
  const missingPoints = combinations - collection.points.size
  return { gaps: gapsIn(collection), skipped: skippedSeeds(collection), missingPoints }
}

function print(context: Context, { collection, scenario, groups }: Findings, shape: Shape): void {
  const { out } = context
  const runs = groups.reduce((sum, group) => sum + group.runs, 0)
  const points = collection.points.size === 1 ? '' : ` of ${formatNumber(collection.points.size)} points`
  out.line(`${out.bold(scenario.title)}, ${formatCount(runs, 'runs')}${points}, engine ${collection.version}`)
  out.line()
  for (const line of tableLines(context, shape, groups)) out.line(line)
  out.line()
  const isAnyNone = groups.some(({ measures }) => shape.measures.some(({ name }) => measures[name]!.notReached > 0))
  out.line(`${context.plain ? 'Plus or minus' : '±'}: 95 % confidence interval of the mean (Student's t).`)
  if (isAnyNone) out.line('None: runs in which it was not reached; they are in no mean.')
  const data = plotData(shape, groups, shape.measures[0]!)
  const plot = context.plain || data === undefined ? [] : terminalPlot(context, shape.measures[0]!, data)
  if (plot.length > 0) out.line()
  for (const line of plot) out.line(line)
}

function draw({ scenario, groups, collection, varied }: Findings, shape: Shape): string {
  const data = plotData(shape, groups, shape.measures[0]!)
  if (data === undefined) {
    throw new WrongUse('There is nothing to plot: all runs have the same parameters.', 'Leave --plot out.')
  }
  if (data.series.length > maxSeries) {
    throw new WrongUse(
      `These are ${formatNumber(data.series.length)} lines, and a plot has at most ${maxSeries}.`,
      'Name fewer parameters with --by.',
    )
  }
  const defaults = checkParameters(scenario.id, scenario.parameters, {})
  const [{ parameters }] = [...collection.points.values()] as unknown as [
    { parameters: { readonly [name: string]: unknown } },
  ]
  const fixed = Object.entries(parameters).filter(
    ([name, value]) => !varied.has(name) && JSON.stringify(value) !== JSON.stringify(defaults[name]),
  )
  const pooled = [...varied.keys()].filter((name) => !shape.by.includes(name))
  const notes = [
    ...(fixed.length === 0 ? [] : [`With ${fixed.map(([name, value]) => `${name}=${String(value)}`).join(', ')}.`]),
    ...(pooled.length === 0 ? [] : [`Over all values of ${pooled.join(', ')} together.`]),
  ]
  return svgPlot(scenario, shape, groups, notes)
}

function tellRemarks({ err }: Context, findings: Findings, by: readonly string[]): void {
  const { collection, groups, gaps, skipped, missingPoints, varied } = findings
  for (const path of collection.torn) {
    err.line(`${path} ends in the middle of a line, which does not count: is its sweep still at work, or was it ended?`)
  }
  if (collection.duplicates > 0) {
    err.line(`${formatCount(collection.duplicates, 'runs')} came more than once, and counted once.`)
  }
  const failed = groups.reduce((sum, group) => sum + group.failed, 0)
  if (failed > 0) err.line(`${formatCount(failed, 'runs')} failed, and are in no mean.`)
  const pooled = [...varied.keys()].filter((name) => !by.includes(name))
  if (pooled.length > 0) err.line(`All values of ${pooled.join(' and ')} are in one mean: name them with --by as well.`)
  tellGaps(err, gaps, varied)
  if (skipped.count > 0) {
    const seeds = `${skipped.seeds.join(', ')}${skipped.count > skipped.seeds.length ? ', …' : ''}`
    err.line(`No run has the ${formatCount(skipped.count, 'seeds')} ${seeds}: is a file missing?`)
  }
  if (missingPoints > 0) {
    err.line(`${formatCount(missingPoints, 'combinations')} of the values have no run at all: is a file missing?`)
  }
}

function tellGaps(err: Context['err'], gaps: readonly Gap[], varied: Varied): void {
  if (gaps.length === 0) return
  const missing = gaps.reduce((sum, { count }) => sum + count, 0)
  err.line(`${formatCount(missing, 'runs')} ${missing === 1 ? 'is' : 'are'} missing compared with other points:`)
  for (const { point, count, seeds } of gaps.slice(0, 5)) {
    const where = [...varied.keys()].map((name) => `${name}=${String(point.parameters[name])}`).join(' ')
    const listed = `${seeds.join(', ')}${count > seeds.length ? ', …' : ''}`
    err.line(`  ${where}: ${count === 1 ? 'seed' : `${formatNumber(count)} seeds,`} ${listed}`)
  }
  if (gaps.length > 5) err.line(`  … and at ${formatCount(gaps.length - 5, 'other points')}`)
  err.line('Is the file of a shard missing, or a sweep not over?')
}

function toJson({ collection, scenario, groups, gaps, skipped, missingPoints }: Findings, by: readonly string[]) {
  return {
    scenario: scenario.id,
    version: collection.version,
    runs: groups.reduce((sum, { runs }) => sum + runs, 0),
    failed: groups.reduce((sum, { failed }) => sum + failed, 0),
    duplicates: collection.duplicates,
    missing: {
      runs: gaps.reduce((sum, { count }) => sum + count, 0),
      seeds: skipped.count,
      points: missingPoints,
    },
    by,
    groups,
  }
}
