import type { Data } from '../core/data.ts'
import type { Observer } from '../core/observer.ts'
import type { Millis } from '../core/time.ts'
import type { Payment } from '../protocols/payments/messages.ts'

/** Where a block was mined: on a side of a cut, or on a chain of such a side; `common` = before any cut. */
export type Branch = 'common' | 'near' | 'far'

interface Mined {
  readonly id: string
  readonly parent: string
  readonly height: number
  readonly branch: Branch
}

/** All blocks and payments of a run, and what each node holds for true. Seen from what nodes report. */
export class PartitionLedger implements Observer {
  readonly #sideOf: (node: number) => Branch
  readonly #blocks = new Map<string, Mined>()
  readonly #payments = new Map<string, Payment>()
  /** For each payment the nodes whose chain has it. */
  readonly #confirmed = new Map<string, Set<number>>()
  /** Payments that were in a chain and will never be in the one that stays. */
  readonly #vanished = new Set<string>()
  /** Nodes for whom a payment to them has vanished, having been in their own chain. */
  readonly #robbed = new Set<number>()
  #deepest = 0

  /** @param sideOf on which side of the cut a node is now; `common` while there is none */
  constructor(sideOf: (node: number) => Branch) {
    this.#sideOf = sideOf
  }

  /** How many blocks were mined. */
  get blocks(): number {
    return this.#blocks.size
  }

  get payments(): ReadonlyMap<string, Payment> {
    return this.#payments
  }

  /** Payments that some node had in its chain, and that a longer chain has undone for good. */
  get vanished(): ReadonlySet<string> {
    return this.#vanished
  }

  /** The longest chain that a node had to give up, in blocks. */
  get deepest(): number {
    return this.#deepest
  }

  /** Coins that different nodes hold for spent by different payments. */
  get conflicts(): number {
    const payments = new Map<string, number>()
    for (const [id, nodes] of this.#confirmed) {
      const { coin } = this.#payments.get(id)!
      if (nodes.size > 0) payments.set(coin, (payments.get(coin) ?? 0) + 1)
    }
    return [...payments.values()].filter((count) => count > 1).length
  }

  /** To be called before a payment is made. */
  note(payment: Payment): void {
    this.#payments.set(payment.id, payment)
    this.#confirmed.set(payment.id, new Set())
  }

  branchOf(block: string): Branch {
    return this.#blocks.get(block)?.branch ?? 'common'
  }

  isRobbed(node: number): boolean {
    return this.#robbed.has(node)
  }

  /** Whether the payment is in the chain of this node. */
  isConfirmedAt(node: number, payment: string): boolean {
    return this.#confirmed.get(payment)?.has(node) === true
  }

  /** The ids of the chain that ends with this block, that one first. */
  chainOf(tip: string): string[] {
    const chain: string[] = []
    for (let block = this.#blocks.get(tip); block !== undefined; block = this.#blocks.get(block.parent))
      chain.push(block.id)
    return chain
  }

  heightOf(block: string): number {
    return this.#blocks.get(block)?.height ?? 0
  }

  onReport(_time: Millis, node: number, event: string, detail: Data | undefined): void {
    if (event === 'mined') this.#onMined(node, detail as unknown as Omit<Mined, 'branch'>)
    if (event === 'reorganized') this.#deepest = Math.max(this.#deepest, (detail as { depth: number }).depth)
    if (event !== 'confirmed' && event !== 'returned' && event !== 'vanished') return
    const { id } = detail as { readonly id: string }
    const nodes = this.#confirmed.get(id)
    // A payment that nobody has made is a liar's invention.
    if (nodes === undefined) return
    if (event === 'confirmed') {
      nodes.add(node)
      if (this.#payments.get(id)!.to === nameOf(node)) this.#robbed.delete(node)
    } else if (nodes.delete(node) && event === 'vanished') {
      this.#vanished.add(id)
      if (this.#payments.get(id)!.to === nameOf(node)) this.#robbed.add(node)
    }
  }

  #onMined(node: number, { id, parent, height }: Omit<Mined, 'branch'>): void {
    const side = this.#sideOf(node)
    const branch = side === 'common' ? this.branchOf(parent) : side
    this.#blocks.set(id, { id, parent, height, branch })
  }
}

/** What a payee is called in payments. */
export function nameOf(node: number): string {
  return `node ${node}`
}
