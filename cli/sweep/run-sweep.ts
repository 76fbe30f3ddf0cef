import { toLink } from '@peerlab/engine'
import type { Context } from '../context.ts'
import { CouldNotRun, exitCodes } from '../failure.ts'
import { formatCount, formatNumber } from '../format.ts'
import { runInPool } from './pool.ts'
import { BatchProgress } from '../batch/progress.ts'
import { exitCodeOf, StopSignals, type Stop } from '../batch/stop-signals.ts'
import { formatValue, type AxisValue } from './ranges.ts'
import { readSweep, type Sweep, type SweepRequest } from './read-sweep.ts'
import { hasBit, ResultFile, type Found } from './result-file.ts'
import { isInShard } from '../batch/shard.ts'
import { Troubles } from './troubles.ts'
import type { WorkerAnswer } from './worker.ts'

/** How a sweep came to its end. */
interface End {
  /** Runs that have their line now. */
  readonly done: number
  readonly failed: Troubles
  /** Runs that this machine could not make; they have no line. */
  readonly lost: Troubles
  readonly stoppedBy: Stop | undefined
}

/** `peerlab sweep`. */
export async function runSweep(context: Context, request: SweepRequest): Promise<void> {
  const sweep = readSweep(request)
  announce(context, sweep)
  if (request.dryRun === true) return
  const stop = new StopSignals()
  const file = ResultFile.lock(sweep.out, () => stop.now('lock'))
  try {
    if (file.lock.remark !== undefined) context.err.line(file.lock.remark)
    const found = await file.find(sweep.plan, sweep.shard, stop.signal)
    sayWhatWasFound(context, file, found)
    file.open(found)
    const end = await makeRuns(context, sweep, file, found, stop)
    file.close()
    report(context, sweep, file, found, end)
  } catch (error) {
    if (error !== stop.signal.reason) throw error
    context.err.line(`Stopped before anything was run; ${file.path} is as it was.`)
    process.exitCode = exitCodeOf(stop.by)
  } finally {
    stop.end()
    file.close()
  }
}

async function makeRuns(
  context: Context,
  sweep: Sweep,
  file: ResultFile,
  found: Found,
  stop: StopSignals,
): Promise<End> {
  const { plan, runs } = sweep
  const { failed } = found
  const lost = new Troubles()
  let done = found.runs
  const state = () => ({ parts: runs, done, before: found.runs, failed: failed.count + lost.count })
  const onAnswer = (answer: WorkerAnswer): void => {
    if ('lost' in answer) return lost.add(plan.run(answer.run), answer.lost)
    file.append(answer.line)
    done++
    if (answer.error !== undefined) failed.add(plan.run(answer.run), answer.error)
  }
  const progress = new BatchProgress(context, 'runs', state)
  const jobs = Math.min(sweep.jobs, runs - done)
  try {
    await runInPool({ spec: plan.spec, runs: missing(sweep, found), jobs, onAnswer, signal: stop.signal })
  } finally {
    progress.end()
  }
  return { done, failed, lost, stoppedBy: stop.by }
}

function* missing({ plan, shard }: Sweep, { done }: Found): Generator<number> {
  for (const run of plan.order()) if (isInShard(shard, run) && !hasBit(done, run)) yield run
}

/** Said before anything is touched, so that a slip is seen in time. */
function announce({ err }: Context, { plan, shard, runs, out, jobs }: Sweep): void {
  const points = plan.points === 1 ? '' : ` of ${formatNumber(plan.points)} points`
  const seeds = `${formatCount(plan.seeds.count, 'seeds')} (${shortened(plan.seeds.toString())})`
  const part = shard.count === 1 ? '' : `, of which shard ${shard.number}/${shard.count} has ${formatNumber(runs)}`
  err.line(`${plan.scenario.title}: ${formatCount(plan.runs, 'runs')}${points} with ${seeds}${part}.`)
  for (const { name, values } of plan.spec.axes) err.line(`  ${name}: ${listed(values)}`)
  err.line(`Results go to ${out}, ${formatCount(Math.min(jobs, Math.max(1, runs)), 'runs')} at a time.`)
}

/** `1, 2, 3, …, 10 (10 values)` */
function listed(values: readonly AxisValue[]): string {
  const words = values.map(formatValue)
  if (words.length <= 8) return words.join(', ')
  return `${words.slice(0, 4).join(', ')}, …, ${words.at(-1)} (${formatNumber(words.length)} values)`
}

function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39)}…`
}

function sayWhatWasFound({ err }: Context, file: ResultFile, { runs, torn }: Found): void {
  if (torn > 0) {
    err.line(`The last line of ${file.path} was never finished: it is cut away, and its run is made again.`)
  }
  if (runs > 0) err.line(`${formatCount(runs, 'runs')} of this sweep ${runs === 1 ? 'is' : 'are'} there already.`)
}

function report(context: Context, sweep: Sweep, file: ResultFile, found: Found, end: End): void {
  const { out, err } = context
  const { done, failed, lost, stoppedBy } = end
  if (stoppedBy === 'lock') {
    throw new CouldNotRun(
      `Another process has taken over ${file.path}, because this one was not heard of for long.`,
      'Runs whose lines are there are kept. When the other one is over, start this sweep again to make what is missing.',
    )
  }
  tell(context, failed, 'failed. They have a line that says so, and are not tried again')
  tell(context, lost, 'could not be made on this machine, and have no line')
  if (stoppedBy !== undefined) {
    err.line(`Stopped. ${formatNumber(done)} of ${formatCount(sweep.runs, 'runs')} are in ${file.path}`)
    err.line('Start the same command again to go on: nothing is made twice.')
    process.exitCode = exitCodeOf(stoppedBy)
    return
  }
  const before = found.runs === 0 ? '' : `, ${formatNumber(done - found.runs)} of them new`
  out.line(`${formatCount(done, 'runs')} ${done === 1 ? 'is' : 'are'} in ${file.path}${before}.`)
  out.line(`See what came out with: npx peerlab sweep merge ${sweep.out}`)
  if (failed.count > 0) process.exitCode = exitCodes.checksFailed
  if (lost.count > 0) {
    err.line('Start the same command again with fewer --jobs, or on a machine with more memory, to try them again.')
    process.exitCode = exitCodes.couldNotRun
  }
}

/** Runs that had the same trouble are counted together, and one of them is named. */
function tell({ err }: Context, { count, groups }: Troubles, what: string): void {
  if (count === 0) return
  err.line(`${formatCount(count, 'runs')} ${what}:`)
  const shown = [...groups.values()].slice(0, 5)
  for (const { message, run, count: alike } of shown) {
    const more = alike === 1 ? '' : ` (and ${formatNumber(alike - 1)} like it)`
    err.line(`  ${message.split('\n', 1)[0]}${more}`)
    err.line(`    npx peerlab run "${toLink(run)}"`)
  }
  if (groups.size > shown.length) err.line(`  … and ${formatNumber(groups.size - shown.length)} other reasons.`)
}
