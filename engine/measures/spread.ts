import { firstDifference, type Command, type Data } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Observer } from '../core/observer.ts'
import type { Millis } from '../core/time.ts'

/** How one rumor spread. */
export interface RumorSpread {
  readonly id: string
  readonly origin: number
  readonly payload: Data
  readonly published: Millis
  /** When each node had it first; NaN = not yet. */
  readonly times: Float64Array
  /** Over how many hops it came to each node first. */
  readonly hops: Uint16Array
}

/**
 * Follows rumors from publication to delivery. A delivery counts when the reported payload is the published one: a
 * node that claims a rumor which it never got cannot know that.
 */
export class Spread implements Observer {
  readonly size: number
  readonly #rumors = new Map<string, RumorSpread>()
  readonly #down = new Set<number>()
  #latest: RumorSpread | undefined = undefined
  /** Nodes that are up and have the latest rumor. */
  #informed = 0
  #duplicates = 0
  #deliveries = 0
  #falseClaims = 0
  #peer = -1
  /** For each share that is watched for, when the latest rumor reached it. */
  readonly #reached = new Map<number, Millis>([
    [0.5, NaN],
    [0.95, NaN],
    [1, NaN],
  ])

  constructor(size: number) {
    this.size = size
  }

  get rumors(): ReadonlyMap<string, RumorSpread> {
    return this.#rumors
  }

  /** The rumor that was published last. */
  get latest(): RumorSpread | undefined {
    return this.#latest
  }

  /** Rumors that came to nodes which had them. */
  get duplicates(): number {
    return this.#duplicates
  }

  /** First deliveries of all rumors, the publishers' own not counted. */
  get deliveries(): number {
    return this.#deliveries
  }

  /** Reports of a delivery whose payload is not the published one. */
  get falseClaims(): number {
    return this.#falseClaims
  }

  /** The share of the nodes that are up which have the latest rumor; 0 before there is one. */
  get coverage(): number {
    const up = this.size - this.#down.size
    return up === 0 ? 0 : this.#informed / up
  }

  /** How long after its publication the latest rumor reached this share (0.5, 0.95 or 1) of the nodes; null = not yet. */
  timeToReach(share: 0.5 | 0.95 | 1): Millis | null {
    const time = this.#reached.get(share)!
    return Number.isNaN(time) ? null : time - this.#latest!.published
  }

  has(node: number, id = this.#latest?.id): boolean {
    return id !== undefined && !Number.isNaN(this.#rumors.get(id)?.times[node] ?? NaN)
  }

  onEvent(_number: number, time: Millis, kind: EventKind, node: number, peer: number, subject: unknown): void {
    this.#peer = peer
    if (kind === 'crash') {
      this.#down.add(node)
      if (this.has(node)) this.#informed--
    } else if (kind === 'restart') {
      this.#down.delete(node)
      if (this.has(node)) this.#informed++
    } else if (kind === 'command' && (subject as Command).type === 'publish') {
      const { id, payload } = subject as { readonly id: string; readonly payload: Data } & Command
      if (!this.#rumors.has(id)) this.#begin(id, payload, node, time)
    }
  }

  onReport(time: Millis, node: number, event: string, detail: Data | undefined): void {
    if (event === 'duplicate') this.#duplicates++
    if (event !== 'delivered') return
    const { id, payload } = (detail ?? {}) as { readonly id?: string; readonly payload?: Data }
    const rumor = this.#rumors.get(id ?? '')
    if (rumor === undefined || firstDifference(rumor.payload, payload) !== undefined) this.#falseClaims++
    else if (Number.isNaN(rumor.times[node])) this.#deliver(rumor, node, time)
  }

  #begin(id: string, payload: Data, origin: number, published: Millis): void {
    const times = new Float64Array(this.size).fill(NaN)
    const rumor = { id, origin, payload, published, times, hops: new Uint16Array(this.size) }
    this.#rumors.set(id, rumor)
    this.#latest = rumor
    this.#informed = 0
    for (const share of this.#reached.keys()) this.#reached.set(share, NaN)
  }

  #deliver(rumor: RumorSpread, node: number, time: Millis): void {
    rumor.times[node] = time
    if (node !== rumor.origin) {
      this.#deliveries++
      rumor.hops[node] = this.#peer < 0 ? 0 : Math.min(rumor.hops[this.#peer]! + 1, 0xffff)
    }
    if (rumor !== this.#latest) return
    this.#informed++
    const { coverage } = this
    for (const [share, reached] of this.#reached) {
      if (Number.isNaN(reached) && coverage >= share) this.#reached.set(share, time)
    }
  }
}
