import type { EventKind } from '../core/event-queue.ts'
import type { Observer } from '../core/observer.ts'
import type { Simulation } from '../core/simulation.ts'
import type { Millis } from '../core/time.ts'
import type { PeerLinks } from '../measures/peer-links.ts'
import { arrivalTimer, type Role } from './bootstrap-roles.ts'

/** The measures of the scenario `bootstrap`. They count honest nodes that are up; slow ones cannot be helped. */
export class BootstrapMeasures implements Observer {
  readonly #simulation: Simulation
  readonly #roles: readonly Role[]
  readonly #arrivals: readonly Millis[]
  readonly #links: PeerLinks
  /** The share of connected nodes, whenever it has changed. */
  readonly #history: [time: Millis, share: number][] = []
  #isStale = false
  #time: Millis = 0
  #time95: Millis | null = null

  constructor(
    simulation: Simulation,
    { roles, arrivals }: { readonly roles: readonly Role[]; readonly arrivals: readonly Millis[] },
    links: PeerLinks,
  ) {
    this.#simulation = simulation
    this.#roles = roles
    this.#arrivals = arrivals
    this.#links = links
  }

  /** Whether the node's time has come; who is restarted is there. */
  hasCome(node: number): boolean {
    return this.#simulation.now >= this.#arrivals[node]! || this.#simulation.incarnation(node) > 0
  }

  /** Whether it holds a connection with another node that is neither a bootnode nor a liar. */
  isConnected(node: number): boolean {
    return this.#links.peersOf(node).some((peer) => this.#isCounted(peer))
  }

  /** Whether it says so itself: its own events alone decide, so that a picture of it is never out of date. */
  believesInPeers(node: number): boolean {
    return [...this.#links.linksOf(node).keys()].some((peer) => {
      const role = this.#roles[this.#simulation.addresses.nodeOf(peer)]
      return role !== undefined && role !== 'bootnode' && role !== 'liar'
    })
  }

  now(): { readonly [name: string]: number | null } {
    this.#settle()
    const nodes = this.#counted()
    const connected = nodes.filter((node) => this.isConnected(node)).length
    const parts = this.#links.parts((node) => this.#isCounted(node))
    const outgoing = nodes.flatMap((node) =>
      [...this.#links.linksOf(node)].flatMap(([peer, { isOutgoing }]) => (isOutgoing ? [peer] : [])),
    )
    const known = nodes.flatMap((node) => [...this.#links.knownTo(node).keys()])
    const roleAt = (address: (typeof known)[number]): Role | undefined =>
      this.#roles[this.#simulation.addresses.nodeOf(address)]
    const isDead = (address: (typeof known)[number]): boolean => {
      const node = this.#simulation.addresses.nodeOf(address)
      return node < 0 || !this.#simulation.isUp(node)
    }
    const saysWhatItKnows = this.#links.hasKnown && nodes.length > 0
    return {
      connected: ratio(connected, nodes.length),
      together: ratio(parts[0] ?? 0, nodes.length),
      alone: nodes.length - connected,
      outgoing: ratio(outgoing.length, nodes.length),
      messages: this.#simulation.packets.sent,
      known: saysWhatItKnows ? known.length / nodes.length : null,
      deadEntries: ratio(known.filter(isDead).length, known.length),
      liarEntries: ratio(known.filter((address) => roleAt(address) === 'liar').length, known.length),
      fooled: ratio(outgoing.filter((address) => roleAt(address) === 'liar').length, outgoing.length),
      time95: this.#time95,
    }
  }

  /** At most so many points of the share of connected nodes, up to the last event. */
  history(points: number): readonly (readonly [time: Millis, share: number])[] {
    this.#settle()
    const latest = this.#history.at(-1)
    if (latest === undefined) return []
    const all = latest[0] < this.#time ? [...this.#history, [this.#time, latest[1]] as const] : this.#history
    if (all.length <= points) return all
    return Array.from({ length: points }, (_, i) => all[Math.round((i * (all.length - 1)) / (points - 1))]!)
  }

  onEvent(_number: number, time: Millis, kind: EventKind, _node: number, _peer: number, subject: unknown): void {
    this.#settle()
    this.#time = time
    const isArrival = kind === 'start' || kind === 'restart' || (kind === 'timer' && subject === arrivalTimer)
    if (isArrival || kind === 'crash') this.#isStale = true
  }

  onReport(_time: Millis, _node: number, event: string): void {
    if (event === 'connected' || event === 'disconnected') this.#isStale = true
  }

  /** After the last event: notes the share, if it can have changed. */
  #settle(): void {
    if (!this.#isStale) return
    this.#isStale = false
    const nodes = this.#counted()
    if (nodes.length === 0) return
    const share = nodes.filter((node) => this.isConnected(node)).length / nodes.length
    if (share === this.#history.at(-1)?.[1]) return
    this.#history.push([this.#time, share])
    const isComplete = nodes.length === this.#roles.filter((role) => role === 'honest').length
    if (this.#time95 === null && isComplete && share >= 0.95) this.#time95 = this.#time
  }

  #counted(): number[] {
    return this.#roles.flatMap((_, node) => (this.#isCounted(node) ? [node] : []))
  }

  #isCounted(node: number): boolean {
    return this.#roles[node] === 'honest' && this.#simulation.isUp(node) && this.hasCome(node)
  }
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
