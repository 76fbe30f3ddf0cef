import type { Random } from '../core/random.ts'
import type { Millis } from '../core/time.ts'

/** How much of everything may be open at once. */
export interface ResourceLimits {
  readonly inboundConnections: number
  readonly outboundConnections: number
  /** In both directions together. */
  readonly connections: number
  readonly inboundStreams: number
  readonly outboundStreams: number
  readonly streams: number
  /** Bytes. */
  readonly memory: number
}

/**
 * The base limits of go-libp2p's resource manager (p2p/host/resource-manager, limit_defaults.go): for a machine with
 * 128 MiB to give; it adds to them where there is more memory.
 */
export const libp2pBaseLimits: { readonly system: ResourceLimits; readonly perPeer: ResourceLimits } = {
  system: {
    inboundConnections: 64,
    outboundConnections: 128,
    connections: 128,
    inboundStreams: 1024,
    outboundStreams: 2048,
    streams: 2048,
    memory: 128 * 2 ** 20,
  },
  perPeer: {
    inboundConnections: 8,
    outboundConnections: 8,
    connections: 8,
    inboundStreams: 256,
    outboundStreams: 512,
    streams: 512,
    memory: 64 * 2 ** 20,
  },
}

/** What an amount is counted as. Connections and streams have a direction as well. */
export type Resource = 'connection' | 'stream' | 'memory'
/** Who opened it: somebody else or this node. Memory has none. */
export type ResourceDirection = 'inbound' | 'outbound'

interface Usage {
  readonly used: { -readonly [Name in keyof ResourceLimits]: number }
  readonly limits: ResourceLimits
}

/**
 * Counts what is open, for the system and for each peer, and says no before it is too much: nested scopes, as in
 * go-libp2p's resource manager. Simplified: no scopes for services, protocols and connections that have no peer yet.
 */
export class ResourceManager<Peer = number> {
  readonly #system: Usage
  readonly #perPeer: ResourceLimits
  readonly #peers = new Map<Peer, Usage>()

  constructor({ system, perPeer } = libp2pBaseLimits) {
    this.#system = { used: nothing(), limits: system }
    this.#perPeer = perPeer
  }

  /** What is in use, of a peer or in all. */
  used(peer?: Peer): Readonly<ResourceLimits> {
    const usage = peer === undefined ? this.#system : this.#peers.get(peer)
    return { ...(usage?.used ?? nothing()) }
  }

  /** Takes an amount for a peer: 1 connection, 1 stream, bytes. Says who had not enough, and took nothing then. */
  reserve(
    peer: Peer,
    resource: Resource,
    direction: ResourceDirection,
    amount = 1,
  ): 'reserved' | 'system-limit' | 'peer-limit' {
    const usage = this.#peers.get(peer) ?? { used: nothing(), limits: this.#perPeer }
    const names = namesOf(resource, direction)
    if (!fits(this.#system, names, amount)) return 'system-limit'
    if (!fits(usage, names, amount)) return 'peer-limit'
    this.#peers.set(peer, usage)
    for (const { used } of [this.#system, usage]) for (const name of names) used[name] += amount
    return 'reserved'
  }

  /** Gives back what was reserved. Throws when it was not. */
  release(peer: Peer, resource: Resource, direction: ResourceDirection, amount = 1): void {
    const usage = this.#peers.get(peer)
    const names = namesOf(resource, direction)
    if (usage === undefined || names.some((name) => usage.used[name] < amount)) {
      throw new Error(
        `release of ${amount} ${resource} of peer ${String(peer)}: it has less; release what you reserved`,
      )
    }
    for (const { used } of [this.#system, usage]) for (const name of names) used[name] -= amount
    if (Object.values(usage.used).every((value) => value === 0)) this.#peers.delete(peer)
  }
}

/** Between these numbers of connections a node is at ease: over `high` it closes some until `low` are left. */
export interface Watermarks {
  readonly low: number
  readonly high: number
  /** Connections younger than this are left alone. */
  readonly grace: Millis
}

/** The defaults of go-libp2p (config, connmgr.NewConnManager(160, 192)), with its grace period of a minute. */
export const libp2pWatermarks: Watermarks = { low: 160, high: 192, grace: 60_000 }

export interface RatedConnection {
  /** When it opened. */
  readonly since: Millis
  /** What it is worth; the least goes first. */
  readonly value: number
  /** Never to be closed. Default false. */
  readonly isProtected?: boolean
}

/**
 * Which connections to close, as go-libp2p's connection manager: none while there are no more than `high`, else those
 * of least value, in random order among equals, until `low` are left. Young and protected ones stay.
 */
export function connectionsToClose<C extends RatedConnection>(
  connections: readonly C[],
  now: Millis,
  random: Random,
  { low, high, grace }: Watermarks = libp2pWatermarks,
): C[] {
  if (connections.length <= high) return []
  const candidates = connections.filter(({ since, isProtected }) => isProtected !== true && now - since >= grace)
  const byValue = random.shuffle(candidates).sort((a, b) => a.value - b.value)
  return byValue.slice(0, connections.length - low)
}

function namesOf(resource: Resource, direction: ResourceDirection): (keyof ResourceLimits)[] {
  if (resource === 'memory') return ['memory']
  const isInbound = direction === 'inbound'
  if (resource === 'stream') return ['streams', isInbound ? 'inboundStreams' : 'outboundStreams']
  return ['connections', isInbound ? 'inboundConnections' : 'outboundConnections']
}

function fits({ used, limits }: Usage, names: readonly (keyof ResourceLimits)[], amount: number): boolean {
  return names.every((name) => used[name] + amount <= limits[name])
}

function nothing(): Usage['used'] {
  const connections = { inboundConnections: 0, outboundConnections: 0, connections: 0 }
  return { ...connections, inboundStreams: 0, outboundStreams: 0, streams: 0, memory: 0 }
}
