import type { Message } from '../../core/data.ts'
import { isStoreEntry, type StoreEntry } from './store.ts'

/** The sum of the entries in one range. */
export interface RangeDigest {
  /** Hexadecimal digits, eight at most; none = everything. */
  readonly prefix: string
  readonly digest: string
}

/** "My sums of these ranges: where do yours differ?" */
export interface Compare extends Message {
  readonly type: 'compare'
  readonly ranges: readonly RangeDigest[]
}

/** "This is all that I have in this range: give me what I lack." */
export interface Range extends Message {
  readonly type: 'range'
  readonly prefix: string
  readonly entries: readonly StoreEntry[]
}

/** "This is what you lack." */
export interface Entries extends Message {
  readonly type: 'entries'
  readonly entries: readonly StoreEntry[]
}

export type AntiEntropyMessage = Compare | Range | Entries

/** A range splits into so many. */
export const hexDigits = [...'0123456789abcdef']

/** After so many digits a range is not split any more: by then each key is alone, but for those made to collide. */
export const maxDepth = 8

/** Entries in one message at most. */
export const maxBatch = 32

export function isAntiEntropyMessage(message: Message): message is AntiEntropyMessage {
  const { type } = message
  if (type === 'compare') {
    const { ranges } = message as Partial<Compare>
    return Array.isArray(ranges) && ranges.length <= hexDigits.length && ranges.every(isRangeDigest)
  }
  if (type === 'range' && !isPrefix((message as Partial<Range>).prefix)) return false
  const { entries } = message as Partial<Entries>
  return (
    (type === 'range' || type === 'entries') &&
    Array.isArray(entries) &&
    entries.length <= maxBatch &&
    entries.every(isStoreEntry)
  )
}

function isRangeDigest(value: unknown): value is RangeDigest {
  const { prefix, digest } = (value ?? {}) as Partial<RangeDigest>
  return isPrefix(prefix) && typeof digest === 'string' && /^[0-9a-f]{16}$/.test(digest)
}

function isPrefix(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxDepth && /^[0-9a-f]*$/.test(value)
}
