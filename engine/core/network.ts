import type { Address, AddressBook } from './address.ts'
import { CounterHash } from './counter-hash.ts'
import type { Message } from './data.ts'
import { kindCode, type EventQueue } from './event-queue.ts'
import type { LatencyModel } from './latency.ts'
import type { Observer } from './observer.ts'
import { maxCopies, type Packet, type Rule } from './rules.ts'
import type { PacketCounts } from './simulation-options.ts'
import { maxMillis, toMicros, toMillis, type Micros } from './time.ts'

interface InstalledRule {
  readonly rule: Rule
  readonly draws: CounterHash
}

/** Injected packets count from here, so that they draw nothing that a node's own packet draws. */
const firstInjected = 2 ** 31

/** The way of a packet: rules, then the link's latency, then the receiver. */
export class Network {
  readonly #seed: number
  readonly #latency: LatencyModel
  readonly #latencyDraws: CounterHash
  readonly #addresses: AddressBook
  readonly #queue: EventQueue
  readonly #observers: readonly Observer[]
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
  readonly #drawLatency = (): number => this.#latencyDraws.uniform(this.#sender, this.#number, this.#fork)

  constructor(
    seed: number,
    latency: LatencyModel,
    addresses: AddressBook,
    queue: EventQueue,
    observers: readonly Observer[],
  ) {
    this.#seed = seed
    this.#latency = latency
    this.#latencyDraws = new CounterHash(seed, 'latency')
    this.#addresses = addresses
    this.#queue = queue
    this.#observers = observers
  }

  get counts(): PacketCounts {
    const [sent, copied, delivered, dropped] = [this.#sent, this.#copied, this.#delivered, this.#dropped]
    return { sent, copied, delivered, dropped, inFlight: sent + copied - delivered - dropped }
  }

  addRule(rule: Rule): () => void {
    const ordinal = this.#timesInstalled.get(rule.name) ?? 0
    this.#timesInstalled.set(rule.name, ordinal + 1)
    // The purpose counts rules of one name: another kind of rule before this one does not change its draws.
    const installed = { rule, draws: new CounterHash(this.#seed, `rule/${rule.name}/${ordinal}`) }
    this.#rules.push(installed)
    return () => {
      const at = this.#rules.indexOf(installed)
      if (at >= 0) this.#rules.splice(at, 1)
    }
  }

  send(
    from: number,
    fromAddress: Address,
    number: number,
    toAddress: Address,
    message: Message,
    now: Micros,
    cause: number,
  ): void {
    this.#sent++
    const to = this.#addresses.nodeOf(toAddress)
    if (to < 0) {
      this.#drop(from, to, message, 'no such address', now, cause)
      return
    }
    this.#sender = from
    this.#number = number
    this.#fork = 0
    if (this.#rules.length === 0) {
      this.#launch(from, to, message, 0, now, cause)
      return
    }
    this.#forks = 1
    const packet: Packet = { from, to, fromAddress, toAddress, message, number, time: toMillis(now) }
    // A copy of the list: it must not change under the loop if a rule takes itself out.
    this.#fold(packet, this.#rules.slice(), 0, 0, 0, now, cause)
  }

  inject(from: number, to: number, message: Message, now: Micros, cause: number): void {
    const [fromAddress, toAddress] = [this.#addresses.addressOf(from), this.#addresses.addressOf(to)]
    this.send(from, fromAddress, firstInjected + this.#injected++, toAddress, message, now, cause)
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
    const arrival = now + delay + latency
    const sequence = this.#queue.push(arrival, kindCode.message, to, from, cause, message)
    for (const observer of this.#observers)
      observer.onSend?.(toMillis(now), from, to, message, toMillis(arrival), cause, sequence)
  }

  #drop(from: number, to: number, message: Message, reason: string, now: Micros, cause: number, sequence = 0): void {
    this.#dropped++
    for (const observer of this.#observers) observer.onDrop?.(toMillis(now), from, to, message, reason, cause, sequence)
  }
}
