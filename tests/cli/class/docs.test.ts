/** The commands of docs/class.md and of its examples do what the page says, on a class that has handed nothing in. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { handInLimits } from '../../../cli/class/submissions.ts'
import { gramTokens, windowGrams } from '../../../cli/class/winnowing.ts'
import { formatNumber } from '../../../cli/format.ts'
import { peerlab } from '../support/peerlab.ts'

const docs = resolve(import.meta.dirname, '..', '..', '..', 'docs')
const read = (name: string): string => readFileSync(join(docs, name), 'utf8')
const page = read('class.md')

// The parser of the decks brings it.
const modules = createRequire(createRequire(import.meta.url).resolve('@slidev/parser'))
const { parseAllDocuments, parseDocument } = modules('yaml') as typeof import('yaml')

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-class-docs-'))
  for (const name of ['submissions', 'class/submissions']) mkdirSync(join(folder, name, 'ann'), { recursive: true })
  const [, roster] = /### The roster\n[^]*?```\n([^]*?)```/.exec(page)!
  for (const name of ['roster.csv', 'class/roster.csv']) writeFileSync(join(folder, name), roster!)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Workflow {
  readonly jobs: { readonly [name: string]: { readonly steps: readonly { readonly run?: string }[] } }
}

interface KubernetesObject {
  readonly spec: {
    readonly template?: { readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] } }
  }
}

const workflow = parseDocument(read('examples/class-github-actions.yml'))

/** What an example has shells do. */
function scriptsOf(name: string): string {
  if (name.endsWith('.sh')) return read(name)
  if (name.endsWith('.yml')) {
    const steps = Object.values((workflow.toJS() as Workflow).jobs).flatMap((job) => job.steps)
    return steps.map(({ run: command = '' }) => command).join('\n')
  }
  const jobs = parseAllDocuments(read(name)).map((document) => {
    expect([...document.errors, ...document.warnings]).toEqual([])
    return document.toJS() as KubernetesObject
  })
  const args = jobs.flatMap(({ spec }) => spec.template?.spec.containers.flatMap((container) => container.args) ?? [])
  return args.map((line) => line.replace('npx --prefix /opt/peerlab peerlab', 'npx peerlab')).join('\n')
}

/** The commands in a text for a shell, whose long lines may be continued. */
function commandsIn(text: string): string[] {
  const lines = text.replace(/\\\n\s*/g, '')
  return [...lines.matchAll(/^(?:#\s+|exec )?(npx peerlab class .+)$/gm)].map(([, command]) => command!)
}

/** What systems put in the place of their variables. */
function filled(command: string, shard: number): string[] {
  const text = command
    .replaceAll('${{ matrix.shard }}', String(shard))
    .replaceAll('$SLURM_ARRAY_TASK_ID', String(shard))
    .replaceAll('$SLURM_ARRAY_TASK_COUNT', '4')
    .replaceAll('$SLURM_CPUS_PER_TASK', '2')
    .replaceAll('$((JOB_COMPLETION_INDEX + 1))', String(shard))
    .replaceAll('/key/', '')
    .replaceAll('$RUNNER_TEMP/', '')
    .replaceAll('~/', '')
    .replaceAll('"', '')
  expect(text).not.toMatch(/[$`~]/)
  return text.replace(/^npx peerlab /, '').split(/\s+/)
}

async function run(command: string, shard = 1): Promise<void> {
  const { code, stderr } = await peerlab(filled(command, shard), { cwd: folder })
  expect({ command, shard, code, stderr: code === 0 ? '' : stderr }).toEqual({ command, shard, code: 0, stderr: '' })
}

describe('the documentation of a class', () => {
  const commands = [...page.matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block]) => commandsIn(block!))

  it('has commands that work, in the order of the page', async () => {
    expect(commands).toHaveLength(7)
    for (const command of commands) await run(command)
    const made = ['all-marks', 'marks', 'p2p-course', 'peerlab.key', 'shard-1', 'shard-2']
    expect(readdirSync(folder)).toEqual([...made, 'class', 'roster.csv', 'submissions'].toSorted())
    const files = [...page.matchAll(/^\| `([\w./]+)` \|/gm)].map(([, name]) => name!.replace('/', ''))
    const inMarks = readdirSync(join(folder, 'marks'))
    expect(inMarks).toEqual(expect.arrayContaining(files.slice(0, 4)))
    expect(inMarks).toContain('regrade-03-gossip-cost.csv')
  })

  it.each(['examples/class-github-actions.yml', 'examples/class-slurm.sh', 'examples/class-kubernetes.yaml'])(
    'has %s, whose commands work',
    async (name) => {
      expect([...workflow.errors, ...workflow.warnings]).toEqual([])
      const text = scriptsOf(name)
      const [merge, ...others] = commandsIn(text).filter((command) => command.includes('class merge'))
      const [grade, ...more] = commandsIn(text).filter((command) => command.includes('class grade'))
      expect([others, more]).toEqual([[], []])
      for (const left of ['shard-1', 'shard-2', 'shard-3', 'shard-4', 'marks']) {
        rmSync(join(folder, left), { recursive: true, force: true })
      }
      writeFileSync(join(folder, 'peerlab.key'), '0123456789abcdef0123456789abcdef')
      for (const shard of [1, 2, 3, 4]) await run(grade!, shard)
      await run(merge!)
      expect(readdirSync(join(folder, 'marks'))).toContain('gradebook.csv')
    },
  )

  it('says the bounds that the code has', () => {
    const { files, entries, fileBytes, bytes, depth } = handInLimits
    const text = page.replace(/\s+/g, ' ')
    for (const part of [
      `a file over ${fileBytes / 1024} KB or code over ${bytes / 1024 ** 2} MB`,
      `more than ${files} files with code, ${formatNumber(entries)} files and folders, or ${depth} levels`,
      `runs of ${gramTokens} tokens and windows of ${windowGrams}`,
      `every match of ${gramTokens + windowGrams - 1} tokens`,
    ]) {
      expect(text).toContain(part)
    }
  })
})
