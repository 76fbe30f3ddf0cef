import type { Address } from '../../core/address.ts'
import type { Publication } from './messages.ts'

interface Cached {
  readonly message: Publication
  /** How often each peer was sent it on demand. */
  readonly sent: Map<Address, number>
}

/**
 * The messages of the last heartbeats, in windows of one heartbeat each: the newest windows are in the gossip, all of
 * them answer to IWANT. The older windows give a peer the time to ask for what it was told of last.
 *
 * libp2p/specs, gossipsub v1.0, "Message Cache".
 */
export class MessageCache {
  readonly #messages = new Map<string, Cached>()
  /** Ids by window, the present one first. */
  readonly #windows: string[][]
  readonly #gossipWindows: number

  constructor(historyLength: number, historyGossip: number) {
    this.#windows = Array.from({ length: historyLength }, () => [])
    this.#gossipWindows = historyGossip
  }

  put(message: Publication): void {
    if (this.#messages.has(message.id)) return
    this.#messages.set(message.id, { message, sent: new Map() })
    this.#windows[0]!.push(message.id)
  }

  get(id: string): Publication | undefined {
    return this.#messages.get(id)?.message
  }

  /** The message, for a peer that wants it; undefined as well when it has got it `most` times. */
  take(id: string, peer: Address, most: number): Publication | undefined {
    const cached = this.#messages.get(id)
    if (cached === undefined) return undefined
    const sent = (cached.sent.get(peer) ?? 0) + 1
    if (sent > most) return undefined
    cached.sent.set(peer, sent)
    return cached.message
  }

  /** The ids of a topic that are to be gossiped about, the newest window first. */
  gossipIds(topic: string): string[] {
    return this.#windows
      .slice(0, this.#gossipWindows)
      .flat()
      .filter((id) => this.#messages.get(id)!.message.topic === topic)
  }

  /** Begins a new window and forgets the oldest. */
  shift(): void {
    for (const id of this.#windows.pop()!) this.#messages.delete(id)
    this.#windows.unshift([])
  }
}
