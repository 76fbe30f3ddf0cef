import type { NatBehavior } from '../core/nat.ts'

/** What decides whether a hole can be punched; undefined for a host on the public internet. */
export type NatPair = { readonly mapping: NatBehavior; readonly filtering: NatBehavior } | undefined

/**
 * Whether UDP hole punching finds a direct way, where each side knows only how a relay sees the other, both send, and
 * nobody predicts ports. RFC 5128, section 3.3; Ford, Srisuresh and Kegel 2005, section 3; terms of RFC 4787.
 *
 * One packet has to get in somewhere, and the answer to where it came from has to get back.
 */
export function isPunchable(one: NatPair, other: NatPair): boolean {
  return opensTo(one, other) || opensTo(other, one)
}

/** Whether a packet of `caller` gets in at `host`, and the answer back to where that came from. */
function opensTo(host: NatPair, caller: NatPair): boolean {
  // A NAT that moved its host lets in at the endpoint that the relay saw whom it lets in everywhere: anybody, or nobody.
  const getsIn = isOpen(host) || (!isMoved(host) && (host?.filtering === 'address-dependent' || !isMoved(caller)))
  // The answer of a host that was moved comes from a port that the caller has not sent to.
  const getsBack = !isMoved(host) || caller?.filtering !== 'address-and-port-dependent'
  return getsIn && getsBack
}

/** Whether anybody may send to the endpoint that the relay sees. */
function isOpen(nat: NatPair): boolean {
  return nat === undefined || nat.filtering === 'endpoint-independent'
}

/** Whether the peer sees another endpoint than the relay. */
function isMoved(nat: NatPair): boolean {
  return nat !== undefined && nat.mapping !== 'endpoint-independent'
}
