import { WrongUse } from '../failure.ts'
import { maxRuns, tooManyRuns } from './ranges.ts'

/** Both ends belong to it. */
export interface SeedRange {
  readonly first: number
  readonly last: number
}

/** A set of seeds in ascending order, however large, held as ranges. */
export class Seeds {
  /** Ascending, and apart from each other. */
  readonly ranges: readonly SeedRange[]
  readonly count: number
  /** How many seeds come before each range. */
  readonly #before: readonly number[]

  constructor(ranges: readonly SeedRange[]) {
    this.ranges = ranges
    let count = 0
    this.#before = ranges.map((range) => (count += length(range)) - length(range))
    this.count = count
  }

  /** The seed at a place, counted from 0. */
  at(place: number): number {
    const range = lastWhere(this.#before, (before) => before <= place)
    return this.ranges[range]!.first + place - this.#before[range]!
  }

  /** The place of a seed, or -1. */
  indexOf(seed: number): number {
    const range = lastWhere(this.ranges, ({ first }) => first <= seed)
    if (range < 0 || seed > this.ranges[range]!.last) return -1
    return this.#before[range]! + seed - this.ranges[range]!.first
  }

  toString(): string {
    return this.ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}..${last}`)).join(',')
  }
}

/** Reads `1..200`, `1,5,9`, or both: `1..100,205`. */
export function readSeeds(text: string | undefined): Seeds {
  if (text === undefined) {
    throw new WrongUse('A sweep needs seeds: each point is run once with each of them.', 'For example: --seeds 1..200')
  }
  const ranges = text.split(',').map((item) => readSeedRange(text, item.trim()))
  ranges.sort((a, b) => a.first - b.first)
  const joined: SeedRange[] = []
  for (const range of ranges) {
    const before = joined.at(-1)
    if (before !== undefined && range.first <= before.last) {
      throw new WrongUse(`--seeds ${text} has the seed ${range.first} twice.`, 'Leave one of the two out.')
    }
    if (before !== undefined && range.first === before.last + 1) {
      joined.splice(-1, 1, { first: before.first, last: range.last })
    } else joined.push(range)
  }
  const seeds = new Seeds(joined)
  if (seeds.count > maxRuns) throw tooManyRuns(seeds.count)
  return seeds
}

function readSeedRange(all: string, item: string): SeedRange {
  const [, first = '', last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(item) ?? []
  const range = { first: Number(first), last: Number(last) }
  if (first === '' || !Number.isSafeInteger(range.first) || !Number.isSafeInteger(range.last)) {
    throw new WrongUse(
      `--seeds cannot be "${all}".`,
      `It must be whole numbers from 0 to ${Number.MAX_SAFE_INTEGER}, for example: --seeds 1..200 or --seeds 1,5,9`,
    )
  }
  if (range.last < range.first) {
    throw new WrongUse(`--seeds ${item} goes downwards.`, `Write the smaller seed first: --seeds ${last}..${first}`)
  }
  return range
}

function length({ first, last }: SeedRange): number {
  return last - first + 1
}

/** The last place of an ascending list at which the condition holds, or -1. It holds up to there. */
function lastWhere<T>(list: readonly T[], holds: (item: T) => boolean): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(list[middle]!)) low = middle + 1
    else high = middle
  }
  return low - 1
}
