import { maxAddress, type Address } from '../../core/address.ts'
import type { Command, Data, Message } from '../../core/data.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import type { Publish } from '../rumor.ts'

/** The topic of nodes and of commands that name none. */
export const defaultTopic = 'news'

/** Spreads a message from here, whether or not this node is subscribed to the topic. */
export interface PublishTo extends Publish {
  /** Default: {@link defaultTopic}. */
  readonly topic?: string
}

/** Joins or leaves a topic. */
export interface ChangeSubscription extends Command {
  readonly type: 'subscribe' | 'unsubscribe'
  readonly topic: string
}

export type GossipSubCommand = PublishTo | ChangeSubscription

/** "These are my topics": all of them, each time. The first one opens a connection. */
export interface Subscribe extends Message {
  readonly type: 'subscribe'
  readonly number: number
  /** The number with which this life of the sender began: a higher one says that it has restarted. */
  readonly born: number
  readonly topics: readonly string[]
}

/** "You are in my mesh of this topic, take me into yours." */
export interface Graft extends Message {
  readonly type: 'graft'
  readonly number: number
  readonly topic: string
}

/** "You are not in my mesh of this topic." */
export interface Prune extends Message {
  readonly type: 'prune'
  readonly number: number
  readonly topic: string
  /** How long the receiver is not to graft the sender. */
  readonly backoff: Millis
  /** Peer exchange: others in the topic that the receiver may connect to. */
  readonly peers: readonly Address[]
}

/** What must arrive: see ControlChannel. */
export type Control = Subscribe | Graft | Prune

/** "That control message has arrived." */
export interface Ack extends Message {
  readonly type: 'ack'
  readonly number: number
}

/** Lazy gossip: "I have lately seen these." */
export interface IHave extends Message {
  readonly type: 'ihave'
  readonly topic: string
  readonly ids: readonly string[]
}

/** "Send me these." */
export interface IWant extends Message {
  readonly type: 'iwant'
  readonly ids: readonly string[]
}

/** A message of the application: pushed along the mesh, or sent because it was wanted. */
export interface Publication extends Message {
  readonly type: 'publish'
  readonly topic: string
  readonly id: string
  readonly payload: Data
}

export type GossipSubMessage = Control | Ack | IHave | IWant | Publication

/** A peer with more topics than this is not believed. */
const maxTopics = 1000
/** Longer lists are no IHAVE, IWANT or PRUNE of this protocol. The limits that matter are lower: see the parameters. */
const maxListed = 10_000
const maxNameLength = 256

/** Whether a message is well formed. Peers lie: every field is checked. */
export function isGossipSubMessage(message: Message): message is GossipSubMessage {
  const fields = message as unknown as { readonly [field: string]: unknown }
  switch (message.type) {
    case 'subscribe':
      return isNumber(fields['number']) && isNumber(fields['born']) && isNames(fields['topics'], maxTopics)
    case 'graft':
      return isNumber(fields['number']) && isName(fields['topic'])
    case 'prune':
      return isPrune(fields)
    case 'ack':
      return isNumber(fields['number'])
    case 'ihave':
      return isName(fields['topic']) && isNames(fields['ids'], maxListed)
    case 'iwant':
      return isNames(fields['ids'], maxListed)
    case 'publish':
      return isName(fields['topic']) && isName(fields['id']) && fields['payload'] !== undefined
    default:
      return false
  }
}

function isPrune({ number, topic, backoff, peers }: { readonly [field: string]: unknown }): boolean {
  return (
    isNumber(number) &&
    isName(topic) &&
    typeof backoff === 'number' &&
    backoff >= 0 &&
    backoff <= maxMillis &&
    Array.isArray(peers) &&
    peers.length <= maxListed &&
    peers.every((peer) => isNumber(peer) && peer <= maxAddress)
  )
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxNameLength
}

function isNames(value: unknown, most: number): boolean {
  return Array.isArray(value) && value.length <= most && value.every(isName)
}
