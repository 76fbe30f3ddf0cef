import { Gossip, LocalSubject, type RunSpec } from '@peerlab/engine'
import type { Contract, ContractTask } from './contract.ts'
import type { Draw } from './draw.ts'
import {
  asksAndAnswers,
  costsAtMost,
  countsHops,
  deliversFirstCopies,
  deliversOnce,
  dropsMalformed,
  duplicatesEnd,
  fallsSilent,
  keepsStateApart,
  leavesMessagesAlone,
  neverBack,
  reaches,
  reachesWithinTtl,
  reportsOnlyWhatCame,
  tellsFanout,
  tellsNames,
} from './gossip-properties.ts'
import { gossipQuestions } from './gossip-questions.ts'
import { judgeCases, type Case, type Property } from './judge.ts'
import { rumorEvidence, type RumorEvidence } from './rumor-evidence.ts'

type RumorProperty = Property<RumorEvidence>
type RumorCase = Case<RumorEvidence>

/** In every run of every task: honest reports and clean hands. */
const always: readonly RumorProperty[] = [reportsOnlyWhatCame, leavesMessagesAlone]

const everybody = 64 // a fanout that no node here has as many neighbors for

/** How long packets may go on when nobody hears anything new: a node's beats, and a last question and answer. */
const grace = fallsSilent(
  ({ run }) => 1000 + (run.parameters['period'] as number) * ((run.parameters['repairRounds'] as number) + 3),
)

export const gossipContract: Contract = {
  lab: '03-gossip',
  questions: gossipQuestions,
  tasks: (draw) => [
    task('deliver', [{ spec: twoStrangers(draw), properties: [keepsStateApart, deliversFirstCopies], together: true }]),
    task(
      'spread',
      ['ring', 'star', 'grid', 'complete', 'random-regular'].map((topology) => ({
        spec: run(seedFor(draw, topology), { size: 16, topology, fanout: everybody, rumors: 2, degree: 4 }),
        properties: [deliversFirstCopies, reaches(1)],
      })),
    ),
    task(
      'once',
      ['complete', 'grid', 'random-regular'].map((topology) => ({
        spec: run(seedFor(draw, topology), { size: 12, topology, fanout: everybody, degree: 4 }),
        properties: [deliversOnce, duplicatesEnd, neverBack, reaches(1)],
      })),
    ),
    task('ttl', [
      {
        spec: run(seedFor(draw, 'ring'), {
          size: 20,
          topology: 'ring',
          fanout: everybody,
          jitter: 0, // with links of one speed the first copy has come the shortest way
          ttl: draw.integer('ttl on the ring', { usual: 4, from: 3, to: 8 }),
        }),
        properties: [countsHops, reachesWithinTtl],
      },
      {
        spec: run(seedFor(draw, 'grid'), {
          size: 36,
          topology: 'grid',
          fanout: everybody,
          jitter: 0,
          ttl: draw.integer('ttl on the grid', { usual: 3, from: 2, to: 5 }),
        }),
        properties: [countsHops, reachesWithinTtl],
      },
    ]),
    task(
      'fanout',
      seedsFor(draw, 'fanout').map((seed) => ({
        spec: run(seed, {
          size: 40,
          degree: 12,
          fanout: draw.integer('fanout', { usual: 3, from: 3, to: 6 }),
        }),
        properties: [tellsFanout, reaches(0.7)],
      })),
    ),
    task('bad-input', [{ spec: noise(draw), properties: [dropsMalformed, reaches(1)] }]),
    task(
      'repair',
      seedsFor(draw, 'repair').map((seed) => ({
        spec: run(seed, { size: 40, degree: 8, fanout: 2, loss: 0.1, repairRounds: 12, rumors: 3 }),
        properties: [tellsNames, asksAndAnswers, reaches(0.97)],
      })),
    ),
    task(
      'restart',
      seedsFor(draw, 'restart').map((seed) => ({ spec: twoAreDown(seed), properties: [reaches(1)] })),
    ),
    task(
      'silence',
      seedsFor(draw, 'silence').map((seed) => ({
        spec: run(seed, { size: 24, degree: 6, fanout: 2, repairRounds: 6, loss: 0.05 }),
        properties: [tellsNames, grace, reaches(0.9)],
      })),
    ),
    task(
      'cost',
      seedsFor(draw, 'cost').map((seed) => ({
        spec: run(seed, { size: 40, degree: 8, fanout: 3, repairRounds: 6, rumors: 5 }),
        properties: [tellsNames, reaches(0.97), costsAtMost(5)],
      })),
    ),
  ],
}

const reference = async (): Promise<LocalSubject> => new LocalSubject({ Gossip })

function task(id: string, cases: readonly RumorCase[]): ContractTask {
  const judged = cases.map((each) => ({ ...each, properties: [...always, ...each.properties] }))
  const bench = { reference, class: 'Gossip', witness: rumorEvidence }
  return { id, check: (subject) => judgeCases(judged, { ...bench, subject }) }
}

function seedsFor(draw: Draw, label: string): readonly number[] {
  return draw.seeds(label, [11, 23, 47])
}

function seedFor(draw: Draw, label: string): number {
  return draw.seeds(label, [11])[0]!
}

function run(seed: number, parameters: { readonly [name: string]: unknown }): RunSpec {
  return { scenario: 'gossip', seed, parameters: { repairRounds: 0, ...parameters } }
}

/** Two nodes are told the same rumor by packets that no node sent: each of them hears it for the first time. */
function twoStrangers(draw: Draw): RunSpec {
  const message = { type: 'rumor', id: 'x1', payload: { nonce: 'a stranger said so' }, ttl: 1 }
  return {
    ...run(seedFor(draw, 'two strangers'), { size: 2, topology: 'complete', fanout: everybody, rumors: 0 }),
    actions: [
      { time: 10, input: { action: 'inject', with: { from: 1, to: 0, message } } },
      { time: 500, input: { action: 'inject', with: { from: 0, to: 1, message } } },
    ],
  }
}

/** Eight kinds of garbage at one node, and then a rumor that must still spread. */
function noise(draw: Draw): RunSpec {
  const payload = { nonce: 'noise' }
  const garbage = [
    { type: 'hello' },
    { type: 'rumor' },
    { type: 'rumor', id: 7, payload, ttl: 3 },
    { type: 'rumor', id: 'n1', ttl: 3 },
    { type: 'rumor', id: 'n2', payload, ttl: -1 },
    { type: 'rumor', id: 'n3', payload, ttl: 2.5 },
    { type: 'rumor', id: 'n4', payload, ttl: 'many' },
    { type: 'rumor', id: 'n5', payload, ttl: 1_000_000 },
  ]
  return {
    ...run(seedFor(draw, 'noise'), { size: 8, topology: 'complete', fanout: everybody, rumors: 0 }),
    actions: [
      ...garbage.map((message, i) => ({
        time: 10 + 10 * i,
        input: { action: 'inject', with: { from: 1, to: 2, message } },
      })),
      { time: 500, input: { action: 'publish', with: { node: 2 } } },
    ],
  }
}

/** A rumor spreads while two nodes are down, which come back when most have stopped telling of it. */
function twoAreDown(seed: number): RunSpec {
  return {
    ...run(seed, { size: 20, degree: 6, fanout: 3, repairRounds: 12, rumors: 0 }),
    actions: [
      { time: 10, input: { action: 'crash', with: { node: 7 } } },
      { time: 20, input: { action: 'crash', with: { node: 8 } } },
      { time: 100, input: { action: 'publish', with: { node: 3 } } },
      { time: 2500, input: { action: 'restart', with: { node: 7 } } },
      { time: 3500, input: { action: 'restart', with: { node: 8 } } },
    ],
  }
}
