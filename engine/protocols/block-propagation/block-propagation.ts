/**
 * How blocks travel: who has a new one says so (inv), who lacks it asks for it (getdata), validates it, and says so in
 * turn. Meanwhile another miner may find another block on the same parent: a fork. Each node stays with the block that
 * it got first, until one of the two chains is longer; the blocks of the shorter one are stale.
 *
 * Bitcoin's block relay by inv, as it was before headers were announced (BIP 130); compact blocks as in BIP 152. The
 * longest chain, and the first seen of equals: Nakamoto 2008, section 5. Decker, Wattenhofer: "Information propagation
 * in the Bitcoin network", 2013. Simplified: no proof of work, so blocks cost nothing to forge, and the number of blocks
 * stands for work; no transactions, only their bytes, so every well-formed block is valid; no headers first: a missing
 * parent is fetched from who sent the child, and who was away learns of it by the next block; peers are the topology's
 * neighbors.
 */
import type { Address } from '../../core/address.ts'
import type { Data, Message } from '../../core/data.ts'
import { exponential } from '../../core/distributions.ts'
import { checkInteger } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { reportDuplicate, reportMalformed } from '../rumor.ts'
import { Announcements } from './announcements.ts'
import { blankBytes, blockId, maxBlockSize, maxTransactions, type BlockHeader } from './block.ts'
import { isOn, type Block } from './block-tree.ts'
import { Chain } from './chain.ts'
import { CompactRelay } from './compact-relay.ts'
import { Downloads } from './downloads.ts'
import { isBlockMessage, type BlockMessage, type CompactBlock, type GetData, type Mine } from './messages.ts'
import {
  completeSettings,
  type BlockPropagationOptions,
  type BlockPropagationSettings,
  type Mining,
} from './options.ts'

/** A block further below the tip than this is sent whole; Bitcoin Core's MAX_CMPCTBLOCK_DEPTH. */
const maxCompactDepth = 5

export class BlockPropagation implements Protocol<BlockMessage, Mine> {
  readonly #host: Host<BlockMessage>
  readonly #settings: BlockPropagationSettings
  readonly #mining: Mining | undefined
  readonly #chain: Chain
  readonly #downloads: Downloads
  readonly #compact: CompactRelay
  readonly #announcements = new Announcements()
  /** The block that the node is about to move to, while it validates. */
  #validating: Block | undefined = undefined

  constructor(host: Host<BlockMessage>, options: BlockPropagationOptions = {}) {
    this.#host = host
    this.#settings = completeSettings(options)
    this.#mining = options.mining
    this.#chain = new Chain(host)
    this.#downloads = new Downloads(host, this.#settings.requestTimeout)
    this.#compact = new CompactRelay(host, this.#settings)
  }

  /** The end of the chain that this node holds for the right one. */
  get tip(): { readonly id: string; readonly header: BlockHeader } {
    return this.#chain.tip
  }

  onStart(): void {
    this.#chain.load()
    if (this.#settings.relay !== 'block') this.#compact.start()
    this.#validate()
    this.#searchOn()
  }

  onCommand({ size = this.#settings.blockSize, transactions = this.#settings.transactions }: Mine): void {
    checkInteger('size', size, { min: 0, max: maxBlockSize })
    checkInteger('transactions', transactions, { min: 1, max: maxTransactions })
    this.#mine(size, transactions)
  }

  onTimer(name: string): void {
    if (name === 'validate') return this.#onValidated()
    if (name === 'mine') {
      this.#mine(this.#settings.blockSize, this.#settings.transactions)
      return this.#searchOn()
    }
    const next = this.#downloads.onTimer(name)
    // Where short ids did not lead to the block, the whole block will.
    if (next !== undefined) this.#host.send(next.source, { type: 'getdata', id: next.id, compact: false })
  }

  onMessage(from: Address, message: Message): void {
    if (!isBlockMessage(message)) return reportMalformed(this.#host, message)
    switch (message.type) {
      case 'inv':
        for (const id of message.ids) this.#onOffer(from, id)
        return
      case 'getdata':
        return this.#onGetData(from, message)
      case 'block':
        return this.#onBlock(from, blockId(message.header), message.header)
      case 'sendcmpct':
        if (this.#settings.relay !== 'compact-high-bandwidth') return
        return this.#compact.onSendCompact(from, message.highBandwidth)
      case 'cmpctblock':
        return this.#onCompactBlock(from, message)
      case 'getblocktxn':
        return this.#compact.sendTransactions(from, message, this.#chain.get(message.id))
      case 'blocktxn':
        return this.#onBlock(from, message.id, this.#compact.onTransactions(from, message))
    }
  }

  /** The time to the next block is the same, however long a miner has searched: the search has no memory. */
  #searchOn(): void {
    if (this.#mining === undefined) return
    const { share, interval } = this.#mining
    this.#host.setTimer('mine', exponential(this.#host.random, interval / share))
  }

  #mine(size: number, transactions: number): void {
    const { id: parent, header } = this.#chain.tip
    const nonce = this.#host.random.integer(2 ** 32)
    const mined = { parent, height: header.height + 1, miner: this.#host.address, nonce, size, transactions }
    const block = this.#chain.add(mined).linked[0]!
    this.#host.report('mined', describe(block))
    // A miner knows that its own block is valid. It is late if another one is being validated meanwhile.
    if (this.#chain.best !== block) return this.#host.report('stale', describe(block))
    this.#compact.push(block, this.#announcements)
    this.#moveTo(block)
  }

  #onOffer(from: Address, id: string): void {
    this.#announcements.note(from, id)
    if (this.#chain.has(id) || !this.#downloads.offer(from, id)) return
    this.#host.send(from, { type: 'getdata', id, compact: this.#settings.relay !== 'block' })
  }

  #onGetData(from: Address, { id, compact }: GetData): void {
    const block = this.#chain.get(id)
    if (block === undefined) return
    const depth = this.#chain.tip.header.height - block.header.height
    if (compact && this.#settings.relay !== 'block' && depth <= maxCompactDepth) this.#compact.send(from, block)
    else this.#host.send(from, { type: 'block', header: block.header, payload: blankBytes(block.header.size) })
  }

  #onCompactBlock(from: Address, { header }: CompactBlock): void {
    const id = blockId(header)
    this.#announcements.note(from, id)
    if (this.#chain.has(id)) return reportDuplicate(this.#host, id)
    const isOffer = this.#downloads.sourceOf(id) === undefined
    if (isOffer && !this.#compact.isChosen(from)) return this.#host.report('unrequested', { id, peer: from })
    // A second one of the same block is another source, if the first one fails.
    if (!this.#downloads.offer(from, id) && this.#downloads.sourceOf(id) !== from) return
    if (this.#compact.complete(from, id, header)) this.#onBlock(from, id, header)
  }

  /** A block has come, or has been put together; no header: not a block that was asked for. */
  #onBlock(from: Address, id: string, header: BlockHeader | undefined): void {
    this.#announcements.note(from, id)
    if (this.#chain.has(id)) return reportDuplicate(this.#host, id)
    const isAwaited = this.#downloads.sourceOf(id) !== undefined
    if (header === undefined || !isAwaited) return this.#host.report('unrequested', { id, peer: from })
    this.#downloads.end(id)
    this.#compact.end(id)
    const { addition, linked } = this.#chain.add(header)
    if (addition === 'invalid') return this.#host.report('invalid', { id, peer: from })
    if (addition === 'orphan') return this.#onOffer(from, header.parent)
    const { best, tip } = this.#chain
    for (const block of linked) if (!isOn(block, best)) this.#host.report('stale', describe(block))
    if (best !== tip) this.#compact.push(best, this.#announcements)
    if (best.id === id && this.#settings.relay === 'compact-high-bandwidth') this.#compact.choose(from)
    this.#validate()
  }

  /** One block after another, as Bitcoin Core does; on another branch all that is needed to be longer at once. */
  #validate(): void {
    const { next } = this.#chain
    if (this.#validating !== undefined || next === undefined) return
    this.#validating = next
    const bytes = this.#chain.unvalidated(next).reduce((sum, { header }) => sum + header.size, 0)
    this.#host.setTimer('validate', (bytes / 1_000_000) * this.#settings.validationPerMegabyte)
  }

  #onValidated(): void {
    const block = this.#validating!
    this.#validating = undefined
    this.#moveTo(block)
    this.#validate()
  }

  /** A new best chain: it is announced by its end. */
  #moveTo(block: Block): void {
    const { disconnected, connected } = this.#chain.moveTo(block)
    if (disconnected.length > 0) this.#host.report('reorganized', { depth: disconnected.length, id: block.id })
    for (const stale of disconnected) this.#host.report('stale', describe(stale))
    for (const each of connected) this.#host.report('connected', describe(each))
    for (const peer of Array.from(this.#host.neighbors)) {
      if (this.#announcements.note(peer, block.id)) this.#host.send(peer, { type: 'inv', ids: [block.id] })
    }
  }
}

function describe({ id, header }: Block): Data {
  return { id, height: header.height, miner: header.miner }
}
