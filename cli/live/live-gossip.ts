import {
  constantLatency,
  distancesFrom,
  Flooding,
  Gossip,
  Pull,
  Push,
  PushPull,
  RumorMongering,
  uniformLatency,
  type Host,
  type LatencyModel,
  type Protocol,
  type StopRule,
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
import type { LiveForm, Values } from './live-form.ts'

/** The parameters of the scenario `gossip` that are of use here; it has checked them. */
interface GossipValues {
  readonly size: number
  readonly topology: string
  readonly style: 'flood' | 'push' | 'pull' | 'push-pull' | 'rumor' | 'gossip'
  readonly fanout: number
  readonly ttl: number
  readonly stop: string
  readonly k: number
  readonly timing: 'rounds' | 'periodic' | 'poisson'
  readonly period: number
  readonly repairRounds: number
  readonly latency: number
  readonly jitter: number
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
  protocol: (values) => protocolFor(valuesOf(values)),
  options: (values) => gossipOptions(valuesOf(values)),
  latency: (values) => latencyFor(valuesOf(values)),
  needsLatency: (values) => actsInRounds(valuesOf(values)),
  properties: (values, topology) => propertiesFor(valuesOf(values), topology),
}

function valuesOf(values: Values): GossipValues {
  return values as unknown as GossipValues
}

function protocolFor(values: GossipValues): (host: Host<never>) => Protocol<never, never> {
  const { style, fanout, ttl, period, timing } = values
  const beat = { fanout, period, timing }
  switch (style) {
    case 'flood':
      return (host) => new Flooding(host, { ttl })
    case 'push':
      return (host) => new Push(host, { fanout, ttl })
    case 'pull':
      return (host) => new Pull(host, beat)
    case 'push-pull':
      return (host) => new PushPull(host, beat)
    case 'rumor':
      return (host) => new RumorMongering(host, { ...beat, stop: stopRule(values) })
    case 'gossip':
      return (host) => new Gossip(host, gossipOptions(values))
  }
}

function gossipOptions({ fanout, ttl, period, repairRounds }: GossipValues) {
  return { fanout, ttl, repairInterval: repairRounds === 0 ? 0 : period, repairRounds }
}

function stopRule({ stop, k }: GossipValues): StopRule {
  if (stop === 'never') return 'never'
  const [by, counts] = stop.split('-') as ['counter' | 'coin', 'feedback' | 'blind']
  return { by, counts, k }
}

function actsInRounds({ style, timing }: GossipValues): boolean {
  return timing === 'rounds' && ['pull', 'push-pull', 'rumor'].includes(style)
}

function latencyFor(values: GossipValues): LatencyModel {
  const { period, latency, jitter } = values
  if (actsInRounds(values)) return constantLatency(period / 4)
  return uniformLatency(latency * (1 - jitter), latency * (1 + jitter))
}

function propertiesFor(values: GossipValues, topology: Topology): readonly Property[] {
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
  { style, stop, ttl, loss, period, duration, topology }: GossipValues,
  graph: Topology,
): boolean {
  const isConnected = topology !== 'random-out' && !distancesFrom(graph, 0).includes(-1)
  if (!isConnected || loss > 0) return false
  if (style === 'flood') return ttl >= graph.size - 1
  const beatsForEver = style === 'pull' || style === 'push-pull' || (style === 'rumor' && stop === 'never')
  return beatsForEver && duration >= manyBeats * period
}
