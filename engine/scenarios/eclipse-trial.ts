import { deriveStream } from '../core/random.ts'
import { AddressTable } from '../protocols/address-table/address-table.ts'
import { groupOf, type Ipv4Endpoint } from '../protocols/address-table/endpoint.ts'
import type { TableEntry } from '../protocols/address-table/table-entry.ts'

/** What a table is like for who would own it. */
export interface TableShares {
  /** Of the tried addresses, the attacker's: 0 to 1; null where there are none. */
  readonly tried: number | null
  /** Of the new addresses, those where nobody is. */
  readonly trash: number | null
  readonly triedCount: number
  readonly newCount: number
}

/** Counts a table's entries; looks at all of them. */
export function sharesOf(
  { store }: AddressTable,
  isAttacker: (endpoint: Ipv4Endpoint) => boolean,
  isNobody: (endpoint: Ipv4Endpoint) => boolean,
): TableShares {
  const counts = { tried: 0, new: 0, attackers: 0, trash: 0 }
  for (const { endpoint, inTried } of store.entries) {
    counts[inTried ? 'tried' : 'new']++
    if (inTried && isAttacker(endpoint)) counts.attackers++
    if (!inTried && isNobody(endpoint)) counts.trash++
  }
  return {
    tried: counts.tried === 0 ? null : counts.attackers / counts.tried,
    trash: counts.new === 0 ? null : counts.trash / counts.new,
    triedCount: counts.tried,
    newCount: counts.new,
  }
}

export interface TrialOptions {
  readonly seed: number
  /** Tells the draws of this trial from others. */
  readonly label: string
  readonly now: number
  /** How many connections the node makes, no two into one group. */
  readonly connections: number
  readonly tries: number
  readonly answers: (endpoint: Ipv4Endpoint) => boolean
  readonly isAttacker: (endpoint: Ipv4Endpoint) => boolean
}

/** One address of its table is drawn so many times before the node is taken to have found nobody. */
const maxDraws = 2000

/**
 * How often the node would go to the attacker with all of its connections, if it restarted now: tries on a copy of its
 * table, with the table's own selection. As Heilman et al. assume, nobody in new answers, since it is full of trash.
 */
export function trialRestarts(table: AddressTable, options: TrialOptions): number {
  const { seed, label, now, tries } = options
  const random = deriveStream(seed, 'trial', label)
  const copy = new AddressTable({ random, now: () => now, parameters: table.parameters, key: table.key })
  for (const entry of table.store.entries) {
    if (!entry.inTried || !options.answers(entry.endpoint)) continue
    // As after a restart: tries are forgotten.
    const fresh: TableEntry = { ...entry, lastTry: undefined, newBuckets: [] }
    copy.store.putInTried(fresh, copy.store.placement.triedBucket(entry.endpoint))
  }
  let captured = 0
  for (let i = 0; i < tries; i++) if (isCaptured(copy, options)) captured++
  return captured / tries
}

function isCaptured(table: AddressTable, { connections, isAttacker }: TrialOptions): boolean {
  const groups = new Set<number>()
  for (let draws = 0; groups.size < connections && draws < maxDraws; draws++) {
    const peer = table.select({ outgoing: groups.size })
    if (peer === undefined) return false
    if (groups.has(groupOf(peer))) continue
    if (!isAttacker(peer)) return false
    groups.add(groupOf(peer))
  }
  return groups.size > 0
}
