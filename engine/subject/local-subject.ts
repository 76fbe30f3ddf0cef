import { copyData, firstDifference, type Command, type Data, type Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import type { CallReply, NodeEvent, NodeSetup, Reply, Subject, SubjectFailure } from './subject.ts'
import { SubjectHost } from './subject-host.ts'

/** The file does not export what is needed of it. */
class MissingExport extends Error {
  override readonly name = 'MissingExport'
}

interface LocalNode {
  readonly host: SubjectHost
  readonly protocol: Partial<Protocol<Message, Command>>
}

/** A subject in this realm: the exports of a module. Watchable and easy to debug; it isolates nothing. */
export class LocalSubject implements Subject {
  readonly #exports: { readonly [name: string]: unknown }
  readonly #nodes = new Map<number, LocalNode>()

  constructor(exports: { readonly [name: string]: unknown }) {
    this.#exports = exports
  }

  create(setup: NodeSetup): Reply {
    return attempt(() => {
      const host = new SubjectHost(setup)
      const Class = this.#exported<new (host: Host, options: Data) => Partial<Protocol<Message, Command>>>(
        setup.class,
        'class',
      )
      this.#nodes.set(setup.node, { host, protocol: new Class(host, copyData(setup.options, 'options')) })
      return { ok: true, effects: [] }
    })
  }

  deliver(node: number, event: NodeEvent): Reply {
    return attempt(() => {
      const { host, protocol } = this.#nodes.get(node)!
      // A copy of its own: what a handler does to the message reaches nobody else, and shows.
      const given = event.kind === 'message' ? { ...event, message: copyData(event.message, 'message') } : event
      const effects = host.collect(event.now, () => handle(protocol, given))
      const changed =
        event.kind === 'message' ? firstDifference(event.message, (given as typeof event).message) : undefined
      return { ok: true, effects, ...(changed === undefined ? {} : { changed }) }
    })
  }

  remove(node: number): void {
    this.#nodes.delete(node)
  }

  call(name: string, args: readonly Data[]): CallReply {
    return attempt(() => {
      const value = this.#exported<(...args: readonly Data[]) => Data>(name, 'function')(...copyData(args, 'arguments'))
      return { ok: true, value: copyData(value, `the result of ${name}`) }
    })
  }

  #exported<T>(name: string, kind: 'class' | 'function'): T {
    const value = this.#exports[name]
    if (typeof value === 'function') return value as T
    const names = Object.keys(this.#exports)
    const has = names.length === 0 ? 'it exports nothing' : `it exports ${names.join(', ')}`
    throw new MissingExport(`the file must export a ${kind} named ${name}; ${has}`)
  }
}

function handle(protocol: Partial<Protocol<Message, Command>>, event: NodeEvent): unknown {
  switch (event.kind) {
    case 'start':
      return protocol.onStart?.()
    case 'command':
      return required(protocol, 'onCommand')(event.command as never)
    case 'message':
      return required(protocol, 'onMessage')(event.from as never, event.message)
    case 'timer':
      return required(protocol, 'onTimer')(event.name)
  }
}

function required<K extends 'onCommand' | 'onMessage' | 'onTimer'>(
  protocol: Partial<Protocol<Message, Command>>,
  name: K,
) {
  const handler = protocol[name]
  if (typeof handler !== 'function') throw new TypeError(`the class has no ${name}`)
  return handler.bind(protocol) as NonNullable<Protocol<Message, Command>[K]>
}

function attempt<R extends Reply | CallReply>(
  act: () => R,
): R | { readonly ok: false; readonly error: SubjectFailure } {
  try {
    return act()
  } catch (error) {
    return { ok: false, error: failureOf(error) }
  }
}

/** Anything can be thrown: only text of it goes on. */
function failureOf(error: unknown): SubjectFailure {
  if (!(error instanceof Error))
    return { name: 'Error', message: `something that is no Error was thrown: ${String(error)}` }
  const { name, message, stack } = error
  return { name: String(name), message: String(message), ...(stack === undefined ? {} : { stack: String(stack) }) }
}
