/** What a student writes stays text, in every format. */
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { fileNameOf } from '../../../cli/class/file-names.ts'
import { gradebook } from '../../../cli/class/gradebook.ts'
import { escapeHtml, html } from '../../../cli/class/html.ts'
import { markdownBlock, markdownText } from '../../../cli/class/markdown.ts'
import type { Mark } from '../../../cli/class/marks.ts'
import { cases, fc } from '../../support/fast-check.ts'
import { gossip, reportOf } from '../support/class.ts'

/** Texts in which what matters to a format is frequent. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...['<', '>', '&', '"', "'", '`', '=', '+', '-', '@', '|', '\\', '\n', '\r', '\t', '\0', '\u202e', '\u001b[2J'],
        ...['<script>', '-->', ']]>', '</style>', '```', '````', '](javascript:', 'www.', '\ud800', ',', ';', '$', '#'],
      ),
      fc.string({ unit: 'binary', maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''))

describe('HTML', () => {
  it('has no markup of a text, in an element and in an attribute', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const page = html`<p title="${text}">${text}</p>`.text
        const [, title, content] = /^<p title="([^]*)">([^]*)<\/p>$/.exec(page)!
        for (const part of [title!, content!]) {
          expect(part).not.toMatch(/[<>"'`=]|&(?!#\d+;)/)
          // eslint-disable-next-line no-control-regex
          expect(part).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/)
        }
      }),
      cases(300),
    )
  })

  it('shows every character that can be seen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
        const shown = escapeHtml(text).replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
        expect(shown).toBe(text)
      }),
      cases(200),
    )
  })

  it('takes markup only from itself', () => {
    expect(html`${'<b>'}${html`<i>${'<u>'}</i>`}${[html`<b>x</b>`]}${null}${7}`.text).toBe(
      '&#60;b&#62;<i>&#60;u&#62;</i><b>x</b>7',
    )
  })
})

describe('Markdown', () => {
  it('has every character that could be markup behind a backslash, on one line', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const written = markdownText(text)
        expect(written).not.toMatch(/[\r\n]/)
        expect(written.replace(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(/[\\`*_{}[\]<>()#+!|~&@/:$^]|www\./i)
      }),
      cases(300),
    )
  })

  it('has a block that no text can end', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const lines = markdownBlock(text).split('\n')
        const [, fence] = /^(`+)text$/.exec(lines[0]!)!
        expect(lines.at(-1)).toBe(fence)
        const inner = lines.slice(1, -1)
        expect(inner.filter((line) => (/^\s*(`+)\s*$/.exec(line)?.[1]?.length ?? 0) >= fence!.length)).toEqual([])
      }),
      cases(300),
    )
  })
})

describe('the name of a report', () => {
  it('is a plain file name, whatever the id is', () => {
    fc.assert(
      fc.property(
        fc.oneof(hostile, fc.constantFrom('..', '.', '', '../../etc/passwd', 'con', 'NUL', 'a/b', 'ü')),
        (id) => {
          expect(fileNameOf(id)).toMatch(/^[a-z0-9][a-z0-9_-]{0,59}$/)
          expect(fileNameOf(id)).not.toMatch(/^(?:con|prn|aux|nul|com\d|lpt\d)$/)
        },
      ),
      cases(300),
    )
  })

  it('is never that of another id, on no file system', () => {
    const id = fc.oneof(fc.stringMatching(/^[aA][bB-]{0,2}$/), fc.string({ maxLength: 3 }))
    fc.assert(
      fc.property(id, id, (a, b) => {
        if (a !== b) expect(fileNameOf(a)).not.toBe(fileNameOf(b))
      }),
      cases(500),
    )
    expect(fileNameOf(fileNameOf('A'))).not.toBe(fileNameOf('A'))
  })
})

describe('the gradebook', () => {
  const markOf = (text: string, score: number): Mark => ({
    student: { id: text, name: text, email: text, group: text, submission: '' },
    submission: text,
    labs: [reportOf(gossip, [])],
    handedIn: null,
    handedInFrom: '',
    late: 0,
    penalty: 0,
    points: score,
    score,
    max: 100,
    remarks: [text],
  })

  it('has no cell that a spreadsheet runs, and as many cells in each row', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 0, max: 100 }), (text, score) => {
        const rows: readonly (readonly string[])[] = parse(
          gradebook([markOf(text, score), markOf(text, score)], [gossip]),
        )
        expect(new Set(rows.map(({ length }) => length)).size).toBe(1)
        for (const cell of rows.flat()) expect(cell).not.toMatch(/^\s*[=+\-@]|^[\t\r]/)
        expect(rows[1]![4]).toBe(String(score))
      }),
      cases(200),
    )
  })
})
