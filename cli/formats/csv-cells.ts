import { safeText } from './safe-text.ts'

/** What a cell may hold; null and undefined are an empty one. */
export type CsvValue = string | number | boolean | null | undefined

/**
 * Rows as RFC 4180 has them: commas, double quotes, CRLF. Spreadsheets take a text that begins with = + - @ for a formula
 * and run it, also behind white space and in full width: such a text gets an apostrophe in front. Numbers stay numbers.
 */
export function csvRows(rows: readonly (readonly CsvValue[])[]): string {
  return rows.map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')
}

/** One cell, quoted where it must be. Control characters but tab and line feed are left out. */
export function csvCell(value: CsvValue): string {
  if (value === null || value === undefined) return ''
  // A number that is none would be a text that others take for a number.
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : ''
  if (typeof value === 'boolean') return String(value)
  const text = safeText(value)
  const safe = /^\s*[=+\-@＝＋－＠]|^[\t\n]/.test(text) ? `'${text}` : text
  return /[",\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
