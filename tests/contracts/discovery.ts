import { Discovery, LocalSubject, type RunSpec } from '@peerlab/engine'
import type { Contract, ContractTask } from './contract.ts'
import { discoveryEvidence, type DiscoveryEvidence, type DiscoveryProperty } from './discovery-evidence.ts'
import {
  answersPings,
  believesOnlyAnswers,
  boundsHearsay,
  callsOnce,
  comesBack,
  costsAtMost,
  dropsMalformed,
  dropsTheSilent,
  forgetsTheDead,
  keepsLimits,
  keepsTheLiving,
  passesOnWhatAnswered,
  pingsOnlyTheQuiet,
  refusesLateWelcomes,
} from './discovery-fault-properties.ts'
import {
  asksWhoWelcomes,
  callsOnlyWhomItWasToldOf,
  entersByTheBootnode,
  holdsTogether,
  leavesMessagesAlone,
  neverCallsItself,
  reachesTarget,
  reportsConnections,
  reportsOnlyConnections,
  tellsWhatItKnows,
  welcomesCallers,
} from './discovery-properties.ts'
import { discoveryQuestions } from './discovery-questions.ts'
import type { Draw } from './draw.ts'
import { judgeCases, type Case } from './judge.ts'

type DiscoveryCase = Case<DiscoveryEvidence>

/** In every run of every task: honest reports, clean hands, and no guesses. */
const always: readonly DiscoveryProperty[] = [reportsOnlyConnections, leavesMessagesAlone, callsOnlyWhomItWasToldOf]

export const discoveryContract: Contract = {
  lab: '02-discovery',
  questions: discoveryQuestions,
  tasks: (draw) => [
    task('welcome', [{ spec: callers(draw), properties: [welcomesCallers, reportsConnections, tellsWhatItKnows] }]),
    task('enter', [
      {
        spec: run(seedFor(draw, 'enter'), { size: 6 }),
        properties: [entersByTheBootnode, reportsConnections, asksWhoWelcomes],
      },
      { spec: bootnodeIsLate(draw), properties: [entersByTheBootnode] },
    ]),
    task(
      'loop',
      seedsFor(draw, 'loop').map((seed) => ({
        spec: run(seed, {
          size: draw.integer('nodes of the loop', { usual: 26, from: 24, to: 28 }),
          target: draw.integer('target of the loop', { usual: 4, from: 4, to: 5 }),
          duration: 14_000,
        }),
        properties: [neverCallsItself, callsOnce, reachesTarget(), holdsTogether],
      })),
    ),
    task('dead', [
      ...seedsFor(draw, 'dead').map((seed) => ({
        spec: run(seed, { size: 40, gone: percent(draw, 'gone, in percent', 50, 40, 60), duration: 24_000 }),
        properties: [forgetsTheDead, callsOnce, reachesTarget(0.8)],
      })),
      { spec: nobodyTellsAgain(draw), properties: [forgetsTheDead, callsOnce] },
    ]),
    task(
      'slow',
      seedsFor(draw, 'slow').map((seed) => ({
        spec: run(seed, {
          size: 24,
          slow: 0.5,
          target: 6,
          slowness: draw.integer('slowness', { usual: 6000, from: 5000, to: 8000 }),
          duration: 24_000,
        }),
        properties: [refusesLateWelcomes, reachesTarget(0.8)],
      })),
    ),
    task('limits', [
      { spec: crowd(draw), properties: [welcomesCallers, reportsConnections] },
      {
        spec: run(seedFor(draw, 'limits'), { size: 24, target: 4, limit: 10, duration: 16_000 }),
        properties: [neverCallsItself, keepsLimits, welcomesCallers, reachesTarget(0.9)],
      },
      { spec: hesitant(draw), properties: [keepsLimits] },
    ]),
    task('bad-input', [{ spec: noise(draw), properties: [dropsMalformed, reachesTarget()] }]),
    task('hearsay', [
      { spec: unasked(draw), properties: [believesOnlyAnswers, passesOnWhatAnswered] },
      ...seedsFor(draw, 'hearsay').map((seed) => ({
        spec: liars(draw, seed),
        properties: [passesOnWhatAnswered, boundsHearsay, reachesTarget(0.5)],
      })),
      { spec: smallTable(draw), properties: [boundsHearsay] },
    ]),
    task(
      'silence',
      seedsFor(draw, 'silence').map((seed) => ({
        spec: someCrash(draw, seed),
        properties: [pingsOnlyTheQuiet, answersPings, keepsTheLiving, dropsTheSilent, reachesTarget()],
      })),
    ),
    task(
      'restart',
      seedsFor(draw, 'restart').map((seed) => ({ spec: oneComesBack(draw, seed), properties: [comesBack] })),
    ),
    task(
      'cost',
      seedsFor(draw, 'cost').map((seed) => ({
        spec: run(seed, { size: 24, duration: 30_000 }),
        properties: [reachesTarget(), holdsTogether, costsAtMost(mostPackets)],
      })),
    ),
  ],
}

/** Packets for each outgoing connection. See the README of the lab. */
const mostPackets = 10

const reference = async (): Promise<LocalSubject> => new LocalSubject({ Discovery })

function task(id: string, cases: readonly DiscoveryCase[]): ContractTask {
  const judged = cases.map(({ spec, properties }) => ({ spec, properties: [...always, ...properties] }))
  const bench = { reference, class: 'Discovery', witness: discoveryEvidence }
  return { id, check: (subject) => judgeCases(judged, { ...bench, subject }) }
}

function seedsFor(draw: Draw, label: string): readonly number[] {
  return draw.seeds(label, [11, 23])
}

function seedFor(draw: Draw, label: string): number {
  return draw.seeds(label, [11])[0]!
}

/**
 * Newcomers within five seconds, and connections that need no ping in the time of the run. Packets do not overtake each
 * other: a question that comes before the welcome is answered with bye, and only pings mend that connection.
 */
function run(
  seed: number,
  parameters: { readonly [name: string]: unknown },
  actions: RunSpec['actions'] = [],
): RunSpec {
  return {
    scenario: 'bootstrap',
    seed,
    parameters: { joining: 5000, jitter: 0, silence: 90_000, duration: 20_000, limit: 32, ...parameters },
    actions,
  }
}

function percent(draw: Draw, label: string, usual: number, from: number, to: number): number {
  return draw.integer(label, { usual, from, to }) / 100
}

const at = (time: number, action: string, values: { readonly [name: string]: unknown }) => ({
  time,
  input: { action, with: values as never },
})

const inject = (time: number, from: number, to: number, message: object) => at(time, 'inject', { from, to, message })

/** Nodes that are down, and in whose names hellos and questions come: whatever is answered is seen, and nobody reacts. */
function callers(draw: Draw): RunSpec {
  const asked = draw.integer('node that is called', { usual: 1, from: 1, to: 2 })
  return run(seedFor(draw, 'callers'), { size: 5, joining: 0, duration: 9000 }, [
    at(1, 'crash', { node: 3 }),
    at(1, 'crash', { node: 4 }),
    inject(3000, 3, asked, { type: 'hello' }),
    inject(4000, 3, asked, { type: 'get-peers' }),
    inject(5000, 4, asked, { type: 'hello' }),
    inject(6000, 4, asked, { type: 'get-peers' }),
  ])
}

/** The bootnode is down when the first calls come, and comes back later. */
function bootnodeIsLate(draw: Draw): RunSpec {
  const back = draw.integer('return of the bootnode', { usual: 9000, from: 7000, to: 12_000 })
  return run(seedFor(draw, 'late bootnode'), { size: 6 }, [
    at(0, 'crash', { node: 0 }),
    at(back, 'restart', { node: 0 }),
  ])
}

/** All want more than there are, and the bootnode dies: what is dead and not forgotten is called again and again. */
function nobodyTellsAgain(draw: Draw): RunSpec {
  const death = draw.integer('death of the bootnode', { usual: 8000, from: 7000, to: 10_000 })
  return run(seedFor(draw, 'nobody tells again'), { size: 24, gone: 0.5, target: 14, duration: 24_000 }, [
    at(death, 'crash', { node: 0 }),
  ])
}

/** More callers than one node has places for. */
function crowd(draw: Draw): RunSpec {
  const limit = draw.integer('limit in a crowd', { usual: 5, from: 4, to: 7 })
  const strangers = [3, 4, 5, 6, 7, 8, 9]
  return run(seedFor(draw, 'crowd'), { size: 10, joining: 0, target: 2, limit, duration: 9000 }, [
    ...strangers.map((node) => at(1, 'crash', { node })),
    ...strangers.map((node, i) => inject(3000 + 300 * i, node, 1, { type: 'hello' })),
  ])
}

/** Half of the nodes answer after more than a beat, and still in time. */
function hesitant(draw: Draw): RunSpec {
  const slowness = draw.integer('hesitation', { usual: 1300, from: 1100, to: 1500 })
  return run(seedFor(draw, 'hesitant'), { size: 24, slow: 0.5, slowness })
}

/** Nine kinds of garbage at one node, which must still enter. */
function noise(draw: Draw): RunSpec {
  const garbage = [
    { type: 'noise' },
    { type: 'peers' },
    { type: 'peers', peers: 'everybody' },
    { type: 'peers', peers: [null] },
    { type: 'peers', peers: ['4'] },
    { type: 'peers', peers: [-1] },
    { type: 'peers', peers: [2.5] },
    { type: 'full', peers: [2 ** 48] },
    { type: 'peers', peers: Array.from({ length: 20 }, (_, i) => i) },
  ]
  const node = draw.integer('node that gets garbage', { usual: 2, from: 1, to: 6 })
  return run(
    seedFor(draw, 'noise'),
    { size: 14, joining: 0, duration: 15_000 },
    garbage.map((message, i) => inject(1500 + 150 * i, 0, node, message)),
  )
}

/**
 * A list that nobody asked for names an address that nobody has: whoever calls there believes too much. All want more
 * connections than there are nodes, so they call whomever they know of.
 */
function unasked(draw: Draw): RunSpec {
  const peers = [draw.integer('address that nobody has', { usual: 123_456_789, from: 1e8, to: 1e9 })]
  const strangers = [2, 3, 4].map((node) => [node, node + 7] as const)
  return run(seedFor(draw, 'unasked'), { size: 16, joining: 0, target: 16, duration: 12_000 }, [
    ...strangers.map(([, stranger]) => at(1, 'crash', { node: stranger })),
    ...strangers.map(([node, stranger]) => inject(3000, stranger, node, { type: 'full', peers })),
    ...strangers.map(([node, stranger]) => inject(3500, stranger, node, { type: 'peers', peers })),
  ])
}

/** Some lie: they name addresses of nodes that are gone. */
function liars(draw: Draw, seed: number): RunSpec {
  return run(seed, {
    size: 40,
    liars: percent(draw, 'liars, in percent', 15, 10, 20),
    gone: 0.3,
    lie: 'gone',
    target: 5,
    maxPerSource: draw.integer('hearsay of one source', { usual: 3, from: 2, to: 3 }),
    duration: 30_000,
  })
}

/** A list that is longer than the table of a node that wants many connections. */
function smallTable(draw: Draw): RunSpec {
  return run(seedFor(draw, 'small table'), {
    size: 40,
    gone: 0.8,
    target: 14,
    maxKnown: 8,
    maxPerSource: 8,
    maxShared: 16,
    duration: 12_000,
  })
}

/** Some nodes crash and stay away; the others are quiet for long. */
function someCrash(draw: Draw, seed: number): RunSpec {
  const first = draw.integer('first node that crashes', { usual: 3, from: 1, to: 16 })
  return run(seed, { size: 24, silence: 6000, duration: 35_000 }, [
    ...[0, 1, 2, 3].map((i) => at(9000 + 100 * i, 'crash', { node: first + i })),
  ])
}

/** The bootnode is gone for good when a node restarts: only its storage knows whom to call. */
function oneComesBack(draw: Draw, seed: number): RunSpec {
  const node = draw.integer('node that restarts', { usual: 5, from: 1, to: 15 })
  return run(seed, { size: 16, duration: 25_000 }, [
    at(9000, 'crash', { node: 0 }),
    at(9500, 'crash', { node }),
    at(11_000, 'restart', { node }),
  ])
}
