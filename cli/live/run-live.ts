import { ProtocolError, type RunSpec } from '@peerlab/engine'
import type { Context } from '../context.ts'
import { CouldNotRun, exitCodes, WrongUse } from '../failure.ts'
import { formatMillis, formatNumber } from '../format.ts'
import { Progress } from '../run/progress.ts'
import { withLab } from '../run/with-lab.ts'
import { maxEvents, planLive, TooManyEvents, type LivePlan, type LoadSubstitute } from './live-plan.ts'
import { runLive, type LiveProgress, type LiveResult } from './live-run.ts'
import { measuresOf } from './measures.ts'
import { readLive, type LiveRequest } from './read-live.ts'
import { showLive, showStart } from './show-live.ts'

/** What a shell makes of a process that Ctrl+C has ended: 128 + SIGINT. */
const interrupted = 130

/** As often the line with the progress is written anew, in ms. */
const progressInterval = 100

/** `peerlab live`. */
export async function runLiveCommand(context: Context, request: LiveRequest): Promise<void> {
  const { json = false } = request
  const spec = await withLab(readLive(request))
  try {
    // Ctrl+C ends this as it ends every command: only what has sockets must be closed first.
    const plan = await planLive(spec, labLoader(spec))
    const result = await runUntilStopped(context, plan, json)
    if (result === undefined) return
    if (json) context.out.line(JSON.stringify(asJson(result)))
    else showLive(context, result)
    if (result.checks.some(({ violation }) => violation !== null)) process.exitCode = exitCodes.checksFailed
  } catch (error) {
    throw explain(error, spec)
  }
}

/** Undefined where a signal has stopped it. All is closed, however it ends. */
async function runUntilStopped(context: Context, plan: LivePlan, json: boolean): Promise<LiveResult | undefined> {
  const progress = new Progress(context, json)
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  for (const signal of signals) process.on(signal, onSignal)
  const onProgress = seldom((it) => {
    if (it.step === 'connected' && !json) {
      progress.clear()
      showStart(context, plan.spec, it)
    }
    progress.announce(`${inWords(it)} (Ctrl+C stops it)`)
  })
  try {
    return await runLive(plan, { signal: stop.signal, onProgress })
  } catch (error) {
    if (!stop.signal.aborted) throw error
    progress.clear()
    context.err.line('Stopped. All nodes are closed.')
    process.exitCode = interrupted
    return undefined
  } finally {
    progress.clear()
    for (const signal of signals) process.off(signal, onSignal)
  }
}

function labLoader({ lab }: RunSpec): LoadSubstitute | undefined {
  if (lab === undefined) return undefined
  return async () => {
    const { loadSubstitute } = await import('../labs/load-lab.ts')
    try {
      return await loadSubstitute(lab)
    } catch (error) {
      const [reason] = (error instanceof Error ? error.message : String(error)).split('\n', 1)
      throw new CouldNotRun(`The code of lab ${lab} does not load: ${reason}`, `It is in labs/${lab}.`, error)
    }
  }
}

function seldom(show: (progress: LiveProgress) => void): (progress: LiveProgress) => void {
  let next = 0
  return (progress) => {
    const now = performance.now()
    if (now < next && progress.step !== 'connected') return
    next = now + progressInterval
    show(progress)
  }
}

function inWords(progress: LiveProgress): string {
  if ('done' in progress) {
    const doing = progress.step === 'listening' ? 'Starting nodes' : 'Connecting'
    return `${doing}: ${progress.done} of ${progress.all}`
  }
  if (progress.step === 'connected') return 'Running'
  return `Running: ${progress.informed} of ${progress.all} nodes have the last rumor, ${formatMillis(progress.time)}`
}

function asJson(result: LiveResult) {
  const { simulated, record, reason, ports, connections, latency, isHeld, refused, checks } = result
  return {
    scenario: simulated.scenario.id,
    seed: simulated.seed,
    // The latency is the simulated run's; the live one has it only where it was asked for.
    parameters: simulated.parameters,
    nodes: ports.length,
    connections,
    reason,
    time: record.lastEventTime,
    events: record.trace.length,
    latency: latency && { mean: latency.mean, least: latency.least, most: latency.most, held: isHeld },
    ...measuresOf(result),
    refused: refused.length,
    checks: checks.map(({ title, violation }) => ({ title, passed: violation === null, ...violation })),
  }
}

/** What broke a run, in the command's own words. */
function explain(error: unknown, spec: RunSpec): unknown {
  const inSimulator = `npx peerlab run ${spec.scenario} --seed ${spec.seed}`
  if (error instanceof ProtocolError) {
    // The class is the engine's business; what was thrown is in the message.
    const message = error.message.replace('SubjectError: ', '').replace(/\.$/, '')
    const lab = spec.lab === undefined ? '' : ` --lab ${spec.lab}`
    return new CouldNotRun(`${message}.`, `See whether it does so in the simulator: ${inSimulator}${lab}`, error)
  }
  if (error instanceof TooManyEvents) {
    return new WrongUse(
      `This run takes more than ${formatNumber(maxEvents)} events in the simulator: too many for real connections.`,
      'Take fewer nodes or rumors, or a longer period.',
      error,
    )
  }
  // The parameters are right one by one but not together.
  if (error instanceof RangeError) {
    return new WrongUse(
      `${spec.scenario} cannot run like this: ${error.message}.`,
      'Change what it names with --set name=value.',
      error,
    )
  }
  return error
}
