/**
 * What a Chord node knows of the ring: who comes before it, who comes behind it, several deep so that some may crash,
 * and fingers half the ring away, a quarter, an eighth … With them each hop halves the way that is left.
 *
 * Stoica et al. 2001, sections 4.3 and 5.2. Simplified: fingers whose ids are not behind the successor are not kept, as
 * they are the successor itself.
 */
import { checkInteger } from '../../core/errors.ts'
import { sameContact, sameId, type Contact, type Id } from '../contact.ts'
import { addPowerOfTwo, compareIds, isBetween, isStrictlyBetween } from './ring-interval.ts'

/** What one node can say of the way to the owner of an id, which is the first node at or behind it. */
export interface ChordRoute {
  /** Nodes between this one and the id, the closest to the id first: they know the way better. */
  readonly closer: readonly Contact[]
  /** Nodes at or behind the id, the nearest first: the first that is there owns it, if nobody is closer. */
  readonly owners: readonly Contact[]
}

export class ChordTable {
  readonly self: Contact
  predecessor: Contact | undefined = undefined
  readonly #length: number
  /** The nearest first; without this node itself. Empty = it is alone, as far as it knows. */
  #successors: readonly Contact[] = []
  /** By exponent: the owner of the id that is 2 to the exponent behind this node. */
  readonly #fingers = new Map<number, Contact>()

  /** @param length how many successors to know, 1 to 100 */
  constructor(self: Contact, length: number) {
    this.self = self
    this.#length = checkInteger('successors', length, { min: 1, max: 100 })
  }

  get successors(): readonly Contact[] {
    return this.#successors
  }

  /** From the farthest finger to the nearest. */
  get fingers(): readonly Contact[] {
    return [...this.#fingers].sort(([a], [b]) => b - a).map(([, contact]) => contact)
  }

  /** Takes over a list of successors, the nearest first; what does not fit is dropped, and this node itself too. */
  setSuccessors(contacts: readonly Contact[]): void {
    const successors: Contact[] = []
    for (const contact of contacts) {
      if (successors.length === this.#length || sameId(contact.id, this.self.id)) break
      if (!successors.some(({ id }) => sameId(id, contact.id))) successors.push(contact)
    }
    this.#successors = successors
  }

  setFinger(exponent: number, contact: Contact): void {
    if (!sameId(contact.id, this.self.id)) this.#fingers.set(exponent, contact)
  }

  /** Somebody says that it comes before this node. It is believed if it is nearer than who did so far. */
  notify(contact: Contact): void {
    const { id } = this.self
    const nearer = this.predecessor === undefined || isStrictlyBetween(contact.id, this.predecessor.id, id)
    if (nearer && !sameId(contact.id, id)) this.predecessor = contact
  }

  /** Forgets a contact that failed. When no successor is left, the nearest that is known takes over. */
  remove(contact: Contact): void {
    if (this.predecessor !== undefined && sameContact(this.predecessor, contact)) this.predecessor = undefined
    for (const [exponent, finger] of this.#fingers) if (sameContact(finger, contact)) this.#fingers.delete(exponent)
    this.#successors = this.#successors.filter((each) => !sameContact(each, contact))
    if (this.#successors.length === 0) this.setSuccessors(this.fingers.slice(-1))
  }

  /** What this node can say of the way to the owner of an id. */
  route(target: Id): ChordRoute {
    const { self, predecessor } = this
    const isOwn = predecessor !== undefined && isBetween(target, predecessor.id, self.id)
    if (isOwn || this.#successors.length === 0) return { closer: [], owners: [self] }
    const isBefore = ({ id }: Contact): boolean => isStrictlyBetween(id, self.id, target)
    const closer = clockwiseFrom(target, [...this.fingers, ...this.#successors].filter(isBefore)).reverse()
    const owners = this.#successors.filter((contact) => !isBefore(contact))
    return { closer: closer.slice(0, this.#length), owners }
  }

  /**
   * Takes everything from a list of all nodes, sorted by id: as if the ring had been stable for long. For beginnings in
   * which nobody has to join first.
   */
  fill(ring: readonly Contact[]): void {
    const at = indexOfOwner(ring, this.self.id)
    const [owner, successor] = [ring[at], ring[(at + 1) % ring.length]!]
    if (owner === undefined || !sameId(owner.id, this.self.id)) {
      throw new RangeError('the ring does not contain the node itself; add its contact to the list')
    }
    const behind = Array.from({ length: this.#length }, (_, i) => ring[(at + 1 + i) % ring.length]!)
    this.setSuccessors(behind)
    if (this.#successors.length === 0) return
    this.predecessor = ring.at(at - 1)
    for (let exponent = 8 * this.self.id.length - 1; exponent >= 0; exponent--) {
      const start = addPowerOfTwo(this.self.id, exponent)
      if (isBetween(start, this.self.id, successor.id)) return
      this.setFinger(exponent, ownerIn(ring, start))
    }
  }
}

/** Each once, in the order in which one meets them going clockwise from the target, the target itself included. */
export function clockwiseFrom(target: Id, contacts: readonly Contact[]): Contact[] {
  const isPast = ({ id }: Contact): number => (compareIds(id, target) < 0 ? 1 : 0) // past the highest id, that is
  return contacts
    .filter((contact, i) => contacts.findIndex((each) => sameContact(each, contact)) === i)
    .sort((a, b) => isPast(a) - isPast(b) || compareIds(a.id, b.id))
}

/** The owner of an id among all nodes, which are sorted by id: the first at or behind it. */
export function ownerIn(ring: readonly Contact[], target: Id): Contact {
  return ring[indexOfOwner(ring, target)]!
}

function indexOfOwner(ring: readonly Contact[], target: Id): number {
  let low = 0
  for (let high = ring.length; low < high;) {
    const middle = (low + high) >> 1
    if (compareIds(ring[middle]!.id, target) < 0) low = middle + 1
    else high = middle
  }
  return low % ring.length
}
