/**
 * What a Kademlia node knows of the others: for each length of the common prefix with its own id one bucket of up to k
 * contacts, so much of its own neighborhood and little of what is far. Who has been there for long stays: an old contact
 * gives way only when it does not answer any more.
 *
 * Maymounkov and Mazières 2002, sections 2.2 and 2.4. The buckets are fixed, one for each of the id's bits, as in
 * libp2p's specification; the paper splits one bucket again and again instead, and gets the same contacts but for those
 * that are closest to the node itself. Simplified: no replacement cache.
 */
import { checkInteger, checkNumber } from '../../core/errors.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { sameContact, sameId, type Contact, type Id } from '../contact.ts'
import { closestContacts, commonPrefixLength } from './xor-distance.ts'

/** A contact in a bucket. */
export interface BucketEntry {
  readonly contact: Contact
  readonly lastSeen: Millis
}

/** Up to k contacts, the least recently seen first. */
export class KBucket {
  readonly #k: number
  readonly #entries: BucketEntry[] = []

  /** @param k 1 to 100 */
  constructor(k: number) {
    this.#k = checkInteger('k', k, { min: 1, max: 100 })
  }

  get contacts(): Contact[] {
    return this.#entries.map(({ contact }) => contact)
  }

  /**
   * Notes a sign of life. Undefined when the contact is now the most recently seen one; otherwise it is not in the
   * bucket, and the result is who stands in its way: the least recently seen, or who has the same id at another address.
   */
  seen(contact: Contact, now: Millis): BucketEntry | undefined {
    const at = this.#entries.findIndex((entry) => sameId(entry.contact.id, contact.id))
    const known = this.#entries[at]
    if (known !== undefined && known.contact.address !== contact.address) return known
    if (known === undefined && this.#entries.length >= this.#k) return this.#entries[0]
    if (known !== undefined) this.#entries.splice(at, 1)
    this.#entries.push({ contact: known?.contact ?? contact, lastSeen: now })
    return undefined
  }

  /** False when the contact was not there. */
  remove(contact: Contact): boolean {
    const at = this.#entries.findIndex((entry) => sameContact(entry.contact, contact))
    if (at >= 0) this.#entries.splice(at, 1)
    return at >= 0
  }
}

export interface RoutingTableOptions {
  /** Contacts in a bucket, 1 to 100. Default 20, as in the paper and in libp2p. */
  readonly k?: number
  /**
   * For how long a contact that was heard of is trusted to be there; within this time no newcomer makes the node ask.
   * Default 0, as in the paper: it is asked each time. BEP 5 has 15 minutes.
   */
  readonly questionableAfter?: Millis
}

export class RoutingTable {
  readonly self: Id
  readonly #k: number
  readonly #questionableAfter: Millis
  /** By the length of the common prefix with the own id. Those that never had a contact are missing. */
  readonly #buckets: (KBucket | undefined)[] = []

  constructor(self: Id, { k = 20, questionableAfter = 0 }: RoutingTableOptions = {}) {
    this.self = self
    this.#k = checkInteger('k', k, { min: 1, max: 100 })
    this.#questionableAfter = checkNumber('questionableAfter', questionableAfter, { min: 0, max: maxMillis })
  }

  /** How many buckets there are, up to the one closest to the own id that ever had a contact. */
  get depth(): number {
    return this.#buckets.length
  }

  get contacts(): Contact[] {
    return this.#buckets.flatMap((bucket) => bucket?.contacts ?? [])
  }

  /** The contacts whose ids share just this many leading bits with the own id, the least recently seen first. */
  bucket(prefixLength: number): Contact[] {
    return this.#buckets[prefixLength]?.contacts ?? []
  }

  /**
   * Notes that a contact gave a sign of life. It becomes the most recently seen of its bucket, or, when there is no room,
   * nothing changes. Then, if it is time to doubt who stands in its way, that contact is returned: ping it, and if it
   * does not answer, remove it and call this again.
   */
  seen(contact: Contact, now: Millis): Contact | undefined {
    const index = commonPrefixLength(this.self, contact.id)
    if (index === 8 * this.self.length) return undefined // it is this node itself, or says so
    for (let i = this.#buckets.length; i <= index; i++) this.#buckets.push(undefined)
    const rival = (this.#buckets[index] ??= new KBucket(this.#k)).seen(contact, now)
    if (rival === undefined || now - rival.lastSeen < this.#questionableAfter) return undefined
    return rival.contact
  }

  /** Forgets a contact. False when it was not there. */
  remove(contact: Contact): boolean {
    return this.#buckets[commonPrefixLength(this.self, contact.id)]?.remove(contact) ?? false
  }

  /**
   * Up to `count` known contacts, the closest to the target first. Buckets need no comparing with each other: where the
   * target differs from the own id for the first time, in bit p, all of bucket p agree with the target and so are closer
   * than any other. The buckets behind p differ from the target in bit p first, in all alike; bucket p - 1 one bit
   * sooner, and so on.
   */
  closest(target: Id, count: number): Contact[] {
    const p = commonPrefixLength(this.self, target)
    const found = closestContacts(this.bucket(p), target, count)
    if (found.length < count) {
      const behind = this.#buckets.slice(p + 1).flatMap((bucket) => bucket?.contacts ?? [])
      found.push(...closestContacts(behind, target, count - found.length))
    }
    for (let i = Math.min(p, this.#buckets.length) - 1; i >= 0 && found.length < count; i--) {
      found.push(...closestContacts(this.bucket(i), target, count - found.length))
    }
    return found
  }
}
