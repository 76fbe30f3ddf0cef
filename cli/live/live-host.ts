import {
  checkAddress,
  checkNumber,
  copyData,
  deriveStream,
  describe,
  maxMillis,
  MemoryStorage,
  type Address,
  type Command,
  type Data,
  type Host,
  type Message,
  type Millis,
  type Protocol,
  type Random,
  type SendOptions,
  type Storage,
} from '@peerlab/engine'
import { encodeFrame } from './codec.ts'
import type { LiveLoop } from './live-loop.ts'

/** How a host's messages leave: the network takes a whole frame and says nothing more of it. */
export type SendFrame = (to: Address, frame: Uint8Array, message: Message) => void

export interface LiveHostOptions {
  readonly loop: LiveLoop
  readonly seed: number
  /** The node's index. */
  readonly node: number
  readonly address: Address
  readonly neighbors: ArrayLike<Address>
  readonly sendFrame: SendFrame
}

/**
 * A host on real connections and the real clock. It keeps what a simulated host promises: handlers run one at a time
 * and to their end, time stands still meanwhile, timers are replaced by name and never ring early, messages are copied,
 * and it works inside of its own handlers only. The random stream is the one that the simulator gives to this node.
 */
export class LiveHost implements Host {
  readonly node: number
  readonly address: Address
  readonly neighbors: ArrayLike<Address>
  readonly storage: Storage = new MemoryStorage()
  readonly random: Random
  readonly #loop: LiveLoop
  readonly #sendFrame: SendFrame
  /** How to take back each running timer. */
  readonly #timers = new Map<string, () => void>()
  #protocol: Protocol<Message, Command> | undefined = undefined

  constructor({ loop, seed, node, address, neighbors, sendFrame }: LiveHostOptions) {
    this.node = node
    this.address = address
    this.neighbors = neighbors
    this.random = deriveStream(seed, 'node', node, 0)
    this.#loop = loop
    this.#sendFrame = sendFrame
  }

  get now(): Millis {
    return this.#loop.now
  }

  send(to: Address, message: Message, options?: SendOptions): void {
    this.#checkRuns('send')
    if (options?.fromPort !== undefined) {
      throw new Error(`send: fromPort is ${describe(options.fromPort)}, but this run has no ports: leave it out`)
    }
    const frame = encodeFrame(message)
    this.#sendFrame(checkAddress(to), frame, message)
  }

  setTimer(name: string, delay: Millis): void {
    this.#checkRuns('setTimer')
    if (typeof name !== 'string') throw new TypeError(`setTimer: the name is ${describe(name)}; it must be a string`)
    checkNumber('delay (ms)', delay, { min: 0, max: maxMillis })
    const loop = this.#loop
    const cause = loop.events
    this.#timers.get(name)?.()
    let isVoid = false
    const takeBack = loop.timers.set(loop.now + Math.round(delay * 1000) / 1000, () =>
      loop.enqueue({
        kind: 'timer',
        host: this,
        peer: -1,
        subject: name,
        cause,
        sequence: loop.takeSequence(),
        isVoid: () => isVoid,
        handle: () => {
          this.#timers.delete(name)
          if (this.#protocol!.onTimer === undefined) {
            throw new Error(`a timer "${name}" was set, but the protocol has no onTimer`)
          }
          checkSynchronous('onTimer', this.#protocol!.onTimer(name))
        },
      }),
    )
    this.#timers.set(name, () => {
      isVoid = true
      takeBack()
    })
  }

  cancelTimer(name: string): void {
    this.#checkRuns('cancelTimer')
    this.#timers.get(name)?.()
    this.#timers.delete(name)
  }

  report(event: string, detail?: Data): void {
    this.#checkRuns('report')
    if (typeof event !== 'string') throw new TypeError(`report: the event is ${describe(event)}; it must be a string`)
    const loop = this.#loop
    const copy = detail === undefined ? undefined : copyData(detail, 'detail')
    for (const observer of loop.observers) observer.onReport?.(loop.now, this.node, event, copy, loop.events)
  }

  /** Makes the protocol and lets it start, when its turn comes. */
  start(make: (host: Host<never>, node: number) => Protocol<never, never>): void {
    this.#enqueue('start', undefined, () => {
      // As in the simulator, a constructor must not use the host.
      this.#protocol = this.#loop.outside(() => make(this as unknown as Host<never>, this.node)) as unknown as Protocol<
        Message,
        Command
      >
      checkSynchronous('onStart', this.#protocol.onStart?.())
    })
  }

  /** Gives the protocol a command, when its turn comes. */
  command(command: Command): void {
    const copy = copyData(command, 'command')
    this.#enqueue('command', copy, () => {
      if (this.#protocol!.onCommand === undefined) throw new Error(`the protocol has no onCommand for "${copy.type}"`)
      checkSynchronous('onCommand', this.#protocol!.onCommand(copy))
    })
  }

  /** Gives the protocol a message that came, when its turn comes. */
  receive(
    from: Address,
    message: Message,
    { peer, cause, sequence }: { readonly peer: number; readonly cause: number; readonly sequence: number },
  ): void {
    this.#loop.enqueue({
      kind: 'message',
      host: this,
      peer,
      subject: message,
      cause,
      sequence,
      // A stranger may send something before the run has begun.
      isVoid: () => this.#protocol === undefined,
      handle: () => checkSynchronous('onMessage', this.#protocol!.onMessage(from, message)),
    })
  }

  #enqueue(kind: 'start' | 'command', subject: Command | undefined, handle: () => void): void {
    const loop = this.#loop
    loop.enqueue({ kind, host: this, peer: -1, subject, cause: 0, sequence: loop.takeSequence(), handle })
  }

  #checkRuns(what: string): void {
    const { running } = this.#loop
    if (running === this) return
    throw new Error(
      running === undefined
        ? `host.${what} of node ${this.node} was called outside of a handler; begin work in onStart, and never later by a promise`
        : `host.${what} of node ${this.node} was called while node ${running.node} runs; keep state in the instance, not in the module`,
    )
  }
}

/** Throws where a handler gives a promise back. What that does later is refused as well, and must not end the process. */
function checkSynchronous(handler: string, result: unknown): void {
  if (typeof (result as { then?: unknown } | null | undefined)?.then !== 'function') return
  Promise.resolve(result).catch(() => {})
  throw new TypeError(`${handler} returned a promise; handlers are synchronous, so remove async and await`)
}
