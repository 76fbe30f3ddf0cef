/** The examples of docs/sweeps.md are files that parse, with commands that are taken. */
import { Run } from '@peerlab/engine'
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { resultOf } from '../../cli/run/outcome.ts'
import { finishedLine } from '../../cli/sweep/record.ts'
import { peerlab } from './support/peerlab.ts'

const docs = resolve(import.meta.dirname, '..', '..', 'docs')
const examples = join(docs, 'examples')
const read = (name: string): string => readFileSync(join(docs, name), 'utf8')

// The parser of the decks brings it.
const modules = createRequire(createRequire(import.meta.url).resolve('@slidev/parser'))
const { parseAllDocuments } = modules('yaml') as typeof import('yaml')

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-docs-'))
  const lines = [2, 3].map((fanout) => {
    const run = new Run({ scenario: 'gossip', seed: 1, parameters: { fanout } })
    run.finish()
    return finishedLine(resultOf(run))
  })
  writeFileSync(join(folder, 'input.jsonl'), `${lines.join('\n')}\n`)
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What the test asks of a workflow or of an object of Kubernetes. */
interface Document {
  readonly kind: string
  readonly metadata: { readonly name: string }
  readonly spec: object
  readonly jobs: { readonly run: { readonly strategy: { readonly matrix: { readonly shard: readonly number[] } } } }
}

function documentsOf(name: string): Document[] {
  return parseAllDocuments(read(name)).map((document) => {
    expect(document.errors).toEqual([])
    expect(document.warnings).toEqual([])
    return document.toJS() as Document
  })
}

/** Every text in a document. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** The commands in a text for a shell, whose long lines may be continued. */
function commandsIn(text: string): string[] {
  return [...text.replace(/\\\n\s*/g, '').matchAll(/^(?:exec )?(npx peerlab sweep .+)$/gm)].map(
    ([, command]) => command!,
  )
}

/** What such a system puts in the place of its variables, for the second of five shards. */
const variables: readonly (readonly [written: string, value: string])[] = [
  ['${{ matrix.shard }}', '2'],
  ['$((JOB_COMPLETION_INDEX + 1))', '2'],
  ['$SLURM_ARRAY_TASK_ID', '2'],
  ['$SLURM_ARRAY_TASK_COUNT', '5'],
  ['$SLURM_CPUS_PER_TASK', '8'],
]

function wordsOf(command: string): string[] {
  const filled = variables.reduce((text, [written, value]) => text.replaceAll(written, value), command)
  expect(filled).not.toMatch(/[$`]/)
  return filled
    .replace(/^npx peerlab /, '')
    .replaceAll('"', '')
    .split(/\s+/)
}

const commands = [
  ...[...read('sweeps.md').matchAll(/^```sh\n([^]*?)^```/gm)].flatMap(([, block]) => commandsIn(block!)),
  ...commandsIn(read('examples/sweep-slurm.sh')),
  ...textsIn(documentsOf('examples/sweep-github-actions.yml')).flatMap(commandsIn),
  ...textsIn(documentsOf('examples/sweep-kubernetes.yaml')).flatMap(commandsIn),
]

describe('the examples of sweeps', () => {
  it('have commands', () => {
    expect(commands.filter((command) => command.includes('sweep merge')).length).toBeGreaterThanOrEqual(4)
    expect(commands.filter((command) => command.includes('--shard')).length).toBeGreaterThanOrEqual(5)
  })

  it.each(commands)('%s is taken', async (command) => {
    const words = wordsOf(command)
    const isMerge = words[1] === 'merge'
    const args = isMerge ? words.map((word) => (word.endsWith('.jsonl') ? 'input.jsonl' : inFolder(word))) : words
    const { code, stderr } = await peerlab(isMerge ? args : [...args, '--dry-run'], { cwd: folder })
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.not.stringContaining('Error') })
    if (isMerge && words.includes('--plot')) expect(existsSync(join(folder, 'sweep.svg'))).toBe(true)
  })

  it('print what the page says', async () => {
    const [sweep, merge] = commands.map(wordsOf)
    const { stderr } = await peerlab(sweep!, { cwd: folder })
    const { stdout } = await peerlab(merge!, { cwd: folder })
    const page = read('sweeps.md')
    const blocks = [...page.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].flatMap(([, language, block]) =>
      language === '' ? [block!.trimEnd()] : [],
    )
    expect(stderr.trimEnd().replace(/\d+ runs? at a time/, '8 runs at a time')).toBe(blocks[0])
    expect(stdout.trimEnd()).toBe(blocks[1])
    const shown = JSON.parse(/^```json\n(.*)\n```/m.exec(page)![1]!) as object
    const lines = readFileSync(join(folder, 'sweep.jsonl'), 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ ...shown, ...rough }),
    )
  })

  it('make all shards that their commands count', () => {
    const [workflow] = documentsOf('examples/sweep-github-actions.yml')
    expect(workflow!.jobs.run.strategy.matrix.shard).toEqual([1, 2, 3, 4, 5])
    expect(textsIn(workflow).join()).toContain('--shard ${{ matrix.shard }}/5 ')
    const sweep = documentsOf('examples/sweep-kubernetes.yaml').find(
      ({ metadata, kind }) => kind === 'Job' && metadata.name === 'sweep',
    )
    expect(sweep!.spec).toMatchObject({ completionMode: 'Indexed', completions: 5, parallelism: 5 })
    expect(textsIn(sweep).join()).toContain('--shard "$((JOB_COMPLETION_INDEX + 1))/5" ')
    expect(read('examples/sweep-slurm.sh')).toContain('#SBATCH --array=1-5\n')
  })

  it.skipIf(process.platform === 'win32')('are scripts that a shell understands', () => {
    execFileSync('bash', ['-n', join(examples, 'sweep-slurm.sh')])
  })

  it('are all linked, and no link leads nowhere', () => {
    const linked = [...read('sweeps.md').matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, name]) => name!)
    for (const name of linked) expect(existsSync(join(docs, name)), name).toBe(true)
    for (const name of readdirSync(examples)) {
      if (name.startsWith('sweep-')) expect(linked).toContain(`examples/${name}`)
    }
  })
})

/** What the page shows in part only. */
const rough = { parameters: expect.any(Object), measures: expect.any(Object) }

/** Outputs of an example that name a folder of another machine. */
function inFolder(word: string): string {
  return word.replace(/^\/results\//, '')
}
