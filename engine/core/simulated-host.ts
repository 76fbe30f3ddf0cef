import { checkAddress, type Address } from './address.ts'
import type { Data, Message } from './data.ts'
import { describe } from './errors.ts'
import type { AttackerHost, Protocol, SendOptions, Storage } from './host.ts'
import type { Nodes } from './nodes.ts'
import { deriveWords, Stream, type Random } from './random.ts'
import type { Simulation } from './simulation.ts'
import type { Millis } from './time.ts'

/** The host of one incarnation of one node. What it rarely needs is made when it is first asked for. */
export class SimulatedHost implements AttackerHost {
  readonly node: number
  readonly incarnation: number
  readonly address: Address
  /** For the simulation: the instance that runs here; undefined while it is being made, and once it has crashed. */
  protocol: Protocol | undefined = undefined
  /** Counts over all incarnations, so that a restart does not repeat the network's draws. */
  packetsSent: number
  readonly #simulation: Simulation
  readonly #nodes: Nodes
  #random: Random | undefined = undefined
  /** Kept from the second time on: among a million nodes most ask once, and each view is a hundred bytes. */
  #neighbors: ArrayLike<Address> | undefined = undefined
  #hasAsked = false
  // The sequence number under which each running timer will come; any other event of its name is void. Most protocols
  // have one timer at a time: it has a place of its own, and only others need a map.
  #timerName = ''
  #timerSequence = 0
  #otherTimers: Map<string, number> | undefined = undefined

  constructor(simulation: Simulation, nodes: Nodes, node: number, incarnation: number, packetsSent: number) {
    this.#simulation = simulation
    this.#nodes = nodes
    this.node = node
    this.incarnation = incarnation
    this.packetsSent = packetsSent
    this.address = simulation.addresses.addressOf(node)
  }

  get now(): Millis {
    return this.#simulation.now
  }

  get random(): Random {
    return (this.#random ??= new Stream(nodeWords(this.#simulation.seed, this.node, this.incarnation)))
  }

  get neighbors(): ArrayLike<Address> {
    if (this.#neighbors !== undefined) return this.#neighbors
    const neighbors = this.#simulation.neighborsOf(this.node)
    if (this.#hasAsked) this.#neighbors = neighbors
    this.#hasAsked = true
    return neighbors
  }

  get storage(): Storage {
    return this.#nodes.storageOf(this.node)
  }

  send(to: Address, message: Message, options?: SendOptions): void {
    if (this.#simulation.running !== this) this.#refuse('send')
    if (options?.fromPort === undefined) return this.#simulation.send(this, checkAddress(to), message)
    const port = this.#nodes.checkPort(options.fromPort)
    this.#simulation.send(this, checkAddress(to), message, this.address, port)
  }

  sendAs(from: Address, to: Address, message: Message): void {
    if (this.#simulation.running !== this) this.#refuse('sendAs')
    if (!this.#nodes.isAttacker(this.node)) {
      throw new Error(`node ${this.node} is no attacker: it sends under its own address only`)
    }
    this.#simulation.send(this, checkAddress(to), message, checkAddress(from))
  }

  setTimer(name: string, delay: Millis): void {
    if (this.#simulation.running !== this) this.#refuse('setTimer')
    if (typeof name !== 'string') throw new TypeError(`setTimer: the name is ${describe(name)}; it must be a string`)
    const sequence = this.#simulation.startTimer(this, name, delay)
    if (this.#otherTimers?.has(name) !== true && (this.#timerSequence === 0 || this.#timerName === name)) {
      this.#timerName = name
      this.#timerSequence = sequence
    } else {
      this.#otherTimers ??= new Map()
      this.#otherTimers.set(name, sequence)
    }
  }

  cancelTimer(name: string): void {
    if (this.#simulation.running !== this) this.#refuse('cancelTimer')
    if (this.#timerName === name) this.#timerSequence = 0
    this.#otherTimers?.delete(name)
  }

  report(event: string, detail?: Data): void {
    if (this.#simulation.running !== this) this.#refuse('report')
    if (typeof event !== 'string') throw new TypeError(`report: the event is ${describe(event)}; it must be a string`)
    this.#simulation.report(this, event, detail)
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

  /** A host works only inside its own node's handlers: not in constructors, not later, not for another node. */
  #refuse(what: string): never {
    const { running } = this.#simulation
    throw new Error(
      running === undefined
        ? `host.${what} of node ${this.node} was called outside of a handler; begin work in onStart, and never later by a promise`
        : `host.${what} of node ${this.node} was called while node ${running.node} runs; keep state in the instance, not in the module`,
    )
  }
}

/** Seeds the stream of one incarnation of one node, the same whoever runs the node. */
export function nodeWords(seed: number, node: number, incarnation: number): Uint32Array {
  return deriveWords(seed, 'node', node, incarnation).subarray(0, 4)
}
