/**
 * Writes the table of published results into engine/README.md, from what `npm run test:published` measured. Tests that
 * it did not run keep their rows. A sample can be recorded too, and its rows say so: PEERLAB_PUBLISHED_ROWS=<file> npx
 * vitest run --project published, and then this script with that file.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { readmeFile, readTable, writeTable, type Row, type TableRow } from './table.ts'

/** In this order; others after them. */
const files = [
  'rounds',
  'rumor-mongering',
  'epidemics',
  'atomic-delivery',
  'averaging',
  'gossipsub',
  'dht',
  'swim',
  'eclipse',
  'random-graphs',
  'flood-reach',
  'small-world',
  'file-distribution',
  'nat',
  'dos',
  'availability',
  'wan-latency',
].map((name) => `${name}.test.ts`)

interface FileResult {
  readonly file: string
  readonly isFull: boolean
  readonly rows: readonly Row[]
}

const readme = readFileSync(readmeFile, 'utf8')
const rows = new Map<string, readonly TableRow[]>()
for (const row of readTable(readme)) {
  if (existsSync(path.join(import.meta.dirname, row.file))) rows.set(row.file, [...(rows.get(row.file) ?? []), row])
}
const recorded = process.argv[2] ?? path.join(import.meta.dirname, 'dist', 'rows.jsonl')
if (!existsSync(recorded)) throw new Error(`there is no ${recorded}: npm run test:published writes it`)
for (const line of readFileSync(recorded, 'utf8').trim().split('\n')) {
  const { file, isFull, rows: measured } = JSON.parse(line) as FileResult
  rows.set(
    file, // the latest counts
    measured.map((row) => {
      const isSample = !isFull && row.seeds !== '–' && row.seeds !== '1'
      return { ...row, file, seeds: isSample ? `${row.seeds} (sample)` : row.seeds }
    }),
  )
}
const rank = (file: string): number => (files.includes(file) ? files.indexOf(file) : files.length)
const sorted = [...rows].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)).flatMap(([, each]) => each)
writeFileSync(readmeFile, writeTable(readme, sorted))
console.log(`engine/README.md: ${sorted.length} rows from ${rows.size} files of tests/published`)
