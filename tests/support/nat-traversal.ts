import {
  complete,
  constantLatency,
  HolePunch,
  Internet,
  Relay,
  Simulation,
  type Address,
  type Data,
  type Endpoint,
  type HolePunchCommand,
  type HolePunchOptions,
  type Message,
  type NatOptions,
  type NatSite,
  type RelayLimits,
  type SimulationOptions,
  type Site,
} from '@peerlab/engine'

/** The four NATs of RFC 3489 in the words of RFC 4787. */
export const natKinds = {
  'full cone': { mapping: 'endpoint-independent', filtering: 'endpoint-independent' },
  'restricted cone': { mapping: 'endpoint-independent', filtering: 'address-dependent' },
  'port-restricted cone': { mapping: 'endpoint-independent', filtering: 'address-and-port-dependent' },
  symmetric: { mapping: 'address-and-port-dependent', filtering: 'address-and-port-dependent' },
} as const satisfies Record<string, NatOptions>

export type NatKind = keyof typeof natKinds

export interface Reported {
  readonly time: number
  readonly node: number
  readonly event: string
  readonly detail: { readonly [key: string]: Data }
}

export interface Sent {
  readonly time: number
  readonly from: number
  readonly to: number
  readonly message: Message
}

/** A run with endpoints, and all that happens in it. */
export function natRun(options: {
  readonly sites: readonly Site[]
  readonly nats?: readonly NatSite[]
  readonly protocol: (internet: Internet) => SimulationOptions['protocol']
  readonly simulation?: Partial<SimulationOptions>
}) {
  const { sites, nats = [], protocol, simulation: more } = options
  const internet = new Internet(more?.seed ?? 1, sites, nats)
  const simulation = new Simulation({
    seed: 1,
    topology: complete(sites.length),
    latency: constantLatency(20),
    strict: true,
    ...more,
    underlay: internet,
    protocol: protocol(internet),
  })
  const reports: Reported[] = []
  const sent: Sent[] = []
  const dropped: (Sent & { readonly reason: string })[] = []
  simulation.observe({
    onReport: (time, node, event, detail) => {
      reports.push({ time, node, event, detail: (detail ?? {}) as Reported['detail'] })
    },
    onSend: (time, from, to, message) => void sent.push({ time, from, to, message }),
    onDrop: (time, from, to, message, reason) => void dropped.push({ time, from, to, message, reason }),
  })
  const reportsOf = (node: number, ...events: string[]): Reported[] =>
    reports.filter((report) => report.node === node && events.includes(report.event))
  const at = (endpoint: Endpoint): Address => internet.intern(endpoint)
  return { internet, simulation, reports, sent, dropped, reportsOf, at }
}

export const relayEndpoint: Endpoint = { ip: '1.0.0.1', port: 4001 }
export const [relay, alice, bob] = [0, 1, 2] as const

export interface PunchRunOptions {
  /** Where alice and bob are. Default: each behind a port-restricted cone NAT of its own. */
  readonly peers?: readonly Site[]
  readonly nats?: readonly NatSite[]
  /** Further nodes, which are peers too: `peer-3` and so on. */
  readonly others?: readonly Site[]
  readonly options?: Partial<HolePunchOptions>
  readonly limits?: Partial<RelayLimits>
  readonly simulation?: Partial<SimulationOptions>
  /** Takes the place of the peers' protocol on some nodes. */
  readonly instead?: (node: number, relay: Address) => SimulationOptions['protocol'] | undefined
}

/** A relay, alice who dials, and bob; `connect` has alice dial, and runs until both know how it ended. */
export function punchRun(run: PunchRunOptions = {}) {
  const {
    peers = [{ nat: 0 }, { nat: 1 }],
    nats = [natKinds['port-restricted cone'], natKinds['port-restricted cone']],
  } = run
  const sites: Site[] = [relayEndpoint, ...peers, ...(run.others ?? [])]
  const names = ['relay', 'alice', 'bob']
  const nameOf = (node: number): string => names[node] ?? `peer-${node}`
  const world = natRun({
    sites,
    nats,
    simulation: run.simulation ?? {},
    protocol: (internet) => (host, node, incarnation) => {
      const atRelay = internet.intern(relayEndpoint)
      const other = run.instead?.(node, atRelay)
      if (other !== undefined) return other(host, node, incarnation)
      if (node === relay) return new Relay(host as never, run.limits)
      const options = { relay: atRelay, name: nameOf(node), ...run.options }
      return new HolePunch(host as never, options) as never
    },
  })
  const tell = (node: number, command: HolePunchCommand): void => void world.simulation.command(node, command)
  const outcomes = (): Reported[] => world.reports.filter(({ event }) => event === 'direct' || event === 'relayed')
  const connect = (until = 60_000): string[] => {
    world.simulation.runUntil(1000)
    tell(alice, { type: 'connect', peer: 'bob' })
    world.simulation.run({ until, isOver: () => new Set(outcomes().map(({ node }) => node)).size === 2 })
    return outcomes().map(({ node, event }) => `${nameOf(node)} ${event}`)
  }
  return { ...world, tell, connect, outcomes }
}
