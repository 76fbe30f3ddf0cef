/**
 * Payments on a longest chain: nodes pass payments on, miners put them into blocks, and everybody holds the longest chain
 * for the truth. Nothing in it is final. When a cut network heals, one side finds that the other chain is longer and
 * moves over; its payments wait again, except where the other chain has spent the same coin: those have never happened.
 *
 * Nakamoto: "Bitcoin: a peer-to-peer electronic cash system", 2008, sections 2, 4 and 5. Simplified: no signatures, so
 * anybody can spend any coin; coins are whole and nobody has to have had them before; no proof of work, so blocks cost
 * nothing to forge, and finding one is a random wait; the number of blocks stands for work; a node that waits for a
 * block learns of the end of another chain only when it is announced.
 */
import type { Address } from '../../core/address.ts'
import type { Data, Message } from '../../core/data.ts'
import { exponential } from '../../core/distributions.ts'
import { checkNumber } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { Requests } from '../../layers/requests.ts'
import { reportMalformed } from '../rumor.ts'
import {
  isBlockReply,
  isLedgerMessage,
  isPaymentBlock,
  maxPayments,
  paymentBlockId,
  type LedgerMessage,
  type Pay,
  type Payment,
  type PaymentBlock,
} from './messages.ts'
import { emptyChain, PaymentChain, type LinkedBlock } from './payment-chain.ts'

export interface LongestChainOptions {
  /** This node's share of the hash power of all, 0 to 1. 0 = it does not mine. */
  readonly share: number
  /** Mean time between two blocks of all miners together, from 1. */
  readonly interval: Millis
  /** How long an answer is waited for. Default 2000. */
  readonly timeout?: Millis
}

/** Payments that wait at a node at most: anyone can send any number. */
const maxWaiting = 1000

export class LongestChain implements Protocol<LedgerMessage, Pay> {
  readonly #host: Host<LedgerMessage>
  readonly #share: number
  readonly #interval: Millis
  readonly #requests: Requests
  readonly #chain = new PaymentChain()
  /** Payments that are in no block of the chain, by coin: of two with one coin the first one counts. */
  readonly #waiting = new Map<string, Payment>()
  readonly #asked = new Set<string>()

  constructor(host: Host<LedgerMessage>, { share, interval, timeout = 2000 }: LongestChainOptions) {
    this.#host = host
    this.#share = checkNumber('share', share, { min: 0, max: 1 })
    this.#interval = checkNumber('interval', interval, { min: 1, max: maxMillis })
    this.#requests = new Requests(host, { timeout, attempts: 2 })
  }

  get tip(): { readonly id: string; readonly height: number } {
    return { id: this.#chain.tip?.id ?? emptyChain, height: this.#chain.height }
  }

  /** Payments that wait for a block. */
  get waiting(): readonly Payment[] {
    return [...this.#waiting.values()]
  }

  onStart(): void {
    const { storage } = this.#host
    const stored = storage.keys().flatMap((key) => {
      const block = storage.get(key)
      return isPaymentBlock(block) ? [block] : []
    })
    for (const block of stored.sort((a, b) => a.height - b.height)) {
      for (const linked of this.#chain.add(block).linked) this.#chain.moveTo(linked)
    }
    this.#search()
  }

  onCommand({ payment }: Pay): void {
    this.#take(payment, undefined)
  }

  onMessage(from: Address, message: Message): void {
    if (this.#requests.onMessage(from, message)) return
    if (!isLedgerMessage(message)) return reportMalformed(this.#host, message)
    if (message.type === 'payment') return this.#take(message.payment, from)
    if (message.type === 'tip') return this.#ask(from, message.id)
    const linked = this.#chain.get(message.id)
    if (linked !== undefined) this.#requests.reply(from, message, { type: 'block', block: linked.block })
  }

  onTimer(name: string): void {
    if (this.#requests.onTimer(name)) return
    this.#mine()
    this.#search()
  }

  /** The time to the next block is the same however long a miner has searched: the search has no memory. */
  #search(): void {
    if (this.#share > 0) this.#host.setTimer('mine', exponential(this.#host.random, this.#interval / this.#share))
  }

  #mine(): void {
    const host = this.#host
    const { id: parent, height } = this.tip
    const payments = this.waiting.slice(0, maxPayments)
    const block = { parent, height: height + 1, miner: host.address, nonce: host.random.integer(2 ** 32), payments }
    host.report('mined', { id: paymentBlockId(block), parent, height: block.height })
    this.#add(block, undefined)
  }

  /** A payment that is new here goes to all neighbors. A coin that is spent cannot be spent again. */
  #take(payment: Payment, from: Address | undefined): void {
    const { id, coin } = payment
    const other = this.#waiting.get(coin) ?? this.#chain.spentBy(coin)
    if (other?.id === id) return
    if (other !== undefined) return this.#host.report('refused', { id, coin, by: other.id })
    if (this.#waiting.size >= maxWaiting) return this.#host.report('full', { id })
    this.#host.report('accepted', { id, coin })
    this.#wait(payment, from)
  }

  #wait(payment: Payment, from: Address | undefined): void {
    this.#waiting.set(payment.coin, payment)
    for (const peer of Array.from(this.#host.neighbors)) {
      if (peer !== from) this.#host.send(peer, { type: 'payment', payment })
    }
  }

  #ask(peer: Address, id: string): void {
    if (this.#chain.has(id) || this.#asked.has(id)) return
    this.#asked.add(id)
    this.#requests.ask(peer, { type: 'get-block', id }, isBlockReply, (reply) => {
      this.#asked.delete(id)
      if (reply === undefined) return
      if (paymentBlockId(reply.block) === id) this.#add(reply.block, peer)
      else this.#host.report('invalid', { id, peer })
    })
  }

  #add(block: PaymentBlock, from: Address | undefined): void {
    const { addition, linked } = this.#chain.add(block)
    if (addition === 'invalid') return this.#host.report('invalid', { id: paymentBlockId(block) })
    if (addition === 'orphan') return this.#ask(from!, this.#chain.missingBefore(paymentBlockId(block)))
    for (const each of linked) this.#host.storage.set(`block/${each.id}`, each.block as unknown as Data)
    this.#moveTo(
      linked.reduce((best, each) => (each.block.height > best.block.height ? each : best)),
      from,
    )
  }

  #moveTo(best: LinkedBlock, from: Address | undefined): void {
    const { left, joined } = this.#chain.moveTo(best)
    if (joined.length === 0) return
    if (left.length > 0) this.#host.report('reorganized', { depth: left.length, id: best.id })
    for (const { id, block } of joined) {
      for (const payment of block.payments) {
        const other = this.#waiting.get(payment.coin)
        this.#waiting.delete(payment.coin)
        this.#host.report('confirmed', { id: payment.id, block: id })
        if (other !== undefined && other.id !== payment.id) this.#reportVanished(other, payment)
      }
    }
    for (const payment of left.flatMap(({ block }) => block.payments)) this.#takeBack(payment)
    for (const peer of Array.from(this.#host.neighbors)) {
      if (peer !== from) this.#host.send(peer, { type: 'tip', id: best.id })
    }
  }

  /** A payment of the chain that was left: it waits again, and others may not know it; or it has never happened. */
  #takeBack(payment: Payment): void {
    const { id, coin } = payment
    const other = this.#chain.spentBy(coin)
    if (other?.id === id) return
    if (other !== undefined) return this.#reportVanished(payment, other)
    this.#host.report('returned', { id, coin })
    this.#wait(payment, undefined)
  }

  #reportVanished({ id, coin }: Payment, by: Payment): void {
    this.#host.report('vanished', { id, coin, by: by.id })
  }
}
