import type { Address } from '../../core/address.ts'
import { groupOf, hostOf } from '../address-table/endpoint.ts'
import type { BitcoinParameters } from './bitcoin-parameters.ts'
import type { BitcoinLink, Links } from './links.ts'

/** Strangers who have begun to connect: more than this are not listened to, as of a flood of SYN. */
const maxHalfOpen = 1000

/**
 * Who may connect to the node: up to a number in all, and up to a number from one host. bitcoind 0.9.3 takes whoever
 * comes first; Core makes room when it is full, by closing a connection of the group that has most.
 */
export class IncomingSlots {
  readonly #links: Links
  readonly #parameters: BitcoinParameters

  constructor(links: Links, parameters: BitcoinParameters) {
    this.#links = links
    this.#parameters = parameters
  }

  /** Whether a stranger may knock: there is room, or could be. */
  mayEnter(peer: Address): boolean {
    const incoming = this.#incoming()
    const fromHost = incoming.filter((link) => hostOf(link.peer) === hostOf(peer)).length
    if (fromHost >= this.#parameters.incomingPerHost || this.#links.halfOpen >= maxHalfOpen) return false
    return incoming.length < this.#parameters.incoming || this.#toEvict(incoming) !== undefined
  }

  /** It is where it says, and connected. False when there was no room any more, and it had to go. */
  admit(peer: Address): boolean {
    const others = this.#incoming().filter((link) => link.peer !== peer)
    const fromHost = others.filter((link) => hostOf(link.peer) === hostOf(peer)).length
    const isFull = others.length >= this.#parameters.incoming
    const evicted = isFull ? this.#toEvict(others) : undefined
    const isWelcome = fromHost < this.#parameters.incomingPerHost && (!isFull || evicted !== undefined)
    if (!isWelcome) this.#links.close(peer, 'no room')
    else if (evicted !== undefined) this.#links.close(evicted.peer, 'evicted')
    return isWelcome
  }

  #incoming(): BitcoinLink[] {
    return this.#links.open.filter(({ kind }) => kind === 'incoming')
  }

  /**
   * Bitcoin Core, src/node/eviction.cpp: the youngest of the group that has most, where the older half is safe.
   * Simplified: Core also protects who has low latency or brought blocks and transactions.
   */
  #toEvict(incoming: readonly BitcoinLink[]): BitcoinLink | undefined {
    if (!this.#parameters.evictsIncoming) return undefined
    const candidates = incoming.slice(Math.ceil(incoming.length / 2))
    const sizes = new Map<number, number>()
    for (const { peer } of candidates) sizes.set(groupOf(peer), (sizes.get(groupOf(peer)) ?? 0) + 1)
    const most = Math.max(...sizes.values())
    return candidates.findLast(({ peer }) => sizes.get(groupOf(peer)) === most)
  }
}
