import type { Address, AddressBook } from './address.ts'
import { CounterHash } from './counter-hash.ts'
import type { Message } from './data.ts'
import { datagramHeader, encodedSize } from './encoded-size.ts'
import { kindCode, type EventQueue } from './event-queue.ts'
import type { Port } from './host.ts'
import type { Inboxes } from './inboxes.ts'
import type { LatencyModel } from './latency.ts'
import type { Links } from './links.ts'
import type { Observer } from './observer.ts'
import { maxCopies, type Packet, type Rule } from './rules.ts'
import type { PacketCounts } from './simulation-options.ts'
import { maxMillis, toMicros, toMillis, type Micros } from './time.ts'
import { Transit } from './transit.ts'
import type { Underlay } from './underlay.ts'

interface InstalledRule {
  readonly rule: Rule
  readonly draws: CounterHash
}

/** What a network is made of. What is left out holds no packet up. */
export interface NetworkParts {
  readonly seed: number
  readonly latency: LatencyModel
  readonly addresses: AddressBook
  readonly underlay: Underlay | undefined
  readonly links: Links | undefined
  readonly inboxes: Inboxes<Transit> | undefined
  readonly queue: EventQueue
  readonly observers: readonly Observer[]
  readonly isUp: (node: number) => boolean
}

/** Injected packets count from here, so that they draw nothing that a node's own packet draws. */
const firstInjected = 2 ** 31

/**
 * The way of a packet: the sender's uplink, the rules, the link's latency, the receiver's downlink, its inbox. Where
 * there is nothing but rules and latency, a packet is its message and one event; otherwise it is a {@link Transit}.
 */
export class Network {
  readonly #parts: NetworkParts
  readonly #addresses: AddressBook
  readonly #latency: LatencyModel
  readonly #queue: EventQueue
  readonly #observers: readonly Observer[]
  readonly #isPlain: boolean
  readonly #latencyDraws: CounterHash
  readonly #inboxDraws: CounterHash
  readonly #rules: InstalledRule[] = []
  readonly #timesInstalled = new Map<string, number>()
  #sent = 0
  #copied = 0
  #delivered = 0
  #dropped = 0
  #injected = 0
  // The packet under way: fields instead of closures, so that a packet costs no allocation.
  #sender = 0
  #number = 0
  #fork = 0
  /** How many copies it has; each draws under its own number. */
  #forks = 1
  /** What goes with it in a network that is not plain; a copy takes what is here. */
  #transit: Transit | undefined = undefined
  readonly #drawLatency = (): number => this.#latencyDraws.uniform(this.#sender, this.#number, this.#fork)

  constructor(parts: NetworkParts) {
    this.#parts = parts
    this.#addresses = parts.addresses
    this.#latency = parts.latency
    this.#queue = parts.queue
    this.#observers = parts.observers
    this.#isPlain = parts.underlay === undefined && parts.links === undefined && parts.inboxes === undefined
    this.#latencyDraws = new CounterHash(parts.seed, 'latency')
    this.#inboxDraws = new CounterHash(parts.seed, 'inbox')
  }

  get counts(): PacketCounts {
    const [sent, copied, delivered, dropped] = [this.#sent, this.#copied, this.#delivered, this.#dropped]
    return { sent, copied, delivered, dropped, inFlight: sent + copied - delivered - dropped }
  }

  addRule(rule: Rule): () => void {
    const ordinal = this.#timesInstalled.get(rule.name) ?? 0
    this.#timesInstalled.set(rule.name, ordinal + 1)
    // The purpose counts rules of one name: another kind of rule before this one does not change its draws.
    const installed = { rule, draws: new CounterHash(this.#parts.seed, `rule/${rule.name}/${ordinal}`) }
    this.#rules.push(installed)
    return () => {
      const at = this.#rules.indexOf(installed)
      if (at >= 0) this.#rules.splice(at, 1)
    }
  }

  /** @param claimed the address that an attacker gives as its own */
  send(
    from: number,
    number: number,
    toAddress: Address,
    message: Message,
    now: Micros,
    cause: number,
    claimed?: Address,
    fromPort?: Port,
  ): void {
    this.#sent++
    this.#sender = from
    this.#number = number
    this.#fork = 0
    this.#transit = undefined
    // A sender that gives another's address needs a packet that carries it.
    const to =
      this.#isPlain && claimed === undefined
        ? this.#addresses.nodeOf(toAddress)
        : this.#beginTransit(from, claimed, toAddress, message, now, cause, fromPort)
    if (typeof to === 'string') {
      this.#drop(from, -1, message, to, now, cause)
    } else if (to < 0) {
      this.#drop(from, to, message, 'no such address', now, cause)
    } else if (this.#rules.length === 0) {
      this.#launch(from, to, message, 0, now, cause)
    } else {
      this.#forks = 1
      const fromAddress = claimed ?? this.#addresses.addressOf(from)
      const packet: Packet = { from, to, fromAddress, toAddress, message, number, time: toMillis(now) }
      // A copy of the list: it must not change under the loop if a rule takes itself out.
      this.#fold(packet, this.#rules.slice(), 0, 0, 0, now, cause)
    }
  }

  inject(from: number, to: number, message: Message, now: Micros, cause: number): void {
    this.send(from, firstInjected + this.#injected++, this.#addresses.addressOf(to), message, now, cause)
  }

  /** Books the arrival. False when the receiver is down: the packet is lost then. */
  arrive(
    from: number,
    to: number,
    message: Message,
    now: Micros,
    cause: number,
    sequence: number,
    receiverIsUp: boolean,
  ): boolean {
    if (receiverIsUp) this.#delivered++
    else this.#drop(from, to, message, 'receiver down', now, cause, sequence)
    return receiverIsUp
  }

  /** A packet has come to the end of its link, or of the receiver's downlink. */
  proceed(transit: Transit, now: Micros): void {
    if (transit.isReceived) return this.#enterInbox(transit, now)
    const { underlay, links } = this.#parts
    const to = underlay === undefined ? transit.to : underlay.arrive(transit.route!, now)
    if (typeof to === 'string') return this.#dropTransit(transit, to, now)
    transit.to = to
    transit.isReceived = true
    if (links === undefined) return this.#enterInbox(transit, now)
    this.#push(links.receive(to, transit.bytes, now), kindCode.transit, transit)
  }

  /** Whether a delivery that is due is still to come: a crash empties the inbox. */
  isExpected(transit: Transit): boolean {
    return this.#parts.inboxes?.isServing(transit.to, transit) !== false
  }

  /** A packet was handled: the next one of the inbox is served. */
  afterDelivery(node: number, now: Micros): void {
    const next = this.#parts.inboxes?.next(node, now)
    if (next !== undefined) this.#push(next.served, kindCode.delivery, next.packet)
  }

  /** A node has crashed, and all that waited for it is lost. */
  afterCrash(node: number, now: Micros): void {
    for (const transit of this.#parts.inboxes?.clear(node) ?? []) this.#dropTransit(transit, 'receiver down', now)
  }

  /** What comes before rules and latency, and where the packet goes: a node, -1, or a reason for which it ends here. */
  #beginTransit(
    from: number,
    claimed: Address | undefined,
    toAddress: Address,
    message: Message,
    now: Micros,
    cause: number,
    fromPort: Port | undefined,
  ): number | string {
    const { links, underlay } = this.#parts
    const bytes = links === undefined ? 0 : datagramHeader + encodedSize(message)
    // A packet that is lost later has used its uplink.
    const departure = links === undefined ? now : links.leave(from, bytes, now)
    const route = underlay?.route({ from, fromPort, claimed, to: toAddress }, now)
    if (typeof route === 'string') return route
    const to = route?.to ?? this.#addresses.nodeOf(toAddress)
    const source = route?.source ?? claimed ?? this.#addresses.addressOf(from)
    this.#transit = new Transit({ from, to, source, route, bytes, departure, cause, message })
    return to
  }

  #enterInbox(transit: Transit, now: Micros): void {
    const { inboxes, isUp } = this.#parts
    if (inboxes === undefined) return this.#push(now, kindCode.delivery, transit)
    if (!isUp(transit.to)) return this.#dropTransit(transit, 'receiver down', now)
    const draw = (): number => this.#inboxDraws.uniform(transit.from, transit.sequence)
    const { served, lost } = inboxes.arrive(transit.to, transit, now, draw)
    if (served !== undefined) this.#push(served, kindCode.delivery, transit)
    if (lost !== undefined) this.#dropTransit(lost, 'inbox full', now)
  }

  #push(time: Micros, kind: number, transit: Transit): void {
    this.#queue.push(time, kind, transit.to, transit.from, transit.cause, transit)
  }

  /** Asks the rules from `first` on; copies go their own way from the rule that made them. */
  #fold(
    packet: Packet,
    rules: readonly InstalledRule[],
    first: number,
    fork: number,
    extra: Micros,
    now: Micros,
    cause: number,
  ): void {
    let current = packet
    let delay = extra
    for (let i = first; i < rules.length; i++) {
      const { rule, draws } = rules[i]!
      let drawn = 0
      const verdict = rule.judge(current, () => draws.uniform(current.from, current.number, fork, drawn++))
      if (verdict.kind === 'drop') {
        this.#drop(current.from, current.to, current.message, rule.name, now, cause)
        return
      }
      if (verdict.kind === 'delay') delay += toMicros(`delay by rule ${rule.name}`, verdict.delay)
      if (verdict.kind === 'replace') current = { ...current, message: verdict.message }
      if (verdict.kind === 'duplicate') {
        for (let copy = 0; copy < verdict.copies && this.#forks < maxCopies; copy++) {
          this.#copied++
          this.#fold(current, rules, i + 1, this.#forks++, delay, now, cause)
        }
      }
    }
    this.#fork = fork
    this.#launch(current.from, current.to, current.message, delay, now, cause)
  }

  #launch(from: number, to: number, message: Message, delay: Micros, now: Micros, cause: number): void {
    const latency = this.#latency.micros(from, to, this.#drawLatency)
    if (!(latency <= 1000 * maxMillis && latency >= 0 && Math.floor(latency) === latency)) {
      throw new RangeError(`latency from ${from} to ${to} is ${latency} µs; a model returns whole numbers from 0`)
    }
    const transit = this.#transit?.copy(message)
    const arrival = (transit === undefined ? now : transit.departure) + delay + latency
    const kind = transit === undefined ? kindCode.message : kindCode.transit
    const sequence = this.#queue.push(arrival, kind, to, from, cause, transit ?? message)
    if (transit !== undefined) transit.sequence = sequence
    if (this.#observers.length === 0) return
    for (const observer of this.#observers)
      observer.onSend?.(toMillis(now), from, to, message, toMillis(arrival), cause, sequence)
  }

  #dropTransit({ from, to, message, cause, sequence }: Transit, reason: string, now: Micros): void {
    this.#drop(from, to, message, reason, now, cause, sequence)
  }

  #drop(from: number, to: number, message: Message, reason: string, now: Micros, cause: number, sequence = 0): void {
    this.#dropped++
    for (const observer of this.#observers) observer.onDrop?.(toMillis(now), from, to, message, reason, cause, sequence)
  }
}
