import {
  isRequest,
  Requests,
  type Address,
  type Command,
  type Host,
  type Message,
  type Millis,
  type Protocol,
  type ReplyMessage,
  type RequestMessage,
} from '@peerlab/engine/lab'

/** The place of a node or a key: bytes, the most significant first. All ids of a network have the same length. */
export type Id = Uint8Array

/** A node as others know it. The same id at another address is another contact. */
export interface Contact {
  readonly id: Id
  readonly address: Address
}

/** The command that starts a lookup: find the k nodes closest to the target. */
export interface StartLookup extends Command {
  readonly type: 'lookup'
  readonly target: Id
}

/** "Are you there?" */
export interface Ping extends RequestMessage {
  readonly type: 'ping'
  /** The id of who asks. */
  readonly sender: Id
}

/** "Whom do you know that is close to this id?" */
export interface FindNode extends RequestMessage {
  readonly type: 'find-node'
  readonly sender: Id
  readonly target: Id
}

/** "I am." `replyTo` is the requestId of the ping. */
export interface Pong extends ReplyMessage {
  readonly type: 'pong'
  /** The id of who answers. */
  readonly sender: Id
}

/** The k closest to the target that the sender knows, without who asked. A message carries at most 100. */
export interface Nodes extends ReplyMessage {
  readonly type: 'nodes'
  readonly sender: Id
  readonly contacts: readonly Contact[]
}

export type KademliaMessage = Ping | FindNode | Pong | Nodes

/** What is given to Requests.ask, which adds the requestId. */
export type Question = Omit<Ping, 'requestId'> | Omit<FindNode, 'requestId'>

export interface KademliaOptions {
  /** The node's own id. */
  readonly id: Id
  /** Contacts in a bucket, in an answer, and in what a lookup finds. */
  readonly k: number
  /** How many nodes a lookup asks at a time. */
  readonly alpha: number
  /** Whom the node knows from the start, in the order in which it met them: at most k in each bucket. */
  readonly contacts: readonly Contact[]
  /** How long one attempt waits for its reply; for Requests. */
  readonly timeout: Millis
  /** How often a request is sent before it has failed; for Requests. */
  readonly attempts: number
}

export function sameId(a: Id, b: Id): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

export function sameContact(a: Contact, b: Contact): boolean {
  return a.address === b.address && sameId(a.id, b.id)
}

/** For reports. */
export function toHex(id: Id): string {
  return Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** How far two ids are apart. */
export function xorDistance(a: Id, b: Id): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!)
}

/** Negative when `a` is closer to the target than `b`, positive when it is farther, 0 when they are the same. */
export function compareDistance(target: Id, a: Id, b: Id): number {
  for (let i = 0; i < target.length; i++) {
    const difference = (a[i]! ^ target[i]!) - (b[i]! ^ target[i]!)
    if (difference !== 0) return difference
  }
  return 0
}

/** How many leading bits two ids share: the number of the bucket. */
export function commonPrefixLength(a: Id, b: Id): number {
  const byte = a.findIndex((each, i) => each !== b[i])
  return byte < 0 ? 8 * a.length : 8 * byte + Math.clz32(a[byte]! ^ b[byte]!) - 24
}

/** Up to `count` of the contacts, the closest to the target first. */
export function closestContacts(contacts: readonly Contact[], target: Id, count: number): Contact[] {
  return contacts.toSorted((a, b) => compareDistance(target, a.id, b.id)).slice(0, count)
}

/** A contact in a lookup. */
interface Candidate extends Contact {
  state: 'heard' | 'asked' | 'answered' | 'failed'
}

export class Kademlia implements Protocol<KademliaMessage, StartLookup> {
  readonly #host: Host<KademliaMessage>
  readonly #options: KademliaOptions
  readonly #requests: Requests
  /** By the length of the common prefix with the own id; in each the least recently seen first. */
  readonly #buckets = new Map<number, Contact[]>()
  /** Who is asked whether it is still there. */
  readonly #doubted = new Set<Address>()

  constructor(host: Host<KademliaMessage>, options: KademliaOptions) {
    this.#host = host
    this.#options = options
    this.#requests = new Requests(host, options)
  }

  onStart(): void {
    for (const contact of this.#options.contacts) this.#seen(contact)
  }

  onCommand({ target }: StartLookup): void {
    const { k, alpha } = this.#options
    let candidates: Candidate[] = []
    let isOver = false
    const add = (contacts: readonly Contact[]): void => {
      const isNew = (contact: Contact): boolean => !candidates.some((each) => sameContact(each, contact))
      const heard = contacts.filter((contact) => !this.#isSelf(contact) && isNew(contact))
      const added = heard.map(({ id, address }): Candidate => ({ id, address, state: 'heard' }))
      candidates = closestContacts([...candidates, ...added], target, Infinity) as Candidate[]
    }
    const goOn = (): void => {
      const closest = candidates.filter(({ state }) => state !== 'failed').slice(0, k)
      let waiting = candidates.filter(({ state }) => state === 'asked').length
      for (const candidate of closest) {
        if (waiting >= alpha) break
        if (candidate.state !== 'heard') continue
        candidate.state = 'asked'
        waiting++
        this.#ask(candidate, { type: 'find-node', sender: this.#options.id, target }, this.#isNodes, (nodes) => {
          candidate.state = nodes === undefined ? 'failed' : 'answered'
          if (nodes !== undefined) add(nodes.contacts)
          goOn()
        })
      }
      if (isOver || !closest.every(({ state }) => state === 'answered')) return
      isOver = true
      this.#host.report('lookup', { target: toHex(target), closest: closest.map(({ address }) => address) })
    }
    add(this.#closest(target, k))
    goOn()
  }

  onMessage(from: Address, message: KademliaMessage): void {
    if (this.#requests.onMessage(from, message)) return
    const { id: sender, k } = this.#options
    if (!isRequest(message) || !this.#isId(message.sender)) {
      this.#host.report('malformed', { type: String(message.type) })
    } else if (message.type === 'ping') {
      this.#requests.reply(from, message, { type: 'pong', sender })
    } else if (message.type === 'find-node' && this.#isId(message.target)) {
      const asker = { id: message.sender, address: from }
      const others = this.#closest(message.target, k + 1).filter((contact) => !sameContact(contact, asker))
      this.#requests.reply(from, message, { type: 'nodes', sender, contacts: others.slice(0, k) })
      this.#seen(asker)
    } else {
      this.#host.report('malformed', { type: String(message.type) })
    }
  }

  onTimer(name: string): void {
    this.#requests.onTimer(name)
  }

  /** A contact gave a sign of life. */
  #seen(contact: Contact): void {
    if (this.#isSelf(contact)) return
    const bucket = this.#bucketOf(contact)
    const at = bucket.findIndex(({ id }) => sameId(id, contact.id))
    const [oldest] = bucket
    if (at >= 0) {
      if (bucket[at]!.address === contact.address) bucket.push(...bucket.splice(at, 1))
    } else if (oldest === undefined || bucket.length < this.#options.k) {
      bucket.push(contact)
    } else if (!this.#doubted.has(oldest.address)) {
      this.#doubted.add(oldest.address)
      this.#ask(oldest, { type: 'ping', sender: this.#options.id }, this.#isPong, (pong) => {
        this.#doubted.delete(oldest.address)
        if (pong === undefined) this.#seen(contact)
      })
    }
  }

  /** Asks a contact. Who does not answer, or answers under another id, is forgotten. */
  #ask<R extends Pong | Nodes>(
    contact: Contact,
    question: Question,
    isReply: (message: Message) => message is R,
    onDone: (reply: R | undefined) => void,
  ): void {
    this.#requests.ask(contact.address, question, isReply, (reply) => {
      const isThere = reply !== undefined && sameId(reply.sender, contact.id)
      if (isThere) this.#seen({ id: contact.id, address: contact.address })
      else this.#forget(contact)
      onDone(isThere ? reply : undefined)
    })
  }

  #forget(contact: Contact): void {
    const bucket = this.#bucketOf(contact)
    const at = bucket.findIndex((each) => sameContact(each, contact))
    if (at >= 0) bucket.splice(at, 1)
  }

  #bucketOf({ id }: Contact): Contact[] {
    const prefix = commonPrefixLength(this.#options.id, id)
    if (!this.#buckets.has(prefix)) this.#buckets.set(prefix, [])
    return this.#buckets.get(prefix)!
  }

  #closest(target: Id, count: number): Contact[] {
    return closestContacts([...this.#buckets.values()].flat(), target, count)
  }

  #isSelf({ id, address }: Contact): boolean {
    return address === this.#host.address || sameId(id, this.#options.id)
  }

  #isId(value: unknown): value is Id {
    return value instanceof Uint8Array && value.length === this.#options.id.length
  }

  readonly #isPong = (message: Message): message is Pong => {
    return message.type === 'pong' && this.#isId((message as Pong).sender)
  }

  readonly #isNodes = (message: Message): message is Nodes => {
    const { type, sender, contacts } = message as Partial<Nodes>
    if (type !== 'nodes' || !this.#isId(sender) || !Array.isArray(contacts) || contacts.length > 100) return false
    return contacts.every((contact: Partial<Contact> | null) => {
      const address: unknown = contact?.address
      return this.#isId(contact?.id) && Number.isInteger(address) && (address as number) >= 0
    })
  }
}
