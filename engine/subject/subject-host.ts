import { checkAddress, type Address } from '../core/address.ts'
import { checkSynchronous } from '../core/check-synchronous.ts'
import { copyData, type Data, type Message } from '../core/data.ts'
import type { Host, Storage } from '../core/host.ts'
import { Stream, type Random } from '../core/random.ts'
import { MemoryStorage } from '../core/storage.ts'
import { toMicros, type Millis } from '../core/time.ts'
import { maxEffects, type Effect, type NodeSetup } from './subject.ts'

/** A host that notes what a handler does instead of doing it. */
export class SubjectHost implements Host {
  readonly address: Address
  readonly random: Random
  readonly neighbors: ArrayLike<Address>
  readonly storage: Storage
  readonly #node: number
  #now: Millis = 0
  /** Where effects go while a handler runs; undefined otherwise. */
  #effects: Effect[] | undefined = undefined

  constructor({ node, address, neighbors, stream, storage }: NodeSetup) {
    this.#node = node
    this.address = address as Address
    this.neighbors = [...neighbors] as Address[]
    this.random = new Stream(stream)
    const memory = new MemoryStorage(storage)
    this.storage = {
      get: (key) => memory.get(key),
      keys: () => memory.keys(),
      set: (key, value) => {
        memory.set(key, value)
        this.#note({ do: 'store', key, value: memory.get(key)! })
      },
      delete: (key) => {
        memory.delete(key)
        this.#note({ do: 'forget', key })
      },
    }
  }

  get now(): Millis {
    return this.#now
  }

  /** Runs a handler and returns what it did. */
  collect(now: Millis, handler: () => unknown): Effect[] {
    this.#now = now
    const effects: Effect[] = []
    this.#effects = effects
    try {
      checkSynchronous('a handler', handler())
    } finally {
      this.#effects = undefined
    }
    return effects
  }

  send(to: Address, message: Message): void {
    const copy = copyData(message, 'message')
    if (typeof copy !== 'object' || copy === null || typeof copy.type !== 'string') {
      throw new TypeError('send: the message must be an object with a string `type`')
    }
    this.#note({ do: 'send', to: checkAddress(to), message: copy })
  }

  setTimer(name: string, delay: Millis): void {
    toMicros('setTimer: delay', delay)
    this.#note({ do: 'set-timer', name: checkName('setTimer', name), delay })
  }

  cancelTimer(name: string): void {
    this.#note({ do: 'cancel-timer', name: checkName('cancelTimer', name) })
  }

  report(event: string, detail?: Data): void {
    checkName('report', event)
    this.#note({ do: 'report', event, ...(detail === undefined ? {} : { detail: copyData(detail, 'detail') }) })
  }

  #note(effect: Effect): void {
    if (this.#effects === undefined) {
      throw new Error(
        `the host of node ${this.#node} was used while that node does not run; ` +
          'begin work in onStart, and keep the host in the instance, never in the module',
      )
    }
    if (this.#effects.length >= maxEffects) {
      throw new RangeError(
        `one handler did more than ${maxEffects} things (the last: ${effect.do}); does its loop end?`,
      )
    }
    this.#effects.push(effect)
  }
}

function checkName(what: string, name: unknown): string {
  if (typeof name !== 'string') throw new TypeError(`${what}: the name is ${String(name)}; it must be a string`)
  return name
}
