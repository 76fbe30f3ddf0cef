import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import { isAddress } from './messages.ts'
import type { DiscoveryOptions } from './options.ts'

interface KnownAddress {
  /** Who told of it first. */
  readonly source: Address
  /** Whether somebody has answered there. */
  isVerified: boolean
  /** Calls in vain since the last answer. */
  failures: number
}

/** A verified address is forgotten after so many calls in vain; hearsay after one. */
const maxFailures = 3

/**
 * The addresses that a node knows, as many as it may: a bounded table in which hearsay gives way. It reports what comes
 * in (`learned`), what has proved true (`verified`) and what goes (`forgot`), so that tables can be looked at from outside.
 */
export class KnownAddresses {
  readonly #host: Host<never>
  readonly #options: Required<DiscoveryOptions>
  readonly #addresses = new Map<Address, KnownAddress>()
  #isSaved = true

  constructor(host: Host<never>, options: Required<DiscoveryOptions>) {
    this.#host = host
    this.#options = options
  }

  get all(): ReadonlyMap<Address, { readonly isVerified: boolean }> {
    return this.#addresses
  }

  get verified(): Address[] {
    return [...this.#addresses].flatMap(([address, { isVerified }]) => (isVerified ? [address] : []))
  }

  /** What was true before a restart is hearsay, with this node itself as its source. */
  restore(): void {
    const stored = this.#host.storage.get('peers')
    if (Array.isArray(stored)) this.learn(stored.filter(isAddress), this.#host.address)
  }

  /** Keeps the verified addresses for after a restart, if they have changed. */
  save(): void {
    if (!this.#isSaved) this.#host.storage.set('peers', this.verified)
    this.#isSaved = true
  }

  /** Takes up hearsay, no more than one source may bring. When the table is full, other hearsay makes room. */
  learn(addresses: Iterable<Address>, source: Address): void {
    const { maxKnown, maxPerSource } = this.#options
    let room = maxPerSource
    for (const known of this.#addresses.values()) if (known.source === source && !known.isVerified) room--
    for (const address of addresses) {
      if (room <= 0) return
      if (address === this.#host.address || this.#addresses.has(address)) continue
      if (this.#addresses.size >= maxKnown && !this.#forgetHearsay()) return
      this.#addresses.set(address, { source, isVerified: false, failures: 0 })
      this.#host.report('learned', { peer: address, source })
      room--
    }
  }

  /** Somebody has answered there. */
  verify(address: Address): void {
    this.learn([address], address)
    const known = this.#addresses.get(address)
    if (known === undefined) return // the table is full of verified ones
    if (!known.isVerified) {
      this.#isSaved = false
      this.#host.report('verified', { peer: address })
    }
    known.isVerified = true
    known.failures = 0
  }

  /** Nobody has answered there. */
  fail(address: Address): void {
    const known = this.#addresses.get(address)
    if (known === undefined) return
    known.failures++
    if (known.isVerified && known.failures < maxFailures) return
    if (known.isVerified) this.#isSaved = false
    this.#forget(address)
  }

  #forgetHearsay(): boolean {
    const hearsay = [...this.#addresses].flatMap(([address, { isVerified }]) => (isVerified ? [] : [address]))
    if (hearsay.length === 0) return false
    this.#forget(this.#host.random.pick(hearsay))
    return true
  }

  #forget(address: Address): void {
    this.#addresses.delete(address)
    this.#host.report('forgot', { peer: address })
  }
}
