import type { Message } from '../../core/data.ts'
import { isRequest, type ReplyMessage, type RequestMessage } from '../../layers/requests.ts'
import { isContactList, isId, type Contact, type Id } from '../contact.ts'

/** "Are you there?" The reply is a pong. */
export interface Ping extends Message {
  readonly type: 'ping'
}

/** "Whom do you know that is close to this id?" The reply is `nodes`; with what else is asked for, if it is there. */
export interface Find extends Message {
  readonly type: 'find-node' | 'get-providers' | 'get-value'
  readonly target: Id
}

/** "I provide this." The token is from the last `nodes` of the receiver. The reply is `stored` or `refused`. */
export interface AddProvider extends Message {
  readonly type: 'add-provider'
  readonly target: Id
  readonly token: Uint8Array
}

/** "Keep this; its id is its hash." The reply is `stored` or `refused`. */
export interface PutValue extends Message {
  readonly type: 'put-value'
  readonly value: Uint8Array
  readonly token: Uint8Array
}

export type Question = Ping | Find | AddProvider | PutValue

/** As it is on the wire: who asks says its id. */
export type KademliaRequest = Question & RequestMessage & { readonly sender: Id }

export interface Pong extends Message {
  readonly type: 'pong'
}

export interface Nodes extends Message {
  readonly type: 'nodes'
  /** The k closest to the target that the sender knows. */
  readonly contacts: readonly Contact[]
  /** Shows later that who stores something here really is at its address. */
  readonly token: Uint8Array
  /** In reply to get-providers. */
  readonly providers?: readonly Contact[]
  /** In reply to get-value, if it is there. */
  readonly value?: Uint8Array
}

export interface Stored extends Message {
  readonly type: 'stored'
}

/** "I do not keep that." The sender is there all the same, and no contact to be forgotten. */
export interface Refused extends Message {
  readonly type: 'refused'
}

export type Answer = Pong | Nodes | Stored | Refused

/** As it is on the wire: who answers says its id. */
export type KademliaReply = Answer & ReplyMessage & { readonly sender: Id }

export type KademliaMessage = KademliaRequest | KademliaReply

/** Values of up to this many bytes are kept, as in BEP 44: a table of pointers, no file store. */
export const maxValueBytes = 1000

/** A message carries up to this many contacts, whatever the k of its sender. */
export const maxContacts = 100

/** @param bytes the length of ids in this network */
export function isKademliaRequest(message: Message, bytes: number): message is KademliaRequest {
  if (!isRequest(message)) return false
  const { type, sender, target, token, value } = message as unknown as { readonly [field: string]: unknown }
  if (!isId(sender, bytes)) return false
  if (type === 'ping') return true
  if (type === 'find-node' || type === 'get-providers' || type === 'get-value') return isId(target, bytes)
  if (type === 'add-provider') return isId(target, bytes) && isBytes(token)
  return type === 'put-value' && isBytes(value) && isBytes(token)
}

/** Whether a message is a reply of the kind that the question asks for, with every field in order. */
export function isAnswerTo(question: Question, bytes: number): (message: Message) => message is KademliaReply {
  return (message): message is KademliaReply => {
    const { type, sender } = message as Partial<KademliaReply>
    if (!isId(sender, bytes)) return false
    if (question.type === 'ping') return type === 'pong'
    if (question.type === 'add-provider' || question.type === 'put-value')
      return type === 'stored' || type === 'refused'
    const { contacts, token, providers = [], value } = message as Partial<Nodes>
    const hasLists = isContactList(contacts, bytes, maxContacts) && isContactList(providers, bytes, maxContacts)
    return type === 'nodes' && hasLists && isBytes(token) && (value === undefined || isBytes(value))
  }
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length <= maxValueBytes
}
