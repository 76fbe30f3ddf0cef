import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findScenario } from '@peerlab/engine'
import { publicDraw } from '../../tests/contracts/draw.ts'
import { findContract } from '../../tests/contracts/registry.ts'
import { wrongAnswers } from '../../tests/course/wrong-answers/registry.ts'
import { applyMistake, type WrongAnswer } from '../../tests/course/wrong-answers/wrong-answer.ts'
import { judgeLab } from '../grading/judge-lab.ts'
import { labsFolder, readManifests, solutionsFolder, type Manifest } from '../labs/manifest.ts'

/** One thing that was looked at, and what is wrong with it. */
export interface CourseFinding {
  readonly lab: string
  readonly check: string
  /** Undefined where all is well. */
  readonly problem: string | undefined
}

/** A starter file may earn fewer points than this, of 100. */
const starterLimit = 15

/** Fewer wrong answers than this leave a graded lab's contract unproven. */
const fewestWrongAnswers = 8

/** The author's gate, check by check. */
export async function* checkCourse(): AsyncGenerator<CourseFinding> {
  for (const manifest of readManifests()) {
    const lab = manifest.id
    for (const [check, look] of textChecks) yield { lab, check, problem: look(manifest) }
    yield { lab, check: 'the starter earns almost nothing', problem: await checkStarter(manifest) }
    yield { lab, check: 'the solution earns everything', problem: await checkSolution(manifest) }
    for (const wrong of wrongAnswers[lab] ?? []) {
      yield { lab, check: `the wrong answer ${wrong.name} is caught`, problem: await checkWrongAnswer(manifest, wrong) }
    }
  }
}

const textChecks: readonly (readonly [check: string, look: (manifest: Manifest) => string | undefined])[] = [
  ['the manifest is sound', checkManifest],
  ['the contract has the tasks of the manifest', checkTasks],
  ['every task has hints', checkHints],
  ['the README names every task with its points', checkReadme],
  ['there are enough wrong answers', checkWrongAnswerCount],
]

function checkManifest({ id, scenario, files, exports, tasks, graded, minutes, module }: Manifest): string | undefined {
  if (!existsSync(join(labsFolder, id, 'manifest.json'))) return `its id is ${id}, which is not its folder's name`
  if (files.length === 0 || exports.length === 0 || !(minutes > 0) || module === '')
    return 'files, exports, minutes or module is empty'
  findScenario(scenario)
  const missing = files.find(
    (file) => !existsSync(join(labsFolder, id, file)) || !existsSync(join(labsFolder, id, '.starter', file)),
  )
  if (missing !== undefined) return `${missing} is not in the lab's folder and its .starter`
  const points = (tier: string): number =>
    tasks.filter((task) => task.tier === tier).reduce((sum, task) => sum + task.points, 0)
  if (graded && (points('core') !== 60 || points('stretch') !== 40)) {
    return `it has ${points('core')} core and ${points('stretch')} stretch points; a graded lab has 60 and 40`
  }
  return undefined
}

function checkTasks({ id, tasks }: Manifest): string | undefined {
  const promised = tasks.map((task) => task.id).join(', ')
  const judged = findContract(id)
    .tasks(publicDraw)
    .map((task) => task.id)
    .join(', ')
  return promised === judged ? undefined : `the manifest has ${promised}; the contract has ${judged}`
}

function checkHints({ tasks }: Manifest): string | undefined {
  const poor = tasks.find(({ hints }) => hints.length < 2 || hints.some((hint) => hint.length < 20))
  return poor === undefined
    ? undefined
    : `the task ${poor.id} has ${poor.hints.length} hints; two or more sentences are needed`
}

function checkReadme({ id, tasks, graded }: Manifest): string | undefined {
  const path = join(labsFolder, id, 'README.md')
  if (!existsSync(path)) return 'there is no README.md'
  const text = readFileSync(path, 'utf8')
  const missing = tasks.find((task) => !text.includes(`| \`${task.id}\` | ${graded ? task.points : '–'} |`))
  return missing === undefined
    ? undefined
    : `its table has no row for the task ${missing.id} with ${missing.points} points`
}

function checkWrongAnswerCount({ id, graded }: Manifest): string | undefined {
  const count = wrongAnswers[id]?.length ?? 0
  const fewest = graded ? fewestWrongAnswers : 1
  return count >= fewest ? undefined : `there are ${count}; at least ${fewest} are needed`
}

async function checkStarter(manifest: Manifest): Promise<string | undefined> {
  const { score, tasks } = await judgeLab(manifest, { folder: join(labsFolder, manifest.id, '.starter') })
  const broken = tasks.find(({ status }) => status === 'crashed' || status === 'missing' || status === 'timed-out')
  if (broken !== undefined) return `the task ${broken.id} ended as ${broken.status}; a starter runs, and does nothing`
  if (tasks.every(({ status }) => status === 'passed')) return 'every task passes already'
  return score < starterLimit ? undefined : `it earns ${score} points`
}

async function checkSolution(manifest: Manifest): Promise<string | undefined> {
  const { score, max, tasks } = await judgeLab(manifest, { folder: join(solutionsFolder, manifest.id) })
  const failed = tasks.find(({ status }) => status !== 'passed')
  return failed === undefined
    ? undefined
    : `it earns ${score} of ${max}; ${failed.id} ${failed.status}: ${failed.message ?? ''}`
}

async function checkWrongAnswer(manifest: Manifest, wrong: WrongAnswer): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'peerlab-wrong-'))
  try {
    const file = manifest.files[0]!
    const solution = readFileSync(join(solutionsFolder, manifest.id, file), 'utf8')
    writeFileSync(join(folder, file), applyMistake(solution, wrong))
    const { tasks } = await judgeLab(manifest, { folder, tasks: [wrong.task] })
    const judged = tasks.find(({ id }) => id === wrong.task)
    if (judged === undefined || judged.status === 'passed') return `the task ${wrong.task} does not catch it`
    if (wrong.says.test(judged.message ?? '')) return undefined
    return `the message of ${wrong.task} does not name the mistake: ${judged.message ?? 'there is none'}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
