/**
 * One address of an eclipse attack. In each round it connects to the victim, which so takes it into its tried table with
 * a fresh timestamp, fills the victim's new table with addresses where nobody is, and leaves. After many rounds from many
 * addresses the honest ones are few and old. Then the victim restarts, by itself or with some help, and all of its
 * connections go to the attacker. Other addresses occupy the slots for incoming connections meanwhile.
 *
 * Heilman et al., "Eclipse Attacks on Bitcoin's Peer-to-Peer Network", USENIX Security 2015, section 3. Each address is a
 * node that acts alone, at its own time in the round; what the attacker does with the victim then is not here.
 */
import type { Address } from '../../core/address.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import type { Message } from '../../core/data.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import type { Ipv4Endpoint } from '../address-table/endpoint.ts'
import type { BitcoinLink } from '../bitcoin/links.ts'
import { maxAddresses, type BitcoinMessage } from '../bitcoin/messages.ts'
import { FalsePeer } from './false-peer.ts'
import { trashEndpoint } from './false-endpoints.ts'

export interface EclipseAttackerOptions {
  readonly victim: Ipv4Endpoint
  /** How long the attacker takes to connect once from each of its addresses (the paper's τ_a): over 0. */
  readonly round: Millis
  /** Where in the round this address has its turn, 0 to 1: i / n for the i-th of n. Default 0. */
  readonly phase?: number
  /** When it begins. Default 0: at once. Occupiers who begin too soon keep the others of the attack out. */
  readonly start?: Millis
  /** How many trash addresses it sends on each connection, 0 to 1000. Default 1000. */
  readonly trash?: number
  /** Whether it stays connected, to occupy a slot, and comes back when it is thrown out. Default false. */
  readonly occupies?: boolean
}

/** So long a connection of a round lasts: until the addresses have been read. */
const stay: Millis = 2000

export class EclipseAttacker implements Protocol<BitcoinMessage> {
  readonly #host: Host<BitcoinMessage>
  readonly #options: Required<EclipseAttackerOptions>
  readonly #peer: FalsePeer

  constructor(host: Host<BitcoinMessage>, options: EclipseAttackerOptions) {
    this.#host = host
    this.#options = { phase: 0, start: 0, trash: maxAddresses, occupies: false, ...options }
    checkNumber('round', options.round, { min: 0.001, max: maxMillis })
    checkNumber('phase', this.#options.phase, { min: 0, max: 1 })
    checkNumber('start', this.#options.start, { min: 0, max: maxMillis })
    checkInteger('trash', this.#options.trash, { min: 0, max: maxAddresses })
    this.#peer = new FalsePeer(host, {
      answer: () => this.#trash(),
      opened: (link) => this.#onOpened(link),
    })
  }

  /** Its connections; to look at. */
  get links(): readonly BitcoinLink[] {
    return this.#peer.links.open
  }

  onStart(): void {
    const { start, phase, round } = this.#options
    this.#host.setTimer('strike', Math.max(0, start - this.#host.now) + phase * round)
  }

  onMessage(from: Address, message: Message): void {
    this.#peer.onMessage(from, message)
  }

  onTimer(name: string): void {
    const { links } = this.#peer
    const { victim, round, occupies } = this.#options
    if (links.onTimer(name)) return
    if (name === 'leave') {
      // A victim that has connected to this address itself is what it waits for: never leave that.
      if (links.to(victim)?.kind === 'full-relay' && !occupies) links.close(victim, 'done')
      return
    }
    if (!links.isTaken(victim)) links.dial(victim, 'full-relay')
    this.#host.setTimer('strike', round)
  }

  #onOpened({ peer, kind }: BitcoinLink): void {
    if (kind === 'incoming') return
    if (this.#options.trash > 0) this.#peer.tell(peer, this.#trash())
    if (!this.#options.occupies) this.#host.setTimer('leave', stay)
  }

  #trash(): Ipv4Endpoint[] {
    return Array.from({ length: this.#options.trash }, () => trashEndpoint(this.#host.random))
  }
}
