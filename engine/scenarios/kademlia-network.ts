/**
 * What a Kademlia network is before anything happens in it: who has which id, whom each node knows, who lies. All of it
 * follows from the seed.
 */
import type { Address } from '../core/address.ts'
import type { Message } from '../core/data.ts'
import { deriveStream } from '../core/random.ts'
import { pass, replace, type Rule } from '../core/rules.ts'
import { compareIds } from '../protocols/chord/ring-interval.ts'
import { idOf, type Contact, type Id } from '../protocols/contact.ts'
import type { KademliaRequest, Nodes } from '../protocols/kademlia/kademlia-messages.ts'
import { commonPrefixLength, compareDistance } from '../protocols/kademlia/xor-distance.ts'

/** The nodes of the network by number. They are numbered in the order of their ids: neighbors share long prefixes. */
export function kademliaContacts(seed: number, size: number, idBytes: number): readonly Contact[] {
  const ids = Array.from({ length: size }, (_, node) => idOf(`node ${seed}/${node}`, idBytes)).sort(compareIds)
  return ids.map((id, node) => ({ id, address: node as Address }))
}

/** The id that goes by this number in a run. */
export function keyOf(seed: number, key: number, idBytes: number): Id {
  return idOf(`key ${seed}/${key}`, idBytes)
}

/**
 * A table as full as it can be: in each bucket k random nodes of its range, or all where there are fewer; those that are
 * far come first. So tables are in a network that has run for long.
 */
export function fullTable(contacts: readonly Contact[], node: number, k: number, seed: number): Contact[] {
  const random = deriveStream(seed, 'table', node)
  const self = contacts[node]!.id
  const known: Contact[] = []
  // The nodes that share a prefix with this one stand in a row. The next bit parts them in two: those that share it as
  // well, and the range of a bucket.
  for (let [low, high, bit] = [0, contacts.length, 0]; high - low > 1; bit++) {
    const parting = partingAt(contacts, low, high, bit)
    const isSet = isBitSet(self, bit)
    known.push(...random.sample(isSet ? contacts.slice(low, parting) : contacts.slice(parting, high), k))
    if (isSet) low = parting
    else high = parting
  }
  return known
}

/** How the answers of liars are false. */
export type Lie = 'ghosts' | 'garbage'

/**
 * Nodes that answer, but not the truth: what they know goes out of the network changed. With `garbage` no answer is
 * well-formed. With `ghosts` each is, and names, beside what is true, contacts that nobody can beat: ids right next to
 * the target, at an address where nobody is and at one where somebody else is; and the node that asks, as it is and
 * under another id.
 */
export class LyingRule implements Rule {
  readonly name = 'lie'
  readonly #contacts: readonly Contact[]
  readonly #liars: ReadonlySet<number>
  readonly #lie: Lie
  /** What a liar was asked for, by the request's id. */
  readonly #targets = new Map<number, Id>()
  #lies = 0

  constructor(contacts: readonly Contact[], liars: ReadonlySet<number>, lie: Lie) {
    this.#contacts = contacts
    this.#liars = liars
    this.#lie = lie
  }

  judge({ from, to, message }: { readonly from: number; readonly to: number; readonly message: Message }) {
    if (message.type === 'find-node' && this.#liars.has(to)) {
      const { requestId, target } = message as KademliaRequest & { readonly target: Id }
      this.#targets.set(requestId, target)
    }
    if (message.type !== 'nodes' || !this.#liars.has(from)) return pass
    return replace(this.#lie === 'garbage' ? this.#garbage(message as Reply) : this.#ghosts(message as Reply, to))
  }

  #ghosts(reply: Reply, asker: number): Message {
    const target = this.#targets.get(reply.replyTo)
    const known: readonly Contact[] = Array.isArray(reply.contacts) ? (reply.contacts as readonly Contact[]) : []
    if (target === undefined) return reply
    const far = this.#contacts.reduce((a, b) => (compareDistance(target, a.id, b.id) > 0 ? a : b))
    const self = this.#contacts[asker]!
    const nobody = this.#contacts.length as Address
    const ghosts: Contact[] = [
      self,
      { id: nextTo(target, 1), address: nobody },
      { id: nextTo(target, 2), address: far.address },
      { id: nextTo(target, 3), address: self.address },
    ]
    return { ...reply, contacts: [...ghosts, ...known] } as Message
  }

  /** Each time another field is wrong. */
  #garbage(reply: Reply): Message {
    const { sender } = reply
    const [first, second] = this.#contacts as [Contact, Contact]
    const wrong = [
      { contacts: null },
      { contacts: { length: 1 } },
      { contacts: [null] },
      { contacts: [{ id: first.id.subarray(1), address: 0 }] },
      { contacts: [{ id: Array.from(first.id), address: 0 }] },
      { contacts: [{ id: first.id, address: -1 }] },
      { contacts: [{ id: second.id, address: 0.5 }] },
      { contacts: [{ id: second.id }] },
      { sender: sender.subarray(1) },
      { sender: null },
      { type: 'pong' },
    ]
    return { ...reply, ...wrong[this.#lies++ % wrong.length] } as unknown as Message
  }
}

type Reply = Nodes & { readonly replyTo: number; readonly sender: Id }

/** The first of these contacts, sorted by id, whose id has this bit set; `high` where none has. */
function partingAt(contacts: readonly Contact[], from: number, high: number, bit: number): number {
  let low = from
  for (let end = high; low < end;) {
    const middle = (low + end) >> 1
    if (isBitSet(contacts[middle]!.id, bit)) end = middle
    else low = middle + 1
  }
  return low
}

function isBitSet(id: Id, bit: number): boolean {
  return ((id[bit >> 3]! << (bit & 7)) & 0x80) !== 0
}

/** An id that differs from the target in its last bits only. */
function nextTo(target: Id, difference: number): Id {
  const id = target.slice()
  id[id.length - 1] = id.at(-1)! ^ difference
  return id
}

/** How many leading bits of two ids agree, as a share of those that do at the goal. */
export function progressTo(target: Id, goal: Id, id: Id): number {
  const bits = commonPrefixLength(target, goal)
  return bits === 0 ? 1 : Math.min(commonPrefixLength(target, id) / bits, 1)
}
