import type { Address, AddressBook } from '../../core/address.ts'
import { describe } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'

/**
 * An IPv4 address and a port in one number, address · 2^16 + port: 48 bits, so it is an address of the engine as well,
 * and packets go there. Where groups of addresses matter, a node's address says where in the Internet it is.
 */
export type Ipv4Endpoint = Address

/** Reads `a.b.c.d:port`; undefined for all else: octets over 255, leading zeros (octal to some), port 0, blanks. */
export function parseEndpoint(text: unknown): Ipv4Endpoint | undefined {
  const parts = typeof text === 'string' ? pattern.exec(text) : null
  if (parts === null) return undefined
  const [a, b, c, d, port] = parts.slice(1).map(Number) as [number, number, number, number, number]
  if (Math.max(a, b, c, d) > 255 || port > 0xffff) return undefined
  return pack(((a * 256 + b) * 256 + c) * 256 + d, port)
}

/** As {@link parseEndpoint}, for code: throws for what is no endpoint. */
export function endpointOf(text: string): Ipv4Endpoint {
  const endpoint = parseEndpoint(text)
  if (endpoint === undefined) throw new RangeError(`the endpoint is ${describe(text)}; write it as 203.0.113.7:8333`)
  return endpoint
}

/** The endpoint as `a.b.c.d:port`. */
export function formatEndpoint(endpoint: Ipv4Endpoint): string {
  const host = hostOf(endpoint)
  return `${host >>> 24}.${(host >>> 16) & 255}.${(host >>> 8) & 255}.${host & 255}:${portOf(endpoint)}`
}

/** The IPv4 address: 32 bits. */
export function hostOf(endpoint: Ipv4Endpoint): number {
  return Math.floor(endpoint / 2 ** 16)
}

export function portOf(endpoint: Ipv4Endpoint): number {
  return endpoint % 2 ** 16
}

/** The /16 prefix: 16 bits. Bitcoin's group of an address: to get addresses in many groups is what costs. */
export function groupOf(endpoint: Ipv4Endpoint): number {
  return Math.floor(endpoint / 2 ** 32)
}

/** The /24 prefix: 24 bits. What go-ethereum counts by. */
export function subnetOf(endpoint: Ipv4Endpoint): number {
  return Math.floor(endpoint / 2 ** 24)
}

/**
 * Whether a packet could get there over the public Internet: not this host, not private, not for documentation. As in
 * Bitcoin Core (CNetAddr::IsRoutable), which takes the reserved 240.0.0.0/4 for routable; attackers like that.
 */
export function isRoutable(endpoint: Ipv4Endpoint): boolean {
  if (portOf(endpoint) === 0) return false
  const host = hostOf(endpoint)
  return host !== 0xffffffff && !unroutable.some(([prefix, bits]) => host >>> (32 - bits) === prefix)
}

/** An endpoint that is routable and not in a reserved range, uniformly. */
export function randomEndpoint(random: Random, port: number): Ipv4Endpoint {
  for (;;) {
    const endpoint = pack(random.integer(224 * 2 ** 24), port)
    if (isRoutable(endpoint)) return endpoint
  }
}

/** The address book of a run in which node i is at the i-th endpoint. Throws where two nodes have the same. */
export function endpointBook(endpoints: readonly Ipv4Endpoint[]): AddressBook {
  const nodes = new Map(endpoints.map((endpoint, node) => [endpoint, node]))
  if (nodes.size < endpoints.length) {
    const twice = endpoints.find((endpoint, node) => nodes.get(endpoint) !== node)!
    throw new RangeError(`two nodes are at ${formatEndpoint(twice)}; give each an endpoint of its own`)
  }
  return {
    addressOf: (node) => endpoints[node]!,
    nodeOf: (address) => nodes.get(address) ?? -1,
    addressesOf: (indexes) => Array.from(indexes, (node) => endpoints[node]!),
  }
}

/** The endpoint with this host (32 bits) and port. */
export function pack(host: number, port: number): Ipv4Endpoint {
  return (host * 2 ** 16 + port) as Ipv4Endpoint
}

const octet = '(0|[1-9]\\d{0,2})'
const pattern = new RegExp(`^${octet}\\.${octet}\\.${octet}\\.${octet}:([1-9]\\d{0,4})$`)

/** [prefix, its length in bits] of what nobody can reach: RFC 1122, 1918, 2544, 3927, 5737, 6598. */
const unroutable: readonly (readonly [number, number])[] = [
  [0, 8],
  [10, 8],
  [127, 8],
  [(172 << 4) | 1, 12],
  [(192 << 8) | 168, 16],
  [(169 << 8) | 254, 16],
  [(198 << 7) | 9, 15],
  [(100 << 2) | 1, 10],
  [(192 << 16) | 2, 24],
  [(198 << 16) | (51 << 8) | 100, 24],
  [(203 << 16) | 113, 24],
]
