/** The repository that students get. */
import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newClass } from '../../../cli/class/new-class.ts'
import { hashesOf, ownHashes, shareOf } from '../../../cli/class/similarity.ts'
import { knownTexts } from '../../../cli/class/write-outputs.ts'
import { WrongUse } from '../../../cli/failure.ts'
import { readManifests } from '../../../cli/labs/manifest.ts'
import { listening, writeFiles } from '../support/class.ts'
import { peerlab, start, ending } from '../support/peerlab.ts'
import { until } from '../support/until.ts'

const project = resolve(import.meta.dirname, '..', '..', '..')
let folder: string
const at = (name: string): string => join(folder, name)

function make(name: string, key = 'secret/key', more: object = {}): string {
  const { context, said } = listening()
  newClass(context, { folder: at(name), key: at(key), ...more })
  return said()
}

/** All files of the repository, without its history, by their paths. */
function filesIn(name: string): Map<string, string> {
  const entries = readdirSync(at(name), { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(at(name).length + 1))
  const all = paths.filter((path) => !path.startsWith('.git/') && !path.startsWith('node_modules'))
  return new Map(all.map((path) => [path.replaceAll('\\', '/'), readFileSync(join(at(name), path), 'utf8')]))
}

let said: string
let files: ReadonlyMap<string, string>

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-new-class-'))
  said = make('students')
  files = filesIn('students')
}, 120_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('the repository for students', () => {
  it('has no solution, known mistake, test of the project, or key', () => {
    const paths = [...files.keys()]
    expect(paths.filter((path) => path.startsWith('solutions/'))).toEqual([])
    expect(paths.filter((path) => path.startsWith('tests/course/')).toSorted()).toEqual([
      'tests/course/wrong-answers/registry.ts',
      'tests/course/wrong-answers/wrong-answer.ts',
    ])
    expect(paths.filter((path) => path.endsWith('.test.ts'))).toEqual(['tests/labs/labs.test.ts'])
    const key = readFileSync(at('secret/key'), 'utf8').trim()
    expect(paths.filter((path) => files.get(path)!.includes(key))).toEqual([])
  })

  it('has every lab as it is before anybody works on it', () => {
    for (const { id, files: own } of readManifests()) {
      for (const file of own) {
        const starter = readFileSync(join(project, 'labs', id, '.starter', file), 'utf8')
        expect(files.get(`labs/${id}/${file}`)).toBe(starter)
        expect(files.get(`labs/${id}/.starter/${file}`)).toBe(starter)
      }
    }
  })

  it('has no code that resembles a solution, but in the engine, and those files are named in its README', () => {
    for (const manifest of readManifests()) {
      const { starter, solution } = knownTexts(manifest)
      const own = ownHashes({ name: '', files: solution.map((text, i) => ({ path: String(i), text })) }, starter)
      for (const [path, text] of files) {
        if (!path.endsWith('.ts')) continue
        const share = shareOf(own, hashesOf([text])) ?? 0
        if (!path.startsWith('engine/')) expect({ path, isLike: share > 0.1 }).toEqual({ path, isLike: false })
        else if (share > 0.1)
          expect(files.get('README.md')).toContain(`| ${manifest.id} | \`${path}\` | ${Math.round(share * 100)} % |`)
      }
    }
    expect(said).toContain('engine/protocols/gossip.ts: ')
  })

  it('has a history of one commit, which is the same for the same files', () => {
    const git = (name: string, ...args: readonly string[]): string =>
      execFileSync('git', args, { cwd: at(name), encoding: 'utf8' }).trim()
    expect(git('students', 'log', '--all', '--format=%an <%ae> %aI')).toBe(
      'Peerlab <peerlab@localhost> 2000-01-01T00:00:00+00:00',
    )
    expect(git('students', 'status', '--porcelain')).toBe('')
    make('again')
    // Others may be at work on the project while this runs.
    if (filesEqual(filesIn('again'), files))
      expect(git('again', 'rev-parse', 'HEAD')).toBe(git('students', 'rev-parse', 'HEAD'))
  })

  it('works: it lists and checks labs, says that solutions are left out, and has nothing for "course check" to find', async () => {
    symlinkSync(join(project, 'node_modules'), at('students/node_modules'), 'junction')
    const here = { script: join(at('students'), 'cli', 'bin', 'peerlab.js') }
    const ended = await Promise.all([
      peerlab(['lab', 'list', '--plain'], here),
      peerlab(['lab', 'watch', '00-hello', '--once', '--plain'], here),
      peerlab(['lab', 'solution', '00-hello'], here),
    ])
    expect(ended.map(({ code }) => code)).toEqual([0, 1, 3])
    expect(ended[0]!.stdout).toContain('03-gossip')
    expect(ended[2]!.stderr).toContain('Your instructor may have left it out.')
  })
})

function filesEqual(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([path, text]) => b.get(path) === text)
}

describe('peerlab class new', () => {
  it('makes a key that only its owner can read, and never changes one', () => {
    const before = readFileSync(at('secret/key'), 'utf8')
    expect(before).toMatch(/^[0-9a-f]{64}\n$/)
    if (process.platform !== 'win32') expect(statSync(at('secret/key')).mode & 0o777).toBe(0o600)
    expect(make('third')).toContain('was left as it was')
    expect(readFileSync(at('secret/key'), 'utf8')).toBe(before)
  })

  it.each([
    ['a folder that is not empty', 'full', 'secret/key', 'is not empty'],
    ['a file', 'file', 'secret/key', 'is a file'],
    ['a key inside of it', 'fourth', 'fourth/key', 'would be in the students'],
  ])('refuses %s, and leaves all as it was', (_, name, key, why) => {
    writeFiles(folder, { 'full/mine.txt': 'mine', file: 'mine' })
    const before = readdirSync(folder)
    expect(() => make(name, key)).toThrow(WrongUse)
    expect(() => make(name, key)).toThrow(why)
    expect(readdirSync(folder)).toEqual(before)
    expect(readFileSync(at('full/mine.txt'), 'utf8')).toBe('mine')
  })

  it('refuses a folder in the project itself', () => {
    const { context } = listening()
    const request = { folder: join(project, 'dist', 'students'), key: at('secret/key') }
    expect(() => newClass(context, request)).toThrow('is in the folder of Peerlab itself')
  })

  it('takes an empty folder, and only the labs that are asked for', () => {
    mkdirSync(at('empty'))
    make('empty', 'secret/key', { labs: 'hello' })
    const labs = [...filesIn('empty').keys()].filter((path) => path.startsWith('labs/') && path.endsWith('.json'))
    expect(labs).toEqual(['labs/00-hello/manifest.json'])
  })
})

describe('the command, with the real judge', () => {
  const hello = (body: string): string => `import type { Address, Host, Message, Protocol } from '@peerlab/engine/lab'
export class Hello implements Protocol<Message> {
  #host: Host
  constructor(host: Host) { this.#host = host }
  onMessage(from: Address, message: Message) { ${body} }
}`
  const right = readFileSync(join(project, 'solutions', '00-hello', 'hello.ts'), 'utf8')

  it('judges a class from the roster to the gradebook, is stopped at once by Ctrl+C, and goes on', async () => {
    const endless = hello('for (;;) {}')
    writeFiles(at('hand-ins'), { 'ann/hello.ts': right, 'bob/00-hello/hello.ts': hello(''), 'zed/hello.ts': endless })
    writeFileSync(at('roster.csv'), 'id,name\nann,Ann\nbob,=Bob\nyun,Yun\nzed,Zed\n')
    const args = [
      'class',
      'grade',
      at('hand-ins'),
      '--out',
      at('marks'),
      '--labs',
      'hello',
      '--roster',
      at('roster.csv'),
    ]
    const child = start([...args, '--key', at('secret/key'), '--jobs', '1'])
    const end = ending(child)
    await until(() => existsSync(at('marks/class.sqlite')))
    child.kill('SIGINT')
    const stopped = await end
    expect(stopped).toMatchObject({ code: 130, stdout: '' })
    expect(stopped.stderr).not.toMatch(/warning/i)
    writeFiles(at('hand-ins'), { 'zed/hello.ts': 'export const nothing = 1' })
    const { code, stderr, stdout } = await peerlab([...args, '--key', at('secret/key')])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `3 parts judged. Open ${at('marks/index.html')}\n` })
    expect(stderr).not.toMatch(/warning/i)
    const rows: readonly { [column: string]: string }[] = parse(readFileSync(at('marks/gradebook.csv')), {
      columns: true,
    })
    expect(rows.map(({ id, name, remarks, seeds }) => [id, name, remarks, seeds])).toEqual([
      ['ann', 'Ann', '', 'public and hidden'],
      ['bob', "'=Bob", '', 'public and hidden'],
      ['yun', 'Yun', 'nothing handed in', ''],
      ['zed', 'Zed', '', 'public and hidden'],
    ])
    const statusOf = (id: string): unknown =>
      JSON.parse(readFileSync(at(`marks/reports/${id}.json`), 'utf8')).labs[0].tasks[0].status
    expect(['ann', 'bob', 'zed'].map(statusOf)).toEqual(['passed', 'failed', 'missing'])
  })

  it.each([
    [['grade', 'nowhere', '--out', 'x'], 'There is no folder'],
    [['grade', '.'], 'needs a folder for its results'],
    [['grade', '.', '--out', 'x', '--late', '10%/day'], '--late needs to know when the work was due'],
    [['grade', '.', '--out', 'x', '--due', 'friday'], '--due cannot be "friday"'],
    [['regrade', 'nowhere', '--task', 'x'], 'There is no graded class'],
    [['merge', 'a'], 'needs a folder'],
    [['new', 'x'], 'needs a key'],
  ])('refuses %j before it writes anything', async (args, why) => {
    mkdirSync(at('misuse/one'), { recursive: true })
    const { code, stdout, stderr } = await peerlab(['class', ...args], { cwd: at('misuse') })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(why)
    expect(stderr).toMatch(/^Error: .+\n.+\n$/)
    expect(readdirSync(at('misuse'))).toEqual(['one'])
  })
})
