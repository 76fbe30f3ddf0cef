import { findScenario, isLink, type RunSpec } from '@peerlab/engine'
import { WrongUse } from '../failure.ts'
import { readSpec } from '../run/read-spec.ts'
import { liveFormOf } from './live-form.ts'
import { maxNodes } from './limits.ts'
import { scenarioNamed } from '../scenarios/find-scenario.ts'

/** The options of `peerlab live`, as they were typed. */
export interface LiveRequest {
  readonly what: string | undefined
  /** What stands behind it. There should be nothing. */
  readonly excess: readonly string[]
  readonly nodes?: string
  readonly seed?: string
  readonly set?: readonly string[]
  readonly lab?: string
  readonly json?: boolean
}

const defaultNodes = 20
const usualDegree = findScenario('gossip').parameters['degree']?.default as number

/** What is to be run, from the command line. Without a seed it takes one that differs from time to time. */
export function readLive({ what, excess, nodes, seed, set = [], lab }: LiveRequest): RunSpec {
  if (what === undefined) {
    throw new WrongUse(
      'Name the scenario to run on real connections, for example: npx peerlab live gossip --nodes 20',
      'See what live takes with: npx peerlab live --help',
    )
  }
  if (isLink(what)) {
    throw new WrongUse(
      'A link replays a run of the simulator; on real connections no run is repeated exactly.',
      'Name the scenario, and copy the seed and the parameters: npx peerlab live gossip --seed 7 --set fanout=2',
    )
  }
  liveFormOf(scenarioNamed(what).id)
  const [first] = excess
  if (first !== undefined) {
    const instead = first.includes('=')
      ? `Write --set in front of each setting: --set ${first}`
      : 'See what live takes with: npx peerlab live --help'
    throw new WrongUse(`"${first}" is one word too many.`, instead)
  }
  const spec = readSpec({
    what,
    excess: [],
    seed: seed ?? String(Math.floor(Math.random() * 10_000)),
    set,
    ...(lab === undefined ? {} : { lab }),
  })
  const { parameters = {} } = spec
  if (parameters['rumors'] === 0) {
    throw new WrongUse(
      'With rumors=0 nothing is published, and nothing would be seen.',
      'On real connections nobody can click: leave it at 1, or set a larger number.',
    )
  }
  const size = readNodes(nodes, parameters['size'] as number | undefined)
  return { ...spec, parameters: { ...parameters, size, ...degreeFor(size, parameters) } }
}

function readNodes(text: string | undefined, size: number | undefined): number {
  if (text !== undefined && size !== undefined) {
    throw new WrongUse(`The number of nodes is given twice: --nodes ${text} and --set size=${size}.`, 'Keep one.')
  }
  const nodes = text === undefined ? (size ?? defaultNodes) : /^\d+$/.test(text.trim()) ? Number(text) : NaN
  if (nodes >= 2 && nodes <= maxNodes) return nodes
  throw new WrongUse(
    `${text === undefined ? `size cannot be ${size}` : `--nodes cannot be "${text}"`} on real connections.`,
    `It must be a whole number from 2 to ${maxNodes}: each node is a libp2p node with a port of its own. ` +
      'For more nodes there is the simulator: npx peerlab run',
  )
}

/** The scenario's own degree is for more nodes than a few; without a wish it is as near to it as the graph allows. */
function degreeFor(size: number, parameters: { readonly [name: string]: unknown }): { readonly degree?: number } {
  if (parameters['degree'] !== undefined || size > usualDegree) return {}
  // Even, because size times degree must be; two nodes have one link.
  return { degree: size === 2 ? 1 : Math.floor((size - 1) / 2) * 2 }
}
