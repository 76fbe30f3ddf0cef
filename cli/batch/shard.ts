import { WrongUse } from '../failure.ts'

/** One part of a work that is spread over machines: a sweep, a class. */
export interface Shard {
  /** From 1 to `count`. */
  readonly number: number
  readonly count: number
}

export const wholeSweep: Shard = { number: 1, count: 1 }

/** Reads `2/5`. */
export function readShard(text: string | undefined): Shard {
  if (text === undefined) return wholeSweep
  const [, number = '', count = ''] = /^(\d{1,6})\/(\d{1,6})$/.exec(text.trim()) ?? []
  const shard = { number: Number(number), count: Number(count) }
  if (shard.number >= 1 && shard.number <= shard.count) return shard
  throw new WrongUse(
    `--shard cannot be "${text}".`,
    'It says which part of how many: --shard 2/5 is the second of five, and they are counted from 1.',
  )
}

/**
 * Whether a run, by its number in the sweep, belongs to the shard. Of each `count` runs in a row every shard has one, so
 * shards differ by one run at most. Which one it has changes from row to row: a shard that took every fifth run could
 * have the same seeds at every point, and nobody would see afterwards that they are missing.
 */
export function isInShard({ number, count }: Shard, run: number): boolean {
  return shardOf(run, count) === number
}

export function shardOf(run: number, count: number): number {
  const row = Math.floor(run / count)
  return ((run + (scramble(row) % count)) % count) + 1
}

/** The shard's share of so many runs. */
export function sizeOfShard(shard: Shard, runs: number): number {
  const rows = Math.floor(runs / shard.count)
  let size = rows
  for (let run = rows * shard.count; run < runs; run++) if (isInShard(shard, run)) size++
  return size
}

/** Mixes the bits of a whole number into one from 0 to 2^32 - 1: the last step of MurmurHash3 (Appleby). */
function scramble(value: number): number {
  let bits = (value + 1) | 0
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
