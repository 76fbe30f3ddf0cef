import type { Data } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Host, Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { deriveStream } from '../core/random.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { topologyFromEdges } from '../core/topology.ts'
import { captureOdds, predictedEclipse } from '../measures/eclipse-odds.ts'
import {
  endpointBook,
  formatEndpoint,
  groupOf,
  randomEndpoint,
  type Ipv4Endpoint,
} from '../protocols/address-table/endpoint.ts'
import { EclipseAttacker } from '../protocols/attackers/eclipse-attacker.ts'
import { groupedEndpoints } from '../protocols/attackers/false-endpoints.ts'
import { BitcoinNode } from '../protocols/bitcoin/bitcoin-node.ts'
import { bitcoinCore, bitcoind093 } from '../protocols/bitcoin/bitcoin-parameters.ts'
import type { BitcoinLink } from '../protocols/bitcoin/links.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { PatientAttacker } from './eclipse-attack.ts'
import { eclipseParameters, victimParameters, type EclipseValues } from './eclipse-parameters.ts'
import { sharesOf, trialRestarts, type TableShares } from './eclipse-trial.ts'
import { nodeActions, nodeParameter, performNodeAction } from './node-actions.ts'
import { thinned } from './thinned.ts'

const victim = 0

/** How often odds are looked at, and with how many tries. */
const look = { every: 60_000, tries: 200 } as const

export const eclipse = defineScenario({
  id: 'eclipse',
  title: 'Eclipse',
  summary:
    'A node has eight connections and all looks well. Who owns its address table owns it after the next restart.',
  parameters: eclipseParameters,
  actions: {
    strike: { label: 'restart in order', parameters: { node: nodeParameter('node') } },
    reveal: { label: 'show who is who', parameters: {} },
    ...nodeActions,
  },
  states: [
    { id: 'peer', label: 'is a node like any', tone: 'idle' },
    { id: 'alone', label: 'the victim: it has no connections yet', tone: 'c' },
    { id: 'healthy', label: 'the victim: it is connected, and all looks well', tone: 'a' },
    { id: 'eclipsed', label: 'the victim: all of its connections are the attacker', tone: 'd' },
    { id: 'attacker', label: 'is the attacker', tone: 'b' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'odds', unit: 'share', label: 'restarts now that the attacker would win' },
    { name: 'predicted', unit: 'share', label: 'the same, by the formula' },
    { name: 'captured', unit: 'share', label: 'outgoing connections that are the attacker' },
    { name: 'outgoing', unit: 'connections', label: 'outgoing connections: what the victim sees' },
    { name: 'incoming', unit: 'connections', label: 'honest nodes that have connected to it' },
    { name: 'tried', unit: 'share', label: "of its tried addresses, the attacker's" },
    { name: 'trash', unit: 'share', label: 'of its new addresses, nobody is there' },
    { name: 'addresses', unit: 'addresses', label: 'addresses that it knows' },
    { name: 'restarts', unit: 'times', label: 'restarts of the victim' },
    { name: 'groups', unit: 'groups', label: 'groups that the attacker has addresses in' },
  ],
  presentation: {
    headline: 'odds',
    costs: ['outgoing', 'captured', 'tried'],
    controls: ['honest', 'anchors'],
    click: 'strike',
    doubleClick: 'crash',
    messages: [
      { type: 'getaddr', label: 'getaddr: whom do you know?', tone: 'd' },
      { type: 'addr', label: 'addr: addresses', tone: 'c' },
    ],
    marks: [
      { report: 'captured', label: 'it has come to the attacker', tone: 'b' },
      { report: 'addresses-ignored', label: 'not listened to', tone: 'idle' },
    ],
  },
  create({ parameters, seed, observers, foldPayloads }) {
    return new EclipseWorld(parameters, seed, observers, foldPayloads)
  },
})

class EclipseWorld implements World, Observer {
  readonly simulation: Simulation
  readonly #values: EclipseValues
  readonly #endpoints: readonly Ipv4Endpoint[]
  #victim: BitcoinNode | undefined
  /** What runs at the others: to look at their connections. */
  readonly #others: { readonly links: readonly BitcoinLink[] }[] = []
  #isRevealed = false
  #nextLook: Millis = 0
  #restarted: Millis = 0
  #waitsSince: Millis | undefined
  #shares: TableShares = { tried: null, trash: null, triedCount: 0, newCount: 0 }
  #odds: number | null = null
  #predicted: number | null = null
  readonly #history: (readonly [time: Millis, odds: number, predicted: number])[] = []

  constructor(values: EclipseValues, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, honest, latency, strike, reveal, duration } = values
    if (honest >= size) throw new RangeError(`honest is ${honest} of ${size} nodes; leave the attacker one`)
    this.#values = values
    this.#endpoints = drawEndpoints(values, seed)
    const simulation = new Simulation({
      seed,
      topology: topologyFromEdges(size, []),
      addresses: endpointBook(this.#endpoints),
      protocol: (host, node) => this.#protocolOf(host, node),
      latency: uniformLatency(latency / 2, latency * 1.5),
      foldPayloads,
    })
    this.simulation = simulation
    // Whoever looks at the states when an event begins sees them as they were before it: that event counts after that.
    for (const observer of observers) simulation.observe(observer)
    simulation.observe(this)
    if (strike > 0 && strike < duration) simulation.schedule(strike, 'strike', () => this.#restart(victim))
    if (reveal > 0 && reveal < duration) simulation.schedule(reveal, 'reveal', () => void (this.#isRevealed = true))
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    if (action === 'strike') this.#restart(values['node'] as number)
    if (action === 'reveal') this.simulation.control('reveal', () => void (this.#isRevealed = true))
    performNodeAction(this.simulation, action, values)
    if (action === 'restart' && values['node'] === victim) this.#wait()
  }

  measures(): { readonly [name: string]: number | null } {
    const outgoing = this.#outgoing()
    const incoming = this.#links().filter(({ kind, peer }) => kind === 'incoming' && !this.#isAttacker(peer))
    return {
      odds: this.#odds,
      predicted: this.#predicted,
      captured: outgoing.length === 0 ? null : this.#captured(outgoing) / outgoing.length,
      outgoing: outgoing.length,
      incoming: incoming.length,
      tried: this.#shares.tried,
      trash: this.#shares.trash,
      addresses: this.#shares.triedCount + this.#shares.newCount,
      restarts: this.simulation.incarnation(victim),
      groups: new Set(this.#endpoints.slice(this.#values.honest).map(groupOf)).size,
    }
  }

  /** What the victim could know itself, until who is who is shown. */
  state(node: number): string {
    if (!this.simulation.isUp(node)) return 'down'
    if (node !== victim) return this.#isRevealed && node >= this.#values.honest ? 'attacker' : 'peer'
    const outgoing = this.#outgoing()
    if (outgoing.length === 0) return 'alone'
    return this.#isRevealed && this.#isEclipsed(outgoing) ? 'eclipsed' : 'healthy'
  }

  /** Of the victim: what it sees, and what is; its tried table by bucket. Of others, their connections. */
  inspect(node: number): Data {
    const { now } = this.simulation
    const links = (node === victim ? this.#links() : (this.#others[node]?.links ?? [])).map(
      ({ peer, kind, since }) => ({
        ...this.#describe(peer),
        kind,
        since,
      }),
    )
    const about = { state: this.state(node), ...this.#describe(this.#endpoints[node]!), links }
    const table = this.#victim?.table
    if (node !== victim || !this.simulation.isUp(victim) || table === undefined) return about
    const tried = [...table.store.entries].filter(({ inTried }) => inTried)
    return {
      ...about,
      release: this.#values.release,
      triedBuckets: table.parameters.triedBuckets,
      bucketSize: table.parameters.bucketSize,
      tried: tried.slice(0, 500).map(({ endpoint, time }) => ({
        bucket: table.store.placement.triedBucket(endpoint),
        ...this.#describe(endpoint),
        age: now - time,
      })),
      new: table.newCount,
    }
  }

  /**
   * How likely a restart now would be the end of it, minute by minute: tries on its table against Heilman et al. 2015,
   * section 3.3, or f^connections where fresh addresses are not preferred. The formula takes all ages at their worst for
   * the attacker, and so is a lower bound.
   */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const chosen = thinned(this.#history, points)
    return {
      measured: { label: 'restarts that the attacker would win', points: chosen.map(([x, odds]) => [x, odds]) },
      formula: { label: 'Heilman et al., section 3.3', points: chosen.map(([x, , predicted]) => [x, predicted]) },
    }
  }

  isOver(): boolean {
    return false // connections are kept for ever: the duration ends it
  }

  onEvent(_n: number, time: Millis, kind: EventKind, node: number): void {
    if (kind === 'restart' && node === victim) this.#restarted = time
    if (time < this.#nextLook) return
    this.#nextLook = (Math.floor(time / look.every) + 1) * look.every
    if (this.#victim !== undefined && this.simulation.isUp(victim)) this.#look(this.#victim, time)
  }

  #look({ table }: BitcoinNode, now: Millis): void {
    const { seed } = this.simulation
    const nodeAt = (endpoint: Ipv4Endpoint): number => this.simulation.addresses.nodeOf(endpoint)
    const isAttacker = (endpoint: Ipv4Endpoint): boolean => this.#isAttacker(endpoint)
    const answers = (endpoint: Ipv4Endpoint): boolean => nodeAt(endpoint) >= 0 && this.simulation.isUp(nodeAt(endpoint))
    this.#shares = sharesOf(table, isAttacker, (endpoint) => nodeAt(endpoint) < 0)
    if (this.#shares.tried === null) return
    const { outgoing, anchors } = victimParameters(this.#values)
    const label = `${now}`
    const options = { seed, label, now, connections: outgoing, tries: look.tries, answers, isAttacker }
    const isAnchored = anchors > 0 && this.#links().some(({ kind, peer }) => kind === 'block-only' && !isAttacker(peer))
    this.#odds = isAnchored ? 0 : trialRestarts(table, options)
    this.#predicted = this.#predict(now, outgoing)
    this.#history.push([now, this.#odds, this.#predicted])
  }

  #predict(now: Millis, connections: number): number {
    const { round, start } = this.#values
    const share = this.#shares.tried!
    if (victimParameters(this.#values).table.selection === 'uniform') return captureOdds(share, connections)
    const honest = this.#outgoing().filter(({ peer }) => !this.#isAttacker(peer)).length
    const connectedShare = Math.min(honest / this.#shares.triedCount, 1 - share)
    // Who was connected before a restart has been seen since then at the latest: others are older than that.
    const duration = Math.max(0, now - Math.max(start, this.#restarted))
    // Attackers who wait were seen before that.
    const oldest = round + (this.#waitsSince === undefined ? 0 : now - this.#waitsSince)
    return predictedEclipse({ share, connectedShare, round: oldest, duration, connections })
  }

  #links(): readonly BitcoinLink[] {
    return this.simulation.isUp(victim) ? (this.#victim?.links ?? []) : []
  }

  #outgoing(): BitcoinLink[] {
    return this.#links().filter(({ kind }) => kind === 'full-relay' || kind === 'block-only')
  }

  #captured(links: readonly BitcoinLink[]): number {
    return links.filter(({ peer }) => this.#isAttacker(peer)).length
  }

  /** All that it opened, as the formula counts it. Honest nodes that have come to it are shown as `incoming`. */
  #isEclipsed(outgoing: readonly BitcoinLink[]): boolean {
    return this.#captured(outgoing) === outgoing.length
  }

  #isAttacker(endpoint: Ipv4Endpoint): boolean {
    return this.simulation.addresses.nodeOf(endpoint) >= this.#values.honest
  }

  #describe(endpoint: Ipv4Endpoint): { node: number; endpoint: string; group: number; is: string } {
    const node = this.simulation.addresses.nodeOf(endpoint)
    const is = node < 0 ? 'nobody' : node >= this.#values.honest ? 'attacker' : 'honest'
    return { node, endpoint: formatEndpoint(endpoint), group: groupOf(endpoint), is }
  }

  #restart(node: number): void {
    const { simulation } = this
    simulation.command(node, { type: 'shutdown' })
    simulation.crash(node)
    simulation.restart(node)
    if (node === victim) this.#wait()
  }

  /** Whoever attacks has seen all of its connections to the victim end, or has brought it about. */
  #wait(): void {
    const { honest, size } = this.#values
    this.#waitsSince ??= this.simulation.now
    for (let node = honest; node < size; node++) this.simulation.command(node, { type: 'wait' })
  }

  #protocolOf(host: Host<never>, node: number): Protocol<never, never> {
    const { honest, release, round, start, trash, size } = this.#values
    if (node >= honest) {
      const phase = (node - honest) / (size - honest)
      const attacker = new EclipseAttacker(host as never, {
        victim: this.#endpoints[victim]!,
        round,
        start,
        trash,
        phase,
      })
      const patient = new PatientAttacker(attacker)
      this.#others[node] = patient
      return patient as unknown as Protocol<never, never>
    }
    const seeds = this.#endpoints.slice(0, honest)
    const parameters =
      node === victim ? victimParameters(this.#values) : release === 'today' ? bitcoinCore : bitcoind093
    const own = new BitcoinNode(host as never, { parameters, seeds })
    if (node === victim) this.#victim = own
    this.#others[node] = own
    return own as unknown as Protocol<never, never>
  }
}

function drawEndpoints({ size, honest, perGroup }: EclipseValues, seed: number): Ipv4Endpoint[] {
  const random = deriveStream(seed, 'endpoints')
  const endpoints = new Map<number, Ipv4Endpoint>()
  // One honest node a group: as a network of thousands looks from one node.
  while (endpoints.size < honest) {
    const endpoint = randomEndpoint(random, 8333)
    endpoints.set(groupOf(endpoint), endpoint)
  }
  const groups = Math.ceil((size - honest) / perGroup)
  for (;;) {
    const attackers = groupedEndpoints(random, { groups, perGroup }).slice(0, size - honest)
    if (attackers.every((each) => !endpoints.has(groupOf(each)))) return [...endpoints.values(), ...attackers]
  }
}
