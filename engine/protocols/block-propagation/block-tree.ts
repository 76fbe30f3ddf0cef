import { blockId, genesis, type BlockHeader } from './block.ts'

/** A block that a node has, and that leads back to the first block. */
export interface Block {
  readonly id: string
  readonly header: BlockHeader
  readonly parent: Block | undefined
  /** Has been validated. */
  isValid: boolean
}

/** What became of a block that was added. */
export type Addition = 'linked' | 'orphan' | 'invalid'

/** So many blocks whose parent is missing are kept, as in Bitcoin before it fetched headers first. */
const maxOrphans = 750

/** All blocks of a node: the tree that leads back to the first block, and orphans that wait for their parent. */
export class BlockTree {
  readonly #blocks = new Map<string, Block>()
  /** By id, in order of arrival: the oldest go first. */
  readonly #orphans = new Map<string, BlockHeader>()

  constructor() {
    const id = blockId(genesis)
    this.#blocks.set(id, { id, header: genesis, parent: undefined, isValid: true })
  }

  get(id: string): Block | undefined {
    return this.#blocks.get(id)
  }

  /** Whether the block is here: linked, or as an orphan. */
  has(id: string): boolean {
    return this.#blocks.has(id) || this.#orphans.has(id)
  }

  /** Adds a block and, if it is linked, the orphans that it makes linked: all of them are returned. */
  add(header: BlockHeader): { readonly addition: Addition; readonly linked: readonly Block[] } {
    const id = blockId(header)
    const parent = this.#blocks.get(header.parent)
    if (parent === undefined) {
      this.#orphans.set(id, header)
      if (this.#orphans.size > maxOrphans) this.#orphans.delete(this.#orphans.keys().next().value!)
      return { addition: 'orphan', linked: [] }
    }
    if (header.height !== parent.header.height + 1) return { addition: 'invalid', linked: [] }
    const linked: Block[] = [{ id, header, parent, isValid: false }]
    // The list grows while it is walked: each block may have orphans of its own.
    for (const block of linked) {
      this.#blocks.set(block.id, block)
      for (const [orphan, waiting] of this.#orphans) {
        if (waiting.parent !== block.id) continue
        this.#orphans.delete(orphan)
        if (waiting.height !== block.header.height + 1) continue
        linked.push({ id: orphan, header: waiting, parent: block, isValid: false })
      }
    }
    return { addition: 'linked', linked }
  }
}

/** The block where two chains part: the last one that both have. */
export function forkOf(one: Block, other: Block): Block {
  let [a, b] = [one, other]
  while (a !== b) {
    if (a.header.height >= b.header.height) a = a.parent!
    else b = b.parent!
  }
  return a
}

/** Whether the block is on the chain that ends with the tip. */
export function isOn(block: Block, tip: Block): boolean {
  return forkOf(block, tip) === block
}

/** The blocks of a chain after this one, the first one first. */
export function chainAfter(start: Block, tip: Block): Block[] {
  const chain: Block[] = []
  for (let block = tip; block !== start; block = block.parent!) chain.push(block)
  return chain.reverse()
}
