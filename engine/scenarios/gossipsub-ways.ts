import type { Data, Message } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Observer } from '../core/observer.ts'
import type { Packet, Rule, Verdict } from '../core/rules.ts'
import type { Millis } from '../core/time.ts'

/** How a message has come to a node: its own, pushed along the mesh, or because the node had asked for it. */
export type Way = 'published' | 'pushed' | 'asked'

/** How each message came to each node first, and who has told whom of what. Seen from the wire. */
export class GossipSubWays implements Observer {
  readonly #asked = new Set<string>()
  readonly #ways = new Map<string, Map<number, Way>>()
  readonly #times = new Map<string, Millis>()
  /** When each node that has restarted did so last. */
  readonly #restarts = new Map<number, Millis>()
  #peer = -1
  #repaired = 0
  #published = 0

  /** Messages that came because they were asked for, counted once at each node. */
  get repaired(): number {
    return this.#repaired
  }

  /** Messages that were published. */
  get published(): number {
    return this.#published
  }

  wayOf(node: number, id: string): Way | undefined {
    return this.#ways.get(id)?.get(node)
  }

  /** Counts, for messages that were published up to a time, those of the nodes that lack one, though they ran then. */
  missingOf(nodes: readonly number[], until: Millis): number {
    let missing = 0
    for (const [id, published] of this.#times) {
      if (published > until) break
      const ways = this.#ways.get(id)!
      for (const node of nodes) if (!ways.has(node) && !(this.#restarts.get(node)! > published)) missing++
    }
    return missing
  }

  onEvent(_number: number, time: Millis, kind: EventKind, node: number, peer: number, subject: unknown): void {
    this.#peer = kind === 'message' ? peer : -1
    if (kind === 'restart') this.#restarts.set(node, time)
    if (kind !== 'command' || (subject as Message).type !== 'publish') return
    const { id } = subject as Message & { readonly id: string }
    this.#published++
    this.#times.set(id, time)
    this.#ways.set(id, new Map())
  }

  onSend(_time: Millis, from: number, to: number, message: Message): void {
    if (message.type !== 'iwant') return
    for (const id of (message as Message & { readonly ids: readonly string[] }).ids)
      this.#asked.add(`${from} ${to} ${id}`)
  }

  onReport(_time: Millis, node: number, event: string, detail: Data | undefined): void {
    if (event !== 'delivered') return
    const { id } = detail as { readonly id: string }
    const ways = this.#ways.get(id)
    if (ways === undefined || ways.has(node)) return
    const wasAsked = this.#asked.has(`${node} ${this.#peer} ${id}`)
    if (wasAsked) this.#repaired++
    ways.set(node, this.#peer < 0 ? 'published' : wasAsked ? 'asked' : 'pushed')
  }
}

/** Links that nothing passes any more, either way. Their ends are not told. */
export class CutLinks implements Rule {
  readonly name = 'cut link'
  readonly #cut = new Set<string>()

  has(one: number, other: number): boolean {
    return this.#cut.has(linkName(one, other))
  }

  add(one: number, other: number): void {
    this.#cut.add(linkName(one, other))
  }

  clear(): void {
    this.#cut.clear()
  }

  judge({ from, to }: Packet): Verdict {
    return this.has(from, to) ? { kind: 'drop' } : { kind: 'pass' }
  }
}

function linkName(one: number, other: number): string {
  return one < other ? `${one}-${other}` : `${other}-${one}`
}
