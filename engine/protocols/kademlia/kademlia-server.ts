/**
 * What a Kademlia node does for others: it tells whom it knows close to an id, and keeps provider records and values for
 * a while. Of a value it keeps what its hash names, so nobody can store something else in its place; of a provider only
 * that it said so itself, which is as much as there is to know.
 *
 * libp2p/specs kad-dht, "Content provider advertisement and discovery"; BEP 5 for tokens, BEP 44 for values.
 */
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import { idOf, sameContact, type Contact, type Id } from '../contact.ts'
import { ExpiringRecords } from './expiring-records.ts'
import type { AddProvider, Answer, Find, Nodes, PutValue, Question } from './kademlia-messages.ts'
import type { RoutingTable } from './routing-table.ts'
import { StoreTokens } from './store-tokens.ts'

export interface KademliaServerOptions {
  /** Contacts in an answer. */
  readonly k: number
  /** How long a record is kept. */
  readonly expiry: Millis
  /** Provider records kept at most, and values. */
  readonly maxRecords: number
}

export class KademliaServer {
  readonly #host: Host<never>
  readonly #table: RoutingTable
  readonly #options: KademliaServerOptions
  readonly #tokens: StoreTokens
  readonly #providers: ExpiringRecords<Contact>
  readonly #values: ExpiringRecords<Uint8Array>

  constructor(host: Host<never>, table: RoutingTable, options: KademliaServerOptions) {
    this.#host = host
    this.#table = table
    this.#options = options
    this.#tokens = new StoreTokens(host)
    this.#providers = new ExpiringRecords(options.maxRecords)
    this.#values = new ExpiringRecords(options.maxRecords)
  }

  /** The answer to a question. Why something was refused is in a report. */
  answer(from: Contact, question: Question): Answer {
    if (question.type === 'ping') return { type: 'pong' }
    if (question.type === 'add-provider' || question.type === 'put-value') return this.#store(from, question)
    return this.#find(from, question)
  }

  /** The providers that this node keeps under the id. */
  providersOf(id: Id): Contact[] {
    return this.#providers.get(id, this.#host.now)
  }

  /** The value that this node keeps under the id. */
  valueOf(id: Id): Uint8Array | undefined {
    return this.#values.get(id, this.#host.now)[0]
  }

  #find(from: Contact, { type, target }: Find): Nodes {
    // One more than needed: who asks knows itself.
    const closest = this.#table.closest(target, this.#options.k + 1).filter((contact) => !sameContact(contact, from))
    const contacts = closest.slice(0, this.#options.k)
    const nodes: Nodes = { type: 'nodes', contacts, token: this.#tokens.issue(from.address) }
    if (type === 'get-providers') return { ...nodes, providers: this.providersOf(target).slice(-this.#options.k) }
    const value = type === 'get-value' ? this.valueOf(target) : undefined
    return value === undefined ? nodes : { ...nodes, value }
  }

  #store(from: Contact, question: AddProvider | PutValue): Answer {
    if (!this.#tokens.accepts(from.address, question.token)) return this.#refuse(from, 'bad-token')
    const expires = this.#host.now + this.#options.expiry
    this.#providers.prune(this.#host.now)
    this.#values.prune(this.#host.now)
    const isKept =
      question.type === 'add-provider'
        ? this.#providers.set(question.target, from.address, from, expires)
        : this.#values.set(idOf(question.value, from.id.length), '', question.value, expires)
    return isKept ? { type: 'stored' } : this.#refuse(from, 'store-full')
  }

  #refuse(from: Contact, why: 'bad-token' | 'store-full'): Answer {
    this.#host.report(why, { from: from.address })
    return { type: 'refused' }
  }
}
