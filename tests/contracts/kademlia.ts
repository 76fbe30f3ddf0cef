import {
  closestContacts,
  commonPrefixLength,
  compareDistance,
  fullTable,
  Kademlia,
  kademliaContacts,
  LocalSubject,
  xorDistance,
  type ActionInput,
  type Data,
  type Recorded,
  type RunSpec,
} from '@peerlab/engine'
import type { Contract, ContractTask } from './contract.ts'
import type { Draw } from './draw.ts'
import { judgeCases, type Case, type Property } from './judge.ts'
import { kademliaEvidence, type KademliaEvidence } from './kademlia-evidence.ts'
import { bucketCalls, closestCalls, distanceCalls, judgeCalls, type Call } from './kademlia-functions.ts'
import {
  asksNobodyTwice,
  costsLittle,
  endsItsLookups,
  findsTheClosest,
  keepsAlphaInFlight,
  reportsWhoAnswered,
} from './kademlia-lookup-properties.ts'
import {
  answersRequests,
  asksOnlyWhomItKnows,
  dropsMalformed,
  forgetsTheDead,
  leavesMessagesAlone,
  namesOnlyWhomItMet,
  pingsTheOldest,
} from './kademlia-properties.ts'
import { kademliaQuestions } from './kademlia-questions.ts'

type KademliaCase = Case<KademliaEvidence>

/** In every run of every task: clean hands, and no guessed addresses. */
const always: readonly Property<KademliaEvidence>[] = [leavesMessagesAlone, asksOnlyWhomItKnows]

/** What every lookup must come to. The first names what an incomplete lookup lacks. */
const rightLookups = [endsItsLookups, reportsWhoAnswered, findsTheClosest, asksNobodyTwice] as const

export const kademliaContract: Contract = {
  lab: '06b-kademlia',
  questions: kademliaQuestions,
  tasks: (draw) => [
    functions(
      'distance',
      'the distance is the exclusive or, as one number from the first byte on',
      distanceCalls,
      draw,
    ),
    functions('bucket', 'the bucket is the number of leading bits that two ids share', bucketCalls, draw),
    functions('closest', 'the contacts closest to a target come first, and no more than asked for', closestCalls, draw),
    task('answer', [{ spec: questions(draw), properties: [answersRequests] }]),
    task('table', [{ spec: strangers(draw), properties: [answersRequests] }]),
    task('lookup', [
      ...seedsFor(draw, 'lookup').map((seed) => ({ spec: lookups(seed, { size: 48 }, 3), properties: rightLookups })),
      // All run the code under judgement, and so answer one another.
      { spec: lookups(seedFor(draw, 'network'), { size: 24, mine: 'all' }, 3), properties: rightLookups },
    ]),
    task(
      'alpha',
      seedsFor(draw, 'alpha').map((seed, i) => ({
        spec: lookups(seed, { size: 64, alpha: draw.integer(`alpha ${i}`, { usual: 2 + i, from: 2, to: 5 }) }, 2),
        properties: [endsItsLookups, keepsAlphaInFlight, findsTheClosest],
      })),
    ),
    task(
      'dead',
      seedsFor(draw, 'dead').map((seed) => ({
        spec: askedAfterwards(lookups(seed, { size: 48, dead: 0.25 }, 2)),
        properties: [...rightLookups, namesOnlyWhomItMet, forgetsTheDead],
      })),
    ),
    task('bad-input', [
      { spec: noise(draw), properties: [dropsMalformed] },
      ...(['garbage', 'ghosts'] as const).map((lies) => ({
        spec: lookups(seedFor(draw, lies), { size: 40, liars: 0.25, lies }, 3),
        properties: [endsItsLookups, reportsWhoAnswered, findsTheClosest],
      })),
    ]),
    task(
      'eviction',
      seedsFor(draw, 'eviction').map((seed) => ({
        spec: rivalry(seed),
        properties: [pingsTheOldest, answersRequests],
      })),
    ),
    task(
      'cost',
      seedsFor(draw, 'cost').map((seed, i) => ({
        spec: lookups(seed, { size: draw.integer(`size ${i}`, { usual: 200 + i, from: 200, to: 256 }) }, 3),
        properties: [...rightLookups, costsLittle],
      })),
    ),
  ],
}

const reference = async (): Promise<LocalSubject> =>
  new LocalSubject({ Kademlia, closestContacts, commonPrefixLength, compareDistance, xorDistance })

function task(id: string, cases: readonly KademliaCase[]): ContractTask {
  const judged = cases.map(({ spec, properties }) => ({ spec, properties: [...always, ...properties] }))
  const bench = { reference, class: 'Kademlia', witness: kademliaEvidence }
  return { id, check: (subject) => judgeCases(judged, { ...bench, subject }) }
}

/** A task on functions alone. */
function functions(id: string, property: string, calls: (seed: number) => readonly Call[], draw: Draw): ContractTask {
  const seed = seedFor(draw, id)
  return { id, check: (subject) => judgeCalls(property, calls(seed), run(seed, {}), subject) }
}

function seedsFor(draw: Draw, label: string): readonly number[] {
  return draw.seeds(label, [11, 23, 47])
}

function seedFor(draw: Draw, label: string): number {
  return draw.seeds(label, [11])[0]!
}

/** Node 0 alone is judged, among nodes of the engine, unless told otherwise. Ids of 8 bytes can be read. */
const usual = {
  size: 32,
  k: 8,
  alpha: 3,
  idBytes: 8,
  mine: 'one',
  geography: 'flat',
  lookups: 0,
  timeout: 300,
  attempts: 2,
}

type Parameters = { readonly [name: string]: Data }

function run(seed: number, parameters: Parameters, actions: readonly Recorded<ActionInput>[] = []): RunSpec {
  return { scenario: 'kademlia', seed, parameters: { ...usual, ...parameters }, actions }
}

function act(time: number, action: string, values: Parameters): Recorded<ActionInput> {
  return { time, input: { action, with: values } }
}

/** Some lookups, one after the other. */
function lookups(seed: number, parameters: Parameters, count: number): RunSpec {
  return run(seed, { ...parameters, lookups: count, interval: 5000 })
}

/** Nodes that node 0 knows ask it for a key and for their own ids, and whether it is there. */
function questions(draw: Draw): RunSpec {
  const seed = seedFor(draw, 'questions')
  const known = fullTable(kademliaContacts(seed, usual.size, usual.idBytes), 0, usual.k, seed)
  const [first, second, third] = known.map(({ address }) => address as number)
  return run(seed, {}, [
    act(10, 'find', { from: first!, to: 0, key: 1 }),
    act(110, 'find', { from: first!, to: 0, key: first!, isNode: true }),
    act(210, 'find', { from: second!, to: 0, key: 2 }),
    act(310, 'ping', { from: third!, to: 0 }),
    act(410, 'find', { from: known.at(-1)!.address, to: 0, key: 0, isNode: true }),
  ])
}

/**
 * Nodes that node 0 has not met ask it something, more than there is room for in one of its buckets; after each, a node
 * that it knows asks for that one. All of them are there.
 */
function strangers(draw: Draw): RunSpec {
  const seed = seedFor(draw, 'strangers')
  const { far, met } = farNodes(seed, smallBucket / 2)
  const newcomers = far.filter((node) => !met.includes(node)).slice(0, smallBucket / 2 + 2)
  return run(seed, { tables: 'sparse', k: smallBucket, size: farSize }, visits(newcomers, met))
}

/** Each newcomer asks node 0 for a key; then a node that it knows asks it for the newcomer. */
function visits(newcomers: readonly number[], met: readonly number[]): Recorded<ActionInput>[] {
  return newcomers.flatMap((node, i) => [
    act(100 + 2000 * i, 'find', { from: node, to: 0, key: i }),
    act(1500 + 2000 * i, 'find', { from: met.at(-1)!, to: 0, key: node, isNode: true }),
  ])
}

/** Half of the nodes are many more than fit into a bucket. */
const farSize = 32
const smallBucket = 4

/** The nodes of node 0's farthest bucket, which is half of the network, and those of them that it knows at the start. */
function farNodes(
  seed: number,
  perBucket: number,
): { readonly far: readonly number[]; readonly met: readonly number[] } {
  const contacts = kademliaContacts(seed, farSize, usual.idBytes)
  const isFar = ({ id }: (typeof contacts)[number]): boolean => commonPrefixLength(contacts[0]!.id, id) === 0
  const nodes = (list: typeof contacts): number[] => list.filter(isFar).map(({ address }) => address)
  return { far: nodes(contacts), met: nodes(fullTable(contacts, 0, perBucket, seed)) }
}

/** After its lookups node 0 is asked for the neighborhood of the keys. */
function askedAfterwards(spec: RunSpec): RunSpec {
  return {
    ...spec,
    actions: [0, 1, 2].map((key) => act(20_000 + 1000 * key, 'find', { from: 1, to: 0, key, isNode: false })),
  }
}

/** Newcomers at a full bucket: its oldest contact is down, the next ones are there. */
function rivalry(seed: number): RunSpec {
  const { far, met } = farNodes(seed, smallBucket)
  const newcomers = far.filter((node) => !met.includes(node)).slice(0, 3)
  const crash = act(10, 'crash', { node: met[0]! })
  return run(seed, { k: smallBucket, size: farSize }, [crash, ...visits(newcomers, met)])
}

/** Garbage at one node, in the name of a node that it knows, and then a question that makes sense. */
function noise(draw: Draw): RunSpec {
  const seed = seedFor(draw, 'noise')
  const [known] = fullTable(kademliaContacts(seed, usual.size, usual.idBytes), 0, usual.k, seed)
  const from = known!.address
  const garbage = [
    { type: 'hello' },
    { type: 'ping' },
    { type: 'ping', requestId: 1 },
    { type: 'ping', requestId: 2, sender: 'me' },
    { type: 'find-node', requestId: 3, target: 'you' },
    { type: 'find-node', requestId: 4, sender: null, target: null },
    { type: 'find-node', requestId: -1, sender: [0, 0, 0, 0, 0, 0, 0, 1], target: [1, 2, 3] },
  ]
  return run(seed, {}, [
    ...garbage.map((message, i) => act(10 + 10 * i, 'inject', { from, to: 0, message })),
    act(500, 'find', { from, to: 0, key: 1 }),
  ])
}
