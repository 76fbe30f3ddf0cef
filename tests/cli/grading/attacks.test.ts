/** Hostile submissions: none earns a point, and each ends in a whole report after all of its processes are gone. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Grader } from '../../../cli/grading/grader.ts'
import { findManifest, solutionsFolder } from '../../../cli/labs/manifest.ts'
import { attacks, shortTimeout } from './attacks.ts'

const manifest = findManifest('03-gossip')
const tasks = ['deliver', 'ttl']
const grader = new Grader()
afterAll(() => grader.close())

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab attack '))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const put = (name: string, content: string): void => {
  if (content.startsWith('→ ')) symlinkSync(content.slice(2), join(folder, name))
  else writeFileSync(join(folder, name), content)
}

/** Processes that run in a sandbox. Linux only; elsewhere there is nothing to look into. */
function sandboxed(): string[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'utf8')
      } catch {
        return '' // it has ended in the meantime
      }
    })
    .filter((line) => line.includes(`peerlab-sandbox-${process.pid}-`))
}

describe('a submission that', () => {
  test.each(attacks.map((attack) => [attack.name, attack] as const))('%s earns nothing', async (_name, attack) => {
    put('gossip.ts', attack.source)
    for (const [name, content] of Object.entries(attack.beside ?? {})) put(name, content)
    const report = await grader.judge(manifest, { folder, tasks, timeout: attack.timeout ?? shortTimeout })
    expect(report.score).toBe(0)
    expect(report.tasks.map(({ id }) => id)).toEqual(manifest.tasks.map(({ id }) => id))
    for (const { id, status, message } of report.tasks) {
      expect(status, id).not.toBe('passed')
      expect(message, id).toBeTruthy()
    }
    const [deliver] = report.tasks
    if (attack.ends !== undefined) {
      expect(deliver).toMatchObject({ status: attack.ends.status })
      expect(deliver!.message).toMatch(attack.ends.message)
    }
    expect(JSON.stringify(report).length).toBeLessThan(40_000)
    expect(sandboxed()).toEqual([])
  })

  test('is honest passes after all of them, by the same grader', async () => {
    const { tasks: judged } = await grader.judge(manifest, { folder: join(solutionsFolder, '03-gossip'), tasks })
    expect(judged.filter(({ id }) => tasks.includes(id)).map(({ status }) => status)).toEqual(['passed', 'passed'])
  })
})
