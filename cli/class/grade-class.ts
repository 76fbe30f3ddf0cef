import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Lock } from '../batch/lock.ts'
import { BatchProgress } from '../batch/progress.ts'
import { isInShard } from '../batch/shard.ts'
import { exitCodeOf, StopSignals, type Stop } from '../batch/stop-signals.ts'
import type { Context } from '../context.ts'
import { CouldNotRun, exitCodes, WrongUse } from '../failure.ts'
import { formatCount, formatNumber } from '../format.ts'
import type { Key } from '../grading/key.ts'
import type { Manifest } from '../labs/manifest.ts'
import { judgeAll } from './judge-all.ts'
import { digestOf, HandInJudge, type Judge } from './judge.ts'
import type { ClassPlan } from './read-grading.ts'
import { readHandIn, type HandIn } from './submissions.ts'
import { ClassState, stateFile } from './state.ts'
import { writeOutputs } from './write-outputs.ts'

interface Part {
  readonly manifest: Manifest
  readonly handIn: HandIn
  readonly digest: string
}

/** How the judging came to its end. */
interface End {
  readonly done: number
  /** What could not be judged, for no fault of the student's. */
  readonly lost: readonly string[]
  readonly stoppedBy: Stop | undefined
}

/** `peerlab class grade`. Another judge is for tests. */
export async function gradeClass(
  context: Context,
  plan: ClassPlan,
  makeJudge: (key: Key | undefined) => Judge = (key) => new HandInJudge(key),
): Promise<void> {
  const names = plan.submissions.filter((_, i) => isInShard(plan.shard, i))
  announce(context, plan, names.length)
  mkdirSync(plan.out, { recursive: true })
  const stop = new StopSignals()
  const path = join(plan.out, stateFile)
  const lock = Lock.take(path, { work: 'grading', onLost: () => stop.now('lock') })
  if (lock.remark !== undefined) context.err.line(lock.remark)
  let state: ClassState | undefined
  try {
    state = ClassState.open(path, { make: true })
    const { labs, folder, roster, due, late, submissions, judgedBy, manifests } = plan
    const handIns = names.flatMap((name) => manifests.map((manifest) => readHandIn(folder, name, manifest)))
    checkShard(state, plan)
    state.terms = { labs, roster, due, late, submissions, judgedBy, shard: shardText(plan) }
    state.setHandIns(handIns)
    const end = await judgeMissing(context, plan, state, { handIns, makeJudge, stop })
    if (end.stoppedBy === undefined && plan.shard.count === 1) writeOutputs(state, plan.out)
    report(context, plan, end, names.length * manifests.length)
  } finally {
    stop.end()
    state?.close()
    lock.release()
  }
}

function shardText({ shard: { number, count } }: ClassPlan): string {
  return `${number}/${count}`
}

/** A shard forgets what is not its own, so it must not be given the folder of another one. */
function checkShard({ terms }: ClassState, plan: ClassPlan): void {
  if (terms === undefined || terms.shard === shardText(plan)) return
  const what = terms.shard === '1/1' ? 'a whole class' : `shard ${terms.shard} of a class`
  throw new WrongUse(`${plan.out} has ${what} already.`, 'Give each shard a folder of its own with --out.')
}

interface Work {
  readonly handIns: readonly HandIn[]
  readonly makeJudge: (key: Key | undefined) => Judge
  readonly stop: StopSignals
}

async function judgeMissing(
  context: Context,
  { manifests, key, judgedBy, jobs }: ClassPlan,
  state: ClassState,
  { handIns, makeJudge, stop }: Work,
): Promise<End> {
  const parts = handIns.map((handIn): Part => {
    const manifest = manifests.find(({ id }) => id === handIn.lab)!
    return { manifest, handIn, digest: digestOf(handIn, manifest, judgedBy) }
  })
  const open = parts.filter(({ handIn, digest }) => state.result(handIn.submission, handIn.lab)?.digest !== digest)
  const before = parts.length - open.length
  if (before > 0) {
    context.err.line(
      `${formatNumber(before)} of ${formatCount(parts.length, 'parts')} were judged before, and nothing of them has changed.`,
    )
  }
  const lost: string[] = []
  let done = before
  const progress = new BatchProgress(context, 'parts', () => ({
    parts: parts.length,
    done,
    before,
    failed: lost.length,
  }))
  try {
    await judgeAll(
      open,
      { makeJudge, key, jobs, signal: stop.signal },
      ({ handIn: { submission, lab }, digest }, answer) => {
        // One submission never harms another: what cannot be judged has no result, and is tried again the next time.
        if (answer instanceof Error) return void lost.push(`${submission}, ${lab}: ${answer.message}`)
        state.setResult(submission, lab, { digest, report: answer })
        done++
      },
    )
  } finally {
    progress.end()
  }
  return { done, lost, stoppedBy: stop.by }
}

function announce({ err }: Context, plan: ClassPlan, mine: number): void {
  const { submissions, shard, labs, key, roster } = plan
  const part = shard.count === 1 ? '' : `, of which shard ${shard.number}/${shard.count} has ${formatNumber(mine)}`
  err.line(`${formatCount(submissions.length, 'submissions')}${part}; ${labs.join(', ')}.`)
  if (roster !== null) err.line(`${formatCount(roster.length, 'students')} in the roster.`)
  if (key === undefined) {
    err.line('Without --key all are judged in the public networks only, which students know.')
  }
  err.line(`Results go to ${plan.out}, ${formatCount(plan.jobs, 'parts')} at a time.`)
}

function report({ out, err }: Context, plan: ClassPlan, { done, lost, stoppedBy }: End, parts: number): void {
  if (stoppedBy === 'lock') {
    throw new CouldNotRun(
      `Another process has taken over ${plan.out}, because this one was not heard of for long.`,
      'What was judged is kept. When the other one is over, start this command again.',
    )
  }
  if (stoppedBy !== undefined) {
    err.line(`Stopped. ${formatNumber(done)} of ${formatCount(parts, 'parts')} are judged.`)
    err.line('Start the same command again to go on: nothing is judged twice.')
    process.exitCode = exitCodeOf(stoppedBy)
    return
  }
  if (plan.shard.count > 1) {
    out.line(`${formatCount(done, 'parts')} judged. When all shards are done: npx peerlab class merge DIR... --out DIR`)
  } else {
    out.line(`${formatCount(done, 'parts')} judged. Open ${join(plan.out, 'index.html')}`)
  }
  if (lost.length === 0) return
  err.line(`${formatCount(lost.length, 'parts')} could not be judged on this machine, and have no marks:`)
  for (const line of lost.slice(0, 10)) err.line(`  ${JSON.stringify(line.split('\n', 1)[0])}`)
  err.line('Start the same command again to try them once more.')
  process.exitCode = exitCodes.couldNotRun
}
