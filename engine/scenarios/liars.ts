import { unguessableAddresses, type Address } from '../core/address.ts'
import type { Data } from '../core/data.ts'
import type { Protocol } from '../core/host.ts'
import { uniformLatency } from '../core/latency.ts'
import type { Observer } from '../core/observer.ts'
import { loss } from '../core/rules.ts'
import { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import { History } from '../measures/history.ts'
import { PeerLinks } from '../measures/peer-links.ts'
import { PeerLiar } from '../protocols/attackers/peer-liar.ts'
import { Bootnode } from '../protocols/discovery/bootnode.ts'
import { Discovery } from '../protocols/discovery/discovery.ts'
import { bootnodeLinks, drawArrivals, drawRoles, Newcomer, type Role } from './bootstrap-roles.ts'
import { defineScenario, type Curve, type World } from './define-scenario.ts'
import { nodeActions, nodeParameter, performNodeAction } from './node-actions.ts'
import type { ValuesOf } from './parameters.ts'

/** How often the tables are looked at, at most. */
const sampleInterval: Millis = 250

const connections = { type: 'integer', unit: 'connections' } as const
const addresses = { type: 'integer', unit: 'addresses' } as const

const parameters = {
  size: { type: 'integer', min: 2, max: 1000, default: 40, label: 'size', unit: 'nodes' },
  bootnodes: { type: 'integer', min: 1, max: 16, default: 1, label: 'bootnodes', unit: 'nodes' },
  liars: { type: 'number', min: 0, max: 0.9, default: 0.1, label: 'share of liars' },
  lie: { type: 'choice', options: ['accomplices', 'made-up'], default: 'accomplices', label: 'what liars name' },
  joining: { type: 'number', min: 0, max: 600_000, default: 10_000, label: 'newcomers come within', unit: 'ms' },
  target: { ...connections, min: 0, max: 64, default: 4, label: 'outgoing connections to have' },
  limit: { ...connections, min: 1, max: 1000, default: 16, label: 'connections at most' },
  maxKnown: { ...addresses, min: 8, max: 10_000, default: 64, label: 'addresses to know at most' },
  maxPerSource: { ...addresses, min: 1, max: 10_000, default: 8, label: 'hearsay of one peer at most' },
  maxShared: { ...addresses, min: 1, max: 100, default: 8, label: 'addresses in an answer at most' },
  feelerInterval: {
    type: 'number',
    min: 1,
    max: 3_600_000,
    default: 120_000,
    label: 'time between feelers',
    unit: 'ms',
  },
  latency: { type: 'number', min: 0, max: 10_000, default: 50, label: 'mean latency', unit: 'ms' },
  loss: { type: 'number', min: 0, max: 1, default: 0, label: 'loss' },
  duration: { type: 'number', min: 1, max: 3_600_000, default: 40_000, label: 'ends at', unit: 'ms' },
} as const

type Values = ValuesOf<typeof parameters>

/**
 * Peer exchange poisoned by a few: they call everybody, so they are verified and passed on, and whom they name are they.
 * The nodes, the liars and the bootnodes are those of the scenario `bootstrap`; see `Discovery` and `PeerLiar`.
 */
export const liars = defineScenario({
  id: 'liars',
  title: 'Liars',
  summary: 'What a node believes beside the truth: a few liars among many, and they stand in nearly every table.',
  parameters,
  actions: {
    turn: { label: 'make a liar of it', parameters: { node: nodeParameter('node') } },
    ...nodeActions,
  },
  states: [
    { id: 'absent', label: 'has not come yet', tone: 'idle' },
    { id: 'clean', label: 'is honest, and no liar has got into its table', tone: 'a' },
    { id: 'deceived', label: 'is honest, and knows what is false', tone: 'c' },
    { id: 'bootnode', label: 'is a bootnode', tone: 'd' },
    { id: 'liar', label: 'lies', tone: 'b' },
    { id: 'down', label: 'is down', tone: 'dead' },
  ],
  measures: [
    { name: 'falseEntries', unit: 'share', label: 'entries that are false: a liar, or nobody' },
    { name: 'fair', unit: 'share', label: 'liars among all that could be known' },
    { name: 'deceived', unit: 'share', label: 'honest nodes with a false entry' },
    { name: 'fooled', unit: 'share', label: 'outgoing connections that lead to liars' },
    { name: 'believed', unit: 'addresses', label: 'addresses that a node believes in' },
    { name: 'honest', unit: 'addresses', label: 'of these honest and there' },
    { name: 'verified', unit: 'share', label: 'verified addresses that lead to liars' },
    { name: 'messages', unit: 'messages', label: 'messages' },
  ],
  presentation: {
    headline: 'falseEntries',
    costs: ['deceived', 'fooled'],
    controls: ['liars', 'lie'],
    click: 'turn',
    doubleClick: 'crash',
    messages: [
      { type: 'hello', label: 'hello: will you have me?', tone: 'd' },
      { type: 'welcome', label: 'welcome', tone: 'a' },
      { type: 'full', label: 'full: try these', tone: 'c' },
      { type: 'get-peers', label: 'get-peers: whom do you know?', tone: 'd' },
      { type: 'peers', label: 'peers: addresses', tone: 'c' },
      { type: 'ping', label: 'ping', tone: 'idle' },
      { type: 'pong', label: 'pong', tone: 'idle' },
      { type: 'bye', label: 'bye', tone: 'b' },
    ],
    marks: [{ report: 'malformed', label: 'malformed', tone: 'b' }],
  },
  create({ parameters, seed, substitute, observers, foldPayloads }) {
    if (substitute !== undefined) throw new RangeError("liars runs its own protocols only; it has no lab's")
    return new LiarsWorld(parameters, seed, observers, foldPayloads)
  },
})

/** What an address is, whatever the one who knows it may believe. */
type Truth = 'honest' | 'liar' | 'bootnode' | 'nobody'

class LiarsWorld implements World {
  readonly simulation: Simulation
  readonly #roles: Role[]
  readonly #arrivals: readonly Millis[]
  /** The addresses of the liars, which all of them name; it grows when people make a liar of a node. */
  readonly #accomplices: Address[] = []
  readonly #links: PeerLinks
  readonly #history = new History()
  #sampled: Millis = -Infinity
  #time: Millis = 0

  constructor(values: Values, seed: number, observers: readonly Observer[], foldPayloads: boolean) {
    const { size, latency } = values
    const everybody = { ...values, gone: 0, slow: 0 }
    this.#roles = [...drawRoles(everybody, seed)]
    this.#arrivals = drawArrivals(this.#roles, everybody, seed)
    const options = discoveryOptions(values)
    const addressBook = unguessableAddresses(size, seed)
    for (const [node, role] of this.#roles.entries()) {
      if (role === 'liar') this.#accomplices.push(addressBook.addressOf(node))
    }
    this.simulation = new Simulation({
      seed,
      topology: bootnodeLinks(everybody),
      addresses: addressBook,
      protocol: (host, node, incarnation) => {
        const role = this.#roles[node]!
        if (role === 'bootnode') return new Bootnode(host, { maxShared: values.maxShared }) as Protocol<never, never>
        if (role === 'liar') {
          const names = values.lie === 'accomplices' ? this.#accomplices : []
          return new PeerLiar(host, { lies: values.maxShared, names }) as Protocol<never, never>
        }
        const make = (): Protocol<never, never> => new Discovery(host, options)
        const arrival = incarnation === 0 ? this.#arrivals[node]! : 0
        return arrival === 0 ? make() : (new Newcomer(host as never, arrival, make as never) as Protocol<never, never>)
      },
      latency: uniformLatency(latency / 2, latency * 1.5),
      foldPayloads,
    })
    if (values.loss > 0) this.simulation.addRule(loss(values.loss))
    this.#links = new PeerLinks(size, addressBook)
    this.simulation.observe(this.#links)
    for (const observer of observers) this.simulation.observe(observer)
    this.simulation.observe({ onEvent: (_number, time) => this.#sample(time) })
  }

  perform(action: string, values: { readonly [name: string]: unknown }): void {
    if (action === 'turn') this.#turn(values['node'] as number)
    else performNodeAction(this.simulation, action, values)
  }

  measures(): { readonly [name: string]: number | null } {
    const honest = this.#honest
    const known = honest.flatMap((node) => [...this.#links.knownTo(node)])
    const truths = known.map(([address]) => this.#truth(address))
    const outgoing = honest.flatMap((node) =>
      [...this.#links.linksOf(node)].filter(([, { isOutgoing }]) => isOutgoing).map(([peer]) => this.#truth(peer)),
    )
    const verified = truths.filter((_, i) => known[i]![1].isVerified)
    return {
      falseEntries: ratio(truths.filter(isFalse).length, truths.length),
      fair: this.#fair,
      deceived: ratio(honest.filter((node) => this.#isDeceived(node)).length, honest.length),
      fooled: ratio(outgoing.filter((truth) => truth === 'liar').length, outgoing.length),
      believed: ratio(known.length, honest.length),
      honest: ratio(truths.filter((truth) => !isFalse(truth)).length, honest.length),
      verified: ratio(verified.filter((truth) => truth === 'liar').length, verified.length),
      messages: this.simulation.packets.sent,
    }
  }

  state(node: number): string {
    const role = this.#roles[node]!
    if (!this.simulation.isUp(node)) return 'down'
    if (role === 'bootnode' || role === 'liar') return role
    if (!this.#hasCome(node)) return 'absent'
    return this.#toldLies(node) ? 'deceived' : 'clean'
  }

  /** What the node believes, beside the truth. */
  inspect(node: number): Data {
    const known = [...this.#links.knownTo(node)].map(([peer, { isVerified }]) => ({ ...this.#who(peer), isVerified }))
    const links = [...this.#links.linksOf(node)].map(([peer, { isOutgoing }]) => ({ ...this.#who(peer), isOutgoing }))
    const count = (list: readonly { readonly is: Truth }[], truth: Truth): number =>
      list.filter(({ is }) => is === truth).length
    const counts = (list: readonly { readonly is: Truth }[]) => ({
      honest: count(list, 'honest'),
      bootnodes: count(list, 'bootnode'),
      liars: count(list, 'liar'),
      nobody: count(list, 'nobody'),
    })
    return {
      state: this.state(node),
      role: this.#roles[node]!,
      restarts: this.simulation.incarnation(node),
      believes: { peers: known.length, connections: links.length },
      truth: { peers: counts(known), connections: counts(links) },
      known: known.slice(0, 64),
      connections: links,
    }
  }

  /** Beside the false entries stands the share of liars: what tables would hold that are drawn from all nodes. */
  curves(points: number): { readonly measured: Curve; readonly formula: Curve | null } {
    const measured = { label: 'false entries', points: this.#history.points(points, this.#time) }
    const from = measured.points[0]?.[0]
    const fair = this.#fair
    if (from === undefined || fair === null) return { measured, formula: null }
    const line = [
      [from, fair],
      [Math.max(this.#time, from + 1), fair],
    ] as const
    return { measured, formula: { label: 'tables drawn from all nodes', points: line } }
  }

  isOver(): boolean {
    return false // beats go on for ever: the duration ends it
  }

  /** From now on the node lies: what it was is gone, as its owner wanted. A bootnode stays what it is. */
  #turn(node: number): void {
    const role = this.#roles[node]!
    if (role === 'liar' || role === 'bootnode') return
    this.simulation.crash(node)
    this.simulation.control('make a liar', () => {
      this.#roles[node] = 'liar'
      this.#accomplices.push(this.simulation.addresses.addressOf(node))
    })
    this.simulation.restart(node)
  }

  get #honest(): number[] {
    return this.#roles.flatMap((role, node) =>
      role === 'honest' && this.simulation.isUp(node) && this.#hasCome(node) ? [node] : [],
    )
  }

  get #fair(): number | null {
    const others = this.#roles.filter((role) => role !== 'bootnode').length
    return ratio(this.#roles.filter((role) => role === 'liar').length, others)
  }

  #hasCome(node: number): boolean {
    return this.simulation.now >= this.#arrivals[node]! || this.simulation.incarnation(node) > 0
  }

  #isDeceived(node: number): boolean {
    return [...this.#links.knownTo(node).keys()].some((address) => isFalse(this.#truth(address)))
  }

  /** The same, without who is down: what others do at their places changes no picture of this node. */
  #toldLies(node: number): boolean {
    return [...this.#links.knownTo(node).keys()].some((address) => {
      const known = this.simulation.addresses.nodeOf(address)
      return known < 0 || this.#roles[known] === 'liar'
    })
  }

  #truth(address: Address): Truth {
    const node = this.simulation.addresses.nodeOf(address)
    if (node < 0 || !this.simulation.isUp(node)) return 'nobody'
    const role = this.#roles[node]!
    return role === 'liar' || role === 'bootnode' ? role : 'honest'
  }

  #who(address: Address): { readonly node: number; readonly is: Truth } {
    return { node: this.simulation.addresses.nodeOf(address), is: this.#truth(address) }
  }

  #sample(time: Millis): void {
    if (time - this.#sampled >= sampleInterval) {
      this.#sampled = time
      const share = this.measures()['falseEntries']
      if (typeof share === 'number') this.#history.note(this.#time, share)
    }
    this.#time = time
  }
}

function isFalse(truth: Truth): boolean {
  return truth === 'liar' || truth === 'nobody'
}

function discoveryOptions({ target, limit, maxKnown, maxPerSource, maxShared, feelerInterval }: Values) {
  if (limit < target) throw new RangeError(`limit is ${limit}; it must be at least target, which is ${target}`)
  const silence = 12_000 // ms: as in the scenario bootstrap, so that a stage need not wait
  const dialTimeout = 2000
  return {
    target,
    limit,
    maxKnown,
    maxPerSource: Math.min(maxPerSource, maxKnown),
    maxShared,
    feelerInterval,
    silence,
    dialTimeout,
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
