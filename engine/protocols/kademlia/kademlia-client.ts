/**
 * How a Kademlia node talks to others: it asks, notes who is there and who is not, and walks towards an id. Every message
 * that it gets keeps its routing table fresh; so tables cost few messages of their own.
 *
 * Maymounkov and Mazières 2002, sections 2.2 and 2.3.
 */
import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { Requests } from '../../layers/requests.ts'
import { sameId, type Contact, type Id } from '../contact.ts'
import { IterativeLookup, type LookupOptions } from './iterative-lookup.ts'
import { isAnswerTo, type Find, type KademliaReply, type Nodes, type Question } from './kademlia-messages.ts'
import type { RoutingTable } from './routing-table.ts'

export interface KademliaClientOptions extends LookupOptions {
  readonly id: Id
  readonly k: number
}

export class KademliaClient {
  readonly #host: Host<never>
  readonly #table: RoutingTable
  readonly #requests: Requests
  readonly #options: KademliaClientOptions
  /** Where it has asked whether somebody is still there. */
  readonly #doubted = new Set<Address>()

  constructor(host: Host<never>, table: RoutingTable, requests: Requests, options: KademliaClientOptions) {
    this.#host = host
    this.#table = table
    this.#requests = requests
    this.#options = options
  }

  /** Notes that a contact is there. It may take the place of an old one, if that does not answer any more. */
  seen(contact: Contact): void {
    const rival = this.#table.seen(contact, this.#host.now)
    if (rival === undefined || this.#doubted.has(rival.address)) return
    this.#doubted.add(rival.address)
    this.ask(rival, { type: 'ping' }, (answer) => {
      this.#doubted.delete(rival.address)
      if (answer === undefined) this.#table.seen(contact, this.#host.now)
    })
  }

  /** Asks a contact; calls back once, with undefined if it did not answer, or under another id than it should have. */
  ask(contact: Contact, question: Question, onAnswer: (answer: KademliaReply | undefined) => void): void {
    this.askAddress(contact.address, question, (answer) => {
      if (answer !== undefined && sameId(answer.sender, contact.id)) {
        this.seen(contact)
        onAnswer(answer)
      } else {
        if (answer !== undefined) this.#host.report('wrong-id', { from: contact.address })
        this.#table.remove(contact)
        onAnswer(undefined)
      }
    })
  }

  /** Asks who is at an address, whatever its id may be. */
  askAddress(address: Address, question: Question, onAnswer: (answer: KademliaReply | undefined) => void): void {
    const { id } = this.#options
    const request: Question & { readonly sender: Id } = { ...question, sender: id }
    this.#requests.ask(address, request, isAnswerTo(question, id.length), onAnswer)
  }

  /**
   * Looks for the nodes closest to the target of a question, and asks each for what the question is. `onNodes` says
   * whether that was enough; then the walk ends before it has found them all. It ends in one call of `onDone`.
   *
   * @param isEnough whether the node has what it looks for already
   */
  walk(
    question: Find,
    onNodes: (contact: Contact, nodes: Nodes) => 'enough' | 'more',
    onDone: (lookup: IterativeLookup) => void,
    isEnough = false,
  ): void {
    const known = this.#table.closest(question.target, this.#options.k)
    const lookup = new IterativeLookup(question.target, known, this.#options)
    let isDone = false
    const goOn = (hasEnough: boolean): void => {
      if (isDone) return
      for (const contact of hasEnough ? [] : lookup.next()) {
        this.ask(contact, question, (answer) => {
          const nodes = answer as Nodes | undefined
          if (nodes === undefined) lookup.failed(contact)
          else lookup.answered(contact, nodes.contacts.filter(this.#isOther))
          goOn(nodes !== undefined && !isDone && onNodes(contact, nodes) === 'enough')
        })
      }
      if (!hasEnough && !lookup.isOver) return
      isDone = true
      onDone(lookup)
    }
    goOn(isEnough)
  }

  /** Liars may name the asker itself, too. */
  readonly #isOther = ({ id, address }: Contact): boolean =>
    address !== this.#host.address && !sameId(id, this.#options.id)
}
