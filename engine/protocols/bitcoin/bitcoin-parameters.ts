import { checkInteger, checkNumber } from '../../core/errors.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import {
  bitcoinCoreTable,
  bitcoind093Table,
  checkTableParameters,
  type TableParameters,
} from '../address-table/table-parameters.ts'
import { bitcoinAddressRate, type TokenBucketOptions } from '../token-bucket.ts'

/** How a node keeps its connections. {@link bitcoind093} and {@link bitcoinCore} are complete sets. */
export interface BitcoinParameters {
  readonly table: TableParameters
  /** Connections that the node opens itself, 1 to 1000; no two of them into one group. */
  readonly outgoing: number
  /** Further ones that it opens and tells and believes no addresses on, 0 to 100. */
  readonly blockOnly: number
  /** Connections that it accepts, 0 to 10,000. */
  readonly incoming: number
  /** Of these, how many from one host, 1 to 10,000. */
  readonly incomingPerHost: number
  /** Whether a full node closes a connection of the group that has most to accept another, or sends the other away. */
  readonly evictsIncoming: boolean
  /** Whether who connects to the node goes to tried at once. */
  readonly incomingToTried: boolean
  /** Mean time between two test connections to addresses in new; 0 = none. */
  readonly feelerInterval: Millis
  /** How many of the block-only connections are remembered, to be the first after a restart. */
  readonly anchors: number
  /** Whether addr with more than {@link largeAddr} addresses, from who connected to the node and was not asked, counts. */
  readonly acceptsUnsolicited: boolean
  /** How many addresses of a peer are looked at; undefined = all. */
  readonly addressRate: TokenBucketOptions | undefined
  /** Whether floods of short connections with large addr raise an alarm, and the doors are half closed then. */
  readonly detectsAnomalies: boolean
}

/** More addresses than this make an addr large: it is not passed on, and it is what an attacker sends. */
export const largeAddr = 10

/** bitcoind 0.9.3 (Heilman et al. 2015, section 2; net.cpp and main.cpp of that version). */
export const bitcoind093: BitcoinParameters = {
  table: bitcoind093Table,
  outgoing: 8,
  blockOnly: 0,
  incoming: 117,
  incomingPerHost: 10_000,
  evictsIncoming: false,
  incomingToTried: true,
  feelerInterval: 0,
  anchors: 0,
  acceptsUnsolicited: true,
  addressRate: undefined,
  detectsAnomalies: false,
}

/** Bitcoin Core today (src/net.h, net.cpp, net_processing.cpp): 8 + 2 + 1 feeler + 114 incoming are 125 in total. */
export const bitcoinCore: BitcoinParameters = {
  table: bitcoinCoreTable,
  outgoing: 8,
  blockOnly: 2,
  incoming: 114,
  incomingPerHost: 10_000,
  evictsIncoming: true,
  incomingToTried: false,
  feelerInterval: 120_000,
  anchors: 2,
  acceptsUnsolicited: true,
  addressRate: bitcoinAddressRate,
  detectsAnomalies: false,
}

/** Timing that all versions have in common. */
export const bitcoinTiming = {
  /** Between two attempts to open a connection. */
  retry: 500,
  /** The pause doubles up to this while there is nobody to dial. Not so in bitcoind; it saves events. */
  maxRetry: 60_000,
  /** A connection that is not open by then has failed. */
  dialTimeout: 5000,
  /** Connected peers that have nothing to say say so. */
  ping: 120_000,
  /** A peer that said nothing for so long is gone. */
  silence: 1_200_000,
  /** How often timestamps of connected peers are looked at. */
  refresh: 600_000,
  /** How often the table is written to storage. */
  save: 900_000,
  /** Mean time between two announcements of the own address to all peers. */
  announce: 86_400_000,
  /** Without any outgoing connection for so long after the start, the seeds are asked. */
  seedsAfter: 11_000,
} as const

/** Throws for what is out of range. */
export function checkBitcoinParameters(parameters: BitcoinParameters): BitcoinParameters {
  checkTableParameters(parameters.table)
  checkInteger('outgoing', parameters.outgoing, { min: 1, max: 1000 })
  checkInteger('blockOnly', parameters.blockOnly, { min: 0, max: 100 })
  checkInteger('incoming', parameters.incoming, { min: 0, max: 10_000 })
  checkInteger('incomingPerHost', parameters.incomingPerHost, { min: 1, max: 10_000 })
  checkNumber('feelerInterval', parameters.feelerInterval, { min: 0, max: maxMillis })
  checkInteger('anchors', parameters.anchors, { min: 0, max: parameters.blockOnly })
  return parameters
}
