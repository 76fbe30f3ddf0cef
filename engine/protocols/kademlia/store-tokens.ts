import type { Address } from '../../core/address.ts'
import { sha256 } from '../../core/hash.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import { sameId } from '../contact.ts'

/** A new secret is drawn this often (BEP 5): five minutes. */
export const tokenSecretInterval: Millis = 5 * 60_000

/** Tokens are accepted to this age (BEP 5): ten minutes. What was issued up to one interval before that may still pass. */
export const tokenLifetime: Millis = 10 * 60_000

interface Secret {
  readonly period: number
  readonly bytes: Uint8Array
}

/**
 * Tokens show that whoever wants to store something really is at the address it sends from: only there could it have
 * received one. So nobody can sign up somebody else, by sending under its address, as a provider of what it never had. A
 * token is a hash of the address and a secret, so the node need not remember to whom it gave one.
 *
 * BEP 5, "DHT queries", announce_peer. libp2p needs none: its connections prove who is at the other end.
 */
export class StoreTokens {
  readonly #host: Host<never>
  /** The newest first. */
  #secrets: Secret[] = []

  constructor(host: Host<never>) {
    this.#host = host
  }

  /** The token for who asks from this address now. */
  issue(address: Address): Uint8Array {
    const period = Math.floor(this.#host.now / tokenSecretInterval)
    if (this.#secrets[0]?.period !== period) {
      const bytes = Uint8Array.from({ length: 16 }, () => this.#host.random.integer(256))
      this.#secrets = [{ period, bytes }, ...this.#current()]
    }
    return tokenOf(this.#secrets[0]!.bytes, address)
  }

  accepts(address: Address, token: Uint8Array): boolean {
    return this.#current().some(({ bytes }) => sameId(token, tokenOf(bytes, address)))
  }

  /** The secrets of tokens that may be young enough. */
  #current(): Secret[] {
    const oldest = Math.floor((this.#host.now - tokenLifetime) / tokenSecretInterval)
    return this.#secrets.filter(({ period }) => period >= oldest)
  }
}

function tokenOf(secret: Uint8Array, address: Address): Uint8Array {
  const input = new Uint8Array(secret.length + 8)
  input.set(secret)
  new DataView(input.buffer).setFloat64(secret.length, address)
  return sha256(input).subarray(0, 8)
}
