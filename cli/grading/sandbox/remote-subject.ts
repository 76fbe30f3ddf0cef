import { SourceMap, type SourceMapPayload } from 'node:module'
import {
  copyData,
  maxEffects,
  SubjectGone,
  type CallReply,
  type Data,
  type Effect,
  type NodeEvent,
  type NodeSetup,
  type Reply,
  type Subject,
  type SubjectFailure,
} from '@peerlab/engine'
import { ChannelAbused } from './line-channel.ts'
import { fromText, toText } from './plain-text.ts'
import { functionRealm, together } from './realms.ts'

/** Says a line to the process that runs the code and waits for its answer: undefined when that process is gone. */
export type Ask = (line: string) => string | undefined

export interface RemoteOptions {
  readonly ask: Ask
  /** Of the bundle, so that a stack names the student's own lines. */
  readonly sourceMap: SourceMapPayload
  /** Takes what the code printed: untrusted text. */
  readonly onPrint: (text: string) => void
  /** All nodes live in one realm. */
  readonly together?: boolean
}

const nothing: Reply = { ok: true, effects: [] }

/** A subject in another process. Its answers may be anything: what is no answer counts as an error of the code. */
export class RemoteSubject implements Subject {
  readonly #options: RemoteOptions
  readonly #map: SourceMap
  #isBegun = false

  constructor(options: RemoteOptions) {
    this.#options = options
    this.#map = new SourceMap(options.sourceMap)
  }

  /** Has the code loaded once: whether it can be at all. */
  load(): CallReply {
    this.#begin(0)
    return this.#attempt('load', functionRealm, '', () => ({ ok: true, value: null }))
  }

  create(setup: NodeSetup): Reply {
    this.#begin(setup.stream[0] ?? 0)
    return this.#attempt('create', setup.node, toText(setup), replyOf)
  }

  deliver(node: number, event: NodeEvent): Reply {
    return this.#attempt('deliver', node, toText([node, event]), replyOf)
  }

  remove(node: number): void {
    if (this.#isBegun) this.#attempt('remove', node, String(node), () => nothing)
  }

  call(name: string, args: readonly Data[]): CallReply {
    this.#begin(0)
    return this.#attempt('call', functionRealm, toText([name, args]), ({ value }) => ({
      ok: true,
      value: copyData(value as Data, `the result of ${name}`),
    }))
  }

  /** Nothing of an earlier run is left: all realms are new. */
  #begin(salt: number): void {
    if (this.#isBegun) return
    this.#isBegun = true
    this.#attempt('begin', salt, this.#options.together === true ? together : '', () => nothing)
  }

  #attempt<R extends Reply | CallReply>(
    what: string,
    node: number,
    text: string,
    read: (answer: Readonly<Record<string, unknown>>) => R,
  ): R | { readonly ok: false; readonly error: SubjectFailure } {
    const said = this.#ask(`${what} ${node} ${text}`)
    try {
      const answer = fromText(said) as Readonly<Record<string, unknown>>
      if (typeof answer['printed'] === 'string') this.#options.onPrint(answer['printed'])
      if (answer['ok'] === true) return read(answer)
      return { ok: false, error: this.#failureOf(answer['error']) }
    } catch (error) {
      return { ok: false, error: { name: 'Error', message: `what the code did is no plain data: ${String(error)}` } }
    }
  }

  #ask(line: string): string {
    try {
      const said = this.#options.ask(line)
      if (said !== undefined) return said
    } catch (error) {
      if (error instanceof ChannelAbused) throw new SubjectGone(error.message)
      throw error
    }
    throw new SubjectGone()
  }

  #failureOf(error: unknown): SubjectFailure {
    const { name, message, stack } = error as Partial<Record<string, unknown>>
    return {
      name: shortened(name, 100),
      message: shortened(message, 2000),
      ...(typeof stack === 'string' ? { stack: this.#inSources(stack.slice(0, 8000)) } : {}),
    }
  }

  /** `lab.js:12:5` of the bundle, where the student wrote it: `gossip.ts:31:7`. */
  #inSources(stack: string): string {
    return stack.replaceAll(/lab\.js:(\d+):(\d+)/g, (place, line: string, column: string) => {
      const entry = this.#map.findEntry(Number(line) - 1, Number(column) - 1)
      if (!('originalSource' in entry)) return place
      return `${entry.originalSource}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
    })
  }
}

function replyOf({ effects, changed }: Readonly<Record<string, unknown>>): Reply {
  if (!Array.isArray(effects)) throw new TypeError('it answered without effects')
  if (effects.length > maxEffects) throw new RangeError(`${effects.length} effects, over the limit of ${maxEffects}`)
  return {
    ok: true,
    effects: effects.map((effect, i) => copyData(effect as Data, `effect ${i}`) as unknown as Effect),
    ...(typeof changed === 'string' ? { changed: shortened(changed, 500) } : {}),
  }
}

function shortened(value: unknown, length: number): string {
  const text = typeof value === 'string' ? value : 'Error'
  return text.length > length ? `${text.slice(0, length)} …` : text
}
