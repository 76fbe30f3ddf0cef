import { checkInteger } from '../core/errors.ts'
import type { Millis } from '../core/time.ts'
import { TokenBucket, type TokenBucketOptions } from './token-bucket.ts'

/** Whether a packet may pass, and if not, why. */
export type RateVerdict = 'allowed' | 'peer-limit' | 'overall-limit' | 'too-many-peers'

export interface RateLimiterOptions {
  /** What each peer may send. Default: no limit a peer. */
  readonly perPeer?: TokenBucketOptions
  /** What all of them together may send. Default: no limit overall. */
  readonly overall?: TokenBucketOptions
  /** How many peers are kept account of, from 1. Strangers beyond that are refused. Default 10,000. */
  readonly maxPeers?: number
}

/** What one peer has sent, in tokens, since its account was opened. */
export interface RateAccount {
  readonly allowed: number
  readonly refused: number
}

interface Account {
  readonly bucket: TokenBucket | undefined
  allowed: number
  refused: number
}

/**
 * A token bucket for each peer and one for all. A limit overall protects the node and starves the honest: the flood takes
 * the tokens. A limit a peer is fair, and costs memory; and where addresses are free or forged, each packet comes from a
 * new peer, so that only the bound on peers is left. A peer whose bucket is full again is forgotten first: it loses nothing.
 *
 * @typeParam Key what counts as one peer: an address, a host, a group of addresses
 */
export class RateLimiter<Key = number> {
  readonly #perPeer: TokenBucketOptions | undefined
  readonly #overall: TokenBucket | undefined
  readonly #maxPeers: number
  readonly #accounts = new Map<Key, Account>()

  constructor({ perPeer, overall, maxPeers = 10_000 }: RateLimiterOptions) {
    this.#perPeer = perPeer
    this.#overall = overall && new TokenBucket(overall)
    this.#maxPeers = checkInteger('maxPeers', maxPeers, { min: 1, max: 10_000_000 })
  }

  /** How many peers there are accounts of. */
  get peers(): number {
    return this.#accounts.size
  }

  /** What a peer has sent; undefined where there is no account, or no longer. */
  account(peer: Key): RateAccount | undefined {
    const account = this.#accounts.get(peer)
    return account && { allowed: account.allowed, refused: account.refused }
  }

  /** Judges what a peer sends and takes its tokens, from both buckets or from none. */
  judge(peer: Key, now: Millis, count = 1): RateVerdict {
    const account = this.#accounts.get(peer) ?? this.#open(peer, now)
    if (account === undefined) return 'too-many-peers'
    const verdict = this.#verdict(account, now, count)
    if (verdict === 'allowed') account.allowed += count
    else account.refused += count
    return verdict
  }

  /** Lets a peer send more this once: it was asked to. */
  grant(peer: Key, now: Millis, count: number): void {
    const account = this.#accounts.get(peer) ?? this.#open(peer, now)
    account?.bucket?.grant(now, count)
  }

  /** The peer is gone, and its account with it. */
  forget(peer: Key): void {
    this.#accounts.delete(peer)
  }

  #verdict({ bucket }: Account, now: Millis, count: number): RateVerdict {
    if (bucket !== undefined && bucket.available(now) < count) return 'peer-limit'
    if (this.#overall?.take(now, count) === false) return 'overall-limit'
    bucket?.take(now, count)
    return 'allowed'
  }

  #open(peer: Key, now: Millis): Account | undefined {
    if (this.#accounts.size >= this.#maxPeers) this.#forgetTheIdle(now)
    if (this.#accounts.size >= this.#maxPeers) return undefined
    const bucket = this.#perPeer && new TokenBucket(this.#perPeer, now)
    const account = { bucket, allowed: 0, refused: 0 }
    this.#accounts.set(peer, account)
    return account
  }

  #forgetTheIdle(now: Millis): void {
    for (const [peer, { bucket }] of this.#accounts) {
      if (bucket?.isFull(now) !== false) this.#accounts.delete(peer)
    }
  }
}
