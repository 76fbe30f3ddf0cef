import { deriveStream, type Stream } from '@peerlab/engine'
import {
  AddressTable,
  bitcoind093Table,
  parseEndpoint,
  randomEndpoint,
  restoreTable,
  saveTable,
  type Ipv4Endpoint,
  type TableEntry,
  type TableParameters,
} from '@peerlab/engine'

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour

/** A table with a clock that the test sets, and a random stream of its own for the test. */
export interface TableUnderTest {
  readonly table: AddressTable
  readonly clock: { now: number }
  readonly random: Stream
}

export function tableUnderTest(parameters: Partial<TableParameters> = {}, seed = 1): TableUnderTest {
  const clock = { now: 0 }
  const options = { random: deriveStream(seed, 'table'), now: () => clock.now }
  const table = new AddressTable({ ...options, parameters: { ...bitcoind093Table, ...parameters } })
  return { table, clock, random: deriveStream(seed, 'test') }
}

/** The table after a restart of its node, under other parameters if some are given. */
export function restarted({ table, clock, random }: TableUnderTest, parameters = table.parameters): TableUnderTest {
  const options = { random: deriveStream(random.integer(2 ** 32), 'restart'), now: () => clock.now, parameters }
  return { table: restoreTable(saveTable(table) as never, options), clock, random }
}

export function endpoint(text: string): Ipv4Endpoint {
  const parsed = parseEndpoint(text)
  if (parsed === undefined) throw new Error(`${text} is no endpoint`)
  return parsed
}

/** Someone connects, or is connected to: the address is in tried then, if it is not kept out. */
export function connect({ table, clock }: TableUnderTest, address: Ipv4Endpoint): void {
  table.add(address, address, clock.now)
  table.good(address)
}

/** Connects with this many addresses at random, one after the other until now. */
export function connectAtRandom(run: TableUnderTest, count: number, span = 0): Ipv4Endpoint[] {
  const end = run.clock.now
  const addresses = Array.from({ length: count }, () => randomEndpoint(run.random, 8333))
  for (const [i, address] of addresses.entries()) {
    run.clock.now = end - span + (span * i) / count
    connect(run, address)
  }
  run.clock.now = end
  return addresses
}

/** What a table holds, to compare: one line an entry, without the tries, which a restart forgets. */
export function contents(table: AddressTable): string[] {
  const line = ({ endpoint, source, time, lastSuccess, attempts, inTried, newBuckets }: TableEntry): string =>
    [endpoint, source, time, lastSuccess, attempts, inTried, ...newBuckets].join()
  return Array.from(table.store.entries, line).sort()
}

/** Throws where the parts of a table contradict each other. Looks at everything. */
export function checkTable(table: AddressTable): void {
  const { parameters, store } = table
  const { placement } = store
  const count = { tried: 0, new: 0 }
  for (const entry of store.entries) {
    count[entry.inTried ? 'tried' : 'new']++
    const own = entry.inTried ? [placement.triedBucket(entry.endpoint)] : entry.newBuckets
    const grid = entry.inTried ? store.tried : store.new
    const fits =
      store.find(entry.endpoint) === entry &&
      (entry.inTried ? entry.newBuckets.length === 0 && entry.lastSuccess !== undefined : own.length > 0) &&
      own.length <= parameters.maxNewPositions &&
      new Set(own).size === own.length &&
      own.every((bucket) => grid.entries(bucket).filter((each) => each === entry).length === 1)
    if (!fits) throw new Error(`entry ${JSON.stringify(entry)} is not where it says it is`)
    if (parameters.eviction !== 'fixed-position') continue
    for (const bucket of own) {
      const position = placement.position(entry.endpoint, entry.inTried ? 'tried' : 'new', bucket)
      if (grid.at(bucket, position) !== entry) throw new Error(`${entry.endpoint} is not at its position`)
    }
  }
  if (count.tried !== table.triedCount || count.new !== table.newCount) throw new Error('the counts are wrong')
  for (const [grid, buckets] of [
    [store.tried, parameters.triedBuckets],
    [store.new, parameters.newBuckets],
  ] as const) {
    let occupied = 0
    for (let bucket = 0; bucket < buckets; bucket++) {
      const entries = grid.entries(bucket)
      if (entries.length > 0) occupied++
      if (entries.length !== grid.count(bucket) || entries.length > parameters.bucketSize)
        throw new Error(`bucket ${bucket} counts ${grid.count(bucket)} of ${entries.length}`)
      for (const entry of entries) if (store.find(entry.endpoint) !== entry) throw new Error(`a ghost in ${bucket}`)
    }
    if (occupied !== grid.occupied) throw new Error('the list of buckets is wrong')
  }
}
