/**
 * SWIM: who is up? In each period a node pings one member. Without an answer in time it asks k others to try, and
 * without one by the end of the period it suspects the member. Suspicions, failures and returns travel on the pings
 * and answers themselves, as a rumor does. A suspect that hears of it denies it, with a higher incarnation; one that
 * does not is declared failed. The load of a node and the time to first detection do not grow with the group.
 *
 * Das, Gupta, Motivala: "SWIM: scalable weakly-consistent infection-style process group membership protocol", DSN 2002.
 * As in memberlist and Serf, a member that is held for down is told so when it is pinged; a failure is not for ever (a
 * higher incarnation revives, where the paper wants a new name); and once a pass one failed member is pinged as well, so
 * that the halves of a cut network find each other. Members are taken at their word: a liar can declare anybody failed,
 * and has to be denied. Simplified: to leave is to crash, and a newcomer is told of everybody in one packet.
 */
import type { Address } from '../../core/address.ts'
import type { Host, Protocol } from '../../core/host.ts'
import type { Message } from '../../core/data.ts'
import { Pacemaker } from '../../layers/pacemaker.ts'
import { samplePeers } from '../../layers/peers.ts'
import { SwimMembers } from './members.ts'
import {
  isSwimMessage,
  maxIncarnation,
  type MemberUpdate,
  type Ping,
  type PingRequest,
  type SwimMessage,
} from './messages.ts'
import { withDefaults, type SwimOptions } from './options.ts'

/** Pings for others that are kept in mind, the latest. */
const maxRelays = 1000

export class Swim implements Protocol<SwimMessage> {
  readonly #host: Host<SwimMessage>
  readonly #options: Required<SwimOptions>
  readonly #pacemaker: Pacemaker
  readonly #members: SwimMembers
  #incarnation = 0
  #joined = false
  /** Members still to be pinged in this pass, the next one last. */
  readonly #pass: Address[] = []
  /** The ping of this period, while it has no answer. */
  #open: { readonly target: Address; readonly number: number; helpers: readonly Address[] } | undefined
  /** Pings for others, by number. */
  readonly #relays = new Map<number, { readonly target: Address; readonly to: Address; readonly number: number }>()

  constructor(host: Host<SwimMessage>, options: SwimOptions) {
    this.#host = host
    this.#options = withDefaults(options)
    this.#pacemaker = new Pacemaker(host, 'period', options)
    this.#members = new SwimMembers(this.#options)
  }

  /** What this node holds of all others that it has heard of, in the order in which it did. */
  get members(): readonly MemberUpdate[] {
    return this.#members.list()
  }

  onStart(): void {
    const { storage, neighbors } = this.#host
    for (const member of Array.from(neighbors)) this.#members.set({ member, status: 'alive', incarnation: 0 })
    const before = storage.get('incarnation')
    // After a crash, what is said of the life before has to be denied.
    if (typeof before === 'number') this.#outdo(before)
    else storage.set('incarnation', 0)
    this.#pacemaker.start()
  }

  onMessage(from: Address, message: Message): void {
    if (!isSwimMessage(message, this.#options.maxMembers)) {
      this.#host.report('malformed', { type: message.type })
      return
    }
    this.#learn({ member: from, status: 'alive', incarnation: 0 })
    for (const update of message.updates) this.#learn(update)
    if (message.type === 'ping') this.#answer(from, message)
    else if (message.type === 'ping-req') this.#relay(from, message)
    else this.#onAck(from, message)
  }

  onTimer(name: string): void {
    if (name === 'period') this.#beginPeriod()
    else if (name === 'timeout') this.#askHelpers()
    else this.#blame(Number(name) as Address, 'failed')
  }

  #beginPeriod(): void {
    if (this.#open !== undefined) {
      this.#host.report('no-answer', { peer: this.#open.target })
      this.#blame(this.#open.target, this.#options.suspicion > 0 ? 'suspect' : 'failed')
      this.#open = undefined
    }
    const target = this.#nextTarget()
    if (target !== undefined) {
      this.#open = { target, number: this.#drawNumber(), helpers: [] }
      this.#send(target, { type: 'ping', number: this.#open.number, ...(this.#joined ? {} : { join: true }) })
      this.#host.setTimer('timeout', this.#options.timeout)
    }
    this.#pacemaker.next(true)
  }

  #askHelpers(): void {
    if (this.#open === undefined) return
    const { target, number } = this.#open
    this.#open.helpers = samplePeers(this.#host.random, this.#others(), this.#options.helpers, target)
    for (const helper of this.#open.helpers) this.#send(helper, { type: 'ping-req', number, target })
  }

  #answer(to: Address, { number, join }: Ping): void {
    if (join === true) this.#host.send(to, { type: 'ack', number, updates: this.members })
    else this.#send(to, { type: 'ack', number })
  }

  #relay(to: Address, { number, target }: PingRequest): void {
    // Only a member: a stranger could use this node to send packets to anybody.
    if (this.#members.get(target) === undefined) return
    const own = this.#drawNumber()
    this.#relays.set(own, { target, to, number })
    if (this.#relays.size > maxRelays) this.#relays.delete(this.#relays.keys().next().value!)
    this.#send(target, { type: 'ping', number: own })
  }

  #onAck(from: Address, { number }: Ping): void {
    const relay = this.#relays.get(number)
    if (relay?.target === from) {
      this.#relays.delete(number)
      this.#send(relay.to, { type: 'ack', number: relay.number })
    }
    if (this.#open?.number !== number) return
    if (from === this.#open.target) this.#joined = true
    else if (!this.#open.helpers.includes(from)) return
    this.#open = undefined
  }

  #nextTarget(): Address | undefined {
    const { random } = this.#host
    if (this.#options.choice === 'random') return random.sample(this.#others(), 1)[0]
    for (;;) {
      if (this.#pass.length === 0) this.#beginPass()
      const target = this.#pass.pop()
      if (target === undefined || this.#members.get(target)?.status !== 'failed') return target
    }
  }

  #beginPass(): void {
    const { random } = this.#host
    this.#pass.push(...random.shuffle(this.#others()))
    // It may be back, or the network may be whole again: then it denies its failure.
    for (const { member } of random.sample(this.#members.list('failed'), 1)) {
      this.#send(member, { type: 'ping', number: this.#drawNumber() })
    }
  }

  #learn(update: MemberUpdate): void {
    const { member, status, incarnation } = update
    if (member === this.#host.address) {
      if (status !== 'alive' && incarnation >= this.#incarnation) this.#outdo(incarnation)
      return
    }
    if (!this.#members.isNews(update)) return
    const before = this.#members.get(member)?.status ?? 'failed'
    this.#members.set(update)
    this.#members.tell(update)
    this.#host.report(status, { member, incarnation })
    if (before === 'failed') this.#pass.splice(this.#host.random.integer(this.#pass.length + 1), 0, member)
    const { suspicion, period } = this.#options
    if (status === 'suspect') this.#host.setTimer(String(member), suspicion * this.#members.spreadTime * period)
    else this.#host.cancelTimer(String(member))
  }

  #blame(member: Address, status: 'suspect' | 'failed'): void {
    this.#learn({ member, status, incarnation: this.#members.get(member)?.incarnation ?? 0 })
  }

  /** "I am alive", at a higher incarnation than what was said of this node. */
  #outdo(incarnation: number): void {
    this.#incarnation = Math.min(incarnation + 1, maxIncarnation)
    this.#host.storage.set('incarnation', this.#incarnation)
    this.#members.tell({ member: this.#host.address, status: 'alive', incarnation: this.#incarnation })
  }

  #others(): Address[] {
    return this.#members.list().flatMap(({ member, status }) => (status === 'failed' ? [] : [member]))
  }

  #send(to: Address, message: Omit<Ping, 'updates'> | Omit<PingRequest, 'updates'>): void {
    const updates = this.#members.takeNews(to, this.#options.maxUpdates)
    this.#host.send(to, { ...message, updates } as SwimMessage)
  }

  #drawNumber(): number {
    return this.#host.random.integer(2 ** 32)
  }
}
