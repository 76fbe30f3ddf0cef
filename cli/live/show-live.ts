import { findScenario, toLink, type Curve, type RumorSpread, type RunSpec } from '@peerlab/engine'
import type { Context } from '../context.ts'
import { columns, formatCount, formatMillis, formatNumber } from '../format.ts'
import { comparedLines, curvePoints } from '../run/chart.ts'
import type { LiveResult } from './live-run.ts'
import { measuresOf } from './measures.ts'

/** What is run, and on how many connections: said as soon as they are there. */
export function showStart(
  { out }: Context,
  { scenario, seed, parameters = {}, lab }: RunSpec,
  { nodes, connections }: { readonly nodes: number; readonly connections: number },
): void {
  const changed = Object.entries(parameters).filter(([name]) => name !== 'size')
  const parts = [
    ...changed.map(([name, value]) => `${name}=${String(value)}`),
    ...(lab === undefined ? [] : [`your file of lab ${lab}`]),
  ]
  const peculiarities = parts.length === 0 ? '' : `, with ${parts.join(', ')}`
  out.line(`${out.bold(`${findScenario(scenario).title} on real connections`)}, seed ${seed}${peculiarities}`)
  out.line(
    `${formatCount(nodes, 'js-libp2p nodes')} on 127.0.0.1, ${formatCount(connections, 'connections')} (TCP, Noise, Yamux)`,
  )
}

/** What came out of a live run, beside the simulated one, for people. */
export function showLive(context: Context, result: LiveResult): void {
  const { out } = context
  showLatency(context, result)
  out.line()
  showMeasures(context, result)
  const chart = comparedLines(context, liveCurve(result), simulatedCurve(result))
  if (chart.length > 0) out.line()
  for (const line of chart) out.line(line)
  out.line()
  showChecks(context, result)
  out.line()
  out.line(endOf(result))
  out.line(`The simulated run: npx peerlab run "${toLink(result.simulated.spec)}"`)
}

function showLatency({ out }: Context, { latency, isHeld }: LiveResult): void {
  if (latency === null) return
  const { mean, least, most } = latency
  out.line(
    `While the rumor spread, a message took ${formatMillis(mean)} on average, ${formatMillis(least)} to ${formatMillis(most)}.`,
  )
  out.line(
    isHeld
      ? 'Each was held back before it was sent, as the simulator holds it.'
      : 'The simulator was given this mean and spread.',
  )
}

function showMeasures({ out, plain }: Context, result: LiveResult): void {
  const { measured, simulated } = measuresOf(result)
  const rows = result.simulated.scenario.measures
    .filter(({ name }) => measured[name] !== undefined)
    .map(({ name, unit, label }) => {
      const inWords = (value: number | null | undefined): string => {
        if (value === null || value === undefined) return unit === 'ms' ? 'not reached' : 'none'
        return label === unit ? formatNumber(value) : formatCount(value, unit)
      }
      return [label, inWords(measured[name]), inWords(simulated[name])] as const
    })
  const lines = plain
    ? rows.map(([label, live, model]) => `${label}: measured ${live}, simulated ${model}`)
    : columns([['', 'measured', 'simulated'], ...rows])
  for (const line of lines) out.line(line)
}

function showChecks({ out, plain }: Context, { checks }: LiveResult): void {
  out.line(out.bold('Checks:'))
  for (const { title, violation } of checks) {
    const passed = violation === null
    const sign = plain ? (passed ? 'passed:' : 'failed:') : passed ? out.green('✓') : out.red('✗')
    out.line(`${plain ? '' : '  '}${sign} ${title}`)
    if (violation === null) continue
    out.line(`    expected ${violation.expected}`)
    out.line(`    happened ${violation.happened}`)
  }
}

function endOf({ reason, record, ports }: LiveResult): string {
  const inWords = {
    idle: 'nothing is left to do',
    over: 'everybody has every rumor',
    time: 'its duration is over',
    storm: 'there was no end to the messages',
  }[reason]
  return (
    `Ended after ${formatMillis(record.lastEventTime)} of real time: ${inWords}. ` +
    `All ${formatNumber(ports.length)} nodes are stopped.`
  )
}

function liveCurve({ record: { spread } }: LiveResult): Curve {
  return { label: 'measured', points: spread.latest === undefined ? [] : coverageOf(spread.latest) }
}

/** Both begin with the publication, which on the real clock is some time after 0. */
function simulatedCurve({ simulated }: LiveResult): Curve {
  const { points } = simulated.world.curves(curvePoints).measured
  const start = points[0]?.[0] ?? 0
  return { label: 'simulated', points: points.map(([x, y]) => [x - start, y] as const) }
}

function coverageOf({ times, published }: RumorSpread): Curve['points'] {
  const heard = times.filter((time) => !Number.isNaN(time)).sort()
  if (heard.length === 0) return []
  const end = Math.max(heard.at(-1)! - published, 1)
  let known = 0
  return Array.from({ length: curvePoints }, (_, i) => {
    const x = (end * i) / (curvePoints - 1)
    while (known < heard.length && heard[known]! - published <= x) known++
    return [x, known / times.length] as const
  })
}
