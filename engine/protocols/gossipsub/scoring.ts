import type { Address } from '../../core/address.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import { maxMillis, type Millis } from '../../core/time.ts'

/** What a score means for a peer. graylist ≤ publish ≤ gossip ≤ 0 ≤ acceptPx, opportunisticGraft. */
export interface ScoreThresholds {
  /** Below it, a peer is told no gossip, and its gossip is not heard. */
  readonly gossip: number
  /** Below it, a peer gets no own messages of this node. */
  readonly publish: number
  /** Below it, everything that a peer sends is dropped unread. */
  readonly graylist: number
  /** From it on, the peers that a peer names in a PRUNE are dialed. */
  readonly acceptPx: number
  /** With a median in the mesh below it, better peers are grafted. */
  readonly opportunisticGraft: number
}

/** How the conduct of a peer in one topic counts. Decays are factors in each decay interval, over 0 and under 1. */
export interface TopicScoring {
  /** t: what this topic counts against the others, from 0. */
  readonly topicWeight: number
  /** w1, from 0. P1 is the time in the mesh, in whole quanta, up to the cap. */
  readonly timeInMeshWeight: number
  readonly timeInMeshQuantum: Millis
  readonly timeInMeshCap: number
  /** w2, from 0. P2 counts the messages that this peer brought first, up to the cap. */
  readonly firstMessageDeliveriesWeight: number
  readonly firstMessageDeliveriesDecay: number
  readonly firstMessageDeliveriesCap: number
  /**
   * w3, at most 0. P3 is the square of what is missing to the threshold, once the peer is longer in the mesh than the
   * activation time. Its deliveries count when they are the first, or come within the window after the first.
   */
  readonly meshMessageDeliveriesWeight: number
  readonly meshMessageDeliveriesDecay: number
  readonly meshMessageDeliveriesCap: number
  readonly meshMessageDeliveriesThreshold: number
  readonly meshMessageDeliveriesWindow: Millis
  readonly meshMessageDeliveriesActivation: Millis
  /** w3b, at most 0. P3b sums up P3 at the times when the peer left the mesh. */
  readonly meshFailurePenaltyWeight: number
  readonly meshFailurePenaltyDecay: number
  /** w4, at most 0. P4 is the square of the number of invalid messages. */
  readonly invalidMessageDeliveriesWeight: number
  readonly invalidMessageDeliveriesDecay: number
}

/** The parameters of peer scoring, as gossipsub v1.1 names them. It gives no defaults: they depend on the application. */
export interface Scoring {
  readonly thresholds: ScoreThresholds
  /** Topics that are not listed do not count. */
  readonly topics: { readonly [topic: string]: TopicScoring }
  /** What all topics together can give at most; 0 = no limit. */
  readonly topicScoreCap: number
  /** w5, from 0. */
  readonly applicationWeight: number
  /** P5: what the application thinks of a peer. Default: 0. */
  readonly applicationScore?: (peer: Address) => number
  /** w6, at most 0. P6 is the square of the number of peers at an IP address beyond the threshold. */
  readonly ipColocationWeight: number
  readonly ipColocationThreshold: number
  /** The IP address of a peer. Default: each has its own. */
  readonly ipOf?: (peer: Address) => string
  /** w7, at most 0. P7 is the square of the penalties beyond the threshold; the specification knows no threshold: 0. */
  readonly behaviourPenaltyWeight: number
  readonly behaviourPenaltyThreshold: number
  readonly behaviourPenaltyDecay: number
  readonly decayInterval: Millis
  /** A counter below it becomes 0. */
  readonly decayToZero: number
  /** For how long a bad score outlives the connection. */
  readonly retainScore: Millis
}

const slot: Millis = 12_000
const epoch: Millis = 32 * slot

/**
 * Ethereum's topic of beacon blocks, one block in 12 s. With less traffic than it expects, P3 pushes honest peers out.
 * From the parameters proposed in https://github.com/ethereum/consensus-specs/pull/2665.
 */
export const ethereumBlockScoring: TopicScoring = {
  topicWeight: 0.5,
  timeInMeshWeight: 0.0324,
  timeInMeshQuantum: slot,
  timeInMeshCap: 300,
  firstMessageDeliveriesWeight: 1,
  firstMessageDeliveriesDecay: 0.9928,
  firstMessageDeliveriesCap: 23,
  meshMessageDeliveriesWeight: -0.020408,
  meshMessageDeliveriesDecay: 0.9928,
  meshMessageDeliveriesCap: 139,
  meshMessageDeliveriesThreshold: 35,
  meshMessageDeliveriesWindow: 400,
  meshMessageDeliveriesActivation: 8 * epoch,
  meshFailurePenaltyWeight: -0.02048,
  meshFailurePenaltyDecay: 0.9928,
  invalidMessageDeliveriesWeight: -99,
  invalidMessageDeliveriesDecay: 0.9994,
}

/** Ethereum's scoring with these topics; see {@link ethereumBlockScoring} for the source. */
export function ethereumScoring(topics: Scoring['topics']): Scoring {
  return {
    thresholds: { gossip: -4000, publish: -8000, graylist: -16_000, acceptPx: 100, opportunisticGraft: 5 },
    topics,
    topicScoreCap: 32.72,
    applicationWeight: 1,
    ipColocationWeight: -1,
    ipColocationThreshold: 10,
    behaviourPenaltyWeight: -99,
    behaviourPenaltyThreshold: 0,
    behaviourPenaltyDecay: 0.928,
    decayInterval: slot,
    decayToZero: 0.1,
    retainScore: 100 * epoch,
  }
}

/** Throws a RangeError for what the specification does not allow, and for decays that would let a counter grow. */
export function checkScoring(scoring: Scoring): Scoring {
  const { gossip, publish, graylist, acceptPx, opportunisticGraft } = scoring.thresholds
  checkNumber('thresholds.gossip', gossip, { min: -most, max: 0 })
  checkNumber('thresholds.publish', publish, { min: -most, max: gossip })
  checkNumber('thresholds.graylist', graylist, { min: -most, max: publish })
  checkNumber('thresholds.acceptPx', acceptPx, { min: 0, max: most })
  checkNumber('thresholds.opportunisticGraft', opportunisticGraft, { min: 0, max: most })
  checkFields('', scoring)
  checkInteger('ipColocationThreshold', scoring.ipColocationThreshold, { min: 1, max: most })
  checkNumber('decayInterval', scoring.decayInterval, { min: 0.001, max: maxMillis })
  for (const [topic, one] of Object.entries(scoring.topics)) {
    checkFields(`topics.${topic}.`, one)
    checkNumber(`topics.${topic}.timeInMeshQuantum`, one.timeInMeshQuantum, { min: 0.001, max: maxMillis })
  }
  return scoring
}

const most = 1e12
const penalties = new Set([
  'meshMessageDeliveriesWeight',
  'meshFailurePenaltyWeight',
  'invalidMessageDeliveriesWeight',
  'ipColocationWeight',
  'behaviourPenaltyWeight',
])

/** Weights have the sign that makes them a reward or a penalty, decays are factors, all the rest is from 0. */
function checkFields(prefix: string, fields: object): void {
  for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
    if (typeof value === 'object' || typeof value === 'function') continue
    if (penalties.has(name)) checkNumber(prefix + name, value, { min: -most, max: 0 })
    else checkNumber(prefix + name, value, { min: 0, max: name.endsWith('Decay') ? 1 : most })
  }
}
