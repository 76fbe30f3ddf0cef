/**
 * A liar among peers: it welcomes whoever calls, answers every ping, and names to whoever asks only what suits it: its
 * accomplices, or addresses where nobody is. It calls everybody of whom it hears, once, so as to stand in as many tables
 * as it can. A few liars reach many nodes, since each node asks everybody that it is connected to.
 *
 * Poisoned peer exchange, as against Gnutella and BitTorrent's PEX; for Bitcoin see Heilman et al. 2015, section 3.1, and
 * `AddressLiar`. It forges no sender's address.
 */
import type { Address } from '../../core/address.ts'
import { maxAddress } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { isDiscoveryMessage, type DiscoveryMessage } from '../discovery/messages.ts'

export interface PeerLiarOptions {
  /** What it names; none = addresses that it makes up. Default: none. */
  readonly names?: readonly Address[]
  /** How many addresses are in an answer, 1 to 1000; it also takes no longer ones. Default 16. */
  readonly lies?: number
  /** How often it looks for more nodes to call. Default 5000. */
  readonly period?: Millis
}

/** It calls no more nodes than this. */
const maxCalls = 10_000

export class PeerLiar implements Protocol<DiscoveryMessage> {
  readonly #host: Host<DiscoveryMessage>
  readonly #names: readonly Address[]
  readonly #lies: number
  readonly #period: Millis
  readonly #called = new Set<Address>()

  constructor(host: Host<DiscoveryMessage>, { names = [], lies = 16, period = 5000 }: PeerLiarOptions = {}) {
    this.#host = host
    this.#names = names
    this.#lies = checkInteger('lies', lies, { min: 1, max: 1000 })
    this.#period = checkNumber('period', period, { min: 1, max: maxMillis })
  }

  onStart(): void {
    this.onTimer()
  }

  onTimer(): void {
    const { neighbors } = this.#host
    for (const bootnode of Array.from(neighbors)) this.#host.send(bootnode, { type: 'hello' })
    this.#host.setTimer('look', this.#period)
  }

  onMessage(from: Address, message: Message): void {
    if (!isDiscoveryMessage(message, this.#lies)) return
    if (message.type === 'hello') this.#host.send(from, { type: 'welcome' })
    else if (message.type === 'welcome') this.#host.send(from, { type: 'get-peers' })
    else if (message.type === 'ping') this.#host.send(from, { type: 'pong' })
    else if (message.type === 'get-peers') this.#host.send(from, { type: 'peers', peers: this.#answer() })
    else if (message.type === 'peers' || message.type === 'full') for (const peer of message.peers) this.#call(peer)
  }

  #call(peer: Address): void {
    if (peer === this.#host.address || this.#called.has(peer) || this.#called.size >= maxCalls) return
    this.#called.add(peer)
    this.#host.send(peer, { type: 'hello' })
  }

  #answer(): Address[] {
    const { random } = this.#host
    if (this.#names.length > 0) return random.sample(this.#names, this.#lies)
    return Array.from({ length: this.#lies }, () => Math.floor(random.next() * (maxAddress + 1)) as Address)
  }
}
