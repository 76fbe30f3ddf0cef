import { threefryBlock } from '../../core/counter-hash.ts'
import { groupOf, hostOf, portOf, type Ipv4Endpoint } from './endpoint.ts'
import type { TableParameters } from './table-parameters.ts'

/** The node's secret: two words of 32 bits. */
export type PlacementKey = readonly [number, number]

/**
 * Which bucket an address belongs to: a keyed hash of its group, so that nobody outside can aim at a bucket, and one
 * group reaches only a few of them. addrman hashes twice with SHA-256; here Threefry does, a keyed permutation as well,
 * whose secrecy the simulation takes for granted.
 */
export class Placement {
  readonly #key: PlacementKey
  readonly #parameters: TableParameters

  constructor(key: PlacementKey, parameters: TableParameters) {
    this.#key = key
    this.#parameters = parameters
  }

  /** The tried bucket of an address: one of the few that its group has, the same ones for the whole group. */
  triedBucket(endpoint: Ipv4Endpoint): number {
    const { triedBuckets, triedBucketsPerGroup } = this.#parameters
    const which = this.#hash(0, hostOf(endpoint), portOf(endpoint)) % triedBucketsPerGroup
    return this.#hash(1, groupOf(endpoint), which) % triedBuckets
  }

  /** The new bucket of an address that this source told of: all that matters are the two groups. */
  newBucket(endpoint: Ipv4Endpoint, source: Ipv4Endpoint): number {
    const { newBuckets, newBucketsPerSourceGroup } = this.#parameters
    const which = this.#hash(2, groupOf(endpoint), groupOf(source)) % newBucketsPerSourceGroup
    return this.#hash(3, groupOf(source), which) % newBuckets
  }

  /** The position of an address in a bucket of the tried or the new table, where positions are fixed. */
  position(endpoint: Ipv4Endpoint, table: 'tried' | 'new', bucket: number): number {
    const purpose = (table === 'tried' ? 4 : 5) + 8 * bucket
    return this.#hash(purpose, hostOf(endpoint), portOf(endpoint)) % this.#parameters.bucketSize
  }

  /** The peers that an address is passed on to: always the same ones, and nobody else knows which. */
  closest(endpoint: Ipv4Endpoint, peers: readonly Ipv4Endpoint[], count: number): Ipv4Endpoint[] {
    const rank = (peer: Ipv4Endpoint): number =>
      this.#hash(6, hostOf(endpoint) ^ portOf(endpoint), hostOf(peer) ^ portOf(peer))
    const ranked = peers.map((peer) => ({ peer, rank: rank(peer) })).sort((a, b) => a.rank - b.rank || a.peer - b.peer)
    return ranked.slice(0, count).map(({ peer }) => peer)
  }

  #hash(purpose: number, first: number, second: number): number {
    return threefryBlock(this.#key[0] ^ purpose, this.#key[1], first, second)[0]
  }
}
