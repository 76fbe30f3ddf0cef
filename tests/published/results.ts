import { appendFileSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, expect, type RunnerTask } from 'vitest'
import { differences, inFigures, readTable, readmeFile, type Row } from './table.ts'

/** With PEERLAB_PUBLISHED=full every row has as many seeds as its reference asks for; otherwise a sample of them. */
export const isFull = process.env['PEERLAB_PUBLISHED'] === 'full'

/** How many seeds a row runs: in full, and sampled. */
export function seeds(full: number, sampled: number): number[] {
  return Array.from({ length: isFull ? full : sampled }, (_, seed) => seed)
}

/** What was published, and where. */
export interface Reference {
  /** What is measured, with its parameters and unit. The same in every run, and unique in its file. */
  readonly quantity: string
  /** Short: the file's opening comment has the whole title. */
  readonly source: string
}

export interface PublishedNumber extends Reference {
  readonly published: number
  /** Half of the width of what is accepted. */
  readonly tolerance: number
}

export interface PublishedProbability extends Reference {
  readonly published: number
  /** How many seeds the values come from, where each has several. Default: as many as there are values. */
  readonly seeds?: number
}

const rows: Row[] = []
/** Rows that only the full run has, as they take too long for a sample. */
const inFullOnly: string[] = []

// eslint-disable-next-line no-empty-pattern -- Vitest takes nothing else for a context that is not used
afterAll(({}, { file }) => {
  console.log(rows.map(inWords).join('\n'))
  const name = path.basename(file.filepath)
  const recordTo = process.env['PEERLAB_PUBLISHED_ROWS']
  if (!hasPassed(file)) return // failed, or only some tests were asked for
  if (recordTo !== undefined) appendFileSync(recordTo, `${JSON.stringify({ file: name, isFull, rows })}\n`)
  if (isFull) return
  const inTable = readTable(readFileSync(readmeFile, 'utf8')).filter((row) => row.file === name)
  const found = differences(rows, inTable, inFullOnly)
  if (found.length === 0) return
  const advice = 'Run npm run test:published, then npm run published:table.'
  throw new Error(`the table in engine/README.md is not what ${name} holds:\n${found.join('\n')}\n${advice}`)
})

/**
 * Holds the mean of the values against a published number. A sample may be off by its own error as well: 3 standard
 * errors are added to the tolerance, unless this is the full run.
 */
export function expectPublished(reference: PublishedNumber, values: readonly number[]): void {
  const { published, tolerance } = reference
  const accepted = tolerance + (isFull ? 0 : 3 * standardError(values))
  const row = note(reference, values, `± ${inFigures(tolerance)}`)
  expect(Math.abs(mean(values) - published), inWords(row)).toBeLessThanOrEqual(accepted)
}

/** Holds a share of yes (1) and no (0) against a published probability: within 3 standard errors of that probability. */
export function expectProbability(reference: PublishedProbability, values: readonly (0 | 1)[]): void {
  const { published } = reference
  const row = note(reference, values, '± 3 SE')
  const accepted = 3 * Math.sqrt((published * (1 - published)) / values.length)
  expect(Math.abs(mean(values) - published), inWords(row)).toBeLessThanOrEqual(accepted)
}

/** Holds the largest of the values under a bound: for distances from a published curve. */
export function expectAtMost(reference: Reference & { readonly bound: number }, values: readonly number[]): void {
  const largest = Math.max(...values)
  const { bound } = reference
  const row = note({ ...reference, published: 0 }, values, `at most ${inFigures(bound)}`, largest)
  expect(largest, inWords(row)).toBeLessThanOrEqual(bound)
}

/** Holds constants, counts and yes or no against those that are published: all must be the same. */
export function expectExact(
  { quantity, source }: Reference,
  measured: object,
  published: { readonly [name: string]: unknown },
): void {
  const inText = (values: object): string =>
    Object.keys(published)
      .map((name) => `${name} ${String((values as typeof published)[name])}`)
      .join(', ')
  const isSame = inText(measured) === inText(published)
  const words = isSame ? 'the same' : inText(measured)
  rows.push({ quantity, source, published: inText(published), measured: words, tolerance: 'exact', seeds: '–' })
  expect(measured, quantity).toMatchObject(published)
}

/** Tells the check of the table that these rows are missing in a sample, and rightly so. */
export function onlyInFull(...quantities: readonly string[]): void {
  inFullOnly.push(...quantities)
}

function note(
  reference: Reference & { readonly published: number; readonly seeds?: number },
  values: readonly number[],
  tolerance: string,
  measured = mean(values),
): Row {
  const { quantity, source, published, seeds = values.length } = reference
  const numbers = { published: inFigures(published), measured: inFigures(measured) }
  const row = { quantity, source, ...numbers, tolerance, seeds: String(seeds) }
  rows.push(row)
  return row
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** 0 for a single value: there is nothing to estimate it from, and what needs one seed only is not random. */
export function standardError(values: readonly number[]): number {
  if (values.length === 1) return 0
  const middle = mean(values)
  const variance = values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1)
  return Math.sqrt(variance / values.length)
}

function hasPassed(task: RunnerTask): boolean {
  return task.type === 'suite' ? task.tasks.every(hasPassed) : task.result?.state === 'pass'
}

function inWords({ quantity, source, published, measured, tolerance, seeds }: Row): string {
  return `${quantity} (${source}): published ${published}, measured ${measured}, ${tolerance}, ${seeds} seeds`
}
