/** The table of published results in engine/README.md. That its rows are those of the tests each test file checks itself. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { differences, inFigures, readmeFile, readTable, writeTable, type TableRow } from '../published/table.ts'

const folder = path.join(import.meta.dirname, '..', 'published')
const readme = readFileSync(readmeFile, 'utf8')
const row: TableRow = {
  quantity: 'a | b',
  source: 'Somebody 1999',
  file: 'some.test.ts',
  published: '1',
  measured: '1.01',
  tolerance: '± 0.1',
  seeds: '20',
}

describe('the table of published results', () => {
  test('has rows of every file that records some, and of no other', () => {
    const recording = readdirSync(folder).filter(
      (name) => name.endsWith('.test.ts') && readFileSync(path.join(folder, name), 'utf8').includes("'./results.ts'"),
    )
    expect(recording.length).toBeGreaterThan(10)
    expect([...new Set(readTable(readme).map(({ file }) => file))].sort()).toEqual(recording.sort())
  })

  test('names a source and a measured value for each quantity, and no quantity twice', () => {
    const rows = readTable(readme)
    for (const { quantity, source, measured, seeds } of rows) {
      expect(Math.min(source.length, measured.length, seeds.length), quantity).toBeGreaterThan(0)
    }
    const names = rows.map(({ quantity }) => quantity)
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([])
  })

  test('is read as it was written, whatever its cells hold, and the rest of the page stays', () => {
    const written = writeTable(readme, [row])
    expect(readTable(written)).toEqual([row])
    expect(writeTable(written, readTable(readme))).toBe(readme)
  })

  test('differs where name, source, published value or tolerance do, and not where another number was measured', () => {
    expect(differences([row], [{ ...row, measured: '0.99', seeds: '3' }], [])).toEqual([])
    for (const name of ['quantity', 'source', 'published', 'tolerance'] as const) {
      expect(differences([row], [{ ...row, [name]: 'other' }], []).length).toBe(2)
    }
    expect(differences([], [row], []).length).toBe(1)
    expect(differences([], [row], [row.quantity])).toEqual([])
  })
})

test('figures are four, and as many as part a probability from 1', () => {
  expect([381, 12_345, 1 / 3, 0.00125, 1e-10, 1 - 1.28e-9].map(inFigures)).toEqual([
    '381',
    '12345',
    '0.3333',
    '0.00125',
    '1e-10',
    '1 − 1.28e-9',
  ])
})

test('the engine’s README links files that are there', () => {
  const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, link]) => link!)
  expect(links.length).toBeGreaterThan(0)
  const missing = links.filter((link) => !existsSync(path.resolve(path.dirname(readmeFile), link)))
  expect([...new Set(missing)]).toEqual([])
})
