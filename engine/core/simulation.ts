import { denseAddresses, type Address, type AddressBook } from './address.ts'
import { checkSynchronous } from './check-synchronous.ts'
import { copyData, copyTyped, type Command, type Data, type Message } from './data.ts'
import { checkInteger } from './errors.ts'
import { eventKinds, EventQueue, kindCode } from './event-queue.ts'
import { Fingerprint } from './fingerprint.ts'
import type { Port, Protocol } from './host.ts'
import { Inboxes } from './inboxes.ts'
import { constantLatency } from './latency.ts'
import { Links } from './links.ts'
import { Network } from './network.ts'
import { Nodes } from './nodes.ts'
import type { SimulatedHost } from './simulated-host.ts'
import type { PacketCounts, RunBounds, SimulationOptions, StopReason } from './simulation-options.ts'
import type { Observer } from './observer.ts'
import { ProtocolError } from './protocol-error.ts'
import { checkSeed, type Streams } from './random.ts'
import type { Rule } from './rules.ts'
import { maxMillis, toMicros, toMillis, type Micros, type Millis } from './time.ts'
import type { Topology } from './topology.ts'
import type { Transit } from './transit.ts'

/** So many nodes and what they hold are too much for a processor's cache: what comes next is read ahead. */
const uncachedSize = 5000

/** A deterministic network of protocol instances. Same options and same calls, same bits. */
export class Simulation {
  readonly seed: number
  readonly size: number
  readonly topology: Topology
  readonly addresses: AddressBook
  readonly #strict: boolean
  readonly #foldPayloads: boolean
  readonly #queue: EventQueue
  readonly #fingerprint = new Fingerprint()
  readonly #network: Network
  readonly #links: Links | undefined
  readonly #observers: Observer[] = []
  /** For hosts. */
  readonly nodes: Nodes
  // The same as in nodes: one step less for each event. The stream selected is that of the node whose code runs.
  readonly #hosts: readonly (SimulatedHost | undefined)[]
  readonly #protocols: readonly (Protocol | undefined)[]
  readonly #streams: Streams
  #now: Micros = 0
  #events = 0
  #lastEventTime: Micros = 0
  #running = -1
  #kind = 0
  #failure: ProtocolError | undefined = undefined

  constructor(options: SimulationOptions) {
    this.seed = checkSeed(options.seed)
    this.topology = options.topology
    this.size = options.topology.size
    this.addresses = options.underlay ?? options.addresses ?? denseAddresses(this.size)
    this.#links = options.bandwidth && new Links(this.size, options.bandwidth)
    this.nodes = new Nodes(this.size, options, this.addresses)
    this.#hosts = this.nodes.hosts
    this.#protocols = this.nodes.protocols
    this.#streams = this.nodes.streams
    this.#queue = new EventQueue(
      this.size < uncachedSize ? undefined : (nodes, count) => this.nodes.prefetch(nodes, count),
    )
    this.#strict = options.strict ?? false
    this.#foldPayloads = options.foldPayloads ?? false
    this.#network = new Network({
      seed: this.seed,
      latency: options.latency ?? constantLatency(50),
      addresses: this.addresses,
      underlay: options.underlay,
      links: this.#links,
      inboxes: options.inbox && new Inboxes(this.size, options.inbox),
      queue: this.#queue,
      observers: this.#observers,
      isUp: (node) => this.nodes.isUp(node),
    })
    for (let node = 0; node < this.size; node++) this.#queue.push(0, kindCode.start, node, -1, 0, undefined)
  }

  /** Virtual time. */
  get now(): Millis {
    return toMillis(this.#now)
  }

  /** When the next event is due; Infinity when none is left. It may turn out void (a cancelled timer). */
  get nextTime(): Millis {
    return toMillis(this.#queue.nextTime)
  }

  /** When the last event was dispatched: the clock may stand later, where nothing happens any more. */
  get lastEventTime(): Millis {
    return toMillis(this.#lastEventTime)
  }

  /** How many events were dispatched. */
  get events(): number {
    return this.#events
  }

  /** Folds every dispatched event and every report so far: equal fingerprints, equal runs. */
  get fingerprint(): string {
    return this.#fingerprint.toString()
  }

  get packets(): PacketCounts {
    return this.#network.counts
  }

  /** Bytes that a node has sent and received, headers included. Only runs with bandwidth count them. */
  bytes(node: number): { readonly sent: number; readonly received: number } {
    this.#checkNode(node)
    if (this.#links === undefined)
      throw new Error('bytes are counted in runs with bandwidth; give Infinity for no limit')
    return { sent: this.#links.sent[node]!, received: this.#links.received[node]! }
  }

  /** Whether the node runs: it has started and is not crashed. */
  isUp(node: number): boolean {
    return this.nodes.isUp(this.#checkNode(node))
  }

  /** How often the node has restarted. */
  incarnation(node: number): number {
    return this.nodes.incarnation(this.#checkNode(node))
  }

  /** Installs a rule behind those that are there. Calling the result takes it out again; doing so twice is harmless. */
  addRule(rule: Rule): () => void {
    return this.#network.addRule(rule)
  }

  /** Calling the result ends the watch. */
  observe(observer: Observer): () => void {
    this.#observers.push(observer)
    return () => {
      const at = this.#observers.indexOf(observer)
      if (at >= 0) this.#observers.splice(at, 1)
    }
  }

  /** Gives a command to a node, now. False when the node is down: then nothing happens. */
  command(node: number, command: Command): boolean {
    const copy = copyTyped(command, 'command')
    if (!this.isUp(node)) return false
    this.#dispatchNow(kindCode.command, node, copy)
    return true
  }

  /** Stops a node: its instance, its timers and its memory are gone, its storage stays. False when it is down already. */
  crash(node: number): boolean {
    if (!this.isUp(node)) return false
    this.#dispatchNow(kindCode.crash, node, undefined)
    return true
  }

  /** Starts a crashed node anew: a fresh instance on the old storage. False when it is up. */
  restart(node: number): boolean {
    if (this.isUp(node) || this.#hosts[node] === undefined) return false
    this.#dispatchNow(kindCode.restart, node, undefined)
    return true
  }

  /** Sends a packet in the name of `from`, as an attacker would; `from` itself does nothing and does not notice. */
  inject(from: number, to: number, message: Message): void {
    this.#checkNode(from)
    this.#checkNode(to)
    const copy = copyTyped(message, 'message')
    this.control('inject', () => this.#network.inject(from, to, copy, this.#now, this.#events))
  }

  /** Does something to the network now (a rule in, a rule out) as an event of its own, so that traces show it. */
  control(label: string, action: () => void): void {
    this.#dispatchNow(kindCode.control, -1, action, label)
  }

  /** Calls `action` when virtual time reaches `time`; for scenarios. `label` names it in traces. */
  schedule(time: Millis, label: string, action: () => void): void {
    const at = toMicros('time', time)
    if (at < this.#now) throw new RangeError(`schedule at ${time} ms: it is ${this.now} ms already`)
    this.#queue.push(at, kindCode.control, -1, -1, this.#events, { label, action })
  }

  /** Dispatches one event. False when there is nothing left to do. */
  step(): boolean {
    const before = this.#events
    this.run({ maxEvents: 1 })
    return this.#events > before
  }

  /** Dispatches all events up to and at `time`, and moves the clock there. */
  runUntil(time: Millis): void {
    this.run({ until: time })
  }

  /**
   * Dispatches events until none is left or a bound is met. After 'time' and 'idle' the clock stands at `until`, if that
   * was given.
   */
  run({ until = maxMillis, maxEvents = Infinity, isOver }: RunBounds = {}): StopReason {
    const end = toMicros('until', until)
    if (end < this.#now) throw new RangeError(`run until ${until} ms: it is ${this.now} ms already; seek goes back`)
    if (!(maxEvents >= 0)) throw new RangeError(`maxEvents is ${maxEvents}; it must be a number from 0`)
    if (this.#failure !== undefined) throw this.#failure
    const lastEvent = this.#events + maxEvents
    try {
      for (;;) {
        if (this.#events >= lastEvent && this.#queue.nextTime <= end) return 'events'
        if (isOver !== undefined && this.#queue.nextTime <= end && isOver()) return 'over'
        if (!this.#queue.pop(end)) break
        this.#now = this.#queue.time
        this.#dispatchNext()
      }
    } catch (error) {
      throw this.#fail(error)
    }
    if (until !== maxMillis) this.#now = end
    return this.#queue.size === 0 ? 'idle' : 'time'
  }

  /**
   * Moves the clock and dispatches nothing: packets to crashed nodes are lost on the way, cancelled timers pass. False
   * where an event is due before or at `time`; then the clock stands no later than that event.
   */
  advance(time: Millis): boolean {
    const end = toMicros('time', time)
    if (end < this.#now) throw new RangeError(`advance to ${time} ms: it is ${this.now} ms already`)
    for (const queue = this.#queue; queue.nextTime <= end; this.#dispatchNext()) {
      queue.peek()
      if (!this.#isNextVoid()) return false
      queue.pop()
      this.#now = queue.time
    }
    this.#now = end
    return true
  }

  /** For hosts: the node whose handler runs; -1 = none. */
  get running(): number {
    return this.#running
  }

  /** For hosts. */
  send(from: number, number: number, to: Address, message: Message, claimed?: Address, fromPort?: Port): void {
    const checked = this.#strict ? copyTyped(message, 'message') : message
    this.#network.send(from, number, to, checked, this.#now, this.#events, claimed, fromPort)
  }

  /** For hosts. Returns the sequence number that the timer will come with. */
  startTimer(node: number, name: string, delay: Millis): number {
    const at = this.#now + toMicros('delay', delay)
    return this.#queue.push(at, kindCode.timer, node, -1, this.#events, name)
  }

  /** For hosts. */
  report(node: number, event: string, detail: Data | undefined): void {
    const checked = this.#strict && detail !== undefined ? copyData(detail, 'detail') : detail
    this.#fingerprint.name(event)
    this.#fingerprint.data(checked)
    for (const observer of this.#observers) observer.onReport?.(this.now, node, event, checked, this.#events)
  }

  /** Whether the event in the queue's fields has lost its meaning: its receiver is down, its timer was stopped. */
  #isNextVoid(): boolean {
    const { kind, node, subject, sequence } = this.#queue
    const isDown = this.#protocols[node] === undefined
    if (kind === kindCode.message) return isDown
    if (kind === kindCode.transit) return true
    if (kind === kindCode.delivery) return isDown || !this.#network.isExpected(subject as Transit)
    if (kind !== kindCode.timer) return false
    return isDown || !this.#hosts[node]!.hasTimer(subject as string, sequence)
  }

  /** Dispatches what the queue has just taken out, unless it has become void meanwhile. */
  #dispatchNext(): void {
    const { kind, node, peer, cause, subject, sequence } = this.#queue
    switch (kind) {
      case kindCode.message: {
        const message = subject as Message
        const protocol = this.#protocols[node]
        if (!this.#network.arrive(peer, node, message, this.#now, cause, sequence, protocol !== undefined)) return
        this.#note(kind, node, peer, sequence, message.type, message, cause)
        this.#streams.select(node)
        this.#running = node
        checkSynchronous('onMessage', protocol!.onMessage(this.addresses.addressOf(peer), message))
        break
      }
      case kindCode.transit:
        this.#network.proceed(subject as Transit, this.#now)
        return
      case kindCode.delivery:
        if (!this.#network.isExpected(subject as Transit)) return
        this.#deliver(subject as Transit)
        this.#network.afterDelivery(node, this.#now)
        break
      case kindCode.timer: {
        const name = subject as string
        const protocol = this.#protocols[node]
        if (protocol === undefined || !this.#hosts[node]!.takeTimer(name, sequence)) return
        this.#note(kind, node, peer, sequence, name, name, cause)
        this.#streams.select(node)
        this.#running = node
        if (protocol.onTimer === undefined)
          throw new Error(`a timer "${name}" was set, but the protocol has no onTimer`)
        checkSynchronous('onTimer', protocol.onTimer(name))
        break
      }
      case kindCode.control: {
        const { label, action } = subject as { label: string; action: () => void }
        this.#note(kind, node, peer, sequence, label, label, cause)
        action()
        break
      }
      default:
        this.#dispatchNodeEvent(kind, node, sequence, subject, cause)
    }
    this.#running = -1
    this.#streams.select(-1)
  }

  /** A message that came as a packet of its own: from behind a NAT, over a slow line, out of an inbox. */
  #deliver({ from, to, source, message, cause, sequence }: Transit): void {
    const protocol = this.#protocols[to]
    if (!this.#network.arrive(from, to, message, this.#now, cause, sequence, protocol !== undefined)) return
    this.#note(kindCode.message, to, from, sequence, message.type, message, cause)
    this.#streams.select(to)
    this.#running = to
    checkSynchronous('onMessage', protocol!.onMessage(source, message))
  }

  #dispatchNodeEvent(kind: number, node: number, sequence: number, subject: unknown, cause: number): void {
    const command = kind === kindCode.command ? (subject as Command) : undefined
    this.#note(kind, node, -1, sequence, command?.type ?? '', subject, cause)
    if (kind === kindCode.crash) {
      this.nodes.stop(node)
      this.#network.afterCrash(node, this.#now)
      return
    }
    this.#streams.select(node)
    if (command === undefined) this.nodes.start(this, node)
    const protocol = this.#protocols[node]!
    this.#running = node
    if (command === undefined) checkSynchronous('onStart', protocol.onStart?.())
    else if (protocol.onCommand === undefined) throw new Error(`the protocol has no onCommand for "${command.type}"`)
    else checkSynchronous('onCommand', (protocol as Protocol<Message, Command>).onCommand!(command))
  }

  /** Handles an event that comes from outside between two others, under its own sequence number. */
  #dispatchNow(kind: number, node: number, subject: unknown, label = ''): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#running >= 0) throw new Error('commands and faults come from outside, not from a handler; use schedule')
    const sequence = this.#queue.takeSequence()
    try {
      if (kind === kindCode.control) {
        this.#note(kind, node, -1, sequence, label, label, 0)
        ;(subject as () => void)()
      } else {
        this.#dispatchNodeEvent(kind, node, sequence, subject, 0)
      }
    } catch (error) {
      throw this.#fail(error)
    }
    this.#running = -1
    this.#streams.select(-1)
  }

  /** Counts, folds and shows an event before it is handled. */
  #note(
    kind: number,
    node: number,
    peer: number,
    sequence: number,
    type: string,
    subject: unknown,
    cause: number,
  ): void {
    this.#events++
    this.#lastEventTime = this.#now
    this.#kind = kind
    this.#fingerprint.event(this.#now, sequence, kind, node, peer, type)
    if (this.#foldPayloads) this.#fingerprint.data(subject as Data | undefined)
    if (this.#observers.length === 0) return
    for (const observer of this.#observers) {
      observer.onEvent?.(this.#events, this.now, eventKinds[kind]!, node, peer, subject, cause, sequence)
    }
  }

  #fail(error: unknown): unknown {
    const node = this.#streams.selected
    this.#running = -1
    this.#streams.select(-1)
    if (node < 0) return error // the caller's own mistake, in an observer or a scheduled action
    this.#failure = new ProtocolError(node, this.now, this.#events, eventKinds[this.#kind]!, error)
    return this.#failure
  }

  #checkNode(node: number): number {
    return checkInteger('node', node, { min: 0, max: this.size - 1 })
  }
}
