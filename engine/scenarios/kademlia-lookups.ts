import type { Address } from '../core/address.ts'
import type { Message } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Observer } from '../core/observer.ts'
import type { Millis } from '../core/time.ts'
import { idToHex, type Contact, type Id } from '../protocols/contact.ts'

/** One question of a lookup: the same request, sent again, is one. */
export interface LookupAsk {
  readonly to: Address
  readonly requestId: number
  readonly time: Millis
  /** How long the way to this node was: 1 = known when the lookup began. */
  readonly hops: number
  /** Whether it has come to the node. */
  arrived: boolean
  /** When the answer came; NaN = not yet. */
  answered: Millis
  /** The number of the event that was the answer; 0 = none yet. */
  answer: number
}

/** A lookup, as it looks from outside: from its command to its report, by the packets in between. */
export interface Lookup {
  readonly node: number
  readonly target: Id
  readonly began: Millis
  /** The number of the command's event. */
  readonly event: number
  /** When the node reported the end; NaN = not yet. */
  ended: Millis
  /** In which event it did so; 0 = not yet. */
  report: number
  /** What the node reported to have found, the closest first. Only what it says. */
  found: readonly Address[]
  /** In the order of asking. */
  readonly asks: LookupAsk[]
}

export interface LookupsOptions {
  /** Whom the node knows at this moment that is close to the target: the way to them is one hop. */
  readonly known: (node: number, target: Id) => readonly Contact[]
  readonly onBegin?: (lookup: Lookup) => void
  /** Called when a lookup has ended. */
  readonly onEnd?: (lookup: Lookup) => void
}

/**
 * Follows the lookups of a Kademlia network on the wire, whoever implements it: commands `lookup`, requests `find-node`,
 * replies `nodes`, reports `lookup`. A node's own looking around (refresh) is none of them.
 */
export class Lookups implements Observer {
  readonly all: Lookup[] = []
  readonly #options: LookupsOptions
  /** Those that have not ended, by node and target. */
  readonly #open = new Map<string, { readonly lookup: Lookup; readonly hops: Map<Address, number> }>()
  /** By who asks, and the request's id; an answer may come after the end of its lookup. */
  readonly #asks = new Map<string, { readonly ask: LookupAsk; readonly hops: Map<Address, number> }>()

  constructor(options: LookupsOptions) {
    this.#options = options
  }

  get latest(): Lookup | undefined {
    return this.all.at(-1)
  }

  onEvent(number: number, time: Millis, kind: EventKind, node: number, peer: number, subject: unknown): void {
    if (kind === 'command' && (subject as Message).type === 'lookup') {
      this.#begin(number, time, node, (subject as { readonly target: Id }).target)
    } else if (kind === 'message' && (subject as Message).type === 'find-node') {
      const ask = this.#asks.get(askKey(peer, (subject as { readonly requestId?: unknown }).requestId))?.ask
      if (ask?.to === node) ask.arrived = true
    } else if (kind === 'message' && (subject as Message).type === 'nodes') {
      this.#answer(number, time, node, peer as Address, subject as Reply)
    } else if (kind === 'crash') {
      for (const [key, { lookup }] of this.#open) if (lookup.node === node) this.#open.delete(key)
    }
  }

  onSend(time: Millis, from: number, to: number, message: Message): void {
    this.#ask(time, from, to as Address, message)
  }

  onDrop(time: Millis, from: number, to: number, message: Message, reason: string): void {
    // Who is down or nowhere: the packet to the first of them was on its way, and noted then.
    if (reason !== 'receiver down') this.#ask(time, from, to as Address, message)
  }

  onReport(time: Millis, node: number, event: string, detail: unknown, cause: number): void {
    if (event !== 'lookup') return
    const { target, closest } = (detail ?? {}) as { readonly target?: unknown; readonly closest?: unknown }
    const key = `${node}/${String(target)}`
    const lookup = this.#open.get(key)?.lookup
    if (lookup === undefined) return
    this.#open.delete(key)
    lookup.ended = time
    lookup.report = cause
    lookup.found = Array.isArray(closest) ? (closest as readonly Address[]) : []
    this.#options.onEnd?.(lookup)
  }

  #begin(event: number, began: Millis, node: number, target: Id): void {
    const lookup: Lookup = { node, target, began, event, ended: NaN, report: 0, found: [], asks: [] }
    const hops = new Map(this.#options.known(node, target).map(({ address }) => [address, 1] as const))
    this.all.push(lookup)
    this.#open.set(`${node}/${idToHex(target)}`, { lookup, hops })
    this.#options.onBegin?.(lookup)
  }

  #ask(time: Millis, from: number, to: Address, message: Message): void {
    if (message.type !== 'find-node') return
    const { target, requestId } = message as { readonly target?: unknown; readonly requestId?: unknown }
    if (!(target instanceof Uint8Array) || typeof requestId !== 'number') return
    const open = this.#open.get(`${from}/${idToHex(target)}`)
    if (open === undefined || open.lookup.asks.some((ask) => ask.requestId === requestId)) return
    const ask = { to, requestId, time, hops: open.hops.get(to) ?? 1, arrived: false, answered: NaN, answer: 0 }
    open.lookup.asks.push(ask)
    this.#asks.set(askKey(from, requestId), { ask, hops: open.hops })
  }

  #answer(event: number, time: Millis, node: number, from: Address, reply: Reply): void {
    const { ask, hops } = this.#asks.get(askKey(node, reply.replyTo)) ?? {}
    if (ask === undefined || hops === undefined || ask.to !== from || ask.answer > 0) return
    ask.answered = time
    ask.answer = event
    for (const address of addressesIn(reply)) if (!hops.has(address)) hops.set(address, ask.hops + 1)
  }
}

/** What a lookup came to. Undefined where there is nothing to measure. */
export interface LookupResult {
  readonly isCorrect: boolean
  /** How long the way to the closest was. */
  readonly hops: number | undefined
  /** How much longer it took than one round trip to the closest. */
  readonly stretch: number | undefined
  /** Which share of the questions went to another region, 0 to 1. */
  readonly abroad: number | undefined
}

/** Means over the lookups that have ended. */
export class LookupSums {
  readonly #means = new Map<string, { sum: number; count: number }>()
  #done = 0

  add({ asks, began, ended }: Lookup, { isCorrect, hops, stretch, abroad }: LookupResult): void {
    this.#done++
    const values = { hops, correct: isCorrect ? 1 : 0, asked: asks.length, time: ended - began, stretch, abroad }
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) continue
      const mean = this.#means.get(name) ?? { sum: 0, count: 0 }
      mean.sum += value
      mean.count++
      this.#means.set(name, mean)
    }
  }

  get means(): { readonly [name: string]: number | null } {
    const meanOf = (name: string): number | null => {
      const mean = this.#means.get(name)
      return mean === undefined ? null : mean.sum / mean.count
    }
    const names = ['hops', 'correct', 'asked', 'time', 'stretch', 'abroad']
    return { done: this.#done, ...Object.fromEntries(names.map((name) => [name, meanOf(name)])) }
  }
}

/** A reply, as far as a sender can be trusted. */
interface Reply {
  readonly replyTo?: unknown
  readonly contacts?: unknown
}

function askKey(from: number, requestId: unknown): string {
  return `${from}/${String(requestId)}`
}

/** Whom an answer names, as far as it makes sense. */
function addressesIn({ contacts }: Reply): Address[] {
  if (!Array.isArray(contacts)) return []
  return contacts.flatMap((contact) => {
    const { address } = (contact ?? {}) as { readonly address?: unknown }
    return typeof address === 'number' ? [address as Address] : []
  })
}
