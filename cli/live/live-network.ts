import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Connection, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import {
  deriveStream,
  type Address,
  type AddressBook,
  type LatencyModel,
  type Message,
  type Stream as RandomStream,
  type Topology,
} from '@peerlab/engine'
import { createLibp2p, type Libp2p } from 'libp2p'
import { bodyOf, decodeMessage, FrameReader, MalformedFrame } from './codec.ts'
import { linksOf } from './links.ts'
import { LiveHost } from './live-host.ts'
import type { LiveLoop } from './live-loop.ts'
import { Outbox, type Sent } from './outbox.ts'
import { forEachOf } from './pool.ts'

/** The name of what is spoken on a stream: frames of {@link encodeFrame}, in one direction. */
export const liveProtocol = '/peerlab/message/1.0.0'

export interface LiveNetworkOptions {
  readonly loop: LiveLoop
  readonly seed: number
  readonly topology: Topology
  readonly addresses: AddressBook
  /** The share of the messages that are lost on purpose, 0 to 1. Default 0. */
  readonly loss?: number
  /** How long each message is held back before it is sent. Default: not at all, so that it takes what loopback takes. */
  readonly latency?: LatencyModel | undefined
}

/** Something that came over a connection and was not let through to a protocol. */
export interface Refused {
  readonly node: number
  /** The sender's index; -1 for a peer that is none of this network's nodes. */
  readonly peer: number
  readonly reason: string
}

/** What is being done before the run begins. */
export type LiveStep = 'listening' | 'connecting'

/** As many handshakes are under way at once. */
const handshakesAtOnce = 16

const warmUpRounds = 5

/**
 * What takes milliseconds may take so long on a machine that has no time for us, in ms. A shorter wait would end runs in
 * which nothing is wrong.
 */
const patience = 60_000

/**
 * js-libp2p nodes on 127.0.0.1, all in this process, each with a host: TCP, Noise, Yamux, and one stream for each
 * direction between two neighbors. Also what the simulator's network does: messages that are held back or lost.
 */
export class LiveNetwork {
  readonly hosts: readonly LiveHost[]
  readonly refused: Refused[] = []
  readonly #options: LiveNetworkOptions
  readonly #nodes: (Libp2p | undefined)[]
  readonly #nodeOf = new Map<string, number>()
  readonly #outboxes = new Map<string, Outbox>()
  readonly #draws: readonly RandomStream[]
  readonly #abort = new AbortController()
  #onEmptyFrame: () => void = () => {}
  #sent = 0
  #starting: Promise<void> | undefined = undefined
  #stopping: Promise<void> | undefined = undefined

  constructor(options: LiveNetworkOptions) {
    const { loop, seed, topology, addresses } = options
    this.#options = options
    this.#nodes = Array.from({ length: topology.size }, () => undefined)
    this.#draws = this.#nodes.map((_, node) => deriveStream(seed, 'live', node))
    this.hosts = this.#nodes.map((_, node) => {
      const neighbors = addresses.addressesOf(topology.neighbors(node))
      const sendFrame = (to: Address, frame: Uint8Array, message: Message): void => this.#send(node, to, frame, message)
      return new LiveHost({ loop, seed, node, address: addresses.addressOf(node), neighbors, sendFrame })
    })
  }

  /** Messages that protocols have sent, the lost ones among them. */
  get sent(): number {
    return this.#sent
  }

  /** Messages that have neither arrived nor got lost. What is held back on purpose is not among them. */
  get inFlight(): number {
    let inFlight = 0
    for (const outbox of this.#outboxes.values()) inFlight += outbox.size
    return inFlight
  }

  /** Whether nothing is left to do: no event waits, no timer runs, no message is on its way. */
  get isIdle(): boolean {
    const { loop } = this.#options
    return loop.waiting === 0 && loop.timers.size === 0 && this.inFlight === 0
  }

  /** The libp2p nodes that are there already, by index. */
  get nodes(): readonly (Libp2p | undefined)[] {
    return this.#nodes
  }

  /** The TCP ports on which nodes listen; none before the start and after the stop. */
  get ports(): readonly number[] {
    const addresses = this.#nodes.flatMap((node) => node?.getMultiaddrs() ?? [])
    return addresses.map((address) => Number(/\/tcp\/(\d+)/.exec(address.toString())![1]))
  }

  /**
   * Lets all nodes listen and connects neighbors. When it fails or is stopped meanwhile, all is closed before it throws.
   */
  async start(onStep: (step: LiveStep, done: number, all: number) => void = () => {}): Promise<void> {
    this.#starting = this.#begin(onStep)
    try {
      await this.#starting
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  /** Closes all connections and ports. From then on no handler runs. May be called at any time, and more than once. */
  stop(): Promise<void> {
    this.#options.loop.stop()
    this.#abort.abort(new Error('the network was stopped'))
    return (this.#stopping ??= this.#end())
  }

  async #begin(onStep: (step: LiveStep, done: number, all: number) => void): Promise<void> {
    const bounds = { width: handshakesAtOnce, signal: this.#abort.signal }
    let done = 0
    await forEachOf([...this.#nodes.keys()], bounds, async (index) => {
      await this.#listen(index)
      onStep('listening', ++done, this.#nodes.length)
    })
    const links = linksOf(this.#options.topology)
    done = 0
    await forEachOf(links, bounds, async ([from, to]) => {
      await this.#connect(from, to)
      await this.#outboxOf(from, to).open()
      // In a directed graph only one of the two may know of the other; what it answers goes the same way back.
      await this.#outboxOf(to, from).open()
      onStep('connecting', ++done, links.length)
    })
    for (let round = 0; round < warmUpRounds; round++) await this.#warmUp()
  }

  /**
   * Sends an empty frame over every stream and waits for all of them. The first bytes on a stream end its negotiation,
   * and the first use of all that code is slow: neither is to be measured.
   */
  async #warmUp(): Promise<void> {
    const outboxes = [...this.#outboxes.values()]
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    let left = outboxes.length
    this.#onEmptyFrame = () => --left === 0 && resolve()
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(patience)])
    const giveUp = (): void => reject(new Error(`${left} of ${outboxes.length} streams do not answer`))
    signal.addEventListener('abort', giveUp)
    for (const outbox of outboxes) outbox.writeEmpty()
    if (left > 0) await promise
    signal.removeEventListener('abort', giveUp)
    this.#onEmptyFrame = () => {}
  }

  /**
   * One connection for both directions. The accepting end has it a moment after the dialing one; a stream that it opened
   * sooner would get a second connection.
   */
  async #connect(from: number, to: number): Promise<void> {
    const [dialer, listener] = [this.#nodes[from]!, this.#nodes[to]!]
    const signal = AbortSignal.any([this.#abort.signal, AbortSignal.timeout(patience)])
    await dialer.dial(listener.getMultiaddrs(), { signal })
    while (listener.getConnections(dialer.peerId).length === 0) {
      await once(listener as unknown as EventTarget, 'connection:open', { signal })
    }
  }

  async #end(): Promise<void> {
    await Promise.allSettled([this.#starting])
    // Not politely: two ends that close at once can wait for each other, on a busy machine for minutes.
    const stopped = new Error('the network was stopped')
    for (const node of this.#nodes) for (const connection of node?.getConnections() ?? []) connection.abort(stopped)
    const ends = await Promise.allSettled(this.#nodes.map(async (node) => node?.stop()))
    // The system's side of a socket goes at the end of a turn of the event loop.
    for (let turn = 0; turn < 2; turn++) await setImmediate()
    const failed = ends.find((end) => end.status === 'rejected')
    if (failed !== undefined) throw new Error('a node did not stop', { cause: failed.reason })
  }

  async #listen(index: number): Promise<void> {
    const node = await createLibp2p({
      start: false,
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      connectionManager: {
        // Its limits are against strangers; here all peers are one process with one address.
        maxConnections: 2 * this.#nodes.length,
        inboundConnectionThreshold: Infinity,
        maxIncomingPendingConnections: Infinity,
        reconnectRetries: 0,
        dialTimeout: patience,
        addressDialTimeout: patience,
        inboundUpgradeTimeout: patience,
        outboundStreamProtocolNegotiationTimeout: patience,
        inboundStreamProtocolNegotiationTimeout: patience,
      },
      connectionMonitor: { enabled: false },
    })
    this.#nodes[index] = node
    this.#nodeOf.set(node.peerId.toString(), index)
    await node.handle(liveProtocol, (stream, connection) => this.#accept(index, stream, connection))
    await node.start()
  }

  #accept(index: number, stream: Stream, { remotePeer }: Connection): void {
    const peer = this.#nodeOf.get(remotePeer.toString()) ?? -1
    const reader = new FrameReader()
    stream.addEventListener('message', ({ data }) => {
      try {
        for (const body of reader.push(data.subarray())) this.#receive(index, peer, body)
      } catch (error) {
        if (!(error instanceof MalformedFrame)) throw error
        this.#refuse(index, peer, error.message)
        stream.abort(error)
      }
    })
  }

  #receive(index: number, peer: number, body: Uint8Array): void {
    if (body.length === 0) return this.#onEmptyFrame()
    if (peer < 0) return this.#refuse(index, peer, 'a message of a peer that is none of the nodes')
    let message: Message
    try {
      message = decodeMessage(body)
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error
      return this.#refuse(index, peer, error.message)
    }
    this.#arrive(index, peer, message, this.#outboxOf(peer, index).arrived(body))
  }

  #refuse(node: number, peer: number, reason: string): void {
    if (!this.#options.loop.isStopped) this.refused.push({ node, peer, reason })
  }

  #arrive(index: number, peer: number, message: Message, sent: Sent | undefined): void {
    const { cause = 0, sequence = 0 } = sent ?? {}
    this.hosts[index]!.receive(this.#options.addresses.addressOf(peer), message, { peer, cause, sequence })
  }

  #send(from: number, address: Address, frame: Uint8Array, message: Message): void {
    const { loop, addresses, loss = 0, latency } = this.#options
    const sent = { frame, message, cause: loop.events, sequence: loop.takeSequence() }
    const to = addresses.nodeOf(address)
    const draws = this.#draws[from]!
    this.#sent++
    // As in the simulator, what never gets on its way has the number 0.
    if (to < 0) return this.#drop(from, to, { ...sent, sequence: 0 }, 'no such address')
    if (loss > 0 && draws.chance(loss)) return this.#drop(from, to, { ...sent, sequence: 0 }, 'loss')
    for (const observer of loop.observers) {
      observer.onSend?.(loop.now, from, to, message, NaN, sent.cause, sent.sequence)
    }
    const held = latency === undefined ? 0 : latency.micros(from, to, () => draws.next()) / 1000
    if (held > 0) loop.timers.set(loop.now + held, () => this.#write(from, to, sent))
    else this.#write(from, to, sent)
  }

  #write(from: number, to: number, sent: Sent): void {
    // libp2p makes no connection of a node with itself; the message is decoded again all the same.
    if (from === to) this.#arrive(to, from, decodeMessage(bodyOf(sent.frame)), sent)
    else this.#outboxOf(from, to).write(sent)
  }

  #drop(from: number, to: number, { message, cause, sequence }: Sent, reason: string): void {
    const { loop } = this.#options
    for (const observer of loop.observers) observer.onDrop?.(loop.now, from, to, message, reason, cause, sequence)
  }

  #outboxOf(from: number, to: number): Outbox {
    const key = `${from} ${to}`
    const known = this.#outboxes.get(key)
    if (known !== undefined) return known
    const { signal } = this.#abort
    const outbox = new Outbox({
      open: () => this.#nodes[from]!.dialProtocol(this.#nodes[to]!.getMultiaddrs(), liveProtocol, { signal }),
      onLost: (lost, reason) => {
        const { loop } = this.#options
        if (loop.isStopped) return
        for (const sent of lost) this.#drop(from, to, sent, reason)
        loop.onPause()
      },
    })
    this.#outboxes.set(key, outbox)
    return outbox
  }
}
