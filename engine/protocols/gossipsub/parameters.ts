import type { Address } from '../../core/address.ts'
import type { Data } from '../../core/data.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import type { Timing } from '../../layers/pacemaker.ts'
import type { Scoring } from './scoring.ts'

/** The numbers of the specification, by its names. */
export interface GossipSubParameters {
  /** D: how many mesh links a node wants in a topic. */
  readonly d: number
  /** D_low: with fewer links it grafts, up to D. */
  readonly dLow: number
  /** D_high: with more links it prunes, down to D. */
  readonly dHigh: number
  /** D_score: how many of those that stay after pruning are the best by score. */
  readonly dScore: number
  /** D_out: how many links at least lead to peers that this node has dialed itself. Under D_low, and at most D/2. */
  readonly dOut: number
  /** D_lazy: to how many peers outside of the mesh it gossips at least, on each heartbeat. 0 with a factor of 0: none. */
  readonly dLazy: number
  /** The share of the peers outside of the mesh that it gossips to, if that is more than D_lazy; 0 to 1. */
  readonly gossipFactor: number
  readonly heartbeatInterval: Millis
  /** For how many heartbeats a message stays in the cache, to be sent to those who want it. */
  readonly historyLength: number
  /** On how many heartbeats a message is in the gossip; at most the history's length. */
  readonly historyGossip: number
  /** For how long a message counts as a duplicate. */
  readonly seenTtl: Millis
  /** For how long the peers of a topic that is published to without a subscription are kept. */
  readonly fanoutTtl: Millis
  /** Whether own messages go to all peers in the topic, not only to the mesh. */
  readonly floodPublish: boolean
  /** For how long after a PRUNE neither side grafts the other. */
  readonly pruneBackoff: Millis
  /** The same when the PRUNE came because the sender leaves the topic. */
  readonly unsubscribeBackoff: Millis
  /** A GRAFT this soon after the PRUNE is penalized twice. */
  readonly graftFloodThreshold: Millis
  /** Whether PRUNE names other peers. For nodes that others trust, such as bootstrap nodes. */
  readonly peerExchange: boolean
  /** How many peers a PRUNE names, and how many named ones are dialed, at most. */
  readonly prunePeers: number
  /** How many heartbeats lie between two looks at the median score of a mesh. */
  readonly opportunisticGraftTicks: number
  /** How many better peers are grafted if that median is too low. */
  readonly opportunisticGraftPeers: number
  /** How often a peer gets the same message by IWANT, at most. */
  readonly gossipRetransmission: number
  /** How many ids one IHAVE names, and how many a peer is asked for in one heartbeat, at most. */
  readonly maxIHaveLength: number
  /** How many IHAVE of a peer are read in one heartbeat. */
  readonly maxIHaveMessages: number
  /** How long a peer may take to send what it has announced, before it counts as a broken promise. */
  readonly iwantFollowUpTime: Millis
}

/**
 * gossipsub v1.1 as go-libp2p-pubsub has it; D_low is 4 in the text of v1.0.
 * https://github.com/libp2p/specs/blob/master/pubsub/gossipsub/gossipsub-v1.1.md
 * https://github.com/libp2p/go-libp2p-pubsub/blob/master/gossipsub.go
 */
export const gossipSubDefaults: GossipSubParameters = {
  d: 6,
  dLow: 5,
  dHigh: 12,
  dScore: 4,
  dOut: 2,
  dLazy: 6,
  gossipFactor: 0.25,
  heartbeatInterval: 1000,
  historyLength: 5,
  historyGossip: 3,
  seenTtl: 120_000,
  fanoutTtl: 60_000,
  floodPublish: true,
  pruneBackoff: 60_000,
  unsubscribeBackoff: 10_000,
  graftFloodThreshold: 10_000,
  peerExchange: false,
  prunePeers: 16,
  opportunisticGraftTicks: 60,
  opportunisticGraftPeers: 2,
  gossipRetransmission: 3,
  maxIHaveLength: 5000,
  maxIHaveMessages: 10,
  iwantFollowUpTime: 3000,
}

/**
 * Ethereum's consensus layer: blocks every 12 s, epochs of 32 slots; messages are remembered for two epochs.
 * https://github.com/ethereum/consensus-specs/blob/master/specs/phase0/p2p-interface.md#the-gossip-domain-gossipsub
 */
export const ethereumGossipSub: GossipSubParameters = {
  ...gossipSubDefaults,
  d: 8,
  dLow: 6,
  dHigh: 12,
  dLazy: 6,
  heartbeatInterval: 700,
  historyLength: 6,
  historyGossip: 3,
  seenTtl: 768_000,
  fanoutTtl: 60_000,
}

/**
 * What the application says of a message. `reject`: drop it and penalize who sent it (P4). `ignore`: drop it, and nobody
 * is to blame.
 */
export type Validity = 'accept' | 'reject' | 'ignore'

/** All {@link GossipSubParameters} default to {@link gossipSubDefaults}. */
export interface GossipSubOptions extends Partial<GossipSubParameters> {
  /** Subscribed to from the start. Default: the one {@link defaultTopic}. */
  readonly topics?: readonly string[]
  /** Default: periodic, each node at a phase of its own. */
  readonly timing?: Timing
  /** Default: peers are not scored; every score is 0. */
  readonly scoring?: Scoring
  /** Default: every message is accepted. Takes no virtual time. */
  readonly validate?: (topic: string, payload: Data, from: Address) => Validity
}

/** The parameters with defaults. Throws a RangeError for what the specification does not allow. */
export function completeParameters(options: GossipSubOptions): GossipSubParameters {
  const parameters = { ...gossipSubDefaults, ...options }
  const { d, dLow, dHigh, dOut, historyLength } = parameters
  const most = 1_000_000
  checkInteger('dHigh', dHigh, { min: 0, max: most })
  checkInteger('d', d, { min: 0, max: dHigh })
  checkInteger('dLow', dLow, { min: 0, max: d })
  checkInteger('dScore', parameters.dScore, { min: 0, max: d })
  // A bootstrap node has no mesh: all of them are 0.
  checkInteger('dOut', dOut, { min: 0, max: Math.max(0, Math.min(dLow - 1, Math.floor(d / 2))) })
  checkNumber('gossipFactor', parameters.gossipFactor, { min: 0, max: 1 })
  checkInteger('historyLength', historyLength, { min: 1, max: most })
  checkInteger('historyGossip', parameters.historyGossip, { min: 0, max: historyLength })
  for (const name of counts) checkInteger(name, parameters[name], { min: 0, max: most })
  for (const name of spans) checkNumber(name, parameters[name], { min: 0, max: maxMillis })
  checkInteger('opportunisticGraftTicks', parameters.opportunisticGraftTicks, { min: 1, max: most })
  return parameters
}

const counts = [
  'dLazy',
  'prunePeers',
  'opportunisticGraftPeers',
  'gossipRetransmission',
  'maxIHaveLength',
  'maxIHaveMessages',
] as const

const spans = [
  'seenTtl',
  'fanoutTtl',
  'pruneBackoff',
  'unsubscribeBackoff',
  'graftFloodThreshold',
  'iwantFollowUpTime',
] as const
