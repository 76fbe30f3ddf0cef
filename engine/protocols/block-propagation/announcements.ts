import type { Address } from '../../core/address.ts'

/** Of so many blocks it is remembered who knows them. */
const maxBlocks = 1000

/** Which peers know of which blocks, so that nobody is told twice. */
export class Announcements {
  /** By block, in order of first mention: the oldest go first. */
  readonly #knowers = new Map<string, Set<Address>>()

  /** The peer knows the block: it said so, or was told. False if that was known. */
  note(peer: Address, id: string): boolean {
    let knowers = this.#knowers.get(id)
    if (knowers === undefined) {
      this.#knowers.set(id, (knowers = new Set<Address>()))
      if (this.#knowers.size > maxBlocks) this.#knowers.delete(this.#knowers.keys().next().value!)
    }
    if (knowers.has(peer)) return false
    knowers.add(peer)
    return true
  }
}
