import type { Address } from '../core/address.ts'
import type { Random } from '../core/random.ts'

/** Up to `count` of the peers at random, each once, without `except`. */
export function samplePeers(random: Random, peers: ArrayLike<Address>, count: number, except?: Address): Address[] {
  if (except === undefined) return random.sample(peers, count)
  // One more than needed, so that the list need not be copied to leave one out.
  const sampled = random.sample(peers, count + 1).filter((peer) => peer !== except)
  sampled.length = Math.min(sampled.length, count)
  return sampled
}
