import type { Random } from '../../core/random.ts'
import type { Millis } from '../../core/time.ts'
import type { EntryStore } from './entry-store.ts'
import type { TableEntry } from './table-entry.ts'

const minute: Millis = 60_000

/** Bitcoin Core, src/addrman.cpp. */
export const collisionLimits = {
  /** So many addresses wait at most; an attacker who fills the list has to wait for tests. */
  waiting: 10,
  /** An address that a connection succeeded with within this time need not be tested. */
  recentSuccess: 240 * minute,
  /** A test has failed when it did not succeed within this time. */
  patience: minute,
  /** Where no test was possible for so long, the old address goes. */
  window: 40 * minute,
} as const

interface Collision {
  readonly newcomer: TableEntry
  readonly incumbent: TableEntry
}

/**
 * Test before evict: an address that would push another out of tried waits until that one was dialed once more. If it
 * answers, it stays, and the newcomer remains in new.
 */
export class TriedCollisions {
  readonly #store: EntryStore
  readonly #random: Random
  #waiting: Collision[] = []

  constructor(store: EntryStore, random: Random) {
    this.#store = store
    this.#random = random
  }

  /** The newcomer waits, if there is room in the list; one that waits already does not wait twice. */
  add(newcomer: TableEntry, incumbent: TableEntry): void {
    const isKnown = this.#waiting.some((collision) => collision.newcomer === newcomer)
    if (!isKnown && this.#waiting.length < collisionLimits.waiting) this.#waiting.push({ newcomer, incumbent })
  }

  /** An incumbent to dial, at random; undefined = none waits for it. */
  draw(): TableEntry | undefined {
    return this.#waiting.length === 0 ? undefined : this.#random.pick(this.#waiting).incumbent
  }

  /** Decides what can be decided now. */
  settle(now: Millis): void {
    const { recentSuccess, patience, window } = collisionLimits
    this.#waiting = this.#waiting.filter(({ newcomer, incumbent }) => {
      const waits = newcomer.newBuckets.length > 0 && this.#store.find(newcomer.endpoint) === newcomer
      if (!waits) return false
      if (!incumbent.inTried || this.#store.find(incumbent.endpoint) !== incumbent) {
        this.#giveWay(newcomer)
        return false
      }
      if (isWithin(incumbent.lastSuccess, now, recentSuccess)) return false
      const failed = isWithin(incumbent.lastTry, now, recentSuccess) && !isWithin(incumbent.lastTry, now, patience)
      const untested = !isWithin(incumbent.lastTry, now, recentSuccess) && !isWithin(newcomer.lastSuccess, now, window)
      if (!failed && !untested) return true
      this.#store.promote(newcomer, incumbent)
      return false
    })
  }

  /** The incumbent has left by itself. Where another took its place meanwhile, the newcomer stays where it is. */
  #giveWay(newcomer: TableEntry): void {
    if (this.#store.incumbentOf(newcomer) === undefined) this.#store.promote(newcomer, undefined)
  }
}

function isWithin(time: Millis | undefined, now: Millis, span: Millis): boolean {
  return time !== undefined && now - time < span
}
