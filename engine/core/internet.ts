import type { Address } from './address.ts'
import { describe } from './errors.ts'
import { maxPort, type Port } from './host.ts'
import { NatBox, type Endpoint, type NatMapping, type NatOptions } from './nat.ts'
import { deriveStream } from './random.ts'
import { toMicros, type Micros, type Millis } from './time.ts'
import type { Departure, Route, Underlay } from './underlay.ts'

/** Where a node is. */
export interface Site {
  /** In its own network: hosts behind different NATs may have the same one. Default: one that nobody else has. */
  readonly ip?: string
  /** Default 4001. */
  readonly port?: Port
  /** The index of the NAT in front of it. Default: none, it is on the public internet. */
  readonly nat?: number
}

/** A NAT in front of hosts, or of other NATs. */
export interface NatSite extends NatOptions {
  /** Its outside address. Default: one that nobody else has. */
  readonly ip?: string
  /** The NAT that this one is behind, given before it (a carrier's, say). Default: none. */
  readonly nat?: number
}

/** A network with one address space: the public internet, or the inside of a NAT. */
interface Realm {
  /** Undefined in the public internet. */
  readonly gate: Gate | undefined
  readonly places: Map<string, Place>
}

/** What answers at an ip: a node, or the outside of a NAT. */
type Place = { readonly node: number } | { readonly gate: Gate }

interface Gate {
  readonly index: number
  readonly ip: string
  readonly box: NatBox
  readonly outside: Realm
  readonly inside: Realm
  /** A node behind it, for the length of the way to it while nobody knows to whom a packet goes. */
  site: number
}

interface InternetRoute extends Route {
  readonly place: Place
  readonly from: Endpoint
  readonly target: Endpoint
}

/**
 * IPv4 endpoints and NATs: every address is an ip and a port, and what a NAT does to them happens when a packet passes
 * it, on the way out as it is sent and on the way in as it arrives. So whether a packet gets in depends on what was sent
 * before it came, as it does on the internet.
 *
 * Simplified: UDP only; no fragments, no ICMP; a host listens on every port.
 */
export class Internet implements Underlay {
  readonly #public: Realm = { gate: undefined, places: new Map() }
  readonly #gates: Gate[] = []
  readonly #hosts: { readonly realm: Realm; readonly endpoint: Endpoint }[] = []
  readonly #addresses = new Map<string, Address>()
  readonly #endpoints: Endpoint[] = []

  /**
   * @param seed of the random ports
   * @param sites one for each node
   * @param nats a NAT comes after the one that it is behind
   */
  constructor(seed: number, sites: readonly Site[], nats: readonly NatSite[] = []) {
    for (const [index, nat] of nats.entries()) {
      const outside = this.#realmBehind(nat.nat, `NAT ${index}`)
      const ip = nat.ip ?? freeIp(outside, index, 'gate')
      const inside: { gate: Gate | undefined; places: Map<string, Place> } = { gate: undefined, places: new Map() }
      const box = new NatBox(nat, deriveStream(seed, 'nat', index))
      const gate: Gate = { index, ip, box, outside, inside, site: -1 }
      inside.gate = gate
      settle(outside, ip, { gate })
      this.#gates.push(gate)
    }
    for (const [node, site] of sites.entries()) {
      const realm = this.#realmBehind(site.nat, `node ${node}`)
      const ip = site.ip ?? freeIp(realm, node, 'host')
      settle(realm, ip, { node })
      this.#hosts.push({ realm, endpoint: { ip, port: checkPort(site.port ?? 4001) } })
      for (let { gate } = realm; gate !== undefined; gate = gate.outside.gate) if (gate.site < 0) gate.site = node
    }
  }

  /** A node's endpoint as it sees it itself. */
  addressOf(node: number): Address {
    return this.intern(this.#hosts[node]!.endpoint)
  }

  addressesOf(nodes: ArrayLike<number>): Address[] {
    return Array.from(nodes, (node) => this.addressOf(node))
  }

  /** The node at a public endpoint, or -1. */
  nodeOf(address: Address): number {
    const endpoint = this.#endpoints[address]
    const place = endpoint && this.#public.places.get(endpoint.ip)
    return place !== undefined && 'node' in place ? place.node : -1
  }

  /** The address that stands for an endpoint, in this run. */
  intern(endpoint: Endpoint): Address {
    const key = `${endpoint.ip}:${endpoint.port}`
    let address = this.#addresses.get(key)
    if (address === undefined) {
      address = (this.#endpoints.push(endpoint) - 1) as Address
      this.#addresses.set(key, address)
    }
    return address
  }

  /** What an address stands for; undefined for one that nobody has made. */
  endpointOf(address: Address): Endpoint | undefined {
    return this.#endpoints[address]
  }

  /** The table of a NAT at a moment, for views. */
  mappings(nat: number, now: Millis): NatMapping[] {
    return this.#gates[nat]!.box.mappings(toMicros('now', now))
  }

  route({ from, fromPort, claimed, to }: Departure, now: Micros): Route | string {
    const target = this.#endpoints[to]
    if (target === undefined) return 'no such address'
    const host = this.#hosts[from]!
    // Who lies about the source is translated all the same: behind a NAT nobody can spoof.
    let source = (claimed !== undefined && this.#endpoints[claimed]) || {
      ip: host.endpoint.ip,
      port: fromPort ?? host.endpoint.port,
    }
    let passed: Gate | undefined
    for (let { realm } = host; ;) {
      const place = realm.places.get(target.ip)
      if (place !== undefined) return this.#routeTo(place, source, target, passed, now)
      const { gate } = realm
      if (gate === undefined) return 'no such address'
      const port = gate.box.outbound(source, target, now)
      if (port === undefined) return 'NAT has no free port'
      source = { ip: gate.ip, port }
      realm = gate.outside
      passed = gate
    }
  }

  arrive(route: Route, now: Micros): number | string {
    let { place, target } = route as InternetRoute
    const { from } = route as InternetRoute
    while ('gate' in place) {
      const inside = place.gate.box.inbound(target.port, from, now)
      if (typeof inside === 'string') return inside
      target = inside
      place = place.gate.inside.places.get(inside.ip)!
    }
    return place.node
  }

  #routeTo(
    place: Place,
    from: Endpoint,
    target: Endpoint,
    passed: Gate | undefined,
    now: Micros,
  ): InternetRoute | string {
    const isHairpin = 'gate' in place && place.gate === passed
    if (isHairpin && !place.gate.box.hairpinning) return 'NAT does not hairpin'
    return { source: this.intern(from), to: siteOf(place, target, now), place, from, target }
  }

  #realmBehind(nat: number | undefined, who: string): Realm {
    if (nat === undefined) return this.#public
    const gate = this.#gates[nat]
    if (gate === undefined) throw new RangeError(`${who} is behind NAT ${describe(nat)}, which is not there yet`)
    return gate.inside
  }
}

/** The node that a packet seems to go to. */
function siteOf(place: Place, { port }: Endpoint, now: Micros): number {
  if ('node' in place) return place.node
  const { gate } = place
  const behind = gate.box.behind(port, now)
  const inner = behind && gate.inside.places.get(behind.ip)
  return inner === undefined ? gate.site : siteOf(inner, behind!, now)
}

function settle(realm: Realm, ip: string, place: Place): void {
  if (!isIp(ip)) throw new RangeError(`${describe(ip)} is no IPv4 address`)
  if (realm.places.has(ip)) throw new RangeError(`${ip} is given twice in one network`)
  realm.places.set(ip, place)
}

/** An address for those who give none: each public one in a /24 of its own, private ones in 10.0.0.0/8 (RFC 1918). */
function freeIp(realm: Realm, index: number, kind: 'host' | 'gate'): string {
  const [high, low] = [(index >> 8) & 255, index & 255]
  const upper = (index >> 16) & 255
  if (realm.gate !== undefined) return `10.${upper}.${high}.${low}`
  return kind === 'host' ? `${20 + upper}.${high}.${low}.1` : `${120 + upper}.${high}.${low}.1`
}

function isIp(ip: string): boolean {
  const parts = ip.split('.')
  return parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
}

function checkPort(port: Port): Port {
  if (Number.isInteger(port) && port >= 1 && port <= maxPort) return port
  throw new RangeError(`port is ${describe(port)}; it must be a whole number from 1 to ${maxPort}`)
}
