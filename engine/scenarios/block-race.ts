import type { Data } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import { exp } from '../core/exact-math.ts'
import type { Observer } from '../core/observer.ts'
import type { Millis } from '../core/time.ts'

/** A block that was mined. */
export interface MinedBlock {
  readonly id: string
  readonly parent: string
  readonly height: number
  readonly node: number
  readonly time: Millis
  /** Whether another block of this height was there before, anywhere. */
  readonly isRival: boolean
}

export interface BlockRaceOptions {
  /** Each node's share of the hash power. */
  readonly shares: readonly number[]
  /** Mean time between two blocks. */
  readonly interval: Millis
  /** The id of the end of a node's chain. Asked while a report is made, when it is still the parent of what was mined. */
  readonly tipOf: (node: number) => string
}

/** What happened at one height, and who had come that far when. */
interface Height {
  readonly time: Millis
  blocks: number
  /** Hash power that has a chain of this height. */
  reached: number
  /** Hash power times how long it took to come here, so far. */
  delay: number
}

/** All blocks that were mined, how fast they spread, and how often two were found at one height. */
export class BlockRace implements Observer {
  readonly #options: BlockRaceOptions
  readonly #blocks = new Map<string, MinedBlock>()
  readonly #heights: Height[] = []
  /** How high each node's chain has been, and since when. */
  readonly #heightOf: Float64Array
  readonly #since: Float64Array
  readonly #down = new Set<number>()
  /** For each block how many nodes know of it; a node counts once. */
  readonly #known = new Map<string, Set<number>>()
  readonly #times50: Millis[] = []
  readonly #times95: Millis[] = []
  #deepest = 0

  constructor(options: BlockRaceOptions) {
    this.#options = options
    this.#heightOf = new Float64Array(options.shares.length)
    this.#since = new Float64Array(options.shares.length)
  }

  get blocks(): ReadonlyMap<string, MinedBlock> {
    return this.#blocks
  }

  /** The longest chain that a node had to give up, in blocks. */
  get deepest(): number {
    return this.#deepest
  }

  /** Mean time from mining until half of the nodes know of a block; null = none has come so far. */
  get time50(): Millis | null {
    return mean(this.#times50)
  }

  get time95(): Millis | null {
    return mean(this.#times95)
  }

  /** For each height that all hash power that is up has reached: when its first block was found, whether there are others, and how
   * likely that was, in the order of heights. */
  *forks(): Iterable<{ readonly time: Millis; readonly isForked: boolean; readonly expected: number }> {
    for (const [i, { time, blocks, reached, delay }] of this.#heights.entries()) {
      let awaited = 1 - reached
      for (const node of this.#down) if (this.#heightOf[node]! <= i) awaited -= this.#options.shares[node]!
      if (awaited > 1e-9) return
      // Decker and Wattenhofer: 1 - (1 - P)^∫(1 - f(t))dt, for a short unit of time.
      yield { time, isForked: blocks > 1, expected: 1 - exp(-Math.min(delay / this.#options.interval, 700)) }
    }
  }

  /** The ids of the chain that ends with this block. */
  chainOf(tip: string): Set<string> {
    const chain = new Set<string>()
    for (let block = this.#blocks.get(tip); block !== undefined; block = this.#blocks.get(block.parent))
      chain.add(block.id)
    return chain
  }

  onEvent(_number: number, time: Millis, kind: EventKind, node: number): void {
    if (kind === 'crash') this.#down.add(node)
    if (kind !== 'restart') return
    this.#down.delete(node)
    this.#since[node] = time // who is down finds no blocks
  }

  onReport(time: Millis, node: number, event: string, detail: Data | undefined): void {
    if (event === 'mined') this.#onMined(time, node, detail as { id: string; height: number })
    if (event === 'reorganized') this.#deepest = Math.max(this.#deepest, (detail as { depth: number }).depth)
    if (event === 'connected') this.#onConnected(time, node, (detail as { height: number }).height)
    if (event === 'mined' || event === 'connected' || event === 'stale')
      this.#onKnown(time, node, (detail as { id: string }).id)
  }

  #onMined(time: Millis, node: number, { id, height }: { readonly id: string; readonly height: number }): void {
    const at = this.#heights[height - 1]
    const parent = this.#options.tipOf(node)
    this.#blocks.set(id, { id, parent, height, node, time, isRival: at !== undefined })
    this.#known.set(id, new Set())
    if (at === undefined) this.#heights.push({ time, blocks: 1, reached: 0, delay: 0 })
    else at.blocks++
  }

  /**
   * What a node would have found until now would have been a rival, if its chain was one block shorter. A chain may grow
   * by several blocks at once: then it has reached all of these heights now.
   */
  #onConnected(time: Millis, node: number, height: number): void {
    const share = this.#options.shares[node]!
    for (; this.#heightOf[node]! < height; this.#heightOf[node]!++) {
      const at = this.#heights[this.#heightOf[node]!]
      if (at === undefined) return
      at.reached += share
      at.delay += share * (time - Math.max(at.time, this.#since[node]!))
      this.#since[node] = time
    }
  }

  #onKnown(time: Millis, node: number, id: string): void {
    const known = this.#known.get(id)
    if (known === undefined || known.has(node)) return
    known.add(node)
    const size = this.#heightOf.length
    const since = time - this.#blocks.get(id)!.time
    if (known.size === Math.ceil(0.5 * size)) this.#times50.push(since)
    if (known.size === Math.ceil(0.95 * size)) this.#times95.push(since)
  }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
