/**
 * Chord, a distributed hash table on a ring: a key belongs to the first node at or behind it. A lookup goes to the known
 * node that is closest before the key, and from there again; fingers make each hop half of the way that is left. Lookups
 * are iterative here: the asker talks to each hop itself, and to the owner at the end. So they compare with Kademlia's,
 * and go around nodes that have failed.
 *
 * Stoica, Morris, Karger, Kaashoek, Balakrishnan: "Chord: a scalable peer-to-peer lookup service for Internet
 * applications", SIGCOMM 2001, sections 4 and 5. Simplified: it finds owners and keeps nothing; a node's id is its word;
 * one finger is looked up on a beat; two rings that do not know each other stay two.
 */
import type { Address } from '../../core/address.ts'
import type { Command, Message } from '../../core/data.ts'
import type { Host, Protocol } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import { Pacemaker } from '../../layers/pacemaker.ts'
import { Requests, type RequestsOptions } from '../../layers/requests.ts'
import { checkId, idToHex, type Contact, type Id } from '../contact.ts'
import { reportMalformed } from '../rumor.ts'
import { ChordClient } from './chord-client.ts'
import {
  isChordRequest,
  isNotify,
  type ChordAnswer,
  type ChordMessage,
  type ChordReply,
  type ChordRequest,
  type Neighbors,
} from './chord-messages.ts'
import { ChordTable } from './chord-table.ts'
import { addPowerOfTwo, isBetween, isStrictlyBetween } from './ring-interval.ts'

export interface ChordOptions extends RequestsOptions {
  /** The node's own id. Its length, in bytes, is that of all ids in this network. */
  readonly id: Id
  /** Successors that a node knows, 1 to 100: all but one of them may crash at once. Default 8. */
  readonly successors?: number
  /** Time between two beats of the upkeep, over 0: each looks after the neighbors and one finger. Default 30 s. */
  readonly stabilizeInterval?: Millis
  /** All nodes, sorted by id, if the ring is to be there at the start of the node. Default: it joins by its neighbors. */
  readonly ring?: readonly Contact[]
}

/** Find the owner of the target. The report `lookup` has the owner (an address, or null), hops, and how many were asked. */
export interface ChordLookup extends Command {
  readonly type: 'lookup'
  readonly target: Id
}

export class Chord implements Protocol<ChordMessage, ChordLookup> {
  /** What it knows of others; to look at. */
  readonly table: ChordTable
  readonly #host: Host<ChordMessage>
  readonly #options: ChordOptions
  readonly #requests: Requests
  readonly #client: ChordClient
  readonly #pacemaker: Pacemaker
  /** The finger to be looked up next. */
  #exponent: number

  constructor(host: Host<ChordMessage>, options: ChordOptions) {
    const period = options.stabilizeInterval ?? 30_000
    this.#host = host
    this.#options = options
    this.table = new ChordTable({ id: options.id, address: host.address }, options.successors ?? 8)
    this.#requests = new Requests(host, options)
    this.#client = new ChordClient(host, this.table, this.#requests)
    this.#pacemaker = new Pacemaker(host, 'stabilize', { period, timing: 'periodic' })
    this.#exponent = 8 * options.id.length - 1
  }

  onStart(): void {
    if (this.#options.ring === undefined) this.#join(Array.from(this.#host.neighbors))
    else this.table.fill(this.#options.ring)
    this.#pacemaker.start()
  }

  onCommand({ target }: ChordLookup): void {
    checkId('target', target, this.#options.id.length)
    this.#client.find(target, this.table.route(target), ({ owner, hops, asked }) => {
      this.#host.report('lookup', { target: idToHex(target), owner: owner?.address ?? null, hops, asked })
    })
  }

  onMessage(from: Address, message: Message): void {
    const { id } = this.#options
    if (this.#requests.onMessage(from, message)) return
    if (isNotify(message, id.length)) {
      this.table.notify({ id: message.sender, address: from })
    } else if (isChordRequest(message, id.length)) {
      this.#requests.reply(from, message, { ...this.#answer(message), sender: id })
    } else {
      reportMalformed(this.#host, message)
    }
  }

  onTimer(name: string): void {
    if (this.#requests.onTimer(name)) return
    this.#pacemaker.next(true)
    const { predecessor } = this.table
    // Its silence makes the table forget it.
    if (predecessor !== undefined) this.#client.ask(predecessor, { type: 'ping' }, () => undefined)
    this.#stabilize()
    this.#fixFinger()
  }

  #answer(request: ChordRequest): ChordAnswer {
    if (request.type === 'ping') return { type: 'pong' }
    if (request.type === 'find-successor') return { type: 'route', ...this.table.route(request.target) }
    const { predecessor = null, successors } = this.table
    return { type: 'neighbors', predecessor, successors }
  }

  /** Finds its place by the first of these that answers. Where none does, the node is a ring of its own. */
  #join([first, ...others]: readonly Address[]): void {
    if (first === undefined) return
    const { id } = this.#options
    this.#client.askAddress(first, { type: 'ping' }, (pong) => {
      if (pong === undefined) return this.#join(others)
      const closer = [{ id: pong.sender, address: first }]
      this.#client.find(id, { closer, owners: [] }, ({ owners }) => {
        // A node that comes back may still be known as the owner of its own id.
        const successors = owners.filter(({ address }) => address !== this.#host.address)
        if (successors.length === 0) return this.#join(others)
        this.table.setSuccessors(successors)
        this.#stabilize()
      })
    })
  }

  /** Asks the successor who is beside it, as somebody may have come in between; then tells the successor of this node. */
  #stabilize(): void {
    const { id } = this.#options
    const { successors, predecessor } = this.table
    const successor = successors[0] ?? predecessor
    if (successor === undefined) return this.#join(Array.from(this.#host.neighbors))
    this.#client.ask(successor, { type: 'get-neighbors' }, (answer) => {
      if (answer === undefined) return this.#stabilize() // it is forgotten, and the next takes its place
      const { predecessor: between, successors: behind } = answer as Neighbors & ChordReply
      const isNew = between !== null && isStrictlyBetween(between.id, id, successor.id)
      // A successor that has just come back knows nobody behind it yet: then the old list still holds.
      this.table.setSuccessors([...(isNew ? [between] : []), successor, ...behind, ...this.table.successors])
      this.#host.send(this.table.successors[0]!.address, { type: 'notify', sender: id })
    })
  }

  /** Looks one finger up. Those that are not behind the successor are the successor; then it starts with the farthest. */
  #fixFinger(): void {
    const { self, successors } = this.table
    const exponent = this.#exponent
    const start = addPowerOfTwo(self.id, exponent)
    this.#exponent = 8 * self.id.length - 1
    if (successors[0] === undefined || isBetween(start, self.id, successors[0].id)) return
    this.#exponent = exponent - 1
    this.#client.find(start, this.table.route(start), ({ owner }) => {
      if (owner !== undefined) this.table.setFinger(exponent, owner)
    })
  }
}
