import { checkAddress, type Address } from './address.ts'
import type { Data, Message } from './data.ts'
import { describe } from './errors.ts'
import type { AttackerHost, SendOptions, Storage } from './host.ts'
import type { Random } from './random.ts'
import type { Simulation } from './simulation.ts'
import type { Millis } from './time.ts'

/** The host of one incarnation of one node. As small as can be: there may be a million. */
export class SimulatedHost implements AttackerHost {
  /** For the simulation. Under -1 once it has crashed: equal to no node that runs. */
  node: number
  /** For the simulation. Counts over all incarnations, so that a restart does not repeat the network's draws. */
  packetsSent: number
  readonly #simulation: Simulation
  // The sequence number under which each running timer will come; any other event of its name is void. Most protocols
  // have one timer at a time: it has a place of its own, and only others need a map.
  #timerName = ''
  #timerSequence = 0
  #otherTimers: Map<string, number> | undefined = undefined

  constructor(simulation: Simulation, node: number, packetsSent: number) {
    this.#simulation = simulation
    this.node = node
    this.packetsSent = packetsSent
  }

  get address(): Address {
    return this.#simulation.addresses.addressOf(this.#index)
  }

  get now(): Millis {
    return this.#simulation.now
  }

  get random(): Random {
    return this.#simulation.nodes.streams
  }

  get neighbors(): ArrayLike<Address> {
    return this.#simulation.nodes.neighborsOf(this.#index)
  }

  get storage(): Storage {
    return this.#simulation.nodes.storageOf(this.#index)
  }

  send(to: Address, message: Message, options?: SendOptions): void {
    const simulation = this.#simulation
    if (simulation.running !== this.node) this.#refuse('send')
    const fromPort = options?.fromPort
    if (fromPort !== undefined) simulation.nodes.checkPort(fromPort)
    simulation.send(this.node, this.packetsSent++, checkAddress(to), message, undefined, fromPort)
  }

  sendAs(from: Address, to: Address, message: Message): void {
    const simulation = this.#simulation
    if (simulation.running !== this.node) this.#refuse('sendAs')
    if (!simulation.nodes.isAttacker(this.node)) {
      throw new Error(`node ${this.node} is no attacker: it sends under its own address only`)
    }
    simulation.send(this.node, this.packetsSent++, checkAddress(to), message, checkAddress(from))
  }

  setTimer(name: string, delay: Millis): void {
    if (this.#simulation.running !== this.node) this.#refuse('setTimer')
    if (typeof name !== 'string') throw new TypeError(`setTimer: the name is ${describe(name)}; it must be a string`)
    const sequence = this.#simulation.startTimer(this.node, name, delay)
    if (this.#otherTimers?.has(name) !== true && (this.#timerSequence === 0 || this.#timerName === name)) {
      this.#timerName = name
      this.#timerSequence = sequence
    } else {
      this.#otherTimers ??= new Map()
      this.#otherTimers.set(name, sequence)
    }
  }

  cancelTimer(name: string): void {
    if (this.#simulation.running !== this.node) this.#refuse('cancelTimer')
    if (this.#timerName === name) this.#timerSequence = 0
    this.#otherTimers?.delete(name)
  }

  report(event: string, detail?: Data): void {
    if (this.#simulation.running !== this.node) this.#refuse('report')
    if (typeof event !== 'string') throw new TypeError(`report: the event is ${describe(event)}; it must be a string`)
    this.#simulation.report(this.node, event, detail)
  }

  /** For the simulation: whether this timer event is still the valid one. */
  hasTimer(name: string, sequence: number): boolean {
    return this.#timerSequence === sequence || this.#otherTimers?.get(name) === sequence
  }

  /** For the simulation: whether this timer event is still the valid one; if so, the timer has now fired. */
  takeTimer(name: string, sequence: number): boolean {
    if (this.#timerSequence === sequence) {
      this.#timerSequence = 0
      return true
    }
    return this.#otherTimers?.get(name) === sequence && this.#otherTimers.delete(name)
  }

  get #index(): number {
    return this.node < 0 ? -2 - this.node : this.node
  }

  /** For the simulation: the incarnation is gone, and this host does nothing any more. */
  retire(): void {
    this.node = -2 - this.node
  }

  /** A host works only inside its own node's handlers: not in constructors, not later, not for another node. */
  #refuse(what: string): never {
    const { running } = this.#simulation
    const who = this.node < 0 ? `node ${this.#index}, which has crashed since,` : `node ${this.node}`
    throw new Error(
      running < 0
        ? `host.${what} of ${who} was called outside of a handler; begin work in onStart, and never later by a promise`
        : `host.${what} of ${who} was called while node ${running} runs; keep state in the instance, not in the module`,
    )
  }
}
