import type { Address } from '../../core/address.ts'
import type { Random } from '../../core/random.ts'
import type { GossipSubParameters } from './parameters.ts'

/**
 * Who stays in a mesh that has too many members: the best by score, the others at random, so that the mesh is open to
 * newcomers and yet cannot be taken over by them. Among them are enough peers that this node has dialed itself, since
 * those an attacker cannot choose.
 *
 * libp2p/specs, gossipsub v1.1, "Heartbeat Maintenance" and "Outbound Mesh Quotas".
 */
export function chooseSurvivors(
  random: Random,
  members: readonly Address[],
  { d, dScore, dOut }: Pick<GossipSubParameters, 'd' | 'dScore' | 'dOut'>,
  scoreOf: (peer: Address) => number,
  isOutbound: (peer: Address) => boolean,
): Address[] {
  // Shuffled first, so that chance decides between equal scores.
  const scores = new Map(random.shuffle(members).map((peer) => [peer, scoreOf(peer)]))
  const byScore = [...scores.keys()].sort((a, b) => scores.get(b)! - scores.get(a)!)
  const others = random.shuffle(byScore.slice(dScore))
  const chosen = [...byScore.slice(0, dScore), ...others.slice(0, d - dScore)]
  let missing = dOut - chosen.filter(isOutbound).length
  for (const peer of others.slice(d - dScore).filter(isOutbound)) {
    if (missing-- <= 0) break
    // The last ones go first: those chosen at random, then the lower scores.
    chosen.splice(
      chosen.findLastIndex((other) => !isOutbound(other)),
      1,
    )
    chosen.unshift(peer)
  }
  return chosen
}
