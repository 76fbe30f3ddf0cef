import { checkInteger, checkNumber } from '../../core/errors.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import type { RequestsOptions } from '../../layers/requests.ts'
import type { Contact, Id } from '../contact.ts'
import { maxContacts } from './kademlia-messages.ts'

const minute: Millis = 60_000
const hour: Millis = 60 * minute

/** What nodes of one network should agree on. The defaults are {@link libp2pKademlia}. */
export interface KademliaConstants {
  /** Contacts in a bucket, contacts that a lookup finds, and nodes that keep a record: 1 to 100. */
  readonly k: number
  /** How many nodes a lookup asks at a time, 1 to 1000. */
  readonly alpha: number
  /** How many of the closest must have answered before a lookup asks the rest of the k closest at once; k if that is less. */
  readonly resiliency: number
  /** How often the node looks itself and an id in each bucket up, to find who is new; 0 = never. */
  readonly refreshInterval: Millis
  /** How often the node stores again what it provides, over 0. */
  readonly republishInterval: Millis
  /** How long a node keeps a record that is not stored again. */
  readonly expiry: Millis
  /** For how long a contact that was heard of is not asked whether it is still there, when it stands in the way of another. */
  readonly questionableAfter: Millis
}

export interface KademliaOptions extends Partial<KademliaConstants>, RequestsOptions {
  /** The node's own id. Its length, in bytes, is that of all ids in this network. */
  readonly id: Id
  /** Whom the node knows from the start, beside its host's neighbors: as if it had met them. Default: nobody. */
  readonly contacts?: readonly Contact[]
  /** How many provider records and how many values a node keeps for others, 0 to 1,000,000 each. Default 10,000. */
  readonly maxRecords?: number
}

/** Options with nothing left out. */
export type KademliaSettings = Required<Omit<KademliaOptions, keyof RequestsOptions>> & RequestsOptions

/** Fills the defaults in; throws for what is out of range. */
export function kademliaSettings(options: KademliaOptions): KademliaSettings {
  const settings = { ...libp2pKademlia, contacts: [], maxRecords: 10_000, ...options }
  const k = checkInteger('k', settings.k, { min: 1, max: maxContacts })
  checkInteger('alpha', settings.alpha, { min: 1, max: 1000 })
  checkInteger('resiliency', settings.resiliency, { min: 1, max: 1000 })
  checkNumber('refreshInterval', settings.refreshInterval, { min: 0, max: maxMillis })
  checkNumber('republishInterval', settings.republishInterval, { min: 1, max: maxMillis })
  checkNumber('expiry', settings.expiry, { min: 0, max: maxMillis })
  checkInteger('maxRecords', settings.maxRecords, { min: 0, max: 1_000_000 })
  return { ...settings, resiliency: Math.min(settings.resiliency, k) }
}

/**
 * libp2p/specs kad-dht (k, alpha, republish interval and expiry) and go-libp2p-kad-dht (resiliency, refresh interval).
 * Both leave open when a full bucket doubts a contact; here, when it was silent for a whole refresh interval. The paper has
 * alpha 3, asks each time (questionableAfter 0) and refreshes once in an hour.
 */
export const libp2pKademlia: KademliaConstants = {
  k: 20,
  alpha: 10,
  resiliency: 3,
  refreshInterval: 10 * minute,
  republishInterval: 22 * hour,
  expiry: 48 * hour,
  questionableAfter: 10 * minute,
}

/** What BEP 5 (BitTorrent) sets in another way. Its ids have {@link bep5IdBytes}; its tokens are in store-tokens.ts. */
export const bep5Kademlia: Pick<KademliaConstants, 'k' | 'refreshInterval' | 'questionableAfter'> = {
  k: 8,
  refreshInterval: 15 * minute,
  questionableAfter: 15 * minute,
}

/** 160 bits. */
export const bep5IdBytes = 20
