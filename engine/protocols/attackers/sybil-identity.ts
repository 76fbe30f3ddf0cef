/**
 * One of many identities that one operator has. It behaves like an honest peer: connects to others, stays, answers. Only,
 * whoever asks it for addresses is told of its siblings and of nobody else. An identity costs nothing, so counting peers
 * protects nobody; addresses in many groups cost, and that is what tables and slots count by.
 *
 * Douceur, "The Sybil attack", IPTPS 2002. Simplified: the operator knows its targets from the start.
 */
import type { Address } from '../../core/address.ts'
import { checkNumber } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import type { Message } from '../../core/data.ts'
import { Pacemaker } from '../../layers/pacemaker.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import type { Ipv4Endpoint } from '../address-table/endpoint.ts'
import type { BitcoinLink } from '../bitcoin/links.ts'
import { maxAddresses, type BitcoinMessage } from '../bitcoin/messages.ts'
import { FalsePeer } from './false-peer.ts'

export interface SybilIdentityOptions {
  /** Of whom it tells: up to 1000 of them at a time, at random. */
  readonly siblings: readonly Ipv4Endpoint[]
  /** To whom it connects. */
  readonly targets: readonly Ipv4Endpoint[]
  /** How often it tries those again that it is not connected to: over 0. Default a minute. */
  readonly retry?: Millis
}

export class SybilIdentity implements Protocol<BitcoinMessage> {
  readonly #host: Host<BitcoinMessage>
  readonly #options: SybilIdentityOptions
  readonly #peer: FalsePeer
  readonly #pacemaker: Pacemaker

  constructor(host: Host<BitcoinMessage>, options: SybilIdentityOptions) {
    const retry = checkNumber('retry', options.retry ?? 60_000, { min: 0.001, max: maxMillis })
    this.#host = host
    this.#options = options
    this.#pacemaker = new Pacemaker(host, 'retry', { period: retry, timing: 'periodic' })
    this.#peer = new FalsePeer(host, {
      answer: () => host.random.sample(options.siblings, maxAddresses),
      opened: ({ peer, kind }) => {
        if (kind !== 'incoming') this.#peer.tell(peer, [host.address])
      },
    })
  }

  /** Its connections; to look at. */
  get links(): readonly BitcoinLink[] {
    return this.#peer.links.open
  }

  onStart(): void {
    this.#pacemaker.start()
  }

  onMessage(from: Address, message: Message): void {
    this.#peer.onMessage(from, message)
  }

  onTimer(name: string): void {
    const { links } = this.#peer
    if (links.onTimer(name)) return
    for (const target of this.#options.targets) {
      if (target !== this.#host.address && !links.isTaken(target)) links.dial(target, 'full-relay')
    }
    this.#pacemaker.next(true)
  }
}
