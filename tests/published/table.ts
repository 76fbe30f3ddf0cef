/** The table of published results in engine/README.md: between two comments, made of what the tests measured. */
import path from 'node:path'

export const readmeFile = path.join(import.meta.dirname, '..', '..', 'engine', 'README.md')

/** All as it stands in the table. */
export interface Row {
  readonly quantity: string
  readonly source: string
  readonly published: string
  readonly measured: string
  readonly tolerance: string
  readonly seeds: string
}

/** A row, and the test that holds it. */
export interface TableRow extends Row {
  /** In tests/published. */
  readonly file: string
}

const begin = '<!-- published results: npm run published:table -->'
const end = '<!-- end of published results -->'
const tests = '../tests/published/'
const header = ['quantity', 'source and test', 'published', 'measured', 'tolerance', 'seeds']

/** The text with its table replaced. */
export function writeTable(text: string, rows: readonly TableRow[]): string {
  const { from, to } = place(text)
  const lines = rows.map(({ quantity, source, file, published, measured, tolerance, seeds }) =>
    line([quantity, `[${source}](${tests}${file})`, published, measured, tolerance, seeds]),
  )
  return [text.slice(0, from), line(header), line(header.map(() => '---')), ...lines, text.slice(to)].join('\n')
}

export function readTable(text: string): TableRow[] {
  const { from, to } = place(text)
  const [, , ...lines] = text.slice(from, to).trim().split('\n')
  return lines.map((each) => {
    const cells = each.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll('\\|', '|'))
    const [, quantity = '', link = '', published = '', measured = '', tolerance = '', seeds = ''] = cells
    const [, source = '', file = ''] = /^\[(.*)\]\((.*)\)$/.exec(link) ?? []
    return { quantity, source, file: file.slice(tests.length), published, measured, tolerance, seeds }
  })
}

/** Where the table is not what the tests hold; what was measured and the number of seeds do not count. */
export function differences(held: readonly Row[], inTable: readonly Row[], mayBeMissing: readonly string[]): string[] {
  const key = ({ quantity, source, published, tolerance }: Row): string =>
    [quantity, source, published, tolerance].join(' | ')
  const [ours, theirs] = [held.map(key), inTable.map(key)]
  return [
    ...ours.filter((each) => !theirs.includes(each)).map((each) => `missing in the table: ${each}`),
    ...inTable
      .filter((row) => !ours.includes(key(row)) && !mayBeMissing.includes(row.quantity))
      .map((row) => `held by no test: ${key(row)}`),
  ]
}

/** Four figures, as they count; all of those that part a probability from 1. */
export function inFigures(value: number): string {
  const gap = 1 - value
  if (gap > 0 && gap < 1e-4) return `1 − ${gap.toPrecision(3)}`
  return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)))
}

const line = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`

function place(text: string): { readonly from: number; readonly to: number } {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`engine/README.md needs the lines ${begin} and ${end}, for the table`)
  return { from: from + begin.length, to }
}
