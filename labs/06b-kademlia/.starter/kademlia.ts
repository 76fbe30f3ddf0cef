import {
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

// ── Given: what goes over the wire ─────────────────────────────────────────────────────────────────────────────────

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

// ── Yours: the distance, and what a node does ──────────────────────────────────────────────────────────────────────

/** How far two ids are apart: their exclusive or, byte by byte. */
export function xorDistance(a: Id, b: Id): Uint8Array {
  return new Uint8Array() // TODO
}

/** Negative when `a` is closer to the target than `b`, positive when it is farther, 0 when they are the same. */
export function compareDistance(target: Id, a: Id, b: Id): number {
  return 0 // TODO
}

/** How many leading bits two ids share, from 0 to all of them: the number of the bucket. */
export function commonPrefixLength(a: Id, b: Id): number {
  return 0 // TODO
}

/** Up to `count` of the contacts, the closest to the target first. */
export function closestContacts(contacts: readonly Contact[], target: Id, count: number): Contact[] {
  return [] // TODO
}

export class Kademlia implements Protocol<KademliaMessage, StartLookup> {
  readonly #host: Host<KademliaMessage>
  readonly #options: KademliaOptions
  /** Sends questions, again if need be, and calls you back with the reply, or with undefined when none came in time. */
  readonly #requests: Requests

  constructor(host: Host<KademliaMessage>, options: KademliaOptions) {
    this.#host = host
    this.#options = options
    this.#requests = new Requests(host, options)
  }

  onStart(): void {
    // TODO: options.contacts are the contacts that you know. Keep them in buckets.
  }

  onCommand({ target }: StartLookup): void {
    // TODO: ask the closest that you know, then the closest that you hear of, until the k closest have answered.
    // Then report it: this.#host.report('lookup', { target: toHex(target), closest: [their addresses] })
  }

  onMessage(from: Address, message: KademliaMessage): void {
    if (this.#requests.onMessage(from, message)) return // it was a reply, and whoever asked has been called back
    // TODO: answer with this.#requests.reply(from, message, { type, sender, … }), and note who asked.
  }

  onTimer(name: string): void {
    this.#requests.onTimer(name)
  }
}
