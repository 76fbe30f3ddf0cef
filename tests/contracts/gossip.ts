import { Gossip, LocalSubject, type RunSpec } from '@peerlab/engine'
import type { Contract, ContractTask } from './contract.ts'
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
import { judgeCases, type Case, type Property } from './judge.ts'

/** The seeds by which every student is judged. */
const seeds = [11, 23, 47]

/** In every run of every task: honest reports and clean hands. */
const always: readonly Property[] = [reportsOnlyWhatCame, leavesMessagesAlone]

const everybody = 64 // a fanout that no node here has as many neighbors for

/**
 * How long after the last wish from outside packets may be sent: the wave crosses the network in at most 3 s, then each
 * node has its beats, one for every late rumor that a beat brings, and a last question and answer.
 */
const grace = fallsSilent(
  ({ run }) => 3000 + (run.parameters['period'] as number) * ((run.parameters['repairRounds'] as number) + 4) * 2,
)

export const gossipContract: Contract = {
  lab: '03-gossip',
  tasks: [
    task('deliver', [{ spec: twoStrangers(), properties: [keepsStateApart, deliversFirstCopies] }]),
    task(
      'spread',
      ['ring', 'star', 'grid', 'complete', 'random-regular'].map((topology, i) => ({
        spec: run(seeds[i % seeds.length]!, { size: 16, topology, fanout: everybody, rumors: 2, degree: 4 }),
        properties: [deliversFirstCopies, reaches(1)],
      })),
    ),
    task(
      'once',
      ['complete', 'grid', 'random-regular'].map((topology, i) => ({
        spec: run(seeds[i]!, { size: 12, topology, fanout: everybody, degree: 4 }),
        properties: [deliversOnce, duplicatesEnd, neverBack, reaches(1)],
      })),
    ),
    task('ttl', [
      {
        spec: run(11, { size: 20, topology: 'ring', fanout: everybody, ttl: 4 }),
        properties: [countsHops, reachesWithinTtl],
      },
      {
        spec: run(23, { size: 36, topology: 'grid', fanout: everybody, ttl: 3 }),
        properties: [countsHops, reachesWithinTtl],
      },
    ]),
    task(
      'fanout',
      seeds.map((seed) => ({
        spec: run(seed, { size: 40, degree: 12, fanout: 3 }),
        properties: [tellsFanout, reaches(0.8)],
      })),
    ),
    task('bad-input', [{ spec: noise(), properties: [dropsMalformed, reaches(1)] }]),
    task(
      'repair',
      seeds.map((seed) => ({
        spec: run(seed, { size: 40, degree: 8, fanout: 2, loss: 0.1, repairRounds: 12, rumors: 3 }),
        properties: [tellsNames, asksAndAnswers, reaches(0.97)],
      })),
    ),
    task(
      'restart',
      seeds.map((seed) => ({
        spec: {
          ...run(seed, { size: 20, degree: 6, fanout: 3, repairRounds: 12, rumors: 0 }),
          actions: [
            { time: 10, input: { action: 'crash', with: { node: 7 } } },
            { time: 20, input: { action: 'crash', with: { node: 8 } } },
            { time: 100, input: { action: 'publish', with: { node: 3 } } },
            { time: 2500, input: { action: 'restart', with: { node: 7 } } },
            { time: 3500, input: { action: 'restart', with: { node: 8 } } },
          ],
        },
        properties: [reaches(1)],
      })),
    ),
    task(
      'silence',
      seeds.map((seed) => ({
        spec: run(seed, { size: 24, degree: 6, fanout: 2, repairRounds: 6, loss: 0.05 }),
        properties: [tellsNames, grace, reaches(0.95)],
      })),
    ),
    task(
      'cost',
      seeds.map((seed) => ({
        spec: run(seed, { size: 40, degree: 8, fanout: 3, repairRounds: 6, rumors: 5 }),
        properties: [tellsNames, reaches(0.99), costsAtMost(5)],
      })),
    ),
  ],
}

const reference = async (): Promise<LocalSubject> => new LocalSubject({ Gossip })

function task(id: string, cases: readonly Case[]): ContractTask {
  const judged = cases.map(({ spec, properties }) => ({ spec, properties: [...always, ...properties] }))
  return { id, check: (subject) => judgeCases(judged, { subject, reference, class: 'Gossip' }) }
}

function run(seed: number, parameters: { readonly [name: string]: unknown }): RunSpec {
  return { scenario: 'gossip', seed, parameters: { repairRounds: 0, ...parameters } }
}

/** Two nodes are told the same rumor by packets that no node sent: each of them hears it for the first time. */
function twoStrangers(): RunSpec {
  const message = { type: 'rumor', id: 'x1', payload: { nonce: 'a stranger said so' }, ttl: 1 }
  return {
    ...run(11, { size: 2, topology: 'complete', fanout: everybody, rumors: 0 }),
    actions: [
      { time: 10, input: { action: 'inject', with: { from: 1, to: 0, message } } },
      { time: 500, input: { action: 'inject', with: { from: 0, to: 1, message } } },
    ],
  }
}

/** Eight kinds of garbage at one node, and then a rumor that must still spread. */
function noise(): RunSpec {
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
    ...run(23, { size: 8, topology: 'complete', fanout: everybody, rumors: 0 }),
    actions: [
      ...garbage.map((message, i) => ({
        time: 10 + 10 * i,
        input: { action: 'inject', with: { from: 1, to: 2, message } },
      })),
      { time: 500, input: { action: 'publish', with: { node: 2 } } },
    ],
  }
}
