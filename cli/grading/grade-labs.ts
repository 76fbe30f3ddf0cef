import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Context } from '../context.ts'
import { exitCodes, WrongUse } from '../failure.ts'
import { forLog } from '../formats/format.ts'
import { askedReport } from '../formats/report-file.ts'
import { namedLab } from '../labs/asked-lab.ts'
import { labsFolder, readManifests } from '../labs/manifest.ts'
import { indented, mark } from '../labs/show-task.ts'
import { judgeLab } from './judge-lab.ts'
import type { LabReport } from './report.ts'

export interface GradeOptions {
  readonly submission?: string
  readonly json?: boolean
  /** What the report is made for: the name of one of {@link formats}. */
  readonly format?: string
  /** Where the report goes. */
  readonly out?: string
}

/** `peerlab grade`: judges labs one after the other and prints the points. */
export async function gradeLabs(
  context: Context,
  labs: readonly string[],
  { submission, json = false, format, out }: GradeOptions,
): Promise<void> {
  const manifests = labs.length > 0 ? labs.map(namedLab) : readManifests().filter(({ graded }) => graded)
  const folder = submission === undefined ? undefined : checkFolder(submission)
  const asked = { format, out, json, submission: folder ?? labsFolder, labs: manifests.length }
  const file = askedReport({ ...asked, environment: process.env })
  const isShown = !json && (file === undefined || file.path !== undefined)
  const reports: LabReport[] = []
  for (const manifest of manifests) {
    if (context.err.isLive) context.err.write(`\rJudging ${manifest.id} …`)
    const report = await judgeLab(manifest, { folder: folder ?? join(labsFolder, manifest.id) })
    if (context.err.isLive) context.err.write('\r\u001b[K')
    reports.push(report)
    if (isShown) show(context, file === undefined ? report : forLog(report))
  }
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

function show({ out, plain }: Context, { lab, score, max, tasks }: LabReport): void {
  out.line(`${out.bold(lab)}  ${score} of ${max} points`)
  for (const task of tasks) {
    out.line(`${mark(task, out, plain)} ${task.title}  ${out.dim(`${task.score} of ${task.max}`)}`)
    if (task.message !== undefined) out.line(`${indented(task.message)}\n`)
  }
}

function showTotal({ out }: Context, reports: readonly LabReport[]): void {
  const sum = (pick: (report: LabReport) => number): number =>
    reports.reduce((total, report) => total + pick(report), 0)
  out.line(`${out.bold('total')}  ${sum(({ score }) => score)} of ${sum(({ max }) => max)} points`)
}
