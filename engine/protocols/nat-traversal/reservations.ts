import type { Address } from '../../core/address.ts'
import type { Millis } from '../../core/time.ts'
import type { PeerName } from './fields.ts'

export interface ReservationLimits {
  /** Places, from 0. */
  readonly maxReservations: number
  /** How long a place is kept, unless the peer asks again; over 0. */
  readonly reservationTtl: Millis
  /** After so long without a word a peer has gone, and its place is free; over 0. */
  readonly silence: Millis
}

interface Reservation {
  readonly voucher: number
  address: Address
  expires: Millis
  lastHeard: Millis
}

/**
 * The places at a relay, by the peers' names. A name belongs to who came first; a voucher proves that a peer at another
 * endpoint is the same one, behind a new mapping of its NAT.
 */
export class Reservations {
  readonly #limits: ReservationLimits
  readonly #places = new Map<PeerName, Reservation>()

  constructor(limits: ReservationLimits) {
    this.#limits = limits
  }

  /** Gives a peer a place, or keeps the one that it has: the voucher, or why not. */
  reserve(
    { peer, voucher }: { readonly peer: PeerName; readonly voucher?: number },
    from: Address,
    now: Millis,
    drawVoucher: () => number,
  ): number | 'permission-denied' | 'reservation-refused' {
    const held = this.#find(peer, now)
    if (held !== undefined && held.address !== from && held.voucher !== voucher) return 'permission-denied'
    if (held === undefined) {
      for (const name of [...this.#places.keys()]) this.#find(name, now)
      if (this.#places.size >= this.#limits.maxReservations) return 'reservation-refused'
    }
    const place = held ?? { voucher: drawVoucher(), address: from, expires: 0, lastHeard: 0 }
    this.#places.set(peer, place)
    place.expires = now + this.#limits.reservationTtl
    place.lastHeard = now
    place.address = from
    return place.voucher
  }

  /** A peer says that it is there still. False where it has no place, or this is not its voucher. */
  keepAlive(
    { peer, voucher }: { readonly peer: PeerName; readonly voucher: number },
    from: Address,
    now: Millis,
  ): boolean {
    const place = this.#find(peer, now)
    if (place?.voucher !== voucher) return false
    place.lastHeard = now
    place.address = from
    return true
  }

  /** Where a peer is; undefined where it has no place. */
  addressOf(peer: PeerName, now: Millis): Address | undefined {
    return this.#find(peer, now)?.address
  }

  #find(peer: PeerName, now: Millis): Reservation | undefined {
    const place = this.#places.get(peer)
    if (place === undefined || (now < place.expires && now - place.lastHeard < this.#limits.silence)) return place
    this.#places.delete(peer)
    return undefined
  }
}
