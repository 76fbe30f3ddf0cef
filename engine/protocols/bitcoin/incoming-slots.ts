import type { Address } from '../../core/address.ts'
import { groupOf, hostOf } from '../address-table/endpoint.ts'
import type { BitcoinParameters } from './bitcoin-parameters.ts'
import type { BitcoinConnection } from './connection.ts'
import type { Connections } from './connections.ts'

/**
 * Who may connect to the node: up to a number in all, and up to a number from one host. bitcoind 0.9.3 takes whoever
 * comes first; Core makes room when it is full, by closing a connection of the group that has most.
 */
export class IncomingSlots {
  readonly #connections: Connections
  readonly #parameters: BitcoinParameters

  constructor(connections: Connections, parameters: BitcoinParameters) {
    this.#connections = connections
    this.#parameters = parameters
  }

  mayEnter(peer: Address): boolean {
    const incoming = this.#incoming()
    const fromHost = incoming.filter((connection) => hostOf(connection.peer) === hostOf(peer)).length
    if (fromHost >= this.#parameters.incomingPerHost) return false
    return incoming.length < this.#parameters.incoming || this.#toEvict(incoming) !== undefined
  }

  admits(peer: Address): boolean {
    if (!this.mayEnter(peer)) return false
    const incoming = this.#incoming()
    if (incoming.length >= this.#parameters.incoming) this.#connections.close(this.#toEvict(incoming)!.peer, 'evicted')
    return true
  }

  #incoming(): BitcoinConnection[] {
    return this.#connections.open.filter(({ kind }) => kind === 'incoming')
  }

  /**
   * Bitcoin Core, src/node/eviction.cpp: the youngest of the group that has most, where the older half is safe.
   * Simplified: Core also protects who has low latency or brought blocks and transactions.
   */
  #toEvict(incoming: readonly BitcoinConnection[]): BitcoinConnection | undefined {
    if (!this.#parameters.evictsIncoming) return undefined
    const candidates = incoming.slice(Math.ceil(incoming.length / 2))
    const sizes = new Map<number, number>()
    for (const { peer } of candidates) sizes.set(groupOf(peer), (sizes.get(groupOf(peer)) ?? 0) + 1)
    const most = Math.max(...sizes.values())
    return candidates.findLast(({ peer }) => sizes.get(groupOf(peer)) === most)
  }
}
