import type { Address } from '../../core/address.ts'
import type { Random } from '../../core/random.ts'
import type { Millis } from '../../core/time.ts'

/**
 * Who announces a message and is asked for it has promised to send it. Of each request one id at random is watched:
 * that is enough to find out who announces what it does not have, and cheap.
 *
 * libp2p/specs, gossipsub v1.1, "Spam Protection Measures".
 */
export class Promises {
  /** By id: until when each peer has time. */
  readonly #deadlines = new Map<string, Map<Address, Millis>>()

  /** Watches one of the ids that the peer was asked for; at least one id. */
  add(peer: Address, ids: readonly string[], deadline: Millis, random: Random): void {
    const id = random.pick(ids)
    const peers = this.#deadlines.get(id) ?? new Map<Address, Millis>()
    this.#deadlines.set(id, peers)
    if (!peers.has(peer)) peers.set(peer, deadline)
  }

  /** The message has come, no matter from whom: nobody need send it any more. */
  fulfil(id: string): void {
    this.#deadlines.delete(id)
  }

  /** How many promises each peer has broken since the last time. */
  takeBroken(now: Millis): Map<Address, number> {
    const broken = new Map<Address, number>()
    for (const [id, peers] of this.#deadlines) {
      for (const [peer, deadline] of peers) {
        if (deadline >= now) continue
        broken.set(peer, (broken.get(peer) ?? 0) + 1)
        peers.delete(peer)
      }
      if (peers.size === 0) this.#deadlines.delete(id)
    }
    return broken
  }
}
