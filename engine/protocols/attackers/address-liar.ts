/**
 * Poisoned discovery: a peer that gives false answers to who asks it for addresses. With trash it wastes the time of
 * newcomers, who dial into the void; with accomplices it leads them astray. A few liars reach many tables, since what
 * they say is passed on.
 *
 * The attack on bootstrapping of Heilman et al. 2015, section 3.1, from the inside. It waits to be asked: somebody has to
 * know it, as a seed or from an honest peer's table.
 */
import type { Address } from '../../core/address.ts'
import { checkInteger } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import type { Message } from '../../core/data.ts'
import type { Ipv4Endpoint } from '../address-table/endpoint.ts'
import type { BitcoinLink } from '../bitcoin/links.ts'
import { maxAddresses, type BitcoinMessage } from '../bitcoin/messages.ts'
import { FalsePeer } from './false-peer.ts'
import { trashEndpoint } from './false-endpoints.ts'

export interface AddressLiarOptions {
  /** Whom it tells of; none = addresses where nobody is. Default: none. */
  readonly accomplices?: readonly Ipv4Endpoint[]
  /** How many addresses are in an answer, 0 to 1000. Default 1000. */
  readonly lies?: number
}

export class AddressLiar implements Protocol<BitcoinMessage> {
  readonly #peer: FalsePeer

  constructor(host: Host<BitcoinMessage>, { accomplices = [], lies = maxAddresses }: AddressLiarOptions = {}) {
    checkInteger('lies', lies, { min: 0, max: maxAddresses })
    const trash = (): Ipv4Endpoint[] => Array.from({ length: lies }, () => trashEndpoint(host.random))
    const answer = (): Ipv4Endpoint[] => (accomplices.length === 0 ? trash() : host.random.sample(accomplices, lies))
    this.#peer = new FalsePeer(host, { answer })
  }

  /** Its connections; to look at. */
  get links(): readonly BitcoinLink[] {
    return this.#peer.links.open
  }

  onMessage(from: Address, message: Message): void {
    this.#peer.onMessage(from, message)
  }

  onTimer(name: string): void {
    this.#peer.links.onTimer(name)
  }
}
