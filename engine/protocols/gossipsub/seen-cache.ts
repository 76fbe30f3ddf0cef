import type { Address } from '../../core/address.ts'
import type { Millis } from '../../core/time.ts'
import type { Validity } from './parameters.ts'

/** What a node remembers of a message that came. */
export interface Sighting {
  /** When it came first, and was validated: that takes no time here. */
  readonly time: Millis
  readonly validity: Validity
  /** Who has sent it. */
  readonly senders: Set<Address>
}

/** The ids that have come lately; by time of first arrival, as in go-libp2p-pubsub. */
export class SeenCache {
  readonly #ttl: Millis
  /** In order of time, since a Map keeps the order of insertion. */
  readonly #sightings = new Map<string, Sighting>()

  constructor(ttl: Millis) {
    this.#ttl = ttl
  }

  get(id: string, now: Millis): Sighting | undefined {
    const sighting = this.#sightings.get(id)
    return sighting === undefined || this.#isOver(sighting, now) ? undefined : sighting
  }

  put(id: string, now: Millis, validity: Validity, sender?: Address): void {
    // An id that is over and still in here would keep its old place in the order.
    this.#sightings.delete(id)
    this.#sightings.set(id, { time: now, validity, senders: new Set(sender === undefined ? [] : [sender]) })
  }

  /** Forgets what is over. */
  expire(now: Millis): void {
    for (const [id, sighting] of this.#sightings) {
      if (!this.#isOver(sighting, now)) return
      this.#sightings.delete(id)
    }
  }

  #isOver({ time }: Sighting, now: Millis): boolean {
    return now - time >= this.#ttl
  }
}
