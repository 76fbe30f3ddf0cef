import type { Data } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { deriveStream } from '../core/random.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { topologyFromEdges } from '../core/topology.ts'
import {
  endpointBook,
  formatEndpoint,
  pack,
  randomEndpoint,
  subnetOf,
  type Ipv4Endpoint,
} from '../protocols/address-table/endpoint.ts'
import { SybilHost } from '../protocols/attackers/sybil-host.ts'
import { idOf, idToHex, type Id } from '../protocols/contact.ts'
import { GethDiscovery, type GethMessage } from '../protocols/geth-discovery.ts'
import { gethLimits } from '../protocols/geth-table.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, nodeParameter, performNodeAction } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'
import { thinned } from './thinned.ts'

const parameters = {
  size: { type: 'integer', min: 25, max: 200, default: 44, label: 'size', unit: 'nodes' },
  honest: {
    type: 'integer',
    min: 2,
    max: 43,
    default: 24,
    label: 'honest nodes, the victim among them',
    unit: 'nodes',
  },
  keys: { type: 'integer', min: 1, max: 10_000, default: 1000, label: 'keys that a host makes', unit: 'keys' },
  rented: { type: 'integer', min: 0, max: 20, default: 1, label: 'hosts rented at the start', unit: 'nodes' },
  perSubnet: { type: 'integer', min: 1, max: 256, default: 1, label: 'hosts in a subnet (/24)', unit: 'nodes' },
  limits: { type: 'boolean', default: false, label: 'the table counts subnets' },
  start: { type: 'number', min: 0, max: 600_000, default: 15_000, label: 'the attack begins at', unit: 'ms' },
  hostPrice: {
    type: 'number',
    min: 0,
    max: 1000,
    default: 0,
    label: 'a further host in a subnet, a month',
    unit: 'USD',
  },
  subnetPrice: { type: 'number', min: 0, max: 1000, default: 5, label: 'a host in a new subnet, a month', unit: 'USD' },
  latency: { type: 'number', min: 0, max: 200, default: 40, label: 'mean latency', unit: 'ms' },
  duration: { type: 'number', min: 1, max: 600_000, default: 40_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

// The prices are no quotes: what a host and a subnet cost is up to who shows this. That a key costs nothing is not.

const victim = 0

export const sybil = defineScenario({
  id: 'sybil',
  title: 'Sybil',
  summary: 'A thousand keys are free, and one host fills the table with them. Count subnets, and there is a bill.',
  parameters,
  actions: {
    rent: { label: 'rent this host', parameters: { node: nodeParameter('host') } },
    ...nodeActions,
  },
  states: [
    { id: 'honest', label: 'is a node, with one key', tone: 'a' },
    { id: 'victim', label: 'keeps the table', tone: 'c' },
    { id: 'offered', label: 'is for rent', tone: 'idle' },
    { id: 'sybil', label: 'is the attacker, with all of its keys', tone: 'b' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'share', unit: 'share', label: "of the victim's table, the attacker's" },
    { name: 'places', unit: 'nodes', label: "places in the table that are the attacker's" },
    { name: 'honestPlaces', unit: 'nodes', label: 'places of the honest' },
    { name: 'keys', unit: 'keys', label: 'keys, at no price' },
    { name: 'subnets', unit: 'subnets', label: 'subnets that are paid for' },
    { name: 'bill', unit: 'USD', label: 'the bill of a month' },
    { name: 'perPlace', unit: 'USD', label: 'of that, for one place' },
    { name: 'refused', unit: 'keys', label: 'keys refused: their subnet has enough' },
  ],
  presentation: {
    headline: 'share',
    costs: ['bill', 'keys', 'places'],
    controls: ['keys', 'limits'],
    click: 'rent',
    doubleClick: 'crash',
    messages: [
      { type: 'ping', label: 'ping: are you there?', tone: 'd' },
      { type: 'pong', label: 'pong: here, under this key', tone: 'a' },
    ],
    marks: [{ report: 'malformed', label: 'malformed', tone: 'b' }],
  },
  create({ parameters, seed, observers, foldPayloads }) {
    return new SybilWorld(parameters, seed, observers, foldPayloads)
  },
})

class SybilWorld implements World, Observer {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #endpoints: readonly Ipv4Endpoint[]
  readonly #ids: readonly Id[]
  readonly #hosts: (SybilHost | undefined)[] = []
  readonly #rented = new Set<number>()
  #victim: GethDiscovery | undefined
  #places = { attacker: 0, honest: 0 }
  #refused = 0
  readonly #history: (readonly [time: Millis, share: number, bound: number])[] = []

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, honest, rented, latency, start, duration } = values
    if (honest >= size) throw new RangeError(`honest is ${honest} of ${size} nodes; leave the attacker one`)
    if (rented > size - honest) throw new RangeError(`rented is ${rented}; there are ${size - honest} hosts for rent`)
    this.#values = values
    this.#endpoints = drawEndpoints(values, seed)
    this.#ids = Array.from({ length: honest }, (_, node) => idOf(`node ${seed}/${node}`))
    const simulation = new Simulation({
      seed,
      topology: topologyFromEdges(size, []),
      addresses: endpointBook(this.#endpoints),
      protocol: (host, node) => this.#protocolOf(host as never, node) as unknown as Protocol<never, never>,
      latency: uniformLatency(latency / 2, latency * 1.5),
      foldPayloads,
    })
    this.simulation = simulation
    for (const observer of observers) simulation.observe(observer)
    simulation.observe(this)
    if (rented === 0 || start >= duration) return
    simulation.schedule(start, 'rent', () => {
      for (let node = honest; node < honest + rented; node++) this.#rent(node)
    })
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const node = values['node'] as number
    const { honest, size } = this.#values
    if (action === 'rent' && node < honest) {
      throw new RangeError(`rent: node is ${node}, an honest node; hosts for rent are ${honest} to ${size - 1}`)
    }
    if (action === 'rent') this.#rent(node)
    performNodeAction(this.simulation, action, values)
    if (action === 'crash' && node === victim) this.#count()
    // Who has paid begins again by itself.
    if (action === 'restart' && this.#rented.has(node)) this.#rent(node)
  }

  measures(): { readonly [name: string]: number | null } {
    const { attacker, honest } = this.#places
    const { bill, subnets } = this.#meter()
    return {
      share: attacker + honest === 0 ? null : attacker / (attacker + honest),
      places: attacker,
      honestPlaces: honest,
      keys: this.#hosts.reduce((sum, host) => sum + (host?.keys ?? 0), 0),
      subnets,
      bill,
      perPlace: attacker === 0 ? null : bill / attacker,
      refused: this.#refused,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node === victim) return 'victim'
    if (node < this.#values.honest) return 'honest'
    return this.#rented.has(node) ? 'sybil' : 'offered'
  }

  /** Of the victim: its table, bucket by bucket. Of a host: where it is, and how many keys it has. */
  inspect(node: number): Data {
    const endpoint = this.#endpoints[node]!
    const about = { state: this.state(node), endpoint: formatEndpoint(endpoint), subnet: subnetOf(endpoint) }
    if (node >= this.#values.honest) return { ...about, keys: this.#hosts[node]?.keys ?? 0 }
    if (node !== victim || this.#victim === undefined) return { ...about, id: idToHex(this.#ids[node]!) }
    const { table } = this.#victim
    const buckets = Array.from({ length: gethLimits.buckets }, (_, bucket) => ({
      bucket,
      nodes: table.bucket(bucket).nodes.map((each) => this.#describe(each.endpoint)),
      waiting: table.bucket(bucket).waiting.length,
    }))
    return { ...about, id: idToHex(this.#ids[node]!), bucketSize: gethLimits.bucketSize, buckets }
  }

  /**
   * The attacker's share of the table, and the most that it can have: a place for each that is free, and where subnets are
   * counted ten for each of them (go-ethereum after Marcus et al. 2018), against the honest nodes that are there.
   */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const chosen = thinned(this.#history, points)
    return {
      measured: { label: "the attacker's share", points: chosen.map(([x, share]) => [x, share]) },
      formula: { label: 'the most that it can have', points: chosen.map(([x, , bound]) => [x, bound]) },
    }
  }

  isOver(): boolean {
    return false // tables are kept for ever: the duration ends it
  }

  onReport(time: Millis, node: number, event: string, detail: Data | undefined): void {
    if (node !== victim || (event !== 'bonded' && event !== 'removed')) return
    const { verdict } = (detail ?? {}) as { readonly verdict?: string }
    if (verdict === 'subnet-limit') this.#refused++
    if (verdict === 'added' || event === 'removed') this.#count()
    const { attacker, honest } = this.#places
    if (attacker + honest > 0) this.#history.push([time, attacker / (attacker + honest), this.#bound()])
  }

  #count(): void {
    const nodes = this.simulation.isUp(victim) ? (this.#victim?.table.nodes ?? []) : []
    const isAttacker = (endpoint: Ipv4Endpoint): boolean =>
      this.simulation.addresses.nodeOf(endpoint) >= this.#values.honest
    const attacker = nodes.filter(({ endpoint }) => isAttacker(endpoint)).length
    this.#places = { attacker, honest: nodes.length - attacker }
  }

  #bound(): number {
    const { honest } = this.#places
    const free = gethLimits.buckets * gethLimits.bucketSize - honest
    const { subnets } = this.#meter()
    const places = this.#values.limits ? Math.min(free, gethLimits.perSubnetInTable * subnets) : subnets > 0 ? free : 0
    return places / Math.max(1, places + honest)
  }

  #meter(): { readonly subnets: number; readonly bill: number } {
    const { hostPrice, subnetPrice } = this.#values
    const subnets = new Set([...this.#rented].map((node) => subnetOf(this.#endpoints[node]!))).size
    return { subnets, bill: subnets * subnetPrice + (this.#rented.size - subnets) * hostPrice }
  }

  #rent(node: number): void {
    if (!this.simulation.isUp(node)) return
    this.#rented.add(node)
    this.simulation.command(node, { type: 'rent' })
  }

  #describe(endpoint: Ipv4Endpoint): { readonly node: number; readonly subnet: number; readonly is: string } {
    const node = this.simulation.addresses.nodeOf(endpoint)
    return { node, subnet: subnetOf(endpoint), is: node >= this.#values.honest ? 'attacker' : 'honest' }
  }

  #protocolOf(host: Host<GethMessage>, node: number): unknown {
    const { honest, keys, limits } = this.#values
    const target = { id: this.#ids[victim]!, address: this.#endpoints[victim]! }
    if (node >= honest) return (this.#hosts[node] = new SybilHost(host, { victim: target, keys }))
    const own = new GethDiscovery(host, {
      id: this.#ids[node]!,
      peers: node === victim ? [] : [target],
      limits: limits ? gethLimits : { ...gethLimits, perSubnetInBucket: Infinity, perSubnetInTable: Infinity },
    })
    if (node === victim) this.#victim = own
    return own
  }
}

/** Honest nodes each in a subnet of their own; the attacker's hosts `perSubnet` in one. */
function drawEndpoints({ size, honest, perSubnet }: Values, seed: number): Ipv4Endpoint[] {
  const random = deriveStream(seed, 'endpoints')
  const subnets = new Set<number>()
  const endpoints: Ipv4Endpoint[] = []
  while (endpoints.length < size) {
    const first = randomEndpoint(random, 30_303)
    const subnet = subnetOf(first)
    if (subnets.has(subnet)) continue
    subnets.add(subnet)
    const inSubnet = endpoints.length < honest ? 1 : Math.min(perSubnet, size - endpoints.length)
    const offset = random.integer(256)
    for (let i = 0; i < inSubnet; i++) endpoints.push(pack(subnet * 256 + ((offset + i) % 256), 30_303))
  }
  return endpoints
}
