import type { Address } from '../core/address.ts'
import type { Data, Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { Internet, type NatSite, type Site } from '../core/internet.ts'
import { constantLatency } from '../core/latency.ts'
import { drop, loss, pass, type Rule } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { topologyFromEdges } from '../core/topology.ts'
import { MultiaddrDialer } from '../protocols/multiaddr/dialer.ts'
import { MultiaddrListener, NameServer } from '../protocols/multiaddr/listener.ts'
import { multiaddrProtocols, parseMultiaddr } from '../protocols/multiaddr/multiaddr.ts'
import { defineScenario, type Context, type Curve, type World } from './define-scenario.ts'
import {
  addresses,
  bob,
  dave,
  daveNats,
  dialers,
  hostNames,
  ips,
  listens,
  nameServer,
  nodeNames,
  peerIds,
  relay,
  shouldConnect,
  without,
} from './multiaddr-network.ts'
import type { ValuesOf } from './parameters.ts'

const parameters = {
  without: {
    type: 'choice',
    options: ['nothing', ...multiaddrProtocols],
    default: 'nothing',
    label: 'this component is taken out of every address',
  },
  names: { type: 'boolean', default: true, label: 'there is a name server' },
  relay: { type: 'boolean', default: true, label: 'there is a relay' },
  nat: {
    type: 'choice',
    options: ['none', 'full cone', 'port-restricted'],
    default: 'port-restricted',
    label: "dave's NAT",
  },
  impostor: { type: 'boolean', default: false, label: "somebody else answers at bob's addresses" },
  interval: { type: 'number', min: 1, max: 60_000, default: 500, label: 'time between two addresses', unit: 'ms' },
  latency: { type: 'number', min: 0, max: 400, default: 40, label: 'latency', unit: 'ms' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
} as const

type Values = ValuesOf<typeof parameters>

/** By then dave has his place at the relay. */
const start = 1000
const port = 4001

const nodeParameter = {
  type: 'integer',
  min: 0,
  max: nodeNames.length - 1,
  default: 0,
  label: 'node',
  unit: 'node',
} as const

const addressParameter = {
  type: 'integer',
  min: 0,
  max: addresses.length - 1,
  default: 0,
  label: 'address, from 0',
} as const

export const multiaddr = defineScenario({
  id: 'multiaddr',
  title: 'Multiaddr',
  summary: 'Five dialers, eight addresses: take a component away, and say which dials die.',
  parameters,
  actions: {
    remove: {
      label: 'take a component out of an address, and dial it again',
      parameters: {
        address: addressParameter,
        component: { type: 'integer', min: 0, max: 15, default: 0, label: 'component, from 0' },
      },
    },
    restore: { label: 'make an address whole, and dial it again', parameters: { address: addressParameter } },
    dial: { label: 'dial every address again', parameters: { node: nodeParameter } },
    crash: { label: 'crash', parameters: { node: nodeParameter } },
    restart: { label: 'restart', parameters: { node: nodeParameter } },
  },
  states: [
    { id: 'waits', label: 'has not dialed', tone: 'idle' },
    { id: 'none', label: 'reaches nobody', tone: 'b' },
    { id: 'some', label: 'reaches peers by some addresses', tone: 'c' },
    { id: 'all', label: 'reaches peers by all addresses', tone: 'a' },
    { id: 'listens', label: 'listens', tone: 'idle' },
    { id: 'called', label: 'was reached', tone: 'a' },
    { id: 'serves', label: 'serves', tone: 'd' },
    { id: 'down', label: 'crashed', tone: 'dead' },
  ],
  measures: [
    { name: 'connected', unit: 'share', label: 'dials that come through' },
    { name: 'expected', unit: 'share', label: 'what the components let expect' },
    { name: 'dead', unit: 'dials', label: 'dials that died' },
    { name: 'unanswered', unit: 'dials', label: 'of these, without an answer' },
    { name: 'undialable', unit: 'dials', label: 'of these, before a packet was sent' },
    { name: 'unverified', unit: 'dials', label: 'dials that reached anybody' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'connected',
    costs: ['dead', 'unverified', 'messages'],
    controls: ['without', 'nat'],
    click: 'dial',
    doubleClick: 'crash',
    messages: [
      { type: 'knock', label: 'dials', tone: 'c' },
      { type: 'knock-reply', label: 'who answers', tone: 'a' },
      { type: 'name-request', label: 'what does the name stand for?', tone: 'd' },
      { type: 'name-reply', label: 'for this', tone: 'd' },
      { type: 'relay-connect', label: 'a circuit, please', tone: 'c' },
      { type: 'relay-stop', label: 'somebody wants a circuit', tone: 'c' },
    ],
    marks: [{ report: 'refused', label: 'nobody listens there', tone: 'b' }],
  },
  create: (context) => new MultiaddrWorld(context),
})

interface Dial {
  readonly node: number
  readonly address: number
  readonly text: string
  readonly began: Millis
  ended: Millis | null
  connected: boolean
  verified: boolean
  reason: string
}

class MultiaddrWorld implements World {
  readonly simulation: Simulation
  readonly #values: Values
  readonly #internet: Internet
  /** As they are now. */
  readonly #addresses: string[]
  /** All that ever were, by id; and the latest of each dialer and address. */
  readonly #dials: Dial[] = []
  readonly #latest = new Map<string, Dial>()
  readonly #steps: (readonly [Millis, number])[] = [[0, 0]]
  readonly #called = new Set<number>()
  #planned = addresses.length
  #pending = 0

  constructor({ parameters, seed, observers, foldPayloads }: Context<Values>) {
    this.#values = parameters
    this.#addresses = addresses.map((address) => without(address, (protocol) => protocol === parameters.without))
    this.#internet = internetOf(seed, parameters)
    this.simulation = new Simulation({
      seed,
      topology: topologyFromEdges(nodeNames.length, []),
      underlay: this.#internet,
      protocol: (host, node) => this.#protocolOf(host, node),
      latency: constantLatency(parameters.latency),
      foldPayloads,
    })
    this.simulation.addRule(blockedUdp())
    if (parameters.loss > 0) this.simulation.addRule(loss(parameters.loss))
    for (const observer of observers) this.simulation.observe(observer)
    this.simulation.observe({
      onReport: (time, node, event, detail) => this.#note(time, node, event, detail as unknown as Report),
      onEvent: (_number, time, kind, node, _peer, subject) => {
        if (kind === 'command') this.#begin(time, this.#dials[(subject as Report).id]!)
        if (kind === 'crash') this.#lose(time, node)
      },
    })
    if (!parameters.names) this.simulation.schedule(0, 'no name server', () => this.simulation.crash(nameServer))
    if (!parameters.relay) this.simulation.schedule(0, 'no relay', () => this.simulation.crash(relay))
    for (let address = 0; address < addresses.length; address++) {
      this.simulation.schedule(start + address * parameters.interval, 'dial', () => {
        this.#planned--
        this.#dialAddress(address)
      })
    }
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    const { node, address, component } = values as Record<string, number>
    if (action === 'crash') this.simulation.crash(node!)
    if (action === 'restart') this.simulation.restart(node!)
    if (action === 'dial') for (let each = 0; each < addresses.length; each++) this.#dial(node!, each)
    if (action === 'remove') {
      this.#addresses[address!] = without(this.#addresses[address!]!, (_protocol, place) => place === component)
      this.#dialAddress(address!)
    }
    if (action === 'restore') {
      this.#addresses[address!] = addresses[address!]!
      this.#dialAddress(address!)
    }
  }

  measures(): { readonly [name: string]: number | null } {
    const ended = [...this.#latest.values()].filter((dial) => dial.ended !== null)
    const dead = ended.filter(({ connected }) => !connected)
    return {
      connected: this.#share,
      expected: this.#expected,
      dead: dead.length,
      unanswered: dead.filter(({ reason }) => reason.includes('answer')).length,
      undialable: dead.filter(({ began, ended: at }) => at === began).length,
      unverified: ended.filter(({ connected, verified }) => connected && !verified).length,
      messages: this.simulation.packets.sent,
    }
  }

  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node === nameServer || node === relay) return 'serves'
    if (node >= dialers.length) return this.#called.has(node) ? 'called' : 'listens'
    const ended = this.#dialsOf(node).filter((dial) => dial.ended !== null)
    if (ended.length === 0) return 'waits'
    const connected = ended.filter((dial) => dial.connected).length
    return connected === 0 ? 'none' : connected === ended.length ? 'all' : 'some'
  }

  /** Of a dialer what it can, and each address with its components and how the dial went; of the others who they are. */
  inspect(node: number): Data {
    const dialer = dialers[node]
    const common = {
      state: this.state(node),
      name: nodeNames[node]!,
      endpoint: endpointText(this.#internet, this.#internet.addressOf(node)),
    }
    if (dialer === undefined) {
      const nat = node === dave && this.#values.nat !== 'none' ? this.#internet.mappings(0, this.simulation.now) : []
      return {
        ...common,
        mappings: nat.map(({ port: outside, remote }) => ({ outside: `${ips.dave}:${outside}`, remote })),
      }
    }
    return {
      ...common,
      can: { ...dialer, transports: [...dialer.transports] },
      dials: this.#dialsOf(node).map(({ address, text, ended, connected, verified, reason }) => ({
        address,
        text,
        components: (parseMultiaddr(text) ?? []).map((component) => ({ ...component })),
        expected: shouldConnect(text, dialer, this.#surroundings),
        ended,
        connected,
        verified,
        reason,
      })),
    }
  }

  /** Of all dials of the table the share that came through, beside what {@link shouldConnect} says of it. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve } {
    const end = Math.max(this.simulation.lastEventTime, start)
    const stairs = this.#steps.flatMap(([time, share], i) => [
      [time, share] as const,
      [this.#steps[i + 1]?.[0] ?? end, share] as const,
    ])
    const expected = this.#expected
    return {
      measured: { label: 'dials that come through', points: stairs.slice(0, points) },
      formula: { label: 'by the components, in the end', points: [[0, expected] as const, [end, expected] as const] },
    }
  }

  /** Dave keeps his place at the relay for ever; it is over when all dials are. */
  isOver(): boolean {
    return this.#planned === 0 && this.#pending === 0
  }

  get #share(): number {
    let connected = 0
    for (const dial of this.#latest.values()) connected += Number(dial.connected)
    return connected / (dialers.length * addresses.length)
  }

  get #surroundings() {
    const { names, relay: hasRelay, nat: daveNat, impostor: hasImpostor } = this.#values
    return { hasNames: names, hasRelay, daveNat, hasImpostor } as const
  }

  get #expected(): number {
    const there = this.#surroundings
    const count = this.#addresses.flatMap((address) =>
      dialers.filter((dialer) => shouldConnect(address, dialer, there)),
    ).length
    return count / (dialers.length * addresses.length)
  }

  #dialsOf(node: number): Dial[] {
    return [...this.#latest.values()].filter((dial) => dial.node === node).sort((a, b) => a.address - b.address)
  }

  #dialAddress(address: number): void {
    for (let node = 0; node < dialers.length; node++) this.#dial(node, address)
  }

  #dial(node: number, address: number): void {
    if (node >= dialers.length || !this.simulation.isUp(node)) return
    const text = this.#addresses[address]!
    const began = this.simulation.now
    const dial: Dial = { node, address, text, began, ended: null, connected: false, verified: false, reason: '' }
    const id = this.#dials.push(dial) - 1
    this.simulation.command(node, { type: 'dial', id, address: text } as { type: string })
  }

  /** A dialer begins: from this event on that dial is what counts. */
  #begin(time: Millis, dial: Dial): void {
    const key = `${dial.node}/${dial.address}`
    const before = this.#latest.get(key)
    if (before !== undefined && before.ended === null) this.#end(before, time, 'dialed anew')
    this.#latest.set(key, dial)
    this.#pending++
  }

  #protocolOf(host: Host<never>, node: number): Protocol<never, never> {
    const addressAt = (ip: string, at: number): Address => this.#internet.intern({ ip, port: at })
    const dialer = dialers[node]
    if (node === nameServer) return new NameServer(host, hostNames) as Protocol<never, never>
    if (dialer === undefined) {
      const peer = node === relay ? peerIds.relay : node === dave ? peerIds.dave : peerIds.bob
      const options = {
        peer: node === bob && this.#values.impostor ? peerIds.impostor : peer,
        listens,
        isRelay: node === relay,
        relay: node === dave ? addressAt(ips.relay, port) : undefined,
      }
      return new MultiaddrListener(host, options) as Protocol<never, never>
    }
    const { name, transports, asksNames, circuits } = dialer
    const names = asksNames ? addressAt(ips.nameServer, port) : undefined
    const options = { name, transports, circuits, names, addressAt }
    return new MultiaddrDialer(host, options) as Protocol<never, never>
  }

  #note(time: Millis, node: number, event: string, { id, connected, verified, reason }: Report): void {
    if (event === 'called') this.#called.add(node)
    const dial = event === 'dialed' ? this.#dials[id] : undefined
    if (dial === undefined || dial.ended !== null) return
    this.#end(dial, time, reason)
    Object.assign(dial, { connected, verified })
    this.#steps.push([time, this.#share])
  }

  #end(dial: Dial, time: Millis, reason: string): void {
    Object.assign(dial, { ended: time, reason })
    this.#pending--
  }

  /** A dialer that crashes has no connections, and its dials come to nothing. */
  #lose(time: Millis, node: number): void {
    this.#called.delete(node)
    for (const dial of this.#dialsOf(node)) {
      if (dial.ended === null) this.#end(dial, time, 'crashed')
      dial.connected = false
    }
    this.#steps.push([time, this.#share])
  }
}

interface Report {
  readonly id: number
  readonly connected: boolean
  readonly verified: boolean
  readonly reason: string
}

/** Some networks let no UDP out. */
function blockedUdp(): Rule {
  return {
    name: 'UDP is blocked',
    judge: ({ from, message }) => {
      const isQuic = (message as Message & { readonly transport?: string }).transport === 'quic-v1'
      return isQuic && dialers[from]?.udp === false ? drop : pass
    },
  }
}

function internetOf(seed: number, { nat }: Values): Internet {
  const kind = daveNats[nat]
  const sites: Site[] = dialers.map((_, node) => ({ ip: `${ips.dialers}${node + 1}`, port }))
  sites.push({ ip: ips.nameServer, port }, { ip: ips.relay, port }, { ip: ips.bob, port })
  sites.push(kind === undefined ? { ip: ips.dave, port } : { ip: ips.daveInside, port, nat: 0 })
  const nats: NatSite[] = kind === undefined ? [] : [{ ...kind, ip: ips.dave }]
  return new Internet(seed, sites, nats)
}

function endpointText(internet: Internet, address: Address): string {
  const { ip, port: at } = internet.endpointOf(address)!
  return `${ip}:${at}`
}
