/** Up to here each node has a realm of its own. */
export const ownRealms = 64

/** Beyond, so many realms are shared. */
const sharedRealms = 2

/** Says at the beginning of a run that all nodes are to share one realm. */
export const together = 'together'

/** Functions that are no node's run in this one. */
export const functionRealm = -1

/**
 * In which realm a node lives, so that nodes cannot share memory. A realm costs half a millisecond and some memory: in
 * large runs nodes share a few, and the run's seed decides which.
 *
 * @param salt a 32-bit word that is derived from the seed
 */
export function realmOf(node: number, salt: number): number {
  if (node < ownRealms) return node
  return ownRealms + ((Math.imul(node ^ salt, 0x9e3779b1) >>> 15) % sharedRealms)
}
