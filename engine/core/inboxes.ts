import { checkInteger } from './errors.ts'
import { maxMillis, toMicros, type Micros, type Millis } from './time.ts'

/** What waits for a node's attention, and for how long. */
export interface Inbox {
  /** At most this many messages wait, the one that is being served not counted. From 0. */
  readonly capacity: number
  /** How long the node is busy with one message, in ms. */
  readonly service: Millis
  /** Which one goes when there is no room: the one that comes, the one that waits longest, or one of all at random. */
  readonly policy: 'drop-newest' | 'drop-oldest' | 'drop-random'
}

/** What became of a packet that came to an inbox, and which packet had to go for it. */
export interface Arrival<T> {
  /** When it will be served, where the node was idle; undefined while it waits, or is lost. */
  readonly served: Micros | undefined
  readonly lost: T | undefined
}

interface Desk<T> {
  readonly waiting: T[]
  /** What is being served. */
  busyWith: T | undefined
}

/** The bounded inboxes of all nodes: one message after the other, in the order of arrival. */
export class Inboxes<T> {
  readonly #desks: (Desk<T> | undefined)[] = []
  readonly #inboxes: readonly (Inbox & { readonly micros: Micros })[]

  constructor(size: number, inboxOf: (node: number) => Inbox) {
    this.#inboxes = Array.from({ length: size }, (_, node) => checked(node, inboxOf(node)))
  }

  /** @param draw uniform in [0, 1), asked only where one goes at random */
  arrive(node: number, packet: T, now: Micros, draw: () => number): Arrival<T> {
    const desk = (this.#desks[node] ??= { waiting: [], busyWith: undefined })
    const { capacity, micros, policy } = this.#inboxes[node]!
    if (desk.busyWith === undefined) {
      desk.busyWith = packet
      return { served: now + micros, lost: undefined }
    }
    desk.waiting.push(packet)
    if (desk.waiting.length <= capacity) return { served: undefined, lost: undefined }
    return { served: undefined, lost: desk.waiting.splice(victim(policy, desk.waiting.length, draw), 1)[0] }
  }

  /** The packet was served: the next one, and when it will be. Undefined where none waits. */
  next(node: number, now: Micros): { readonly packet: T; readonly served: Micros } | undefined {
    const desk = this.#desks[node]!
    desk.busyWith = desk.waiting.shift()
    return desk.busyWith && { packet: desk.busyWith, served: now + this.#inboxes[node]!.micros }
  }

  /** Whether this is what the node is busy with. A crash takes it away. */
  isServing(node: number, packet: T): boolean {
    return this.#desks[node]?.busyWith === packet
  }

  /** The node has crashed: what was in its inbox is lost with its memory. */
  clear(node: number): T[] {
    const desk = this.#desks[node]
    if (desk === undefined) return []
    this.#desks[node] = undefined
    return desk.busyWith === undefined ? desk.waiting : [desk.busyWith, ...desk.waiting]
  }
}

function victim(policy: Inbox['policy'], waiting: number, draw: () => number): number {
  if (policy === 'drop-oldest') return 0
  return policy === 'drop-newest' ? waiting - 1 : Math.floor(draw() * waiting)
}

function checked(node: number, inbox: Inbox): Inbox & { readonly micros: Micros } {
  checkInteger(`inbox capacity of node ${node}`, inbox.capacity, { min: 0, max: 1e9 })
  const policies = ['drop-newest', 'drop-oldest', 'drop-random']
  if (!policies.includes(inbox.policy)) {
    throw new RangeError(`inbox policy of node ${node} is ${String(inbox.policy)}; it must be ${policies.join(', ')}`)
  }
  if (inbox.service > maxMillis) throw new RangeError(`service time of node ${node} is ${inbox.service} ms`)
  return { ...inbox, micros: toMicros(`service time of node ${node}`, inbox.service) }
}
