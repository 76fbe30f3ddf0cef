import { copyData, type Data } from './data.ts'
import type { Storage } from './host.ts'

/** A node's disk: it belongs to the node and outlives its protocol instances. */
export class MemoryStorage implements Storage {
  readonly #values: Map<string, Data>

  constructor(values: Iterable<readonly [string, Data]> = []) {
    this.#values = new Map(values)
  }

  get(key: string): Data | undefined {
    const value = this.#values.get(key)
    return value === undefined ? undefined : copyData(value, `storage.get(${key})`)
  }

  set(key: string, value: Data): void {
    if (typeof key !== 'string') throw new TypeError(`storage.set: the key is ${String(key)}; it must be a string`)
    this.#values.set(key, copyData(value, `storage.set(${key})`))
  }

  delete(key: string): void {
    this.#values.delete(key)
  }

  keys(): string[] {
    return [...this.#values.keys()]
  }
}
