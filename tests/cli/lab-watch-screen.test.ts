/** The screen of `peerlab lab watch`, and what there is once a lab is done. */
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { TaskReport } from '../../cli/grading/report.ts'
import { findManifest } from '../../cli/labs/manifest.ts'
import { finishedLines } from '../../cli/labs/watch/finished.ts'
import { drawScreen, type Screen } from '../../cli/labs/watch/screen.ts'
import { sideBySide } from '../../cli/labs/watch/side-by-side.ts'
import { Output } from '../../cli/output.ts'
import { cases, fc } from '../support/fast-check.ts'

const manifest = findManifest('03-gossip')
const output = (columns: number): Output => new Output({ columns, isTTY: true } as NodeJS.WriteStream, false)

const report = (i: number, status: TaskReport['status'], message?: string): TaskReport => {
  const { id, title, tier, points: max } = manifest.tasks[i]!
  const score = status === 'passed' ? max : 0
  return { id, title, tier, status, score, max, seconds: 0, ...(message === undefined ? {} : { message }) }
}

const screen = (changes: Partial<Screen>): Screen => ({
  manifest,
  labs: [[manifest, { passed: ['deliver'], hints: {} }]],
  tasks: manifest.tasks.map(() => undefined),
  isJudging: false,
  printed: '',
  hints: 0,
  finished: [],
  keys: '',
  ...changes,
})

test('no line is wider than the terminal, whatever the message and the print-outs are', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 40, max: 200 }),
      fc.lorem({ maxCount: 60 }),
      fc.string({ maxLength: 400 }),
      (columns, message, printed) => {
        const tasks = [report(0, 'passed'), report(1, 'failed', `happened  ${message}`)]
        const drawn = drawScreen(
          screen({ tasks, printed: printed.replaceAll(/[^\x20-\x7e]/g, 'x'), hints: 3 }),
          output(columns),
          false,
        )
        for (const line of drawn.split('\n'))
          expect(stripVTControlCharacters(line).length, line).toBeLessThanOrEqual(columns)
      },
    ),
    cases(100),
  )
})

test('a link stays in one line, so that it can be copied', () => {
  const link = `replay    npx peerlab run 'peerlab:gossip?seed=11&${'x'.repeat(200)}'`
  const tasks = [report(0, 'failed', link)]
  expect(drawScreen(screen({ tasks }), output(80), false)).toContain(link)
})

test('one failing task is shown at a time, with its hints as far as they were asked for', () => {
  const tasks = [
    report(0, 'passed'),
    report(1, 'failed', 'happened  this'),
    report(2, 'failed', 'happened  something else'),
  ]
  const drawn = drawScreen(screen({ tasks, hints: 1 }), output(80), false)
  expect(drawn.match(/✗/g)).toHaveLength(1)
  expect(drawn).toContain('this')
  expect(drawn).not.toContain('something else')
  expect(drawn).toContain('hint 1 of')
  expect(drawn).not.toContain('hint 2 of')
})

test('while it is judged, what passed so far is there, and nothing is called failed that was not judged', () => {
  const drawn = drawScreen(screen({ tasks: [report(0, 'passed')], isJudging: true }), output(80), false)
  expect(drawn.match(/✓/g)).toHaveLength(1)
  expect(drawn).not.toContain('✗')
  expect(drawn).toContain('Checking')
})

test('--plain has words only', () => {
  const tasks = [report(0, 'passed'), report(1, 'crashed', 'happened  this')]
  expect(drawScreen(screen({ tasks }), output(80), true)).not.toMatch(/[✓✗·░█]/)
})

test('a finished lab says what its efficiency saves, beside the reference', () => {
  const measure = (value: number) => [{ name: 'Packets per delivery', value, limit: 5 }]
  const text = finishedLines(manifest, measure(4), measure(4.5), output(80)).join('\n')
  expect(text).toContain(
    'Packets per delivery: yours 4.00, the reference 4.50, allowed 5.00: 20 % under what is allowed',
  )
  expect(text).toContain('npx peerlab lab questions 03-gossip')
})

test('two files side by side lose no character and keep to the width', () => {
  const line = fc.stringMatching(/^[ -~]{0,120}$/)
  fc.assert(
    fc.property(fc.array(line), fc.array(line), fc.integer({ min: 50, max: 160 }), (left, right, columns) => {
      const rows = sideBySide(left, right, columns).split('\n')
      for (const row of rows) expect(row.length).toBeLessThanOrEqual(columns)
      const letters = (text: string): string => text.replaceAll(/\s/g, '')
      const column = (pick: 0 | 1): string => letters(rows.map((row) => row.split('│')[pick] ?? '').join(''))
      expect(column(0)).toBe(letters(left.join('')))
      expect(column(1)).toBe(letters(right.join('')))
    }),
    cases(100),
  )
})
