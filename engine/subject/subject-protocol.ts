import type { Address } from '../core/address.ts'
import type { Command, Message } from '../core/data.ts'
import { describe } from '../core/errors.ts'
import type { Host, Protocol } from '../core/host.ts'
import { nodeWords } from '../core/nodes.ts'
import type { SubstituteProtocol, SubstituteSetup } from '../core/substitute.ts'
import type { Effect, NodeEvent, Reply, Subject, SubjectFailure } from './subject.ts'

/** The code under judgement threw. */
export class SubjectError extends Error {
  override readonly name = 'SubjectError'
  readonly failure: SubjectFailure

  constructor(failure: SubjectFailure) {
    super(`${failure.name}: ${failure.message}`)
    this.failure = failure
  }
}

/** The process that the code under judgement ran in is gone, or must go: nothing can be said of this run. */
export class SubjectGone extends Error {
  override readonly name = 'SubjectGone'
  /** What it did that it may not; undefined where it just went. */
  readonly offence: string | undefined

  constructor(offence?: string) {
    super(offence ?? 'it is gone')
    this.offence = offence
  }
}

export interface SubjectProtocolOptions {
  /** The name of the class that the subject exports. */
  readonly class: string
  /** A handler changed the message that it was given. */
  readonly onChanged?: (node: number, difference: string) => void
}

/** Makes nodes of a simulation out of a subject's class, in the place of a scenario's own protocol. */
export function substituteWith(subject: Subject, options: SubjectProtocolOptions): SubstituteProtocol {
  return (host, setup) =>
    new SubjectProtocol(subject, options, host as unknown as Host, setup) as Protocol<never, never>
}

/** One node: every event goes to the subject, and what its handler did is then done here. */
class SubjectProtocol implements Protocol<Message, Command> {
  readonly #subject: Subject
  readonly #options: SubjectProtocolOptions
  readonly #host: Host
  readonly #setup: SubstituteSetup

  constructor(subject: Subject, options: SubjectProtocolOptions, host: Host, setup: SubstituteSetup) {
    this.#subject = subject
    this.#options = options
    this.#host = host
    this.#setup = setup
  }

  onStart(): void {
    const { address, neighbors, storage } = this.#host
    const { seed, node, incarnation, options } = this.#setup
    this.#subject.remove(node)
    this.#do(
      this.#subject.create({
        class: this.#options.class,
        node,
        address,
        neighbors: Array.from(neighbors),
        stream: Array.from(nodeWords(seed, node, incarnation)),
        storage: storage.keys().map((key) => [key, storage.get(key)!]),
        options,
      }),
    )
    this.#deliver({ kind: 'start', now: this.#host.now })
  }

  onCommand(command: Command): void {
    this.#deliver({ kind: 'command', now: this.#host.now, command })
  }

  onMessage(from: Address, message: Message): void {
    this.#deliver({ kind: 'message', now: this.#host.now, from, message })
  }

  onTimer(name: string): void {
    this.#deliver({ kind: 'timer', now: this.#host.now, name })
  }

  #deliver(event: NodeEvent): void {
    this.#do(this.#subject.deliver(this.#setup.node, event))
  }

  #do(reply: Reply): void {
    if (!reply.ok) throw new SubjectError(reply.error)
    for (const effect of reply.effects) this.#doOne(effect)
    if (reply.changed !== undefined) this.#options.onChanged?.(this.#setup.node, reply.changed)
  }

  #doOne(effect: Effect): void {
    const host = this.#host
    switch (effect.do) {
      case 'send':
        return host.send(effect.to as Address, effect.message)
      case 'set-timer':
        return host.setTimer(effect.name, effect.delay)
      case 'cancel-timer':
        return host.cancelTimer(effect.name)
      case 'report':
        return host.report(effect.event, effect.detail)
      case 'store':
        return host.storage.set(effect.key, effect.value)
      case 'forget':
        return host.storage.delete(effect.key)
      default:
        throw new SubjectError({
          name: 'TypeError',
          message: `unknown effect ${describe((effect as { do: unknown }).do)}`,
        })
    }
  }
}
