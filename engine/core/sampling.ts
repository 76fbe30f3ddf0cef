import { checkInteger } from './errors.ts'

/**
 * What to keep of a long row of things where there is room for `limit`: the first half of the room is for the first
 * things, all of them; the other half is for every k-th of those that follow. When it is full, k doubles and every second
 * thing there is let go. So the beginning is whole, and the rest is evenly thin.
 */
export class Sampling {
  readonly limit: number
  /** Things up to this number, counted from 1, are all kept. */
  readonly whole: number
  /** Of the things behind, one in so many is kept: a power of two. */
  every = 1
  /** How many things came by. */
  seen = 0
  /** How many of them are kept. */
  kept = 0

  constructor(limit: number) {
    this.limit = checkInteger('limit', limit, { min: 2, max: 2 ** 31 })
    this.whole = limit >> 1
  }

  /**
   * One more came by. True where it is to be kept, at the end. `thin` is called before that, where room must be made:
   * with {@link thinned}, for each list that holds the things.
   */
  next(thin: () => void): boolean {
    const number = ++this.seen
    if (this.kept === this.limit) {
      this.every *= 2
      this.kept = this.whole + ((this.limit - this.whole) >> 1)
      thin()
    }
    if (number > this.whole && (number - this.whole) % this.every !== 0) return false
    this.kept++
    return true
  }

  /** Where the thing with this number is kept, from 0; -1 = it is not. */
  indexOf(number: number): number {
    if (!(Number.isInteger(number) && number >= 1 && number <= this.seen)) return -1
    if (number <= this.whole) return number - 1
    const behind = (number - this.whole) / this.every
    return Number.isInteger(behind) ? this.whole + behind - 1 : -1
  }

  /** The number of the thing that is kept at this place. */
  numberAt(index: number): number {
    return index < this.whole ? index + 1 : this.whole + (index - this.whole + 1) * this.every
  }

  /** Lets go of every second thing behind the whole ones. */
  thinned<List extends { [index: number]: unknown }>(list: List): void {
    for (let index = this.whole; index < this.kept; index++) list[index] = list[2 * index - this.whole + 1]
  }
}
