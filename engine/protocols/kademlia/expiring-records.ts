import type { Millis } from '../../core/time.ts'
import { idToHex, type Id } from '../contact.ts'

interface Entry<T> {
  readonly record: T
  readonly expires: Millis
}

/**
 * What a node keeps for others under ids, each record for a limited time: whoever wants it kept stores it again. Full
 * means full: new records are refused then, so that a flood of them costs a bounded amount of memory.
 */
export class ExpiringRecords<T> {
  readonly #max: number
  /** By the id in hexadecimal digits, then by what tells the records of one id apart. */
  readonly #records = new Map<string, Map<string | number, Entry<T>>>()
  #count = 0

  /** @param max how many records there may be in all */
  constructor(max: number) {
    this.#max = max
  }

  get size(): number {
    return this.#count
  }

  /** Keeps a record until `expires`, in the place of the one with the same name. False when there is no room. */
  set(id: Id, name: string | number, record: T, expires: Millis): boolean {
    const key = idToHex(id)
    const ofId = this.#records.get(key) ?? new Map<string | number, Entry<T>>()
    if (!ofId.has(name)) {
      if (this.#count >= this.#max) return false
      this.#count++
      this.#records.set(key, ofId)
    }
    ofId.set(name, { record, expires })
    return true
  }

  /** The records of this id that have not expired, the oldest first. */
  get(id: Id, now: Millis): T[] {
    const entries = [...(this.#records.get(idToHex(id))?.values() ?? [])]
    return entries.filter(({ expires }) => expires > now).map(({ record }) => record)
  }

  /** Forgets what has expired; to be called now and then. */
  prune(now: Millis): void {
    for (const [key, ofId] of this.#records) {
      for (const [name, { expires }] of ofId) if (expires <= now && ofId.delete(name)) this.#count--
      if (ofId.size === 0) this.#records.delete(key)
    }
  }
}
