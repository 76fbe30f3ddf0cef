import { CsvError, parse } from 'csv-parse/sync'
import { readFileSync } from 'node:fs'
import { WrongUse } from '../failure.ts'
import { dayMillis, readMoment } from './moments.ts'

/** Who takes the class, as a row of the roster says. */
export interface Student {
  readonly id: string
  readonly name: string
  readonly email: string
  /** Empty for who works alone. */
  readonly group: string
  /** The name of the folder that was handed in; empty = the id, or the group's name. */
  readonly submission: string
  /** Their own deadline: so much later than the others' in ms, or at this moment. */
  readonly extension?: { readonly by: number } | { readonly until: number }
  /** When the submission of this name was handed in, as the platform says, in ms since 1970. */
  readonly handedIn?: number
}

/** All columns that mean something; others are left alone. Only the first must be there. */
const columns = ['id', 'name', 'email', 'group', 'extension', 'handed_in', 'submission'] as const
type Row = { readonly [column in (typeof columns)[number]]?: string }

const example = 'A roster is a CSV file that begins with a line such as: id,name,email,group,extension'
const mostBytes = 20 * 1024 * 1024

/** Reads a roster, in the order of its rows. Throws, with the line, for what would give somebody the wrong mark. */
export function readRoster(file: string): Student[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new WrongUse(`The roster ${file} cannot be read: ${why}`, example, error)
  }
  if (text.length > mostBytes) throw new WrongUse(`The roster ${file} is larger than 20 MB.`, example)
  return parseRoster(text, file)
}

export function parseRoster(text: string, file: string): Student[] {
  const students: Student[] = []
  const lines = new Map<string, number>()
  for (const { record, info } of rowsOf(text, file)) {
    const at = `${file}, line ${info.lines}`
    const { id = '', name = '', email = '', group = '', submission = '' } = record
    if (id === '') throw new WrongUse(`${at}: the id is empty.`, 'Every student needs an id of their own.')
    const before = lines.get(id)
    if (before !== undefined) {
      throw new WrongUse(`${at}: the id "${id}" is there already, in line ${before}.`, 'Take one of the two away.')
    }
    lines.set(id, info.lines)
    students.push({ id, name, email, group, submission, ...extensionOf(record, at), ...handedInOf(record, at) })
  }
  if (students.length === 0) throw new WrongUse(`The roster ${file} has no students.`, example)
  return students
}

interface Parsed {
  readonly record: Row
  readonly info: { readonly lines: number }
}

function rowsOf(text: string, file: string): Parsed[] {
  try {
    return parse(text, {
      bom: true,
      info: true,
      trim: true,
      cast: (value: string) => value.trim(), // within quotes, too
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      delimiter: delimiterOf(text),
      columns: (names: readonly string[]) => headerOf(names, file),
    }) as unknown as Parsed[]
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new WrongUse(`The roster ${file} is no CSV file: ${error.message}.`, example, error)
  }
}

/** Spreadsheets write semicolons where the comma is in the numbers. */
function delimiterOf(text: string): string {
  const [first = ''] = text.split(/\r?\n/, 1)
  return [';', '\t'].find((candidate) => first.includes(candidate) && !first.includes(',')) ?? ','
}

function headerOf(names: readonly string[], file: string): string[] {
  const header = names.map((name) => name.trim().toLowerCase().replace(/[ -]/g, '_'))
  for (const column of columns) {
    if (header.filter((name) => name === column).length > 1) {
      throw new WrongUse(`The roster ${file} has two columns "${column}".`, 'Take one of them away.')
    }
  }
  if (!header.includes('id')) throw new WrongUse(`The roster ${file} has no column "id".`, example)
  return header
}

function extensionOf({ extension: text = '' }: Row, at: string): Pick<Student, 'extension'> {
  if (text === '') return {}
  const [, days] = /^(\d{1,4}(?:\.\d+)?)\s*(?:d|days?)?$/i.exec(text) ?? []
  if (days !== undefined) return { extension: { by: Number(days) * dayMillis } }
  const until = readMoment(text)
  if (until !== undefined) return { extension: { until } }
  throw new WrongUse(`${at}: the extension cannot be "${text}".`, 'It is a number of days, or a moment: 3, 2026-12-04.')
}

function handedInOf({ handed_in: text = '' }: Row, at: string): Pick<Student, 'handedIn'> {
  if (text === '') return {}
  const handedIn = readMoment(text)
  if (handedIn !== undefined) return { handedIn }
  throw new WrongUse(
    `${at}: handed_in cannot be "${text}".`,
    'It is a moment: 2026-12-04T18:00+01:00, or without an offset UTC.',
  )
}
