import { constantLatency, uniformLatency, type LatencyModel } from '../core/latency.ts'
import type { Host, Protocol } from '../core/host.ts'
import type { Timing } from '../layers/pacemaker.ts'
import { Flooding } from '../protocols/flooding.ts'
import { Gossip } from '../protocols/gossip.ts'
import { Pull } from '../protocols/pull.ts'
import { PushPull } from '../protocols/push-pull.ts'
import { Push } from '../protocols/push.ts'
import { RumorMongering } from '../protocols/rumor-mongering.ts'
import type { StopRule } from '../protocols/stop-rule.ts'

/** The parameters of the scenario `gossip` that choose a node's protocol and the network's latency. Times in ms. */
export interface GossipValues {
  readonly style: 'flood' | 'push' | 'pull' | 'push-pull' | 'rumor' | 'gossip'
  readonly fanout: number
  readonly ttl: number
  readonly stop: string
  readonly k: number
  readonly timing: Timing
  readonly period: number
  readonly repairRounds: number
  readonly latency: number
  readonly jitter: number
}

/** The protocol file of the style that is asked for. */
export function gossipProtocol(values: GossipValues): (host: Host<never>) => Protocol<never, never> {
  const { style, fanout, ttl, period } = values
  const beat = { fanout, period, timing: values.timing }
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

/** The options of a lab's protocol, and of the engine's own with repair. */
export function gossipOptions({ fanout, ttl, period, repairRounds }: GossipValues) {
  return { fanout, ttl, repairInterval: repairRounds === 0 ? 0 : period, repairRounds }
}

/** Whether all nodes beat at once. */
export function actsInRounds({ style, timing }: GossipValues): boolean {
  return timing === 'rounds' && ['pull', 'push-pull', 'rumor'].includes(style)
}

/** In rounds a packet, its answer and the answer to that arrive within a quarter of the round each. */
export function gossipLatency(values: GossipValues): LatencyModel {
  const { period, latency, jitter } = values
  if (actsInRounds(values)) return constantLatency(period / 4)
  return uniformLatency(latency * (1 - jitter), latency * (1 + jitter))
}

function stopRule({ stop, k }: GossipValues): StopRule {
  if (stop === 'never') return 'never'
  const [by, counts] = stop.split('-') as ['counter' | 'coin', 'feedback' | 'blind']
  return { by, counts, k }
}
