import type { Message } from '../../core/data.ts'
import { isRequest, type ReplyMessage, type RequestMessage } from '../../layers/requests.ts'
import { isContact, isContactList, isId, type Contact, type Id } from '../contact.ts'

/** "Who owns this id, or knows better?" The reply is a {@link RouteMessage}. */
export interface FindSuccessor extends Message {
  readonly type: 'find-successor'
  readonly target: Id
}

/** "Who is beside you?" The reply is {@link Neighbors}. "Are you there?" The reply is a pong. */
export interface PlainQuestion extends Message {
  readonly type: 'get-neighbors' | 'ping'
}

export type ChordQuestion = FindSuccessor | PlainQuestion

/** "I think that I come before you." No reply. */
export interface Notify extends Message {
  readonly type: 'notify'
  readonly sender: Id
}

export interface RouteMessage extends Message {
  readonly type: 'route'
  readonly closer: readonly Contact[]
  readonly owners: readonly Contact[]
}

export interface Neighbors extends Message {
  readonly type: 'neighbors'
  readonly predecessor: Contact | null
  readonly successors: readonly Contact[]
}

export interface ChordPong extends Message {
  readonly type: 'pong'
}

export type ChordAnswer = RouteMessage | Neighbors | ChordPong

/** As they are on the wire: each says the id of its sender. */
export type ChordRequest = ChordQuestion & RequestMessage & { readonly sender: Id }
export type ChordReply = ChordAnswer & ReplyMessage & { readonly sender: Id }
export type ChordMessage = ChordRequest | ChordReply | Notify

/** A message carries up to this many contacts. */
const maxContacts = 100

/** @param bytes the length of ids in this network */
export function isChordRequest(message: Message, bytes: number): message is ChordRequest {
  const { type, sender, target } = message as Partial<FindSuccessor & ChordRequest>
  if (!isRequest(message) || !isId(sender, bytes)) return false
  return type === 'find-successor' ? isId(target, bytes) : type === 'get-neighbors' || type === 'ping'
}

export function isNotify(message: Message, bytes: number): message is Notify {
  return message.type === 'notify' && isId((message as Partial<Notify>).sender, bytes)
}

/** Whether a message is a reply of the kind that a question of this type asks for, with every field in order. */
export function isChordAnswerTo(question: ChordQuestion, bytes: number): (message: Message) => message is ChordReply {
  return (message): message is ChordReply => {
    const { type, sender } = message as Partial<ChordReply>
    if (!isId(sender, bytes)) return false
    if (question.type === 'ping') return type === 'pong'
    if (question.type === 'get-neighbors') {
      const { predecessor, successors } = message as Partial<Neighbors>
      const isOrderly = predecessor === null || isContact(predecessor, bytes)
      return type === 'neighbors' && isOrderly && isContactList(successors, bytes, maxContacts)
    }
    const { closer, owners } = message as Partial<RouteMessage>
    const hasLists = isContactList(closer, bytes, maxContacts) && isContactList(owners, bytes, maxContacts)
    return type === 'route' && hasLists
  }
}
