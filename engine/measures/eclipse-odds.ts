import { checkInteger, checkNumber } from '../core/errors.ts'
import type { Millis } from '../core/time.ts'

/**
 * The formulas of Heilman et al., "Eclipse Attacks on Bitcoin's Peer-to-Peer Network", USENIX Security 2015: what an
 * attacker with many addresses can expect.
 */

/** How many of the tried buckets can be reached from this many groups (section 4.1): m (1 - ((m - 1) / m)^(k s)). */
export function bucketsReached(groups: number, { buckets = 64, bucketsPerGroup = 4 } = {}): number {
  checkInteger('groups', groups, { min: 0, max: 65_536 })
  return buckets * (1 - power((buckets - 1) / buckets, bucketsPerGroup * groups))
}

/**
 * The chance that all outgoing connections go to the attacker, who has a share f of the table, when addresses are
 * selected uniformly: f^connections.
 */
export function captureOdds(share: number, connections = 8): number {
  return power(checkNumber('share', share, { min: 0, max: 1 }), connections)
}

export interface EclipseSituation {
  /** The attacker's share of the tried table (the paper's f), 0 to 1. */
  readonly share: number
  /** The share of the honest addresses that the victim is connected to when it restarts (f'): their timestamps are now. */
  readonly connectedShare: number
  /** How long the attacker needs to connect once from each of its addresses (τ_a): none is older. */
  readonly round: Millis
  /** How long the attack has lasted (τ_ℓ): the other honest addresses are older. */
  readonly duration: Millis
  /** How many outgoing connections the victim makes. Default 8. */
  readonly connections?: number
}

/**
 * The chance that all outgoing connections go to the attacker after the victim's restart, when fresh addresses are
 * preferred (section 3.3): q^8, where q is the chance that the address which is accepted in the end is the attacker's.
 * All ages are taken at their worst for the attacker, and the new table for full of trash: the paper's prediction, which
 * experiments exceed.
 */
export function predictedEclipse(situation: EclipseSituation): number {
  const { share, connectedShare, round, duration, connections = 8 } = situation
  checkNumber('share', share, { min: 0, max: 1 })
  checkNumber('connectedShare', connectedShare, { min: 0, max: 1 - share })
  let captured = 0
  let undecided = 1
  for (let rejected = 0, factor = 1; undecided > 1e-12; rejected++, factor *= 1.2) {
    captured += undecided * share * accepted(factor, round)
    const honest = connectedShare * accepted(factor, 0) + (1 - share - connectedShare) * accepted(factor, duration)
    undecided *= 1 - share * accepted(factor, round) - honest
    if (rejected > 1000) throw new Error(`after ${rejected} draws ${undecided} is undecided; round and duration end`)
  }
  return power(captured, connections)
}

/** The chance that an address of this age is accepted: min(1, 1.2^r / (1 + τ)), τ in steps of ten minutes. */
function accepted(factor: number, age: Millis): number {
  return Math.min(1, factor / (1 + age / 600_000))
}

/** base^exponent for a whole exponent, by multiplication: the same bits everywhere. */
function power(base: number, exponent: number): number {
  let result = 1
  for (let i = 0; i < exponent; i++) result *= base
  return result
}
