import type { Host } from '../../core/host.ts'
import { blockId, genesis, isBlockHeader, type BlockHeader } from './block.ts'
import { BlockTree, chainAfter, forkOf, type Addition, type Block } from './block-tree.ts'

/** From one best chain to another. */
export interface TipChange {
  /** Blocks that are no longer part of it, the first one first. */
  readonly disconnected: readonly Block[]
  readonly connected: readonly Block[]
}

/**
 * What a node holds for true: of all chains that it knows the longest, and of equally long ones the one that it knew
 * first. The blocks survive a crash, as on a disk.
 */
export class Chain {
  readonly #host: Host<never>
  readonly #tree = new BlockTree()
  #tip: Block
  /** The end of the longest chain, validated or not. */
  #best: Block

  constructor(host: Host<never>) {
    this.#host = host
    this.#tip = this.#tree.get(blockId(genesis))!
    this.#best = this.#tip
  }

  /** The end of the validated chain. */
  get tip(): Block {
    return this.#tip
  }

  /** The end of the longest chain; the tip itself when there is none longer. */
  get best(): Block {
    return this.#best
  }

  /** The block to move to next: as high as one above the tip, on the way to the best; undefined when it is reached. */
  get next(): Block | undefined {
    if (this.#best === this.#tip) return undefined
    let block = this.#best
    while (block.header.height > this.#tip.header.height + 1) block = block.parent!
    return block
  }

  get(id: string): Block | undefined {
    return this.#tree.get(id)
  }

  has(id: string): boolean {
    return this.#tree.has(id)
  }

  /** Reads what an earlier life has stored. */
  load(): void {
    const { storage } = this.#host
    const stored = storage.keys().flatMap((key) => {
      const header = key.startsWith('block/') ? storage.get(key) : undefined
      return isBlockHeader(header) ? [header] : []
    })
    // Parents first; of equal heights in the order in which they came.
    const blocks = stored.sort((a, b) => a.height - b.height).flatMap((header) => this.#tree.add(header).linked)
    const id = storage.get('tip')
    const tip = typeof id === 'string' ? this.#tree.get(id) : undefined
    if (tip !== undefined) this.#setTip(tip)
    for (const block of blocks) this.#compare(block)
  }

  /** Takes a block in. Also returns the blocks that are linked now, in order. */
  add(header: BlockHeader): { readonly addition: Addition; readonly linked: readonly Block[] } {
    const added = this.#tree.add(header)
    for (const block of added.linked) {
      this.#host.storage.set(`block/${block.id}`, { ...block.header })
      this.#compare(block)
    }
    return added
  }

  /** What has to be validated to make this block the tip, the first one first. */
  unvalidated(block: Block): readonly Block[] {
    return chainAfter(forkOf(this.#tip, block), block).filter(({ isValid }) => !isValid)
  }

  /** Makes the best block, or one on the way to it, the tip: it and all before it are valid. */
  moveTo(block: Block): TipChange {
    const fork = forkOf(this.#tip, block)
    const change = { disconnected: chainAfter(fork, this.#tip), connected: chainAfter(fork, block) }
    this.#setTip(block)
    this.#host.storage.set('tip', block.id)
    return change
  }

  #setTip(block: Block): void {
    for (const connected of chainAfter(forkOf(this.#tip, block), block)) connected.isValid = true
    this.#tip = block
  }

  /** Of equally long chains the first one stays. */
  #compare(block: Block): void {
    if (block.header.height > this.#best.header.height) this.#best = block
  }
}
