import { fromLink, isLink, maxMillis, scenarios, UnknownParameter, type RunSpec } from '@peerlab/engine'
import { WrongUse } from '../failure.ts'
import { scenarioNamed } from '../scenarios/find-scenario.ts'
import { didYouMean } from '../suggest.ts'
import { readSettings } from './read-settings.ts'

export interface SpecRequest {
  /** A scenario's id or a link. */
  readonly what: string | undefined
  /** What stands behind it. There should be nothing. */
  readonly excess: readonly string[]
  readonly seed?: string
  readonly set?: readonly string[]
  readonly lab?: string
}

/** What is to be run, from the command line. */
export function readSpec({ what, excess, seed, set = [], lab }: SpecRequest): RunSpec {
  if (what === undefined) {
    throw new WrongUse(
      'Name the scenario to run, for example: npx peerlab run gossip --seed 7',
      'See all scenarios with: npx peerlab scenarios',
    )
  }
  refuseExcess(excess)
  return isLink(what) ? readLink(what, { seed, set, lab }) : readScenario(what, { seed, set, lab })
}

/** A virtual time in ms, or nothing for no bound. */
export function readUntil(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const until = text.trim() === '' ? NaN : Number(text)
  if (until >= 0 && until <= maxMillis) return until
  throw new WrongUse(
    `--until cannot be "${text}".`,
    `It must be a number of milliseconds from 0 to ${maxMillis}, for example: --until 500`,
  )
}

interface Given {
  readonly seed: string | undefined
  readonly set: readonly string[]
  readonly lab: string | undefined
}

function readScenario(id: string, { seed, set, lab }: Given): RunSpec {
  const scenario = scenarioNamed(id)
  const parameters = readSettings(scenario, set)
  if (seed === undefined) {
    const example = ['npx peerlab run', id, '--seed 7', ...set.map((setting) => `--set ${setting}`)].join(' ')
    throw new WrongUse(
      'A run needs a seed: all its randomness comes from it, so that it can be repeated.',
      `For example: ${example}`,
    )
  }
  return { scenario: id, seed: readSeed(seed), parameters, ...(lab === undefined ? {} : { lab }) }
}

/** A link is one certain run. Beside it a seed or a setting would make another one, so they are refused. */
function readLink(link: string, { seed, set, lab }: Given): RunSpec {
  const [refused] = [...(seed === undefined ? [] : ['--seed']), ...(set.length === 0 ? [] : ['--set'])]
  if (refused !== undefined) {
    throw new WrongUse(
      `A link carries its own seed and parameters, so ${refused} cannot stand beside it.`,
      `Leave ${refused} out, or change the link.`,
    )
  }
  scenarioNamed(link.slice('peerlab:'.length).split('?')[0]!)
  const spec = parse(link)
  if (lab === undefined || lab === spec.lab) return spec
  if (spec.lab === undefined) return { ...spec, lab }
  throw new WrongUse(`The link is of lab ${spec.lab}, not ${lab}.`, 'Leave --lab out.')
}

function parse(link: string): RunSpec {
  try {
    return fromLink(link)
  } catch (cause) {
    if (cause instanceof UnknownParameter) throw unknownInLink(cause)
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new WrongUse(
      `The link cannot be read: ${message}.`,
      'Copy the whole link, and put it in quotes: the terminal has its own use for & and ?',
      cause,
    )
  }
}

function unknownInLink(cause: UnknownParameter): WrongUse {
  const { parameter, known } = cause
  return new WrongUse(
    `The link has a parameter "${parameter}".${didYouMean(parameter, known)}`,
    'The scenario has no parameter of this name: the link is of another version, or was changed.',
    cause,
  )
}

function readSeed(text: string): number {
  const seed = /^\d+$/.test(text.trim()) ? Number(text) : NaN
  if (Number.isSafeInteger(seed)) return seed
  throw new WrongUse(
    `--seed cannot be "${text}".`,
    `It must be a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, for example: --seed 7`,
  )
}

function refuseExcess(excess: readonly string[]): void {
  const [first] = excess
  if (first === undefined) return
  throw new WrongUse(`"${first}" is one word too many.`, insteadOf(first))
}

function insteadOf(word: string): string {
  if (word.includes('=')) return `Write --set in front of each setting: --set ${word}`
  if (scenarios.some(({ id }) => id === word)) return 'Run one scenario at a time.'
  return 'See what run takes with: npx peerlab run --help'
}
