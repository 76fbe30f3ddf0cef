import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { Lock } from '../batch/lock.ts'
import { BatchProgress } from '../batch/progress.ts'
import { readCount } from '../batch/read-count.ts'
import { exitCodeOf, StopSignals } from '../batch/stop-signals.ts'
import type { Context } from '../context.ts'
import { CouldNotRun, WrongUse } from '../failure.ts'
import { columns, formatCount } from '../format.ts'
import { csvRows } from '../formats/csv-cells.ts'
import { safeLine } from '../formats/safe-text.ts'
import { readKey, type Key } from '../grading/key.ts'
import type { LabReport, TaskReport } from '../grading/report.ts'
import type { Manifest } from '../labs/manifest.ts'
import { judgeAll } from './judge-all.ts'
import { HandInJudge, type Judge } from './judge.ts'
import { readLabs } from './read-grading.ts'
import { ClassState, stateFile, type ClassTerms } from './state.ts'
import { writeOutputs } from './write-outputs.ts'
import { writeWhole } from './write-whole.ts'

export interface RegradeRequest {
  readonly folder: string
  readonly task?: string
  readonly lab?: string
  readonly key?: string
  readonly jobs?: string
}

/** What judging a task again has changed. */
export interface Change {
  readonly submission: string
  readonly before: TaskReport
  readonly after: TaskReport
}

/**
 * `peerlab class regrade`: judges one task again for all, from the files that were kept, and says what that changes. All
 * new marks are written at once, in the end: stopped before, everything is as it was.
 */
export async function regradeClass(
  context: Context,
  request: RegradeRequest,
  makeJudge: (key: Key | undefined) => Judge = (of) => new HandInJudge(of),
): Promise<void> {
  const out = resolve(request.folder)
  const path = join(out, stateFile)
  const stop = new StopSignals()
  const state = ClassState.open(path)
  const lock = Lock.take(path, { work: 'grading', instead: 'regrade a copy', onLost: () => stop.now('lock') })
  try {
    const { terms } = state
    if (terms === undefined)
      throw new WrongUse(`${out} was never graded to its end.`, 'Run "peerlab class grade" first.')
    const { manifest, task } = findTask(request, terms)
    const key = request.key === undefined ? undefined : readKey(request.key)
    checkKey(terms, key)
    const jobs = readCount('--jobs', request.jobs) ?? availableParallelism()
    const open = state.handIns.flatMap((handIn) => {
      const before = handIn.lab === manifest.id ? state.result(handIn.submission, manifest.id) : undefined
      return before === undefined ? [] : [{ manifest, tasks: [task], handIn, before }]
    })
    const results: { readonly submission: string; readonly digest: string; readonly report: LabReport }[] = []
    const changes: Change[] = []
    const progress = new BatchProgress(context, 'submissions', () => ({
      parts: open.length,
      done: results.length,
      before: 0,
      failed: 0,
    }))
    try {
      await judgeAll(
        open,
        { makeJudge, key, jobs, signal: stop.signal },
        ({ handIn: { submission }, before }, answer) => {
          if (answer instanceof Error) throw brokenJudge(submission, answer)
          const after = answer.tasks.find(({ id }) => id === task)!
          results.push({ submission, digest: before.digest, report: withTask(before.report, after) })
          changes.push({ submission, before: before.report.tasks.find(({ id }) => id === task)!, after })
        },
      )
    } finally {
      progress.end()
    }
    if (stop.by === 'lock')
      throw new CouldNotRun(`Another process has taken over ${out}.`, 'Nothing was changed. Try again when it is over.')
    if (stop.by !== undefined) {
      context.err.line('Stopped. Nothing was changed.')
      process.exitCode = exitCodeOf(stop.by)
      return
    }
    state.setResults(results)
    writeOutputs(state, out)
    const sorted = changes.sort((a, b) => (a.submission < b.submission ? -1 : 1))
    const file = join(out, `regrade-${manifest.id}-${task}.csv`)
    writeWhole(file, table(sorted))
    show(context, sorted, `${manifest.id}/${task}`, file)
  } finally {
    stop.end()
    state.close()
    lock.release()
  }
}

function brokenJudge(submission: string, error: Error): CouldNotRun {
  return new CouldNotRun(
    `${safeLine(submission)} could not be judged on this machine: ${safeLine(error.message)}`,
    'Nothing was changed. Try again, or on another machine.',
    error,
  )
}

function findTask(
  { task, lab }: RegradeRequest,
  { labs }: ClassTerms,
): { readonly manifest: Manifest; readonly task: string } {
  const manifests = readLabs(lab ?? labs.join(',')).filter(({ id }) => labs.includes(id))
  if (manifests.length === 0) throw new WrongUse(`This class was not graded in ${lab}.`, `It has ${labs.join(', ')}.`)
  const having = manifests.filter(({ tasks }) => tasks.some(({ id }) => id === task))
  const [manifest, other] = having
  if (task === undefined || manifest === undefined) {
    const known = manifests.map(({ id, tasks }) => `${id}: ${tasks.map((each) => each.id).join(', ')}`)
    throw new WrongUse(
      task === undefined ? 'Say which task: --task deliver.' : `There is no task "${task}".`,
      `There is ${known.join('; ')}.`,
    )
  }
  if (other !== undefined) {
    throw new WrongUse(
      `${having.map(({ id }) => id).join(' and ')} have a task "${task}".`,
      `Say which one: --lab ${manifest.id}`,
    )
  }
  return { manifest, task }
}

/** Marks that were drawn from two keys cannot be compared. */
function checkKey({ judgedBy }: ClassTerms, key: Key | undefined): void {
  if ((key?.id ?? null) === judgedBy.key) return
  if (judgedBy.key === null) throw new WrongUse('This class was graded without a key.', 'Leave --key out.')
  throw new WrongUse(
    `This class was graded with the key ${judgedBy.key}, ${key === undefined ? 'and none is given' : `not ${key.id}`}.`,
    'Give the same file: --key FILE',
  )
}

function withTask(report: LabReport, task: TaskReport): LabReport {
  const tasks = report.tasks.map((each) => (each.id === task.id ? task : each))
  return { ...report, tasks, score: tasks.reduce((sum, { score }) => sum + score, 0) }
}

function table(changes: readonly Change[]): string {
  const header = ['submission', 'before', 'points_before', 'after', 'points_after', 'difference']
  const rows = changes.map(({ submission, before, after }) => [
    ...[submission, before.status, before.score, after.status, after.score, after.score - before.score],
  ])
  return csvRows([header, ...rows])
}

function show({ out }: Context, changes: readonly Change[], task: string, file: string): void {
  const different = changes.filter(
    ({ before, after }) => before.status !== after.status || before.score !== after.score,
  )
  const passed = (pick: (change: Change) => TaskReport): number =>
    changes.filter((change) => pick(change).status === 'passed').length
  out.line(
    `${task}: ${passed(({ before }) => before)} of ${formatCount(changes.length, 'submissions')} passed before, ${passed(({ after }) => after)} now.`,
  )
  const rows = different.map(({ submission, before, after }) => [
    safeLine(submission, 60),
    `${before.status}, ${before.score}`,
    `${after.status}, ${after.score}`,
  ])
  if (rows.length > 0) for (const line of columns([['submission', 'before', 'after'], ...rows])) out.line(line)
  out.line(
    `${different.length === 0 ? 'Nothing is different.' : `${formatCount(different.length, 'submissions')} differ.`} All of them: ${file}`,
  )
}
