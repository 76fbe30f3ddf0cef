import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import type { Host } from '../../core/host.ts'
import { formatEndpoint, type Ipv4Endpoint } from '../address-table/endpoint.ts'
import { Links, type BitcoinLink } from '../bitcoin/links.ts'
import { maxAddresses, type BitcoinMessage } from '../bitcoin/messages.ts'

export interface FalsePeerOptions {
  /** What a getaddr is answered with, each time: up to 1000 addresses, said to have been seen just now. */
  readonly answer: () => readonly Ipv4Endpoint[]
  /** A connection has opened: `incoming` if the other side wanted it. */
  readonly opened?: (link: BitcoinLink) => void
}

/** What all attackers have in common: like any peer, as far as others can see, with room for everybody and false answers. */
export class FalsePeer {
  readonly links: Links
  readonly #host: Host<BitcoinMessage>
  readonly #answer: () => readonly Ipv4Endpoint[]

  constructor(host: Host<BitcoinMessage>, { answer, opened }: FalsePeerOptions) {
    this.#host = host
    this.#answer = answer
    this.links = new Links(host, {
      mayEnter: () => true,
      opened: (link) => {
        // For scenarios: who has come to the attacker by itself.
        if (link.kind === 'incoming') host.report('captured', { peer: formatEndpoint(link.peer) })
        opened?.(link)
      },
      closed: () => {},
      failed: () => {},
    })
  }

  onMessage(from: Address, message: Message): void {
    if (this.links.onMessage(from, message)?.type === 'getaddr') this.tell(from, this.#answer())
  }

  /** Sends addresses in one message, those past 1000 not. */
  tell(peer: Address, endpoints: readonly Ipv4Endpoint[]): void {
    const seen = this.#host.now
    const addresses = endpoints.slice(0, maxAddresses).map((each) => ({ endpoint: formatEndpoint(each), seen }))
    this.links.send(peer, { type: 'addr', addresses })
  }
}
