/** The overview's progress: what `peerlab lab` wrote, counted, and never an error. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { ProgressFile } from '../../cli/labs/progress.ts'
import { progressFileIn, readLabProgress } from '../../slides/theme/progress/lab-progress.ts'
import { cases, fc } from '../support/fast-check.ts'

const folder = mkdtempSync(join(tmpdir(), 'peerlab-progress-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let workspaces = 0

/** A workspace with two labs, and with this text as its progress file. */
function workspace(progress?: string): string {
  const path = join(folder, `${workspaces++}`)
  const tasks = [
    { id: 'deliver', points: 60 },
    { id: 'repair', points: 40 },
  ]
  for (const [id, graded] of [
    ['00-hello', false],
    ['03-gossip', true],
  ] as const) {
    mkdirSync(join(path, 'labs', id), { recursive: true })
    writeFileSync(join(path, 'labs', id, 'manifest.json'), JSON.stringify({ id, graded, tasks }))
  }
  mkdirSync(join(path, '.peerlab'))
  if (progress !== undefined) writeFileSync(progressFileIn(path), progress)
  return path
}

describe('the progress of the labs', () => {
  test('is nothing yet where there is no file, and no lab where there is no workspace', () => {
    expect(readLabProgress(workspace())).toEqual({
      isReadable: true,
      labs: {
        '00-hello': { passed: 0, tasks: 2 },
        '03-gossip': { passed: 0, tasks: 2, points: 0, maxPoints: 100 },
      },
    })
    expect(readLabProgress(join(folder, 'nowhere'))).toEqual({ isReadable: true, labs: {} })
  })

  test('is what the command wrote', () => {
    const path = workspace()
    const file = new ProgressFile(progressFileIn(path))
    file.update('03-gossip', (before) => ({ ...before, passed: ['deliver'] }))
    file.update('00-hello', (before) => ({ ...before, passed: ['deliver', 'repair', 'a task of an older version'] }))
    expect(readLabProgress(path).labs).toEqual({
      '00-hello': { passed: 2, tasks: 2 },
      '03-gossip': { passed: 1, tasks: 2, points: 60, maxPoints: 100 },
    })
  })

  test.each(['', '{', 'null', '[]', '7', '"03-gossip"'])('is said to be unreadable where the file is %j', (text) => {
    expect(readLabProgress(workspace(text))).toEqual({ isReadable: false, labs: {} })
  })

  test('never throws, and never has more than there is, whatever the file says', () => {
    const path = workspace()
    const entry = fc.oneof(
      fc.jsonValue(),
      fc.record({ passed: fc.jsonValue() }),
      fc.record({ passed: fc.constant(['deliver', 'deliver']) }),
    )
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('03-gossip', '00-hello', '__proto__', 'toString'), entry),
        (progress) => {
          writeFileSync(progressFileIn(path), JSON.stringify(progress))
          const { isReadable, labs } = readLabProgress(path)
          expect(isReadable).toBe(true)
          for (const { passed, tasks, points = 0, maxPoints = 0 } of Object.values(labs)) {
            expect(passed).toBeLessThanOrEqual(tasks)
            expect(points).toBeLessThanOrEqual(maxPoints)
          }
        },
      ),
      cases(200),
    )
  })

  test('leaves out a lab whose manifest is broken, and keeps the others', () => {
    const path = workspace()
    writeFileSync(join(path, 'labs', '00-hello', 'manifest.json'), '{ "graded": true')
    expect(Object.keys(readLabProgress(path).labs)).toEqual(['03-gossip'])
  })
})
