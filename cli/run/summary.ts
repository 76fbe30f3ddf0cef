import { toLink, type Run } from '@peerlab/engine'
import type { Context } from '../context.ts'
import { columns, formatCount, formatMillis, formatNumber } from '../format.ts'
import { chartLines, curvePoints } from './chart.ts'
import type { Outcome } from './outcome.ts'

/** What came out of a run, for people. */
export function printSummary(context: Context, run: Run, outcome: Outcome, until: number | undefined): void {
  const { out } = context
  out.line(`${out.bold(run.scenario.title)}, seed ${run.seed}${peculiarities(run)}`)
  out.line()
  printMeasures(context, run, outcome)
  const chart = chartLines(context, run.world.curves(curvePoints))
  if (chart.length > 0) out.line()
  for (const line of chart) out.line(line)
  out.line()
  out.line(endOf(run, outcome))
  out.line(`Fingerprint ${outcome.fingerprint}: every run of this command gives the same one.`)
  out.line(`Replay it: npx peerlab run "${toLink(run.spec)}"${until === undefined ? '' : ` --until ${until}`}`)
}

/** What makes this run differ from the plain one. */
function peculiarities({ spec: { parameters = {}, actions = [], lab } }: Run): string {
  const changed = Object.entries(parameters).map(([name, value]) => `${name}=${String(value)}`)
  const parts = [
    ...changed,
    ...(actions.length === 0 ? [] : [formatCount(actions.length, 'actions')]),
    ...(lab === undefined ? [] : [`your file of lab ${lab}`]),
  ]
  return parts.length === 0 ? '' : `, with ${parts.join(', ')}`
}

function printMeasures({ out, plain }: Context, { scenario }: Run, { measures }: Outcome): void {
  const rows = scenario.measures.map(({ name, unit, label }) => {
    const value = measures[name] ?? null
    // A time that is null was not reached; for other measures null may also say that they do not apply.
    if (value === null) return [label, unit === 'ms' ? 'not reached' : 'none'] as const
    return [label, label === unit ? formatNumber(value) : formatCount(value, unit)] as const
  })
  const lines = plain ? rows.map(([label, value]) => `${label}: ${value}`) : columns(rows)
  for (const line of lines) out.line(line)
}

function endOf(run: Run, { reason, time, events, wallSeconds }: Outcome): string {
  const amount = `${formatMillis(time)} of virtual time and ${formatCount(events, 'events')}`
  return `Ended after ${amount}: ${inWords(run, reason)}. Took ${formatNumber(wallSeconds)} s of real time.`
}

function inWords({ parameters, session }: Run, reason: Outcome['reason']): string {
  if (reason === 'idle') return 'nothing is left to do'
  if (reason === 'time') return 'the time of --until has come'
  const { duration } = parameters
  const isTimeUp = typeof duration === 'number' && session.simulation.now >= duration
  return isTimeUp ? `its duration of ${formatMillis(duration)} is over` : 'the scenario has come to its end'
}
