import type { Data } from '../core/data.ts'
import type { Millis } from '../core/time.ts'

/** One search, and how it ended. */
export interface TrackedSearch {
  readonly id: string
  readonly node: number
  readonly item: number
  readonly began: Millis
  ended: Millis | null
  /** Whether it named somebody who is there and has the item. */
  found: boolean
  readonly named: number[]
}

/** Of so many searches that ended last the share that found something is the picture of now. */
const latest = 40

/** The searches of a run, whatever searches: what nodes say of the end, judged by what is true. */
export class Searches {
  readonly all: TrackedSearch[] = []
  readonly #open = new Map<string, TrackedSearch>()
  readonly #ended: TrackedSearch[] = []
  readonly #isThere: (node: number, item: number) => boolean

  /** @param isThere whether the node is up and has the item */
  constructor(isThere: (node: number, item: number) => boolean) {
    this.#isThere = isThere
  }

  begin(node: number, item: number, began: Millis): TrackedSearch {
    const search = { id: `s${this.all.length}`, node, item, began, ended: null, found: false, named: [] }
    this.all.push(search)
    this.#open.set(search.id, search)
    return search
  }

  /** The oldest one of this node for this item that has not ended. */
  openOf(node: number, item: number): TrackedSearch | undefined {
    return [...this.#open.values()].find((search) => search.node === node && search.item === item)
  }

  /** The node says that its search has ended, and names who has the item. */
  end(id: string, node: number, named: readonly number[], time: Millis): void {
    const search = this.#open.get(id)
    if (search === undefined || search.node !== node) return
    this.#open.delete(id)
    search.ended = time
    search.named.push(...named)
    search.found = named.some((each) => this.#isThere(each, search.item))
    this.#ended.push(search)
  }

  /** Who crashes will never say how its searches ended: they count for nothing. */
  forget(node: number): void {
    for (const [id, search] of this.#open) if (search.node === node) this.#open.delete(id)
  }

  /** `searching` while one is open; else how the last one ended; null where there was none. */
  stateOf(node: number): 'searching' | 'found' | 'failed' | null {
    for (const search of this.#open.values()) if (search.node === node) return 'searching'
    const last = this.#ended.findLast((search) => search.node === node)
    return last === undefined ? null : last.found ? 'found' : 'failed'
  }

  of(node: number): Data[] {
    return this.all
      .filter((search) => search.node === node)
      .map(({ item, began, ended, found, named }) => ({ item, began, ended, found, named }))
  }

  /** Null while none has ended. */
  get measures(): { readonly found: number | null; readonly foundAll: number | null; readonly time: number | null } {
    const recent = this.#ended.slice(-latest)
    const successes = this.#ended.filter(({ found }) => found)
    const spans = successes.reduce((sum, { began, ended }) => sum + ended! - began, 0)
    return {
      found: ratio(recent.filter(({ found }) => found).length, recent.length),
      foundAll: ratio(successes.length, this.#ended.length),
      time: ratio(spans, successes.length),
    }
  }
}

export function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole
}
