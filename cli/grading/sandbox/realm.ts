/**
 * What runs beside the code under judgement, in a realm that has nothing but the language: no process, no files, no
 * clock, no chance. Bundled to one script; its last value is {@link handle}. Whatever the code does to this realm, it
 * does to itself: only text goes in and out.
 */
import 'fast-text-encoding'
import { LocalSubject, type Data, type NodeEvent, type NodeSetup } from '@peerlab/engine'
import { fromText, toText } from './plain-text.ts'

/** So much of what is printed goes on, in characters a realm. */
const maxPrinted = 4000

let subject: LocalSubject | undefined
let printed = ''

/** Does what it is told and answers, both as text. */
export function handle(what: string, text: string, thrown?: unknown): string {
  const answer = answerTo(what, text, thrown)
  if (printed === '') return toText(answer)
  const withPrinted = toText({ ...answer, printed })
  printed = ''
  return withPrinted
}

function answerTo(what: string, text: string, thrown: unknown): object {
  switch (what) {
    case 'loaded':
      subject = new LocalSubject((globalThis as { readonly lab?: Readonly<Record<string, unknown>> }).lab ?? {})
      return { ok: true, effects: [] }
    case 'load':
      return { ok: true, value: null }
    case 'threw':
      return { ok: false, error: failureOf(thrown) }
    case 'create':
      return subject!.create(fromText(text) as NodeSetup)
    case 'deliver': {
      const [node, event] = fromText(text) as [number, NodeEvent]
      return subject!.deliver(node, event)
    }
    case 'remove':
      subject!.remove(Number(text))
      return { ok: true, effects: [] }
    case 'call': {
      const [name, args] = fromText(text) as [string, readonly Data[]]
      return subject!.call(name, args)
    }
    default:
      throw new RangeError(`unknown order ${what}`)
  }
}

function failureOf(error: unknown): object {
  if (!(error instanceof Error)) return { name: 'Error', message: `something that is no Error was thrown` }
  const { name, message, stack } = error
  return { name: String(name), message: String(message), stack: String(stack) }
}

const instead: Readonly<Record<string, string>> = {
  Date: 'the time is host.now',
  Temporal: 'the time is host.now',
  performance: 'the time is host.now',
  setTimeout: 'use host.setTimer(name, delay) and onTimer(name)',
  setInterval: 'use host.setTimer(name, delay) again in onTimer(name)',
  setImmediate: 'use host.setTimer(name, 0) and onTimer(name)',
  queueMicrotask: 'a handler does all that it does before it returns',
  crypto: 'chance is host.random; sha256 is in @peerlab/engine/lab',
  fetch: 'messages go by host.send',
  Intl: 'what it says depends on the machine',
  WebAssembly: 'write it in TypeScript',
  SharedArrayBuffer: 'nodes share nothing but messages',
  Atomics: 'nodes share nothing but messages',
  WeakRef: 'what it says depends on the machine',
  FinalizationRegistry: 'when it acts depends on the machine',
}

for (const [name, way] of Object.entries(instead)) {
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get: () => {
      throw new ReferenceError(`${name} is not there in a node: ${way}`)
    },
  })
}
Math.random = () => {
  throw new ReferenceError(
    'Math.random is not there in a node: chance is host.random, so that every run can be repeated',
  )
}

const print = (...values: readonly unknown[]): void => {
  if (printed.length < maxPrinted) printed += `${values.map(inWords).join(' ').slice(0, maxPrinted)}\n`
}
const console = Object.fromEntries(['log', 'info', 'warn', 'error', 'debug', 'trace'].map((name) => [name, print]))
Object.defineProperty(globalThis, 'console', { configurable: true, writable: true, value: console })

function inWords(value: unknown): string {
  if (typeof value === 'string') return value
  if (value instanceof Error) return `${value.name}: ${value.message}`
  if (value instanceof Map) return `Map ${inWords([...value])}`
  if (value instanceof Set) return `Set ${inWords([...value])}`
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return String(value)
  }
}
