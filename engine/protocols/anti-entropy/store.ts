/**
 * A replicated store as plain values: which of two writes counts, how two stores become one, and how a store is summed
 * up, whole or range by range. Everything here is a pure function.
 *
 * A write counts by (time, writer), where the time is a Lamport clock of its key: one more than that of the write it
 * replaces. So writes are in one order everywhere, to merge is to take the later one, and nobody has to know who the
 * writers are. The price: of two writes that did not know of each other, one is lost in silence. Version vectors would
 * keep both, and leave it to the application to choose.
 */
import { maxAddress, type Address } from '../../core/address.ts'
import { sha256 } from '../../core/hash.ts'

/** The latest write of a key that a replica knows of. */
export interface StoreEntry {
  /** Up to 256 characters. */
  readonly key: string
  /** Up to 4096 characters. null = deleted: a tombstone, for else a replica that has slept would bring the value back. */
  readonly value: string | null
  /** From 1 to 2^48. */
  readonly time: number
  readonly writer: Address
}

export const maxStoreTime = 2 ** 48

/** Whether `a` counts more than `b`, a write of the same key. Of two different writes one always does. */
export function isNewer(a: StoreEntry, b: StoreEntry): boolean {
  if (a.time !== b.time) return a.time > b.time
  if (a.writer !== b.writer) return a.writer > b.writer
  // The same time and writer twice is a lie, or a replica that has lost its storage: any order will do, if all have it.
  if (a.value === null || b.value === null) return a.value === null && b.value !== null
  return a.value > b.value
}

/** Of each key the entry that counts, in the order of the keys. Commutative, associative, idempotent. */
export function merge(mine: readonly StoreEntry[], theirs: readonly StoreEntry[]): StoreEntry[] {
  const merged = new Map<string, StoreEntry>()
  for (const entry of [...mine, ...theirs]) {
    const other = merged.get(entry.key)
    if (other === undefined || isNewer(entry, other)) merged.set(entry.key, entry)
  }
  return [...merged.values()].sort((a, b) => (a.key < b.key ? -1 : 1))
}

/**
 * Sixteen hexadecimal digits that are the same for the same entries, in any order, and for others differ (but for one
 * chance in 2^64, which somebody with time could look for).
 * @param prefix only the entries in this range count; see {@link isInRange}
 */
export function digest(entries: readonly StoreEntry[], prefix = ''): string {
  const inRange = entries.filter((entry) => isInRange(entry, prefix))
  return hashOf(inRange.map((entry) => fingerprintOf(entry).entry).sort())
}

/** A range is named by hexadecimal digits: the keys whose hash begins with them. Ranges split evenly, whatever the keys. */
export function isInRange(entry: StoreEntry, prefix: string): boolean {
  return fingerprintOf(entry).key.startsWith(prefix)
}

/** Whether a field is an entry. */
export function isStoreEntry(value: unknown): value is StoreEntry {
  const { key, value: stored, time, writer } = (value ?? {}) as Partial<StoreEntry>
  return (
    isText(key, 256) &&
    (stored === null || isText(stored, 4096)) &&
    isWhole(time, 1, maxStoreTime) &&
    isWhole(writer, 0, maxAddress)
  )
}

function isText(value: unknown, maxLength: number): boolean {
  return typeof value === 'string' && value.length <= maxLength
}

function isWhole(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max
}

interface Fingerprint {
  readonly key: string
  readonly entry: string
}

/** An entry is hashed once, however often its range is summed up. */
const fingerprints = new WeakMap<StoreEntry, Fingerprint>()

function fingerprintOf(entry: StoreEntry): Fingerprint {
  const known = fingerprints.get(entry)
  if (known !== undefined) return known
  const { key, value, time, writer } = entry
  const fingerprint = { key: hashOf([key]), entry: hashOf([key, value, time, writer]) }
  fingerprints.set(entry, fingerprint)
  return fingerprint
}

function hashOf(parts: readonly (string | number | null)[]): string {
  const text = JSON.stringify(parts)
  const bytes = new Uint8Array(2 * text.length)
  for (let i = 0; i < text.length; i++) {
    bytes[2 * i] = text.charCodeAt(i) >> 8
    bytes[2 * i + 1] = text.charCodeAt(i) & 0xff
  }
  return Array.from(sha256(bytes).subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
