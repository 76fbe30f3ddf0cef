import type { Data } from '../../core/data.ts'
import { AddressTable, type AddressTableOptions } from './address-table.ts'
import { isRoutable, type Ipv4Endpoint } from './endpoint.ts'
import type { PlacementKey } from './placement.ts'
import type { TableEntry } from './table-entry.ts'

/**
 * A table as plain data: the key, and the entries as one flat list of numbers, since a full table of 82,000 addresses
 * has to fit into the storage of a node. As in peers.dat, tries are forgotten.
 */
export type SavedTable = { readonly key: PlacementKey; readonly entries: readonly (number | null)[] }

/** What a node keeps of its table, for the next start. */
export function saveTable(table: AddressTable): SavedTable {
  const entries: (number | null)[] = []
  for (const { endpoint, source, time, lastSuccess, attempts, inTried, newBuckets } of table.store.entries) {
    entries.push(endpoint, source, time, lastSuccess ?? null, attempts, inTried ? -1 : newBuckets.length, ...newBuckets)
  }
  return { key: table.key, entries }
}

/**
 * The table that was saved, under these options; the key is the saved one. Under other parameters an address goes where
 * it belongs now, if there is room, and is lost otherwise. Throws for data that no table was saved as.
 */
export function restoreTable(saved: Data, options: Omit<AddressTableOptions, 'key'>): AddressTable {
  const { key, entries } = saved as unknown as SavedTable
  if (!Array.isArray(entries)) throw new Error('the saved table has no entries; store only what saveTable gives')
  const table = new AddressTable({ ...options, key })
  for (let at = 0; at < entries.length;) at = restoreEntry(table, entries as (number | null)[], at, options.now())
  return table
}

function restoreEntry(table: AddressTable, saved: readonly (number | null)[], at: number, now: number): number {
  const [endpoint, source, time, lastSuccess, attempts, positions] = saved.slice(at, at + 6) as [
    Ipv4Endpoint,
    Ipv4Endpoint,
    number,
    number | null,
    number,
    number,
  ]
  if (positions === undefined || !isRoutable(endpoint)) {
    throw new Error(`the saved table is broken at ${at}; store only what saveTable gives`)
  }
  const { store, parameters } = table
  const success = { lastSuccess: lastSuccess ?? undefined, lastTry: undefined, attempts }
  const entry: TableEntry = { endpoint, source, time, ...success, inTried: false, newBuckets: [] }
  const end = at + 6 + Math.max(0, positions)
  if (store.isTaken(endpoint)) return end
  if (positions < 0) {
    if (store.incumbentOf(entry) === undefined) store.putInTried(entry, store.placement.triedBucket(endpoint))
    return end
  }
  const own = store.placement.newBucket(endpoint, source)
  for (const bucket of saved.slice(at + 6, end) as number[]) {
    if (entry.newBuckets.length >= parameters.maxNewPositions) break
    store.putInNew(entry, bucket < parameters.newBuckets ? bucket : own, now)
  }
  return end
}
