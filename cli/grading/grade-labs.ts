import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Context } from '../context.ts'
import { exitCodes, WrongUse } from '../failure.ts'
import { forLog } from '../formats/format.ts'
import { askedReport } from '../formats/report-file.ts'
import { namedLab } from '../labs/asked-lab.ts'
import { labsFolder, readManifests } from '../labs/manifest.ts'
import { indented, mark } from '../labs/show-task.ts'
import { questionsInWords } from './questions-in-words.ts'
import { Grader } from './grader.ts'
import { readKey } from './key.ts'
import type { LabReport } from './report.ts'

export interface GradeOptions {
  readonly submission?: string
  readonly json?: boolean
  /** What the report is made for: the name of one of {@link formats}. */
  readonly format?: string
  /** Where the report goes. */
  readonly out?: string
  /** A file with the instructor's key: judges in hidden networks as well. */
  readonly key?: string
  /** Asks questions on a run of the code, with their answers. */
  readonly questions?: boolean
}

/** `peerlab grade`: judges labs one after the other and prints the points. */
export async function gradeLabs(
  context: Context,
  labs: readonly string[],
  { submission, json = false, format, out, key, questions = false }: GradeOptions,
): Promise<void> {
  const manifests = labs.length > 0 ? labs.map(namedLab) : readManifests().filter(({ graded }) => graded)
  const folder = submission === undefined ? undefined : checkFolder(submission)
  const asked = { format, out, json, submission: folder ?? labsFolder, labs: manifests.length }
  const file = askedReport({ ...asked, environment: process.env })
  const isShown = !json && (file === undefined || file.path !== undefined)
  const grader = new Grader(key === undefined ? {} : { key: readKey(key) })
  const reports: LabReport[] = []
  // An exit ends the sandbox; a signal that nobody hears would leave a looping one behind.
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.once(signal, () => process.exit(128 + number))
  }
  try {
    for (const manifest of manifests) {
      if (context.err.isLive) context.err.write(`\rJudging ${manifest.id} …`)
      const report = await grader.judge(manifest, { folder: folder ?? join(labsFolder, manifest.id), questions })
      if (context.err.isLive) context.err.write('\r\u001b[K')
      reports.push(report)
      if (isShown) show(context, file === undefined ? report : forLog(report))
    }
  } finally {
    await grader.close()
  }
  if (isShown && reports[0] !== undefined) showIsolation(context, reports[0])
  file?.write(reports, context)
  if (json) context.out.line(JSON.stringify(reports, null, 2))
  else if (isShown && reports.length > 1) showTotal(context, reports)
  const allPassed = reports.every(({ tasks }) => tasks.every(({ status }) => status === 'passed'))
  process.exitCode = allPassed || file?.failsWithTasks === false ? exitCodes.done : exitCodes.checksFailed
}

function checkFolder(submission: string): string {
  const folder = resolve(submission)
  if (!existsSync(folder))
    throw new WrongUse(`There is no folder ${folder}.`, "Give --submission the folder with the lab's files.")
  if (!statSync(folder).isDirectory()) {
    throw new WrongUse(`${folder} is a file.`, 'Give --submission the folder that it is in.')
  }
  return folder
}

function show({ out, plain }: Context, { lab, score, max, tasks, questions = [] }: LabReport): void {
  out.line(`${out.bold(lab)}  ${score} of ${max} points`)
  for (const task of tasks) {
    out.line(`${mark(task, out, plain)} ${task.title}  ${out.dim(`${task.score} of ${task.max}`)}`)
    if (task.message !== undefined) out.line(`${indented(task.message)}\n`)
  }
  if (questions.length > 0) out.line(`\n${questionsInWords(questions)}`)
}

/** What the marks rest on, in a line or two: instructors read on in the documentation. */
function showIsolation({ out }: Context, { isolation, terms }: LabReport): void {
  const held = isolation.missing.length === 0 ? 'all that there is' : `without ${isolation.missing.join('; ')}`
  out.line(out.dim(`Judged in isolation (${held}), ${terms.seeds} networks${terms.key ? `, key ${terms.key}` : ''}.`))
}

function showTotal({ out }: Context, reports: readonly LabReport[]): void {
  const sum = (pick: (report: LabReport) => number): number =>
    reports.reduce((total, report) => total + pick(report), 0)
  out.line(`${out.bold('total')}  ${sum(({ score }) => score)} of ${sum(({ max }) => max)} points`)
}
