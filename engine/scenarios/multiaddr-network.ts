import type { NatOptions } from '../core/nat.ts'
import {
  formatMultiaddr,
  parseMultiaddr,
  planDial,
  type DialTransport,
  type MultiaddrProtocol,
} from '../protocols/multiaddr/multiaddr.ts'

/** A dialer and what it can. */
export interface DialerKind {
  readonly name: string
  readonly transports: readonly DialTransport[]
  readonly asksNames: boolean
  readonly circuits: boolean
  /** Whether the network that it is in lets UDP out. */
  readonly udp: boolean
}

const all = ['tcp', 'quic-v1', 'ws', 'wss'] as const

/** Node i is dialer i. A page that came over HTTPS may not open a WebSocket in the clear. */
export const dialers: readonly DialerKind[] = [
  { name: 'server', transports: all, asksNames: true, circuits: true, udp: true },
  { name: 'browser', transports: ['wss'], asksNames: true, circuits: true, udp: true },
  { name: 'server without DNS', transports: all, asksNames: false, circuits: true, udp: true },
  { name: 'server where UDP is blocked', transports: all, asksNames: true, circuits: true, udp: false },
  { name: 'sensor', transports: ['tcp'], asksNames: true, circuits: false, udp: true },
]

export const [nameServer, relay, bob, dave] = [5, 6, 7, 8]
export const nodeNames = [...dialers.map(({ name }) => name), 'name server', 'relay', 'bob', 'dave'] as const

/** Addresses that are there for examples (RFC 5737), and one that is in every home. */
export const ips = {
  dialers: '192.0.2.',
  nameServer: '192.0.2.53',
  relay: '198.51.100.6',
  bob: '198.51.100.7',
  dave: '203.0.113.8',
  daveInside: '10.0.0.8',
} as const

/** Real ones have some fifty letters. */
export const peerIds = {
  relay: '12D3KooWRex',
  bob: '12D3KooWBob',
  dave: '12D3KooWDave',
  impostor: '12D3KooWEve',
} as const

export const hostNames: ReadonlyMap<string, string> = new Map([
  ['bob.example', ips.bob],
  ['relay.example', ips.relay],
])

const throughRelay = `p2p/${peerIds.relay}/p2p-circuit/p2p/${peerIds.dave}`

/** What is known of bob, who is on the public internet, and of dave, who is behind a NAT. */
export const addresses: readonly string[] = [
  `/ip4/${ips.bob}/tcp/4001/p2p/${peerIds.bob}`,
  `/ip4/${ips.bob}/udp/4001/quic-v1/p2p/${peerIds.bob}`,
  `/dns4/bob.example/tcp/4001/p2p/${peerIds.bob}`,
  `/dns4/bob.example/tcp/443/tls/ws/p2p/${peerIds.bob}`,
  `/ip4/${ips.daveInside}/tcp/4001/p2p/${peerIds.dave}`,
  `/ip4/${ips.dave}/udp/4001/quic-v1/p2p/${peerIds.dave}`,
  `/ip4/${ips.relay}/tcp/4001/${throughRelay}`,
  `/dns4/relay.example/tcp/443/tls/ws/${throughRelay}`,
]

/** Where bob, the relay and dave listen. */
export const listens = [
  { transport: 'tcp', port: 4001 },
  { transport: 'quic-v1', port: 4001 },
  { transport: 'wss', port: 443 },
] as const

export const daveNats = {
  none: undefined,
  'full cone': { mapping: 'endpoint-independent', filtering: 'endpoint-independent' },
  'port-restricted': { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
} as const satisfies { readonly [name: string]: NatOptions | undefined }

/** The address without one of its components, or without all of one protocol. What is left need not make sense. */
export function without(address: string, isGone: (protocol: MultiaddrProtocol, place: number) => boolean): string {
  return formatMultiaddr(parseMultiaddr(address)!.filter(({ protocol }, place) => !isGone(protocol, place)))
}

/** What is there besides the dialer and the address. */
export interface Surroundings {
  readonly hasNames: boolean
  readonly hasRelay: boolean
  readonly daveNat: keyof typeof daveNats
  readonly hasImpostor: boolean
}

/** Whether a dial should succeed, by the specifications of the components: what the run is held against. */
export function shouldConnect(address: string, dialer: DialerKind, there: Surroundings): boolean {
  const components = parseMultiaddr(address)
  const plan = components === undefined ? '' : planDial(components)
  if (typeof plan === 'string' || !dialer.transports.includes(plan.transport)) return false
  if (plan.host.kind === 'dns4' && !(dialer.asksNames && there.hasNames)) return false
  if (plan.transport === 'quic-v1' && !dialer.udp) return false
  const { transport, port } = plan
  if (!listens.some((each) => each.transport === transport && each.port === port)) return false
  const ip = plan.host.kind === 'ip4' ? plan.host.value : hostNames.get(plan.host.value)
  const answers = whoAnswers(ip, there)
  if (answers === undefined || (plan.peer !== undefined && plan.peer !== answers)) return false
  if (plan.target === undefined) return true
  return dialer.circuits && answers === peerIds.relay && plan.target === peerIds.dave
}

function whoAnswers(ip: string | undefined, { hasRelay, daveNat, hasImpostor }: Surroundings): string | undefined {
  if (ip === ips.bob) return hasImpostor ? peerIds.impostor : peerIds.bob
  if (ip === ips.relay) return hasRelay ? peerIds.relay : undefined
  // What he sends to the relay holds a mapping, heard or not: a NAT that filters nobody lets everybody in by it.
  return ip === ips.dave && daveNat !== 'port-restricted' ? peerIds.dave : undefined
}
