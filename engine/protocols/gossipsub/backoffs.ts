import type { Address } from '../../core/address.ts'
import type { Millis } from '../../core/time.ts'

interface Backoff {
  readonly since: Millis
  readonly until: Millis
}

/** For how long a pruned peer and this node do not graft each other, by topic. */
export class Backoffs {
  readonly #slack: Millis
  readonly #topics = new Map<string, Map<Address, Backoff>>()

  /** @param slack by how much longer this node waits than it must: the other side's clock began elsewhere */
  constructor(slack: Millis) {
    this.#slack = slack
  }

  /** Begins anew at `now`; never ends earlier than it would have. */
  add(topic: string, peer: Address, now: Millis, duration: Millis): void {
    let peers = this.#topics.get(topic)
    if (peers === undefined) this.#topics.set(topic, (peers = new Map<Address, Backoff>()))
    const until = Math.max(now + duration, peers.get(peer)?.until ?? 0)
    peers.set(peer, { since: now, until })
  }

  /** Since when the peer is to keep away; undefined if it may graft. */
  runningSince(topic: string, peer: Address, now: Millis): Millis | undefined {
    const backoff = this.#topics.get(topic)?.get(peer)
    return backoff !== undefined && now < backoff.until ? backoff.since : undefined
  }

  /** Whether this node may graft the peer. */
  allowsGraft(topic: string, peer: Address, now: Millis): boolean {
    const backoff = this.#topics.get(topic)?.get(peer)
    return backoff === undefined || now >= backoff.until + this.#slack
  }

  /** Forgets what is over. */
  expire(now: Millis): void {
    for (const [topic, peers] of this.#topics) {
      for (const [peer, { until }] of peers) if (until + this.#slack <= now) peers.delete(peer)
      if (peers.size === 0) this.#topics.delete(topic)
    }
  }
}
