/** Whatever a lab file does, the judge comes back with a whole report. */
import { cpSync, mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { judgeLab } from '../../cli/grading/judge-lab.ts'
import type { LabReport, TaskReport } from '../../cli/grading/report.ts'
import { findManifest, solutionsFolder } from '../../cli/labs/manifest.ts'
import { projectRoot } from '../../cli/project.ts'
import { ending, start } from './support/peerlab.ts'

const manifest = findManifest('03-gossip')
const solution = readFileSync(join(solutionsFolder, '03-gossip', 'gossip.ts'), 'utf8')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab judge '))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function judge(source: string, timeout = 20_000): Promise<LabReport> {
  writeFileSync(join(folder, 'gossip.ts'), source)
  return checkWhole(await judgeLab(manifest, { folder, timeout }))
}

/** The solution with one piece replaced; the piece must be there. */
function solutionWith(piece: string, instead: string): string {
  expect(solution).toContain(piece)
  return solution.replace(piece, () => instead)
}

/** The promises of every report. */
function checkWhole(report: LabReport): LabReport {
  expect(report.tasks.map(({ id }) => id)).toEqual(manifest.tasks.map(({ id }) => id))
  expect(report.max).toBe(100)
  expect(report.score).toBe(report.tasks.reduce((sum, { score }) => sum + score, 0))
  for (const { status, score, max } of report.tasks) expect(score).toBe(status === 'passed' ? max : 0)
  return report
}

function task({ tasks }: LabReport, id: string): TaskReport {
  return tasks.find((candidate) => candidate.id === id)!
}

function withoutTimes(report: LabReport): unknown {
  return JSON.parse(JSON.stringify(report, (key, value: unknown) => (/^(seconds|gradedAt)$/.test(key) ? 0 : value)))
}

const statuses = ({ tasks }: LabReport): string[] => [...new Set(tasks.map(({ status }) => status))]

describe('an honest file', () => {
  const sendsBack = (): string => solutionWith('peer !== from', 'true')

  test('two gradings of one file give the same report but for times', async () => {
    expect(withoutTimes(await judge(sendsBack()))).toEqual(withoutTimes(await judge(sendsBack())))
  })

  test('a failed task has its seed, a replay link and a message', async () => {
    const once = task(await judge(sendsBack()), 'once')
    expect(once).toMatchObject({ status: 'failed', seed: 11 })
    expect(once.replay).toMatch(/^peerlab:gossip\?seed=11&lab=03-gossip/)
    for (const part of ['property', 'expected', 'happened', 'why', 'seed', 'network', 'replay']) {
      expect(once.message).toMatch(new RegExp(`^${part} `, 'm'))
    }
  })

  test('a byte-order mark and CRLF change no mark', async () => {
    expect((await judge(`\uFEFF${solution.replaceAll('\n', '\r\n')}`)).score).toBe(100)
  })

  test('TypeScript that is more than types runs: enums, parameter properties', async () => {
    const more = 'enum Kind { A }\nexport class Extra {\n  constructor(readonly kind = Kind.A) {}\n}\n'
    expect((await judge(`${solution}\n${more}`)).score).toBe(100)
  })

  test('the submission may be the folder above the folder of the lab', async () => {
    mkdirSync(join(folder, '03-gossip'))
    cpSync(join(solutionsFolder, '03-gossip'), join(folder, '03-gossip'), { recursive: true })
    expect(checkWhole(await judgeLab(manifest, { folder })).score).toBe(100)
  })
})

describe('a file that hangs or dies', () => {
  test('an endless loop in one handler times its tasks out, and the others keep their points', async () => {
    const report = await judge(solutionWith('  onTimer(): void {', '  onTimer(): void {\n    for (;;);'), 2000)
    expect(task(report, 'repair').status).toBe('timed-out')
    expect(task(report, 'repair').message).toMatch(/does not end/)
    expect(task(report, 'spread').status).toBe('passed')
  })

  test('an endless loop at the top of the file times out', async () => {
    writeFileSync(join(folder, 'gossip.ts'), `for (;;);\n${solution}`)
    const report = await judgeLab(manifest, { folder, timeout: 2000, tasks: ['deliver'] })
    expect(task(report, 'deliver').status).toBe('timed-out')
    expect(report.score).toBe(0)
  })

  test('a module that never finishes loading times out or crashes, and scores nothing', async () => {
    writeFileSync(join(folder, 'gossip.ts'), `await new Promise(() => {})\n${solution}`)
    const report = await judgeLab(manifest, { folder, timeout: 2000, tasks: ['deliver'] })
    expect(['timed-out', 'crashed']).toContain(task(report, 'deliver').status)
    expect(report.score).toBe(0)
  })

  test('process.exit at import is a crash, and no pass', async () => {
    const report = await judge(`process.exit(0)\n${solution}`)
    expect(report.score).toBe(0)
    expect(statuses(report)).toEqual(['crashed'])
  })

  test('a million sends in one handler are refused with a word on the loop', async () => {
    const head = '  #push(rumor: Rumor, from: Address | undefined): void {'
    const storm = `${head}\n    for (let i = 0; i < 1e6; i++) this.#host.send(this.#host.neighbors[0]!, rumor)`
    const spread = task(await judge(solutionWith(head, storm)), 'spread')
    expect(spread.status).toBe('crashed')
    expect(spread.message).toMatch(/more than 10000 things.*does its loop end\?/)
  })

  test('a memory bomb is a crash with a word on memory', async () => {
    writeFileSync(
      join(folder, 'gossip.ts'),
      `const all: unknown[] = []\nfor (;;) all.push(new Array(1e6).fill(0))\n${solution}`,
    )
    const report = await judgeLab(manifest, { folder, timeout: 60_000, tasks: ['deliver'] })
    expect(task(report, 'deliver')).toMatchObject({ status: 'crashed', score: 0 })
    expect(task(report, 'deliver').message).toMatch(/memory/)
  })

  test('a handler that throws is named with its file and line', async () => {
    const report = await judge(solutionWith('  onTimer(): void {', "  onTimer(): void {\n    throw new Error('oh')"))
    expect(task(report, 'repair')).toMatchObject({ status: 'crashed' })
    expect(task(report, 'repair').message).toMatch(/it threw Error: oh, at gossip\.ts:\d+/)
  })

  test('an async handler is refused with what to do', async () => {
    const report = await judge(solutionWith('  onCommand(', '  async onCommand('))
    expect(task(report, 'spread').message).toMatch(/remove async and await/)
  })
})

describe('a file that cannot be judged', () => {
  test('a syntax error is a crash with file, line and the text of the line', async () => {
    const report = await judge(`${solution}\nconst = 3\n`)
    expect(report.score).toBe(0)
    expect(report.tasks[0]?.message).toMatch(/gossip\.ts:\d+:\d+: .*\n {4}const = 3/)
  })

  test('a missing file is missing, with its name and what is there', async () => {
    writeFileSync(join(folder, 'gosip.ts'), solution)
    const report = checkWhole(await judgeLab(manifest, { folder }))
    expect(statuses(report)).toEqual(['missing'])
    expect(report.tasks[0]?.message).toBe('there is no file gossip.ts; there is gosip.ts')
  })

  test('a class with another name is missing, with the names that are there', async () => {
    const report = await judge(solutionWith('class Gossip ', 'class Gosip '))
    expect(statuses(report)).toEqual(['missing'])
    expect(report.tasks[0]?.message).toMatch(/must export a class named Gossip; it exports Gosip/)
  })
})

describe('a file that hands in the reference', () => {
  const refused = /imports ".*"; a lab may import only "@peerlab\/engine\/lab" and files of its own folder/
  const engine = join(projectRoot, 'engine', 'protocols', 'gossip.ts').replaceAll('\\', '/')

  test.each([
    ['by the name of the engine', "export { Gossip } from '@peerlab/engine'"],
    ['by an absolute path', `export { Gossip } from '${engine}'`],
    ['by a dynamic import', `export const Gossip = (await import('${engine}')).Gossip`],
    ['by a module of Node', "import { readFileSync } from 'node:fs'\nexport const Gossip = readFileSync"],
  ])('%s is refused', async (_how, source) => {
    const report = await judge(source)
    expect(report.score).toBe(0)
    expect(report.tasks[0]?.message).toMatch(refused)
  })

  test.skipIf(process.platform === 'win32')('through a symbolic link out of the folder is refused', async () => {
    symlinkSync(engine, join(folder, 'mine.ts'))
    const report = await judge("export { Gossip } from './mine.ts'")
    expect(report.score).toBe(0)
    expect(report.tasks[0]?.message).toMatch(refused)
  })
})

test.runIf(process.platform === 'linux')('a grader that is stopped leaves no looping sandbox behind', async () => {
  writeFileSync(join(folder, 'gossip.ts'), `for (;;);\n${solution}`)
  const child = start(['grade', '03-gossip', '--submission', folder])
  const ended = ending(child)
  const sandboxes = (): string[] =>
    readdirSync('/proc').filter((id) => {
      try {
        return readFileSync(`/proc/${id}/cmdline`, 'utf8').includes(`peerlab-sandbox-${child.pid}-`)
      } catch {
        return false // no process, or one that has ended
      }
    })
  await vi.waitUntil(() => sandboxes().length > 0, { timeout: 20_000 })
  child.kill('SIGINT')
  expect((await ended).code).toBe(130)
  await vi.waitUntil(() => sandboxes().length === 0, { timeout: 20_000 })
})
