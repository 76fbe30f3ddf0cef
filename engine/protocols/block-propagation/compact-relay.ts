import type { Address } from '../../core/address.ts'
import type { Random } from '../../core/random.ts'
import type { Host } from '../../core/host.ts'
import type { Announcements } from './announcements.ts'
import { transactionSize, type BlockHeader } from './block.ts'
import type { Block } from './block-tree.ts'
import { shortIdLength, type BlockMessage, type BlockTransactions, type GetBlockTransactions } from './messages.ts'

/** Peers that are asked to send compact blocks at once; BIP 152 forbids more. */
const maxHighBandwidthPeers = 3
/** So many incomplete blocks are kept. */
const maxPartial = 100

/** There are no transactions here, so what a mempool lacks is drawn, once for each node and block. */
export interface MempoolModel {
  /** How often a node has not all transactions of a new block, 0 to 1. */
  readonly incompleteChance: number
  /** Which share of them it lacks then, 0 to 1; at least one transaction. */
  readonly missingShare: number
}

interface PartialBlock {
  readonly header: BlockHeader
  /** The places of the missing transactions, in ascending order. */
  readonly missing: readonly number[]
  readonly source: Address
}

/** BIP 152: blocks without the transactions that their receiver has anyway, and who gets such blocks unasked. */
export class CompactRelay {
  readonly #host: Host<BlockMessage>
  readonly #mempool: MempoolModel
  /** Peers that want compact blocks unasked: they have this node in high-bandwidth mode. */
  readonly #wanting = new Set<Address>()
  /** Peers that this node has in high-bandwidth mode: those that brought the last new blocks, the latest at the end. */
  readonly #chosen: Address[] = []
  readonly #partial = new Map<string, PartialBlock>()

  constructor(host: Host<BlockMessage>, mempool: MempoolModel) {
    this.#host = host
    this.#mempool = mempool
  }

  /** Tells all neighbors that compact blocks are understood, and that none is to send them unasked yet. */
  start(): void {
    for (const peer of Array.from(this.#host.neighbors)) this.#sendMode(peer, false)
  }

  /** Whether the peer was asked to send compact blocks unasked. */
  isChosen(peer: Address): boolean {
    return this.#chosen.includes(peer)
  }

  onSendCompact(from: Address, highBandwidth: boolean): void {
    if (highBandwidth) this.#wanting.add(from)
    else this.#wanting.delete(from)
  }

  /** The peer brought a new block first: it is to send the next one at once. */
  choose(peer: Address): void {
    const at = this.#chosen.indexOf(peer)
    if (at >= 0) this.#chosen.splice(at, 1)
    else {
      if (this.#chosen.length >= maxHighBandwidthPeers) this.#sendMode(this.#chosen.shift()!, false)
      this.#sendMode(peer, true)
    }
    this.#chosen.push(peer)
  }

  /** Sends a new block, before it is validated, to those who want it so and do not know it yet. */
  push(block: Block, announcements: Announcements): void {
    for (const peer of this.#wanting) if (announcements.note(peer, block.id)) this.send(peer, block)
  }

  send(to: Address, { header }: Block): void {
    const shortIds = new Uint8Array(shortIdLength * (header.transactions - 1))
    const prefilled = new Uint8Array(transactionSize(header))
    this.#host.send(to, { type: 'cmpctblock', header, shortIds, prefilled })
  }

  /** Whether the block is complete with what is in the mempool; if not, its sender is asked for the rest. */
  complete(from: Address, id: string, header: BlockHeader): boolean {
    const missing = this.#partial.get(id)?.missing ?? drawMissing(this.#host.random, header, this.#mempool)
    if (missing.length === 0) return true
    this.#partial.set(id, { header, missing, source: from })
    if (this.#partial.size > maxPartial) this.#partial.delete(this.#partial.keys().next().value!)
    this.#host.send(from, { type: 'getblocktxn', id, indexes: missing })
    return false
  }

  /** The block that these transactions complete; undefined if they were not asked for, or are others. */
  onTransactions(from: Address, { id, payload }: BlockTransactions): BlockHeader | undefined {
    const partial = this.#partial.get(id)
    if (partial?.source !== from) return undefined
    const { header, missing } = partial
    return payload.length === missing.length * transactionSize(header) ? header : undefined
  }

  sendTransactions(to: Address, { indexes }: GetBlockTransactions, block: Block | undefined): void {
    if (block === undefined) return
    const { id, header } = block
    if (indexes.some((index) => index >= header.transactions)) return
    const payload = new Uint8Array(indexes.length * transactionSize(header))
    this.#host.send(to, { type: 'blocktxn', id, payload })
  }

  /** The block is here. */
  end(id: string): void {
    this.#partial.delete(id)
  }

  #sendMode(peer: Address, highBandwidth: boolean): void {
    this.#host.send(peer, { type: 'sendcmpct', highBandwidth })
  }
}

/** The places of the transactions that a node lacks. The first one comes with the block. */
function drawMissing(random: Random, { transactions }: BlockHeader, model: MempoolModel): number[] {
  if (transactions === 1 || !random.chance(model.incompleteChance)) return []
  const missing: number[] = []
  for (let i = 1; i < transactions; i++) if (random.chance(model.missingShare)) missing.push(i)
  return missing.length > 0 ? missing : [1 + random.integer(transactions - 1)]
}
