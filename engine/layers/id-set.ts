/**
 * The ids that a node has seen. A `Set` takes 150 bytes from its first entry on; this one takes 40 while it holds no more
 * than one id, as in a run in which a million nodes hear of one rumor.
 */
export class IdSet {
  #first: string | undefined = undefined
  #others: Set<string> | undefined = undefined

  get size(): number {
    return this.#first === undefined ? 0 : 1 + (this.#others?.size ?? 0)
  }

  has(id: string): boolean {
    return this.#first === id || this.#others?.has(id) === true
  }

  /** Adding what is there changes nothing. */
  add(id: string): void {
    if (this.#first === undefined) this.#first = id
    else if (this.#first !== id) (this.#others ??= new Set()).add(id)
  }
}
