import { paymentBlockId, type Payment, type PaymentBlock } from './messages.ts'

/** A block whose parents are all here. */
export interface LinkedBlock {
  readonly id: string
  readonly block: PaymentBlock
  /** Undefined for blocks on the empty chain. */
  readonly parent: LinkedBlock | undefined
}

/** What became of a block that was added. */
export type PaymentAddition = 'linked' | 'orphan' | 'invalid'

/** The id of the empty chain's end. */
export const emptyChain = ''

const maxOrphans = 200

/** All blocks of a node, and which chain it is on: the longest, and of equally long ones the first that was complete. */
export class PaymentChain {
  readonly #blocks = new Map<string, LinkedBlock>()
  readonly #orphans = new Map<string, PaymentBlock>()
  #tip: LinkedBlock | undefined = undefined

  /** The end of the chain; undefined while it is empty. */
  get tip(): LinkedBlock | undefined {
    return this.#tip
  }

  get height(): number {
    return this.#tip?.block.height ?? 0
  }

  get(id: string): LinkedBlock | undefined {
    return this.#blocks.get(id)
  }

  /** Whether the block is here, linked or not. */
  has(id: string): boolean {
    return id === emptyChain || this.#blocks.has(id) || this.#orphans.has(id)
  }

  /** The first block on the way back from an orphan that is not here. */
  missingBefore(id: string): string {
    let missing = id
    for (let block = this.#orphans.get(missing); block !== undefined; block = this.#orphans.get(missing)) {
      missing = block.parent
    }
    return missing
  }

  /** Takes a block in, and the orphans that it links: all that are linked now are returned, in order. */
  add(block: PaymentBlock): { readonly addition: PaymentAddition; readonly linked: readonly LinkedBlock[] } {
    const id = paymentBlockId(block)
    if (block.parent !== emptyChain && !this.#blocks.has(block.parent)) {
      this.#orphans.set(id, block)
      if (this.#orphans.size > maxOrphans) this.#orphans.delete(this.#orphans.keys().next().value!)
      return { addition: 'orphan', linked: [] }
    }
    const linked: LinkedBlock[] = []
    // The list grows while it is walked: each block may have orphans of its own.
    const next = [{ id, block }]
    for (const each of next) {
      const parent = this.#blocks.get(each.block.parent)
      this.#orphans.delete(each.id)
      if (!isValidOn(each.block, parent)) continue
      const added = { ...each, parent }
      this.#blocks.set(each.id, added)
      linked.push(added)
      for (const [orphan, waiting] of this.#orphans) {
        if (waiting.parent === each.id) next.push({ id: orphan, block: waiting })
      }
    }
    return { addition: linked.length > 0 ? 'linked' : 'invalid', linked }
  }

  /** Moves to the chain that ends with this block, if it is longer. Returns what is no longer in the chain, and what is new. */
  moveTo(block: LinkedBlock): { readonly left: readonly LinkedBlock[]; readonly joined: readonly LinkedBlock[] } {
    if (block.block.height <= this.height) return { left: [], joined: [] }
    const left: LinkedBlock[] = []
    const joined: LinkedBlock[] = []
    let [old, fresh]: [LinkedBlock | undefined, LinkedBlock | undefined] = [this.#tip, block]
    while (old !== fresh) {
      if ((old?.block.height ?? 0) > (fresh?.block.height ?? 0)) {
        left.push(old!)
        old = old!.parent
      } else {
        joined.push(fresh!)
        fresh = fresh!.parent
      }
    }
    this.#tip = block
    return { left: left.reverse(), joined: joined.reverse() }
  }

  /** The payment that has spent the coin on this node's chain. */
  spentBy(coin: string): Payment | undefined {
    return spentOn(this.#tip, coin)
  }
}

function isValidOn({ height, payments }: PaymentBlock, parent: LinkedBlock | undefined): boolean {
  if (height !== (parent?.block.height ?? 0) + 1) return false
  const coins = new Set(payments.map(({ coin }) => coin))
  return coins.size === payments.length && payments.every(({ coin }) => spentOn(parent, coin) === undefined)
}

function spentOn(tip: LinkedBlock | undefined, coin: string): Payment | undefined {
  for (let each = tip; each !== undefined; each = each.parent) {
    const payment = each.block.payments.find((payment) => payment.coin === coin)
    if (payment !== undefined) return payment
  }
  return undefined
}
