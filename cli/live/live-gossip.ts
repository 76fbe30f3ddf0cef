import {
  actsInRounds,
  distancesFrom,
  gossipLatency,
  gossipOptions,
  gossipProtocol,
  type GossipValues,
  type Topology,
} from '@peerlab/engine'
import {
  asksAndAnswers,
  countsHops,
  deliversFirstCopies,
  deliversOnce,
  duplicatesEnd,
  neverBack,
  reaches,
  reportsOnlyWhatCame,
  tellsFanout,
  tellsNames,
} from '../../tests/contracts/gossip-properties.ts'
import type { Property } from '../../tests/contracts/judge.ts'
import { rumorEvidence, type RumorEvidence } from '../../tests/contracts/rumor-evidence.ts'
import type { LiveForm, Values } from './live-form.ts'

/** The parameters of the scenario `gossip` that are of use here; it has checked them. */
interface LiveGossipValues extends GossipValues {
  readonly size: number
  readonly topology: string
  readonly loss: number
  readonly duration: number
}

/** Who beats for this many periods without having heard of a rumor has a protocol that does not work. */
const manyBeats = 30

/**
 * The gossip scenario on real connections. Left out of the contract: crashes and restarts, injected packets, and
 * bounds on cost and on silence, which it draws for certain simulated runs.
 */
export const liveGossip: LiveForm = {
  scenario: 'gossip',
  protocol: (values) => gossipProtocol(valuesOf(values)),
  options: (values) => gossipOptions(valuesOf(values)),
  latency: (values) => gossipLatency(valuesOf(values)),
  needsLatency: (values) => actsInRounds(valuesOf(values)),
  properties: (values, topology) =>
    propertiesFor(valuesOf(values), topology).map(({ title, check }) => ({
      title,
      check: (evidence) => check(rumorEvidence(evidence)),
    })),
}

function valuesOf(values: Values): LiveGossipValues {
  return values as unknown as LiveGossipValues
}

function propertiesFor(values: LiveGossipValues, topology: Topology): readonly Property<RumorEvidence>[] {
  const { style, repairRounds } = values
  const isPush = style === 'push' || style === 'gossip'
  const hasRepair = style === 'gossip' && repairRounds > 0
  return [
    reportsOnlyWhatCame,
    deliversFirstCopies,
    deliversOnce,
    ...(isPush || style === 'flood' ? [duplicatesEnd, neverBack, countsHops] : []),
    ...(isPush ? [tellsFanout] : []),
    ...(hasRepair ? [tellsNames, asksAndAnswers] : []),
    ...(isBoundToReachAll(values, topology) ? [reaches(1)] : []),
  ]
}

/** Where chance decides whether all hear a rumor, a node that does not is no fault. */
function isBoundToReachAll(
  { style, stop, ttl, loss, period, duration, topology }: LiveGossipValues,
  graph: Topology,
): boolean {
  const isConnected = topology !== 'random-out' && !distancesFrom(graph, 0).includes(-1)
  if (!isConnected || loss > 0) return false
  if (style === 'flood') return ttl >= graph.size - 1
  const beatsForEver = style === 'pull' || style === 'push-pull' || (style === 'rumor' && stop === 'never')
  return beatsForEver && duration >= manyBeats * period
}
