/** The packages at work, in the layout of each platform: set-up, and the grading of three submissions. */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { solutionsFolder } from '../../../cli/labs/manifest.ts'
import { projectRoot } from '../../../cli/project.ts'
import { classroom50Environment } from '../formats/classroom50-environment.ts'
import { complaints } from '../formats/schemas.ts'
import { peerlab } from '../support/peerlab.ts'
import { unzipTo, Workbench } from './platforms.ts'

const lab = '03-gossip'

/** What is handed in, and the points of 100 that it gets. */
const submissions = {
  'the solution': { file: join(solutionsFolder, lab, 'gossip.ts'), points: 100 },
  'the starter': { file: join(projectRoot, 'labs', lab, '.starter', 'gossip.ts'), points: 0 },
  'a file that is broken': { text: 'export class Gossip {', points: 0 },
  'nothing at all': { points: 0 },
} as const

const each = Object.entries(submissions) as [string, { file?: string; text?: string; points: number }][]

function handIn(folder: string, { file, text }: { file?: string; text?: string }): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  if (file !== undefined) cpSync(file, join(folder, 'gossip.ts'))
  if (text !== undefined) writeFileSync(join(folder, 'gossip.ts'), text)
}

function readJson(path: string): { readonly [field: string]: unknown } {
  return JSON.parse(readFileSync(path, 'utf8')) as { readonly [field: string]: unknown }
}

function hasPython(): boolean {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

let bench: Workbench
beforeAll(() => {
  bench = new Workbench()
})
afterAll(() => bench.dispose())

// The platforms are Linux; the scripts are for its shell.
describe.skipIf(process.platform === 'win32')("Gradescope's autograder", () => {
  const root = (): string => join(bench.folder, 'autograder')
  const env = (): { AUTOGRADER_ROOT: string } => ({ AUTOGRADER_ROOT: root() })

  beforeAll(async () => {
    mkdirSync(join(root(), 'source'), { recursive: true })
    const { code } = await peerlab(['export', 'gradescope', lab, '--out', join(bench.folder, 'a.zip')])
    expect(code).toBe(0)
    unzipTo(readFileSync(join(bench.folder, 'a.zip')), join(root(), 'source'))
    const setup = await bench.run(join(root(), 'source', 'setup.sh'), [], env(), root())
    expect(setup).toMatchObject({ code: 0, stdout: expect.stringMatching(/^v\d+\./) as unknown })
  })

  it.each(each)('grades %s', async (_what, { points, ...submission }) => {
    handIn(join(root(), 'submission'), submission)
    rmSync(join(root(), 'results'), { recursive: true, force: true })
    const { code, stderr } = await bench.run(join(root(), 'source', 'run_autograder'), [], env(), root())
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const results = readJson(join(root(), 'results', 'results.json'))
    expect(complaints('gradescope', results)).toEqual([])
    expect(results['score']).toBe(points)
  })

  it('judges in hidden networks where it has a key, which is in no report', async () => {
    const key = '00112233445566778899aabbccddeeff'
    writeFileSync(join(bench.folder, 'key'), `${key}\n`)
    const args = [
      'export',
      'gradescope',
      lab,
      '--out',
      join(bench.folder, 'key.zip'),
      '--key',
      join(bench.folder, 'key'),
    ]
    expect((await peerlab(args)).code).toBe(0)
    const place = join(bench.folder, 'with-key')
    mkdirSync(join(place, 'source'), { recursive: true })
    unzipTo(readFileSync(join(bench.folder, 'key.zip')), join(place, 'source'))
    const here = { AUTOGRADER_ROOT: place }
    expect((await bench.run(join(place, 'source', 'setup.sh'), [], here, place)).code).toBe(0)
    handIn(join(place, 'submission'), submissions['the solution'])
    const { code, stdout, stderr } = await bench.run(join(place, 'source', 'run_autograder'), [], here, place)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const results = readJson(join(place, 'results', 'results.json'))
    expect(complaints('gradescope', results)).toEqual([])
    expect(results).toMatchObject({ score: 100, extra_data: { seeds: 'public and hidden' } })
    expect(stdout + JSON.stringify(results)).not.toContain(key)
  })

  it('brings npm from the system where there is none', async () => {
    const place = join(bench.folder, 'bare-autograder')
    mkdirSync(join(place, 'source'), { recursive: true })
    unzipTo(readFileSync(join(bench.folder, 'a.zip')), join(place, 'source'))
    const PATH = bench.withoutNpm(['sh', 'bash', 'env', 'chmod', 'mkdir', 'ln'])
    const setup = await bench.run(join(place, 'source', 'setup.sh'), [], { AUTOGRADER_ROOT: place, PATH }, place)
    expect(setup).toMatchObject({ code: 0, stdout: expect.stringMatching(/^v\d+\./) as unknown })
  })

  it('fails without a result where its own installation is broken', async () => {
    handIn(join(root(), 'submission'), submissions['the solution'])
    rmSync(join(root(), 'results'), { recursive: true, force: true })
    rmSync(join(root(), 'source', 'peerlab', 'labs'), { recursive: true })
    const { code, stderr } = await bench.run(join(root(), 'source', 'run_autograder'), [], env(), root())
    expect(code).toBe(3)
    expect(stderr).toMatch(/^Error: The labs are not there/)
    expect(existsSync(join(root(), 'results', 'results.json'))).toBe(false)
  })
})

describe.skipIf(process.platform === 'win32')("PrairieLearn's grader", () => {
  const place = (name: string): string => join(bench.folder, name)

  beforeAll(async () => {
    expect((await peerlab(['export', 'prairielearn', lab, '--out', place('pl')])).code).toBe(0)
    // What the Dockerfile says.
    cpSync(place('pl/image/peerlab'), place('opt'), { recursive: true })
    expect(readFileSync(place('pl/image/Dockerfile'), 'utf8')).toContain('RUN npm ci --omit=dev')
    expect((await bench.run('npm', ['ci', '--omit=dev'], {}, place('opt'))).code).toBe(0)
  })

  it.each(each)('grades %s', async (_what, { points, ...submission }) => {
    handIn(place('grade/student'), submission)
    rmSync(place('grade/results'), { recursive: true, force: true })
    const { externalGradingOptions } = readJson(place('pl/question/info.json')) as {
      externalGradingOptions: { entrypoint: readonly string[]; timeout: number }
    }
    const [script, ...args] = externalGradingOptions.entrypoint
    expect(script).toBe('/opt/peerlab/grade.sh')
    const env = { PEERLAB_ROOT: place('opt'), GRADE_ROOT: place('grade') }
    const { code, stderr } = await bench.run(place('pl/image/grade.sh'), args, env, '/')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const results = readJson(place('grade/results/results.json'))
    expect(complaints('prairielearn', results)).toEqual([])
    expect(results['score']).toBe(points / 100)
    expect(results['gradable']).toBe(submission.file !== undefined)
  })
})

describe.skipIf(process.platform === 'win32' || !hasPython())("Classroom 50's autograder", () => {
  const place = (name: string): string => join(bench.folder, name)
  const grade = (env: { readonly [name: string]: string }): ReturnType<Workbench['run']> =>
    bench.run('python3', [place(`c50/autograders/${lab}/autograder.py`)], env, place('checkout'))

  beforeAll(async () => {
    expect((await peerlab(['export', 'classroom50', lab, '--out', place('c50')])).code).toBe(0)
  })

  it.each(each)('grades %s', async (_what, { points, ...submission }) => {
    handIn(place('checkout'), submission)
    const { code, stderr } = await grade(classroom50Environment)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const result = readJson(place('checkout/result.json'))
    expect(complaints('classroom50', result)).toEqual([])
    expect(result['score']).toBe(points)
  })

  it("finds the file where Peerlab's own folders have it", async () => {
    handIn(place('checkout'), {})
    handIn(place(`checkout/labs/${lab}`), submissions['the solution'])
    expect((await grade(classroom50Environment)).code).toBe(0)
    expect(readJson(place('checkout/result.json'))['score']).toBe(100)
  })

  it('fails as an infrastructure does where the runner says too little, and writes no result', async () => {
    handIn(place('checkout'), submissions['the solution'])
    const { code, stderr } = await grade({ ...classroom50Environment, SUBMISSION_TAG: '' })
    expect(code).toBe(3)
    expect(stderr).toContain('SUBMISSION_TAG is not set')
    expect(existsSync(place('checkout/result.json'))).toBe(false)
  })
})
