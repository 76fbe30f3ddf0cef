import { describe, expect, it } from 'vitest'
import { csvCell, csvRows } from '../../../cli/formats/csv-cells.ts'
import { cutText, safeLine, safeText } from '../../../cli/formats/safe-text.ts'
import { cases, fc } from '../../support/fast-check.ts'
import { nastyText } from './nasty-text.ts'

/** RFC 4180, read as a spreadsheet reads it. */
function parse(csv: string): string[][] {
  const rows: string[][] = []
  let rest = csv
  for (let row: string[] = []; rest !== '';) {
    const [whole, quoted, plain, end] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest)!
    row.push(quoted?.replaceAll('""', '"') ?? plain!)
    rest = rest.slice(whole.length)
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

describe('a CSV cell', () => {
  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '  =1',
    '＝1',
    '\u0000=1',
    '\u001b[31m=1',
    '\ufeff=1',
  ])('is no formula: %j', (text) => expect(parse(`${csvCell(text)}\r\n`)[0]![0]).toMatch(/^'/))

  it('is what it was where nothing is wrong with it, and a number stays one', () => {
    expect(csvRows([['a', -1.5, true, null, undefined, 'b = c']])).toBe('a,-1.5,true,,,b = c\r\n')
    expect(csvCell(Number.NaN)).toBe('')
  })

  it('is quoted where a comma, a quote or a line break is in it', () => {
    expect(csvRows([['a,b', 'say "no"', 'two\r\nlines']])).toBe('"a,b","say ""no""","two\nlines"\r\n')
  })

  it('is read back as it was but for what was unsafe, and is never a formula', () => {
    const rows = fc.array(fc.array(nastyText, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 4 })
    const check = (written: string[][]): void => {
      const cells = parse(csvRows(written))
      expect(cells.map((row) => row.length)).toEqual(written.map((row) => row.length))
      for (const [r, row] of cells.entries()) {
        for (const [c, cell] of row.entries()) {
          const safe = safeText(written[r]![c]!)
          expect(cell).not.toMatch(/^[=+\-@\t\n]/)
          expect([safe, `'${safe}`]).toContain(cell)
        }
      }
    }
    fc.assert(fc.property(rows, check), cases(300))
  })
})

describe('safe text', () => {
  it('has no control characters, no half characters, and is safe text already', () => {
    const check = (text: string): void => {
      const safe = safeText(text)
      expect(safe.isWellFormed()).toBe(true)
      expect(safe).not.toMatch(/[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069\ufffe\uffff]/u)
      expect(safeText(safe)).toBe(safe)
    }
    fc.assert(fc.property(nastyText, check), cases(500))
  })

  it('that is cut is no longer than asked for, and ends in no half character', () => {
    const check = (text: string, length: number): void => {
      const cut = cutText(safeText(text), length)
      expect(cut.length).toBeLessThanOrEqual(length)
      expect(cut.isWellFormed()).toBe(true)
      expect(safeLine(text, length)).not.toMatch(/\n/)
      expect(safeLine(text, length).length).toBeLessThanOrEqual(length)
    }
    fc.assert(fc.property(nastyText, fc.nat(40), check), cases(500))
  })

  it('loses the whole sequence of a terminal', () => {
    expect(safeText('\u001b[1;31mred\u001b[0m \u001b]8;;http://x\u0007link\u001b]8;;\u0007\r\nnext')).toBe(
      'red link\nnext',
    )
  })
})
