import {
  ProtocolError,
  Run,
  SubjectError,
  Trace,
  type RunOptions,
  type RunSpec,
  type SubstituteProtocol,
} from '@peerlab/engine'
import type { Context } from '../context.ts'
import { CouldNotRun, exitCodes, WrongUse } from '../failure.ts'
import { excerpt, formatNumber } from '../format.ts'
import { compareRuns, type Comparison, type Difference, type MakeRun } from './compare-runs.ts'
import { finishRun, type Outcome } from './outcome.ts'
import { Progress } from './progress.ts'
import { brokenPromise } from './promise.ts'
import { readSpec, readUntil, type SpecRequest } from './read-spec.ts'
import { printSummary } from './summary.ts'
import { withLab } from './with-lab.ts'
import { printLeftBehind, printWhy, readWhy } from './why.ts'

/** The options of `peerlab run`, as they were typed. */
export interface RunRequest extends SpecRequest {
  readonly until?: string
  readonly check?: boolean
  readonly json?: boolean
  readonly why?: string
}

/** From this many nodes on, the set-up takes long enough to be told. */
const manyNodes = 50_000

/** `peerlab run`. */
export async function runScenario(context: Context, request: RunRequest): Promise<void> {
  const { check = false, json = false } = request
  const spec = await withLab(readSpec(request))
  const until = readUntil(request.until)
  const why = readWhy(request.why)
  const progress = new Progress(context, json)
  const trace = new Trace({
    onSampling: () => {
      progress.clear()
      context.err.line('The trace is full: from here on it keeps a sample, and an answer to --why may miss steps.')
    },
  })
  const substitute = await loadLab(spec)
  try {
    const run = makeRun(spec, { substitute, observe: () => (why === undefined ? [] : [trace]) }, progress)
    const outcome = finishRun(run, until, () => progress.tick('Running', run))
    // The second of the compared runs is of the code that has run already: so it finds what a run leaves behind.
    const fresh = check ? await loadLab(spec) : undefined
    const watched =
      (code: typeof substitute): MakeRun =>
      (observe) =>
        makeRun(spec, { substitute: code, observe, foldPayloads: true }, progress)
    const comparison = check
      ? compareRuns(watched(fresh), watched(substitute), { until, onSlice: (it) => progress.tick('Checking', it) })
      : undefined
    progress.clear()
    if (json) printJson(context, outcome, comparison)
    else printSummary(context, run, outcome, until)
    if (!json && why === undefined) printLeftBehind(context, run)
    if (!json && why !== undefined) printWhy(context, run, trace, why)
    if (!json && comparison !== undefined) printComparison(context, comparison)
    const broken = brokenPromise(request.what, outcome)
    if (broken !== undefined) context.err.line(broken)
    if (comparison?.difference || broken !== undefined) process.exitCode = exitCodes.checksFailed
  } catch (error) {
    progress.clear()
    throw explain(error, spec)
  }
}

async function loadLab({ lab }: RunSpec): Promise<SubstituteProtocol | undefined> {
  if (lab === undefined) return undefined
  const { loadSubstitute } = await import('../labs/load-lab.ts')
  try {
    return await loadSubstitute(lab)
  } catch (error) {
    throw new CouldNotRun(`The code of lab ${lab} does not load: ${firstLine(error)}`, `It is in labs/${lab}.`, error)
  }
}

function makeRun(spec: RunSpec, options: RunOptions, progress: Progress): Run {
  const size = spec.parameters?.['size']
  if (typeof size === 'number' && size >= manyNodes) progress.announce(`Setting up ${formatNumber(size)} nodes …`)
  try {
    return new Run(spec, options)
  } catch (error) {
    // The parameters are right one by one but not together, or an action of a link is not one of the scenario.
    if (!(error instanceof RangeError)) throw error
    throw new WrongUse(
      `${spec.scenario} cannot run like this: ${error.message}.`,
      'Change what it names with --set name=value, or in the link.',
      error,
    )
  }
}

function printJson({ out }: Context, { reason: _, ...printed }: Outcome, comparison: Comparison | undefined): void {
  out.line(JSON.stringify(comparison === undefined ? printed : { ...printed, check: checkOf(comparison) }))
}

function checkOf({ difference }: Comparison) {
  return { passed: difference === null, difference }
}

function printComparison({ out, plain }: Context, { difference, ambientCalls }: Comparison): void {
  out.line()
  if (difference !== null) {
    printDifference(out, difference)
    return
  }
  out.line(`${plain ? 'Check passed:' : out.green('✓')} two more runs did the same in every event, message and report.`)
  for (const { name, instead, event } of ambientCalls) {
    out.line(`Note: ${name} was called in event ${event}. It did not matter here; use ${instead}.`)
  }
}

function printDifference(out: Context['out'], difference: Difference): void {
  const { event, time, node, kind, first, second, likelyCause } = difference
  const place = `event ${event} at ${time} ms${node < 0 ? '' : `, node ${node}`} (${kind})`
  const at = [...first].findIndex((character, i) => character !== second[i])
  out.line(out.red(`Check failed: two runs with the same seed differ first in ${place}.`))
  out.line(`  First run:  ${excerpt(first, at, 160)}`)
  out.line(`  Second run: ${excerpt(second, at, 160)}`)
  out.line(`Likely cause: ${likelyCause}`)
}

/** What broke a run, for whoever wrote the protocol or has got the link. */
function explain(error: unknown, { lab, actions = [] }: RunSpec): unknown {
  if (error instanceof ProtocolError) {
    // The class is the engine's business; what was thrown is in the message.
    const message = error.message.replace('SubjectError: ', '').replace(/\.$/, '')
    return new CouldNotRun(`${message}.`, placeOf(error.cause, lab), error)
  }
  if (!(error instanceof RangeError) || actions.length === 0) return error
  return new CouldNotRun(
    `The link does not fit this run: ${error.message}.`,
    'Make a new link with this version of Peerlab.',
    error,
  )
}

/** Where in the protocol's file it broke, as far as that is known. */
function placeOf(cause: unknown, lab: string | undefined): string | undefined {
  const { stack = '' } = cause instanceof SubjectError ? cause.failure : cause instanceof Error ? cause : {}
  const folder = lab === undefined ? 'protocols' : String.raw`peerlab-lab-\w+`
  const [, file, line] = new RegExp(`[\\\\/]${folder}[\\\\/](.+):(\\d+):\\d+\\)?$`, 'm').exec(stack) ?? []
  if (file === undefined) return undefined
  return `It happened in ${lab === undefined ? 'engine/protocols' : `labs/${lab}`}/${file}, line ${line}.`
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]!
}
