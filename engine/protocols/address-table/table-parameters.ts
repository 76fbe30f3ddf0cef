import { checkInteger, checkNumber } from '../../core/errors.ts'
import { maxMillis, type Millis } from '../../core/time.ts'

const minute: Millis = 60_000
const hour = 60 * minute
const day = 24 * hour

/** What an address table is like. {@link bitcoind093Table} and {@link bitcoinCoreTable} are complete sets. */
export interface TableParameters {
  /** Buckets of the tried table: addresses that a connection succeeded with. 1 to 65536, as all that follow. */
  readonly triedBuckets: number
  /** Buckets of the new table: addresses that were heard of. */
  readonly newBuckets: number
  /** Addresses in a bucket. */
  readonly bucketSize: number
  /** In how many tried buckets the addresses of one group can be. */
  readonly triedBucketsPerGroup: number
  /** In how many new buckets can be what peers of one group tell. */
  readonly newBucketsPerSourceGroup: number
  /** In how many new buckets one address can be, 1 to 16. Each further one is half as likely as the one before. */
  readonly maxNewPositions: number
  /**
   * Who goes where a bucket is full. `oldest-of-four`: of four at random the one with the oldest timestamp.
   * `fixed-position`: an address has one position in its bucket, by a keyed hash, and meets whoever is there.
   */
  readonly eviction: 'oldest-of-four' | 'fixed-position'
  /** Whether addresses with fresh timestamps are preferred for connections, or all are alike. */
  readonly selection: 'fresh' | 'uniform'
  /** How one of the two tables is chosen for a connection: by sizes and open connections, or with a coin. */
  readonly tableChoice: 'by-size' | 'even'
  /** Whether a tried address leaves only after a connection to it has failed. */
  readonly testBeforeEvict: boolean
  /** What each failure multiplies the chance of selection with, 0 to 1 … */
  readonly failureFactor: number
  /** … up to this many failures, 0 to 1000. */
  readonly failuresCounted: number
  /** Whether a second port of the same host is another address. */
  readonly distinguishesPorts: boolean
  /** Whether a new connection makes the timestamp fresh. Core stopped: timestamps told others who is connected. */
  readonly freshOnSuccess: boolean
  /** Addresses not seen for so long are terrible: the first to go. */
  readonly horizon: Millis
  /** How many of all addresses an answer to getaddr has at most: this share … */
  readonly answerShare: number
  /** … and this number. */
  readonly answerMax: number
}

/**
 * bitcoind 0.9.3, as Heilman et al. describe it ("Eclipse Attacks on Bitcoin's Peer-to-Peer Network", USENIX Security
 * 2015, sections 2.2 and 2.3), with addrman.h of that version for what the paper leaves out.
 */
export const bitcoind093Table: TableParameters = {
  triedBuckets: 64,
  newBuckets: 256,
  bucketSize: 64,
  triedBucketsPerGroup: 4,
  newBucketsPerSourceGroup: 32,
  maxNewPositions: 4,
  eviction: 'oldest-of-four',
  selection: 'fresh',
  tableChoice: 'by-size',
  testBeforeEvict: false,
  failureFactor: 1 / 1.5,
  failuresCounted: 1000,
  distinguishesPorts: false,
  freshOnSuccess: true,
  horizon: 30 * day,
  answerShare: 0.23,
  answerMax: 2500,
}

/** Bitcoin Core today (src/addrman.cpp and addrman_impl.h). */
export const bitcoinCoreTable: TableParameters = {
  triedBuckets: 256,
  newBuckets: 1024,
  bucketSize: 64,
  triedBucketsPerGroup: 8,
  newBucketsPerSourceGroup: 64,
  maxNewPositions: 8,
  eviction: 'fixed-position',
  selection: 'uniform',
  tableChoice: 'even',
  testBeforeEvict: true,
  failureFactor: 0.66,
  failuresCounted: 8,
  distinguishesPorts: true,
  freshOnSuccess: false,
  horizon: 30 * day,
  answerShare: 0.23,
  answerMax: 1000,
}

/** What all versions of addrman have in common. */
export const addressAges = {
  /** An address may have a timestamp this far in the future; past that it is terrible. */
  future: 10 * minute,
  /** Freshness is counted in steps of this: an address this old has half the chance of one just seen. */
  step: 10 * minute,
  /** An address tried within this time is hardly ever selected. */
  recentTry: 10 * minute,
  /** An address is not terrible within this time of a try: the connection may be on its way. */
  underWay: minute,
  /** Terrible after this many failures and never a success … */
  retries: 3,
  /** … or after this many in a row … */
  maxFailures: 10,
  /** … and no success for this long. */
  minFailing: 7 * day,
  /** What a peer says of another node is taken for this much older than it says. */
  hearsayPenalty: 2 * hour,
  /** While a connection lasts, its timestamp moves on in steps of this. */
  refresh: 20 * minute,
  /** A timestamp that came in an addr message moves on in steps of this, for an address seen within a day … */
  updateOnline: hour,
  online: day,
  /** … and of this for others. */
  updateOffline: day,
} as const

/** Throws for what is out of range. */
export function checkTableParameters(parameters: TableParameters): TableParameters {
  const counts = [
    'triedBuckets',
    'newBuckets',
    'bucketSize',
    'triedBucketsPerGroup',
    'newBucketsPerSourceGroup',
  ] as const
  for (const name of counts) checkInteger(name, parameters[name], { min: 1, max: 65_536 })
  checkInteger('maxNewPositions', parameters.maxNewPositions, { min: 1, max: 16 })
  checkNumber('failureFactor', parameters.failureFactor, { min: 0, max: 1 })
  checkInteger('failuresCounted', parameters.failuresCounted, { min: 0, max: 1000 })
  checkNumber('horizon', parameters.horizon, { min: 0, max: maxMillis })
  checkNumber('answerShare', parameters.answerShare, { min: 0, max: 1 })
  checkInteger('answerMax', parameters.answerMax, { min: 0, max: 100_000 })
  return parameters
}
