/**
 * How a Chord node asks others, and how it finds the owner of an id: from node to node, each of them closer before the
 * id, until one says that the owner is right behind it. Who fails is forgotten, and the next best is asked.
 *
 * Stoica et al. 2001, sections 4.3 and 5.2: the iterative way, in which the asker is the one that talks to every node.
 */
import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { Requests } from '../../layers/requests.ts'
import { sameId, type Contact, type Id } from '../contact.ts'
import { isChordAnswerTo, type ChordQuestion, type ChordReply, type RouteMessage } from './chord-messages.ts'
import { clockwiseFrom, type ChordTable, type ChordRoute } from './chord-table.ts'
import { isStrictlyBetween } from './ring-interval.ts'

/** What a lookup has found. */
export interface Found {
  /** The first node at or behind the id that is there; undefined where none of those that the asker was told of is. */
  readonly owner: Contact | undefined
  /** All that it was told of, the nearest first, and at the end the node closest before the id. */
  readonly owners: readonly Contact[]
  /** Nodes that answered, one after the other, the owner included; 0 = the asker is the owner. */
  readonly hops: number
  /** Nodes that were asked, those that failed included. */
  readonly asked: number
}

/** A lookup asks this many nodes at most, so that liars who always know somebody closer come to an end. */
const maxAsked = 200

export class ChordClient {
  readonly #host: Host<never>
  readonly #table: ChordTable
  readonly #requests: Requests

  constructor(host: Host<never>, table: ChordTable, requests: Requests) {
    this.#host = host
    this.#table = table
    this.#requests = requests
  }

  /** Asks a contact; calls back once, with undefined if it did not answer, or under another id than it should have. */
  ask(contact: Contact, question: ChordQuestion, onAnswer: (answer: ChordReply | undefined) => void): void {
    this.askAddress(contact.address, question, (answer) => {
      if (answer !== undefined && sameId(answer.sender, contact.id)) return onAnswer(answer)
      if (answer !== undefined) this.#host.report('wrong-id', { from: contact.address })
      this.#table.remove(contact)
      onAnswer(undefined)
    })
  }

  /** Asks who is at an address, whatever its id may be. */
  askAddress(address: Address, question: ChordQuestion, onAnswer: (answer: ChordReply | undefined) => void): void {
    const { id } = this.#table.self
    const request: ChordQuestion & { readonly sender: Id } = { ...question, sender: id }
    this.#requests.ask(address, request, isChordAnswerTo(question, id.length), onAnswer)
  }

  /** Finds the owner of an id, beginning with a route. It ends in one call of `onDone`. */
  find(target: Id, start: ChordRoute, onDone: (found: Found) => void): void {
    const { self } = this.#table
    const asked = new Set([self.address])
    const answered = new Set([self.address])
    let { closer, owners } = start
    /** The closest before the target of those that answered. */
    let best: Contact | undefined

    const goOn = (): void => {
      const isCloser = ({ id }: Contact): boolean => best === undefined || isStrictlyBetween(id, best.id, target)
      const next = closer.find((contact) => !asked.has(contact.address) && isCloser(contact))
      if (next === undefined || asked.size > maxAsked) return meet(owners)
      asked.add(next.address)
      this.ask(next, { type: 'find-successor', target }, (answer) => {
        if (answer !== undefined) {
          const route = answer as RouteMessage & ChordReply
          closer = clockwiseFrom(target, [...route.closer, ...closer]).reverse()
          owners = clockwiseFrom(target, [...route.owners, ...owners])
          best = next
          answered.add(next.address)
        }
        goOn()
      })
    }
    /** Nobody closer is left to ask. Goes to the first of the owners that is there. */
    const meet = ([owner, ...others]: readonly Contact[]): void => {
      if (owner === undefined) return doubt()
      if (answered.has(owner.address)) return end(owner)
      if (asked.has(owner.address)) return meet(others)
      asked.add(owner.address)
      this.ask(owner, { type: 'ping' }, (pong) => {
        if (pong === undefined) return meet(others)
        answered.add(owner.address)
        end(owner)
      })
    }
    /** Whoever led here led nowhere. Goes on with others, as if it had not answered. */
    const doubt = (): void => {
      if (best === undefined) return end(undefined)
      best = undefined
      goOn()
    }
    const end = (owner: Contact | undefined): void => {
      const all = best === undefined ? owners : [...owners, best]
      onDone({ owner, owners: all, hops: answered.size - 1, asked: asked.size - 1 })
    }
    goOn()
  }
}
