/**
 * A router on the way that reads along: it passes on each packet as it is, and keeps what is not encrypted. It is
 * passive; who also changes packets is stopped by authentication, and not by encryption alone.
 *
 * Its neighbors are pairs, each the two ends of one way: the first and the second, the third and the fourth, and so on.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { isUpgradeMessage } from './upgrade-peer.ts'

/** Reports `read` (with what) for each thing that it can read, `overheard` for words of the application, and `sealed`. */
export class WireTap implements Protocol<Message> {
  readonly #host: Host
  #ends: readonly Address[] = []

  constructor(host: Host<never>) {
    this.#host = host as unknown as Host
  }

  onStart(): void {
    this.#ends = Array.from(this.#host.neighbors)
  }

  onMessage(from: Address, message: Message): void {
    const other = this.#ends[this.#ends.indexOf(from) ^ 1]
    if (other === undefined) return this.#host.report('stray-packet', { from })
    this.#host.send(other, message)
    if (!isUpgradeMessage(message)) return
    for (const { layer, text, sealed } of message.parts) {
      if (sealed !== undefined) this.#host.report('sealed', { from, bytes: sealed.length })
      else {
        this.#host.report('read', { from, layer: String(layer), text: text! })
        if (layer === 'application') this.#host.report('overheard', { from, text: text! })
      }
    }
  }
}
