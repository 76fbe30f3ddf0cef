import { describe } from './errors.ts'
import { maxPort, type Port } from './host.ts'
import type { Random } from './random.ts'
import { toMicros, type Micros, type Millis } from './time.ts'

/** Where a datagram comes from or goes to. */
export interface Endpoint {
  readonly ip: string
  readonly port: Port
}

/**
 * What a NAT looks at (RFC 4787, sections 4.1 and 5): for a mapping, when an inside endpoint keeps its outside port; for
 * filtering, from whom packets are let in. Full cone = EI and EI, restricted cone = EI and AD, port-restricted cone = EI
 * and APD, symmetric = APD and APD.
 */
export type NatBehavior = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent'
const behaviors: readonly NatBehavior[] = ['endpoint-independent', 'address-dependent', 'address-and-port-dependent']

export interface NatOptions {
  /** Default: endpoint-independent (REQ-1). */
  readonly mapping?: NatBehavior
  /** Default: address-and-port-dependent, the strictest. */
  readonly filtering?: NatBehavior
  /** How long a mapping lives without packets from inside, in ms. Default 300,000 (REQ-5 recommends 5 minutes). */
  readonly timeout?: Millis
  /** Which outside port a mapping gets: the inside one while it is free, the next one, or any. Default: preserving. */
  readonly ports?: 'preserving' | 'sequential' | 'random'
  /** Whether packets from inside to an outside endpoint of this NAT come back in (REQ-9). Default: true. */
  readonly hairpinning?: boolean
  /** Whether packets from outside keep a mapping alive too (REQ-6 allows it). Default: false. */
  readonly refreshInbound?: boolean
}

/** One line of the table: an inside endpoint and the outside port that stands for it. */
export interface NatMapping {
  readonly inside: Endpoint
  readonly port: Port
  /** What it was made for, if the mapping depends on that: an ip, or ip:port. */
  readonly remote: string
  /** Where packets were sent through it: whom the filter knows, as ip and as ip:port. */
  readonly contacted: ReadonlySet<string>
  readonly expires: Micros
}

interface LiveMapping extends NatMapping {
  readonly contacted: Set<string>
  expires: Micros
}

/** Ports below this belong to the system. */
const firstPort = 1024

/**
 * A network address translator for UDP: the table, and nothing that moves packets. RFC 4787. Simplified: what the filter
 * knows of a peer lives as long as the mapping; port parity and contiguity are not kept.
 */
export class NatBox {
  readonly #mapping: NatBehavior
  readonly #filtering: NatBehavior
  readonly #timeout: Micros
  readonly #ports: NonNullable<NatOptions['ports']>
  readonly hairpinning: boolean
  readonly #refreshInbound: boolean
  readonly #random: Random
  readonly #byInside = new Map<string, LiveMapping>()
  readonly #byPort = new Map<Port, LiveMapping>()
  #nextPort = firstPort

  /** @param random draws ports, where they are random */
  constructor(options: NatOptions, random: Random) {
    this.#mapping = checked('mapping', options.mapping ?? 'endpoint-independent', behaviors)
    this.#filtering = checked('filtering', options.filtering ?? 'address-and-port-dependent', behaviors)
    this.#timeout = toMicros('NAT timeout', options.timeout ?? 300_000)
    this.#ports = checked('ports', options.ports ?? 'preserving', ['preserving', 'sequential', 'random'])
    this.hairpinning = options.hairpinning ?? true
    this.#refreshInbound = options.refreshInbound ?? false
    this.#random = random
  }

  /** A packet goes out: the outside port that it gets. Undefined where none is free. */
  outbound(inside: Endpoint, to: Endpoint, now: Micros): Port | undefined {
    const key = `${inside.ip}:${inside.port} ${remoteOf(this.#mapping, to)}`
    let mapping = this.#byInside.get(key)
    if (mapping !== undefined && mapping.expires <= now) {
      this.#forget(key, mapping)
      mapping = undefined
    }
    if (mapping === undefined) {
      const port = this.#freePort(inside.port, now)
      if (port === undefined) return undefined
      mapping = { inside, port, remote: remoteOf(this.#mapping, to), contacted: new Set(), expires: 0 }
      this.#byInside.set(key, mapping)
      this.#byPort.set(port, mapping)
    }
    mapping.expires = now + this.#timeout
    mapping.contacted.add(to.ip).add(`${to.ip}:${to.port}`)
    return mapping.port
  }

  /** A packet comes from outside to one of its ports: the inside endpoint, or why it ends here. */
  inbound(port: Port, from: Endpoint, now: Micros): Endpoint | 'no NAT mapping' | 'filtered by NAT' {
    const mapping = this.#byPort.get(port)
    if (mapping === undefined || mapping.expires <= now) return 'no NAT mapping'
    const sender = remoteOf(this.#filtering, from)
    if (sender !== '' && !mapping.contacted.has(sender)) return 'filtered by NAT'
    if (this.#refreshInbound) mapping.expires = now + this.#timeout
    return mapping.inside
  }

  /** Who is behind a port now, whoever asks. */
  behind(port: Port, now: Micros): Endpoint | undefined {
    const mapping = this.#byPort.get(port)
    return mapping === undefined || mapping.expires <= now ? undefined : mapping.inside
  }

  /** The table, in the order in which its lines were made. */
  mappings(now: Micros): NatMapping[] {
    return [...this.#byInside.values()].filter(({ expires }) => expires > now)
  }

  #freePort(wanted: Port, now: Micros): Port | undefined {
    const span = maxPort - firstPort + 1
    let port = this.#ports === 'preserving' ? wanted : this.#nextPort
    if (this.#ports === 'random') port = firstPort + this.#random.integer(span)
    for (let tried = 0; tried < span; tried++) {
      if (!this.#isTaken(port, now)) {
        if (this.#ports === 'sequential') this.#nextPort = after(port)
        return port
      }
      port = after(port)
    }
    return undefined
  }

  #isTaken(port: Port, now: Micros): boolean {
    const mapping = this.#byPort.get(port)
    if (mapping === undefined) return false
    if (mapping.expires > now) return true
    this.#forget(`${mapping.inside.ip}:${mapping.inside.port} ${mapping.remote}`, mapping)
    return false
  }

  #forget(key: string, mapping: LiveMapping): void {
    this.#byInside.delete(key)
    this.#byPort.delete(mapping.port)
  }
}

/** What a behaviour sees of the other side. */
function remoteOf(behavior: NatBehavior, { ip, port }: Endpoint): string {
  if (behavior === 'endpoint-independent') return ''
  return behavior === 'address-dependent' ? ip : `${ip}:${port}`
}

function after(port: Port): Port {
  return port >= maxPort ? firstPort : port + 1
}

function checked<T extends string>(name: string, value: T, allowed: readonly T[]): T {
  if (allowed.includes(value)) return value
  throw new RangeError(`NAT ${name} is ${describe(value)}; it must be ${allowed.join(', ')}`)
}
