import type { Address } from '../../core/address.ts'
import type { Host } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'

interface Download {
  /** The peer that is to send the block. */
  source: Address
  /** Others that have it as well, in the order in which they said so. */
  readonly others: Address[]
  attempts: number
}

/** From one peer no more blocks than this are on their way at a time; Bitcoin Core's MAX_BLOCKS_IN_TRANSIT_PER_PEER. */
const maxPerPeer = 16
/** After so many peers were asked in vain a block is given up, until somebody announces it anew. */
const maxAttempts = 10

/** Blocks that were asked for. One peer is asked at a time; if it does not send the block, another one that has it. */
export class Downloads {
  readonly #host: Host<never>
  readonly #timeout: Millis
  readonly #downloads = new Map<string, Download>()

  constructor(host: Host<never>, timeout: Millis) {
    this.#host = host
    this.#timeout = timeout
  }

  /** Who is to send the block; undefined where it is not awaited. */
  sourceOf(id: string): Address | undefined {
    return this.#downloads.get(id)?.source
  }

  /** The peer has the block. True if it is to be asked now, false if it is remembered for later or has enough to do. */
  offer(peer: Address, id: string): boolean {
    const download = this.#downloads.get(id)
    if (download === undefined) {
      if (this.#countFrom(peer) >= maxPerPeer) return false
      this.#downloads.set(id, { source: peer, others: [], attempts: 1 })
      this.#host.setTimer(timerOf(id), this.#timeout)
      return true
    }
    if (download.source !== peer && !download.others.includes(peer)) download.others.push(peer)
    return false
  }

  /** The block is here. */
  end(id: string): void {
    if (this.#downloads.delete(id)) this.#host.cancelTimer(timerOf(id))
  }

  /** A timer has run out: who is to be asked for which block now; undefined if it is given up. */
  onTimer(name: string): { readonly id: string; readonly source: Address } | undefined {
    const id = name.slice(timerOf('').length)
    const download = this.#downloads.get(id)!
    this.#host.report('timeout', { id, peer: download.source })
    if (++download.attempts > maxAttempts) {
      this.#downloads.delete(id)
      return undefined
    }
    download.others.push(download.source)
    download.source = download.others.shift()!
    this.#host.setTimer(timerOf(id), this.#timeout)
    return { id, source: download.source }
  }

  #countFrom(peer: Address): number {
    let count = 0
    for (const { source } of this.#downloads.values()) if (source === peer) count++
    return count
  }
}

function timerOf(id: string): string {
  return `download ${id}`
}
