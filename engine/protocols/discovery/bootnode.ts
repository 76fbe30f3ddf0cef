/**
 * A bootnode: the one whose address everybody has from the start. It lists who has called, checks nothing, and names some
 * of them to whoever asks; it calls nobody. So do BitTorrent's trackers (BEP 3), and so did GWebCaches for Gnutella.
 * Like a tracker's, its answer may name the asker itself, and addresses where nobody is any more.
 *
 * Simplified: what is listed does not expire but gives way to newer callers, and everybody gets a connection.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import { checkInteger } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { isDiscoveryMessage, type DiscoveryMessage } from './messages.ts'

export interface BootnodeOptions {
  /** Addresses in an answer at most, 1 to 1000. Default 16. */
  readonly maxShared?: number
  /** Addresses to list at most, 1 to 100,000; the one that called longest ago goes. Default 1000. */
  readonly maxListed?: number
  /** What it lists from the start, whoever is there by now. Default: nothing. */
  readonly listed?: readonly Address[]
}

export class Bootnode implements Protocol<DiscoveryMessage> {
  readonly #host: Host<DiscoveryMessage>
  readonly #maxShared: number
  readonly #maxListed: number
  /** In the order of their last calls. */
  readonly #listed: Set<Address>

  constructor(host: Host<DiscoveryMessage>, { maxShared = 16, maxListed = 1000, listed = [] }: BootnodeOptions = {}) {
    this.#host = host
    this.#maxShared = checkInteger('maxShared', maxShared, { min: 1, max: 1000 })
    this.#maxListed = checkInteger('maxListed', maxListed, { min: 1, max: 100_000 })
    this.#listed = new Set(listed.slice(-maxListed))
  }

  /** The addresses that it names; to look at. */
  get listed(): ReadonlySet<Address> {
    return this.#listed
  }

  onMessage(from: Address, message: Message): void {
    if (!isDiscoveryMessage(message, this.#maxShared)) this.#host.report('malformed', { type: message.type })
    else if (message.type === 'hello') this.#onHello(from)
    else if (message.type === 'ping') this.#host.send(from, { type: 'pong' })
    else if (message.type === 'get-peers') {
      this.#host.send(from, { type: 'peers', peers: this.#host.random.sample([...this.#listed], this.#maxShared) })
    }
  }

  #onHello(from: Address): void {
    this.#listed.delete(from)
    this.#listed.add(from)
    const [oldest] = this.#listed
    if (this.#listed.size > this.#maxListed) this.#listed.delete(oldest!)
    this.#host.send(from, { type: 'welcome' })
  }
}
