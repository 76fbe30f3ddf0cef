/**
 * How a table of Ethereum's node discovery fills: who pings is pinged back, and who answers that from where it says is
 * added, if the table takes it. Once in a while one node of the table is asked whether it is still there, and has to go if
 * it is not. That an answer must come back costs an attacker an address; an id costs it nothing.
 *
 * ethereum/devp2p, discv4.md; go-ethereum, p2p/discover. Simplified: whom to ping is given (no findnode); an id stands for
 * a key, and that a node has it is taken for proven, where the real messages are signed; the table is lost in a restart.
 */
import type { Address } from '../core/address.ts'
import type { Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { Pacemaker } from '../layers/pacemaker.ts'
import type { Millis } from '../core/time.ts'
import { isId, sameId, type Id } from './contact.ts'
import { gethLimits, GethTable, type GethLimits } from './geth-table.ts'

/** "Are you there?" and "I am." The nonce of an answer is that of the question. */
export interface GethMessage extends Message {
  readonly type: 'ping' | 'pong'
  readonly id: Id
  /** Whom a ping is for: one host can have many ids. In a pong, whom it answers. */
  readonly to: Id
  readonly nonce: number
}

export interface GethDiscoveryOptions {
  readonly id: Id
  /** Whom it pings by itself, as long as they are not in its table. Default: nobody. */
  readonly peers?: readonly { readonly id: Id; readonly address: Address }[]
  /** Default {@link gethLimits}. */
  readonly limits?: GethLimits
}

/** go-ethereum, p2p/discover: respTimeout of v4_udp.go, revalidateInterval of table.go until 1.13. */
export const gethTiming = { answer: 500, revalidate: 10_000 } as const

const idBytes = 32

/** Pings that wait for their answers; more strangers than this are not pinged back. */
const maxPending = 10_000

interface Pending {
  readonly id: Id
  readonly address: Address
  readonly sent: Millis
}

/** Whether it has the form of a message of this protocol. */
export function isGethMessage(message: Message): message is GethMessage {
  const { type, id, to, nonce } = message as Partial<GethMessage>
  return (type === 'ping' || type === 'pong') && isId(id, idBytes) && isId(to, idBytes) && Number.isSafeInteger(nonce)
}

export class GethDiscovery implements Protocol<Message> {
  /** To look at. */
  readonly table: GethTable
  readonly #host: Host<GethMessage>
  readonly #options: GethDiscoveryOptions
  readonly #pace: Pacemaker
  readonly #pending = new Map<number, Pending>()

  constructor(host: Host<GethMessage>, options: GethDiscoveryOptions) {
    this.#host = host
    this.#options = options
    this.table = new GethTable(options.id, options.limits ?? gethLimits)
    this.#pace = new Pacemaker(host as never, 'revalidate', { period: gethTiming.revalidate, timing: 'periodic' })
  }

  onStart(): void {
    for (const { id, address } of this.#options.peers ?? []) this.#ping(id, address)
    this.#pace.start()
  }

  onMessage(from: Address, message: Message): void {
    if (!isGethMessage(message) || !sameId(message.to, this.#options.id)) {
      this.#host.report('malformed', { type: message.type })
      return
    }
    if (message.type === 'pong') return this.#onPong(from, message)
    this.#host.send(from, { type: 'pong', id: this.#options.id, to: message.id, nonce: message.nonce })
    if (!this.#knows(message.id)) this.#ping(message.id, from)
  }

  onTimer(): void {
    this.#forgetTheLate()
    for (const { id, address } of this.#options.peers ?? []) if (!this.#knows(id)) this.#ping(id, address)
    const { nodes } = this.table
    if (nodes.length > 0) {
      const { id, endpoint } = this.#host.random.pick(nodes)
      this.#ping(id, endpoint)
    }
    this.#pace.next(true)
  }

  #onPong(from: Address, { id, nonce }: GethMessage): void {
    const pending = this.#pending.get(nonce)
    if (pending?.address !== from || !sameId(pending.id, id)) return
    this.#pending.delete(nonce)
    if (this.#host.now - pending.sent > gethTiming.answer) return
    this.#host.report('bonded', { verdict: this.table.add({ id, endpoint: from }) })
  }

  /** Who has not answered by now is gone: of the table's, only those that were asked again. */
  #forgetTheLate(): void {
    for (const [nonce, { id, sent }] of this.#pending) {
      if (this.#host.now - sent <= gethTiming.answer) continue
      this.#pending.delete(nonce)
      if (this.table.remove(id, this.#host.random)) this.#host.report('removed')
    }
  }

  #ping(id: Id, address: Address): void {
    if (this.#pending.size >= maxPending) return
    const nonce = this.#host.random.integer(2 ** 32)
    this.#pending.set(nonce, { id, address, sent: this.#host.now })
    this.#host.send(address, { type: 'ping', id: this.#options.id, to: id, nonce })
  }

  #knows(id: Id): boolean {
    return this.table.bucket(this.table.bucketOf(id)).nodes.some((node) => sameId(node.id, id))
  }
}
