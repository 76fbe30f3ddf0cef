/**
 * Kademlia's lookup, as the bookkeeping of the node that asks: whom to ask next, and when it is over. It knows nothing
 * of messages: the protocol asks whom `next` names, and says who answered what and who did not.
 *
 * The asker talks to every hop itself. It asks the closest contacts it has heard of, alpha at a time, and each answer
 * brings closer ones. When the closest few have all answered, the lookup has converged, and the rest of the k closest
 * are asked at once. It ends when the k closest that were seen, without those that failed, have all answered.
 *
 * Maymounkov and Mazières 2002, section 2.3; libp2p/specs kad-dht, "Peer routing". When it converges is go-libp2p's rule
 * (resiliency); the paper's is a round of answers that brings nothing closer.
 */
import { checkInteger } from '../../core/errors.ts'
import { sameContact, type Contact, type Id } from '../contact.ts'
import { compareDistance } from './xor-distance.ts'

export interface LookupOptions {
  /** How many contacts the lookup is to find, 1 to 100. Default 20. */
  readonly k?: number
  /** How many may be asked at a time before the lookup has converged, 1 to 1000. Default 10; the paper has 3. */
  readonly alpha?: number
  /** How many of the closest must have answered for it to have converged, 1 to k. Default 3, or k if that is less. */
  readonly resiliency?: number
  /** A bound on all that are asked, so that liars who always know somebody closer come to an end. Default 10 k. */
  readonly maxAsked?: number
}

interface Candidate {
  readonly contact: Contact
  /** How long the way to it was: 1 = known at the start. */
  readonly hops: number
  state: 'heard' | 'asked' | 'answered' | 'failed'
}

export class IterativeLookup {
  readonly target: Id
  readonly #k: number
  readonly #alpha: number
  readonly #resiliency: number
  readonly #maxAsked: number
  /** The closest to the target first. */
  readonly #candidates: Candidate[] = []
  #asked = 0
  #waiting = 0

  constructor(target: Id, known: readonly Contact[], options: LookupOptions = {}) {
    const { k = 20, alpha = 10, resiliency = Math.min(3, k), maxAsked = 10 * k } = options
    this.target = target
    this.#k = checkInteger('k', k, { min: 1, max: 100 })
    this.#alpha = checkInteger('alpha', alpha, { min: 1, max: 1000 })
    this.#resiliency = checkInteger('resiliency', resiliency, { min: 1, max: k })
    this.#maxAsked = checkInteger('maxAsked', maxAsked, { min: 1, max: Number.MAX_SAFE_INTEGER })
    this.#add(known, 1)
  }

  /** How many contacts were asked so far. */
  get asked(): number {
    return this.#asked
  }

  /** Whether the k closest that were seen have all answered. */
  get isOver(): boolean {
    return this.#closestSeen().every(({ state }) => state === 'answered')
  }

  /** The k closest that answered, or fewer where there are no more; the closest first. */
  get closest(): Contact[] {
    return this.#answered().map(({ contact }) => contact)
  }

  /** The length of the way to the closest that answered: 1 = it was known at the start, 0 = nobody answered. */
  get hops(): number {
    return this.#answered()[0]?.hops ?? 0
  }

  /** Whom to ask now. They count as asked; each must later be given to `answered` or `failed`. */
  next(): Contact[] {
    const closest = this.#closestSeen()
    const limit = closest.slice(0, this.#resiliency).every(({ state }) => state === 'answered') ? this.#k : this.#alpha
    const chosen: Contact[] = []
    for (const candidate of closest) {
      if (this.#waiting >= limit) break
      if (candidate.state !== 'heard') continue
      candidate.state = 'asked'
      this.#asked++
      this.#waiting++
      chosen.push(candidate.contact)
      if (this.#asked >= this.#maxAsked) break
    }
    return chosen
  }

  /** The contact answered, and told of these. */
  answered(contact: Contact, told: readonly Contact[]): void {
    this.#add(told, this.#settle(contact, 'answered').hops + 1)
  }

  /** The contact did not answer in time, or not as it should. */
  failed(contact: Contact): void {
    this.#settle(contact, 'failed')
  }

  #settle(contact: Contact, state: 'answered' | 'failed'): Candidate {
    const candidate = this.#candidates.find((each) => each.state === 'asked' && sameContact(each.contact, contact))
    if (candidate === undefined) {
      throw new Error(`lookup: address ${contact.address} was not asked; settle each contact of next() once`)
    }
    candidate.state = state
    this.#waiting--
    return candidate
  }

  /** The k closest that have not failed. Past the bound those that were only heard of do not count either. */
  #closestSeen(): Candidate[] {
    const isSpent = this.#asked >= this.#maxAsked
    return firstOf(this.#candidates, this.#k, ({ state }) => state !== 'failed' && !(isSpent && state === 'heard'))
  }

  #answered(): Candidate[] {
    return firstOf(this.#candidates, this.#k, ({ state }) => state === 'answered')
  }

  #add(contacts: readonly Contact[], hops: number): void {
    for (const contact of contacts) {
      const at = this.#placeOf(contact)
      if (at >= 0) this.#candidates.splice(at, 0, { contact, hops, state: 'heard' })
    }
  }

  /** Where the contact belongs in the order, or -1 if it is there: the same id at another address is another contact. */
  #placeOf({ id, address }: Contact): number {
    let low = 0
    for (let high = this.#candidates.length; low < high;) {
      const middle = (low + high) >> 1
      if (compareDistance(this.target, this.#candidates[middle]!.contact.id, id) < 0) low = middle + 1
      else high = middle
    }
    for (; low < this.#candidates.length; low++) {
      const { contact } = this.#candidates[low]!
      if (compareDistance(this.target, contact.id, id) !== 0) return low
      if (contact.address === address) return -1
    }
    return low
  }
}

function firstOf<T>(items: readonly T[], count: number, isWanted: (item: T) => boolean): T[] {
  const found: T[] = []
  for (let i = 0; i < items.length && found.length < count; i++) if (isWanted(items[i]!)) found.push(items[i]!)
  return found
}
