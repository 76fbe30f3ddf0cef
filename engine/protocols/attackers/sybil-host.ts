/**
 * One host with as many identities as it likes. A key costs a moment of computing, so it makes them until they fall into
 * the buckets of a victim's table where there is room, also into those that few honest ids reach. Each identity pings the
 * victim and answers it, like any node. What the host has only one of is its address.
 *
 * Douceur, "The Sybil attack", IPTPS 2002; against Ethereum: Marcus, Heilman, Goldberg, "Low-resource eclipse attacks on
 * Ethereum's peer-to-peer network", 2018, where two hosts were enough. Simplified: an id for a bucket is made at once; for
 * the nearest of 17 buckets it takes 2^17 keys on average.
 */
import type { Address } from '../../core/address.ts'
import type { Command, Message } from '../../core/data.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { idToHex, type Id } from '../contact.ts'
import { isGethMessage, type GethMessage } from '../geth-discovery.ts'
import { gethLimits } from '../geth-table.ts'

export interface SybilHostOptions {
  readonly victim: { readonly id: Id; readonly address: Address }
  /** How many identities, 1 to 100,000. */
  readonly keys: number
  /** Time between two of them that ping: over 0. Default 10. */
  readonly interval?: Millis
  /** The pause before all of them ping again. Default 20,000. */
  readonly pause?: Millis
}

/** The host is paid for: it begins. */
export interface Rent extends Command {
  readonly type: 'rent'
}

export class SybilHost implements Protocol<Message, Rent> {
  readonly #host: Host<GethMessage>
  readonly #options: Required<SybilHostOptions>
  readonly #ids: Id[] = []
  readonly #own = new Set<string>()
  #next = 0

  constructor(host: Host<GethMessage>, options: SybilHostOptions) {
    this.#options = { interval: 10, pause: 20_000, ...options }
    checkInteger('keys', options.keys, { min: 1, max: 100_000 })
    checkNumber('interval', this.#options.interval, { min: 0.001, max: maxMillis })
    checkNumber('pause', this.#options.pause, { min: 0.001, max: maxMillis })
    this.#host = host
  }

  /** How many keys it has made. */
  get keys(): number {
    return this.#ids.length
  }

  onCommand(): void {
    this.onTimer()
  }

  onMessage(from: Address, message: Message): void {
    if (!isGethMessage(message) || message.type !== 'ping' || !this.#own.has(idToHex(message.to))) return
    this.#host.send(from, { type: 'pong', id: message.to, to: message.id, nonce: message.nonce })
  }

  onTimer(): void {
    const { victim, keys, interval, pause } = this.#options
    const id = this.#ids[this.#next] ?? this.#make()
    this.#next = (this.#next + 1) % keys
    const nonce = this.#host.random.integer(2 ** 32)
    this.#host.send(victim.address, { type: 'ping', id, to: victim.id, nonce })
    this.#host.setTimer('ping', this.#next === 0 ? pause : interval)
  }

  /** A key whose id falls into one of the victim's buckets, each as likely. */
  #make(): Id {
    const { random } = this.#host
    const bit = random.integer(gethLimits.buckets)
    const { id: near } = this.#options.victim
    const id = near.map((byte, at) => (at > bit >> 3 ? random.integer(256) : byte))
    id[bit >> 3]! ^= 0x80 >> (bit & 7)
    this.#ids.push(id)
    this.#own.add(idToHex(id))
    return id
  }
}
