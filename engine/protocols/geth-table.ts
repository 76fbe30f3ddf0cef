import type { Random } from '../core/random.ts'
import { isRoutable, subnetOf, type Ipv4Endpoint } from './address-table/endpoint.ts'

/** What bounds go-ethereum's table of nodes (p2p/discover/table.go). */
export interface GethLimits {
  /** One for each of the largest log distances; what is closer shares the first. */
  readonly buckets: number
  /** Nodes in a bucket. */
  readonly bucketSize: number
  /** Nodes that wait for a place in a bucket. */
  readonly replacements: number
  /** Nodes of one /24 in a bucket, those that wait among them. */
  readonly perSubnetInBucket: number
  /** Nodes of one /24 in the table. */
  readonly perSubnetInTable: number
}

/**
 * After Marcus, Heilman, Goldberg, "Low-resource eclipse attacks on Ethereum's peer-to-peer network", 2018: node ids cost
 * nothing, so two hosts could fill the table of a victim; subnets cost.
 */
export const gethLimits: GethLimits = {
  buckets: 17,
  bucketSize: 16,
  replacements: 10,
  perSubnetInBucket: 2,
  perSubnetInTable: 10,
}

/** How many of its peers geth dials itself: a third, and at least one. The others may come in. */
export function gethDialed(maxPeers: number): number {
  return maxPeers === 0 ? 0 : Math.max(1, Math.floor(maxPeers / 3))
}

export interface GethNode {
  /** 32 bytes. */
  readonly id: Uint8Array
  readonly endpoint: Ipv4Endpoint
}

interface Bucket {
  nodes: GethNode[]
  /** The latest first. */
  waiting: GethNode[]
  readonly subnets: SubnetCounts
}

/**
 * The table of go-ethereum's node discovery: Kademlia's buckets, and counts of subnets that bound what somebody with many
 * ids and few addresses can have in it. Who is in a bucket stays while it answers; others wait.
 *
 * Simplified: the table only; when nodes are pinged is up to the caller, who says {@link remove} of those that are gone.
 */
export class GethTable {
  readonly self: Uint8Array
  readonly #limits: GethLimits
  readonly #buckets: Bucket[]
  readonly #subnets: SubnetCounts

  constructor(self: Uint8Array, limits = gethLimits) {
    this.self = self
    this.#limits = limits
    this.#subnets = new SubnetCounts(limits.perSubnetInTable)
    this.#buckets = Array.from({ length: limits.buckets }, () => {
      return { nodes: [], waiting: [], subnets: new SubnetCounts(limits.perSubnetInBucket) }
    })
  }

  /** The nodes in the buckets, the closest bucket first. */
  get nodes(): readonly GethNode[] {
    return this.#buckets.flatMap(({ nodes }) => nodes)
  }

  /** The nodes of one bucket, and those that wait for a place in it, the latest first. */
  bucket(number: number): { readonly nodes: readonly GethNode[]; readonly waiting: readonly GethNode[] } {
    return this.#buckets[number]!
  }

  /** Which bucket an id belongs to: by the logarithm of its distance. */
  bucketOf(id: Uint8Array): number {
    const nearest = 8 * this.self.length - this.#limits.buckets
    return Math.max(0, logDistance(this.self, id) - nearest - 1)
  }

  /** A node was found. It gets a place, or waits for one, or its subnet has enough. */
  add(node: GethNode): 'added' | 'waits' | 'known' | 'subnet-limit' {
    const bucket = this.#buckets[this.bucketOf(node.id)]!
    const { nodes, waiting } = bucket
    if (logDistance(this.self, node.id) === 0 || nodes.some((known) => isSame(known, node))) return 'known'
    const isFull = nodes.length >= this.#limits.bucketSize
    if (isFull && waiting.some((known) => isSame(known, node))) return 'known'
    if (!this.#count(bucket, node)) return 'subnet-limit'
    if (!isFull) {
      nodes.push(node)
      return 'added'
    }
    waiting.unshift(node)
    if (waiting.length > this.#limits.replacements) this.#discount(bucket, waiting.pop()!)
    return 'waits'
  }

  /** A node of a bucket is gone: one that waits takes its place, at random. False when it was not there. */
  remove(id: Uint8Array, random: Random): boolean {
    const bucket = this.#buckets[this.bucketOf(id)]!
    const node = bucket.nodes.find((known) => logDistance(known.id, id) === 0)
    if (node === undefined) return false
    this.#discount(bucket, node)
    bucket.nodes = bucket.nodes.filter((known) => known !== node)
    if (bucket.waiting.length === 0) return true
    const next = random.pick(bucket.waiting)
    bucket.waiting = bucket.waiting.filter((known) => known !== next)
    bucket.nodes.push(next)
    return true
  }

  /** Addresses of the local network are not counted. */
  #count({ subnets }: Bucket, { endpoint }: GethNode): boolean {
    if (!isRoutable(endpoint)) return true
    if (!this.#subnets.add(endpoint)) return false
    if (subnets.add(endpoint)) return true
    this.#subnets.remove(endpoint)
    return false
  }

  #discount({ subnets }: Bucket, { endpoint }: GethNode): void {
    if (!isRoutable(endpoint)) return
    this.#subnets.remove(endpoint)
    subnets.remove(endpoint)
  }
}

/** How many there are of each /24, up to a limit. */
class SubnetCounts {
  readonly #limit: number
  readonly #counts = new Map<number, number>()

  constructor(limit: number) {
    this.#limit = limit
  }

  add(endpoint: Ipv4Endpoint): boolean {
    const count = this.#counts.get(subnetOf(endpoint)) ?? 0
    if (count < this.#limit) this.#counts.set(subnetOf(endpoint), count + 1)
    return count < this.#limit
  }

  remove(endpoint: Ipv4Endpoint): void {
    const count = this.#counts.get(subnetOf(endpoint))! - 1
    if (count > 0) this.#counts.set(subnetOf(endpoint), count)
    else this.#counts.delete(subnetOf(endpoint))
  }
}

/** The length of the distance in bits: 0 for the same id, 256 where the first bits differ. */
function logDistance(a: Uint8Array, b: Uint8Array): number {
  const at = a.findIndex((byte, i) => byte !== b[i])
  return at < 0 ? 0 : 8 * (a.length - at) - (Math.clz32(a[at]! ^ b[at]!) - 24)
}

function isSame(a: GethNode, b: GethNode): boolean {
  return logDistance(a.id, b.id) === 0
}
