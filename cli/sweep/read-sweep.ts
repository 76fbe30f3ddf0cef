import { availableParallelism } from 'node:os'
import { isLink, Run, scenarios } from '@peerlab/engine'
import { readCount } from '../batch/read-count.ts'
import { readShard, sizeOfShard, type Shard } from '../batch/shard.ts'
import { WrongUse } from '../failure.ts'
import { scenarioNamed } from '../scenarios/find-scenario.ts'
import { Plan } from './plan.ts'
import { formatValue, readAxes } from './ranges.ts'
import { readSeeds } from './seeds.ts'

/** The options of `peerlab sweep`, as they were typed. */
export interface SweepRequest {
  readonly scenario: string | undefined
  /** What stands behind it. There should be nothing. */
  readonly excess: readonly string[]
  readonly set?: readonly string[]
  readonly seeds?: string
  readonly shard?: string
  readonly out?: string
  readonly jobs?: string
  readonly maxEvents?: string
  readonly dryRun?: boolean
}

/** What is to be run, and how. */
export interface Sweep {
  readonly plan: Plan
  readonly shard: Shard
  /** How many of the plan's runs are the shard's. */
  readonly runs: number
  readonly out: string
  /** How many runs are made at the same time. */
  readonly jobs: number
}

/** The largest run that people have tried, with a million nodes, has some ten million events. */
const defaultMaxEvents = 1_000_000_000

/** Reads and checks everything before anything is run or written. */
export function readSweep(request: SweepRequest): Sweep {
  const { scenario, excess, set = [], seeds, out } = request
  if (scenario === undefined) {
    throw new WrongUse(
      'Name the scenario, for example: npx peerlab sweep gossip --set fanout=1..6 --seeds 1..50 --out sweep.jsonl',
      'See all scenarios with: npx peerlab scenarios',
    )
  }
  refuseLinks(scenario)
  const definition = scenarioNamed(scenario)
  refuseExcess(excess)
  const axes = readAxes(definition, set)
  const { ranges } = readSeeds(seeds)
  const maxEvents = readCount('--max-events', request.maxEvents) ?? defaultMaxEvents
  const plan = new Plan({ scenario: definition.id, axes, seeds: ranges, maxEvents })
  const shard = readShard(request.shard)
  const jobs = readCount('--jobs', request.jobs) ?? availableParallelism()
  if (out === undefined || out === '') {
    throw new WrongUse('A sweep needs a file for its results.', 'For example: --out sweep.jsonl')
  }
  tryPoints(plan)
  return { plan, shard, runs: sizeOfShard(shard, plan.runs), out, jobs }
}

/** As many nodes are set up in about a second. */
const triedNodes = 200_000

/** Values may be right one by one and not together. As far as it is soon done, this is found out before the first run. */
function tryPoints(plan: Plan): void {
  let nodes = 0
  for (let point = 0; point < plan.points; point++) {
    const parameters = plan.point(point)
    const size = parameters['size'] ?? plan.defaults['size']
    nodes += typeof size === 'number' ? size : 1000
    if (nodes > triedNodes) return
    try {
      new Run({ scenario: plan.scenario.id, seed: plan.seeds.at(0), parameters })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      const values = plan.spec.axes.map(({ name }) => `${name}=${formatValue(parameters[name]!)}`).join(' ')
      throw new WrongUse(
        `${plan.scenario.id} cannot run with ${values === '' ? 'its defaults' : values}: ${error.message}.`,
        'Change the values of --set, or make a sweep for each part that goes together.',
        error,
      )
    }
  }
}

function refuseLinks(text: string): void {
  if (!isLink(text)) return
  throw new WrongUse(
    'A link is one certain run, and a sweep makes many.',
    'Name its scenario, and its parameters with --set. To replay the link, write: npx peerlab run "<link>"',
  )
}

function refuseExcess([first]: readonly string[]): void {
  if (first === undefined) return
  const message = `"${first}" is one word too many.`
  if (first.includes('=')) throw new WrongUse(message, `Write --set in front of each setting: --set ${first}`)
  if (scenarios.some(({ id }) => id === first)) throw new WrongUse(message, 'Sweep over one scenario at a time.')
  throw new WrongUse(message, 'See what sweep takes with: npx peerlab sweep --help')
}
