import { checkInteger, checkNumber } from '../../core/errors.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { maxBlockSize, maxTransactions } from './block.ts'
import type { MempoolModel } from './compact-relay.ts'

/** A miner's part in the search for blocks. */
export interface Mining {
  /** Its share of the hash power of all, over 0, at most 1. */
  readonly share: number
  /** Mean time between two blocks of all miners together. Bitcoin: 600,000 ms. */
  readonly interval: Millis
}

export interface BlockPropagationSettings extends MempoolModel {
  /**
   * What is sent: whole blocks, or short ids on request, or short ids even before validation to those who want them so
   * (BIP 152, low and high bandwidth).
   */
  readonly relay: 'block' | 'compact' | 'compact-high-bandwidth'
  /** Bytes of the blocks that this node mines. */
  readonly blockSize: number
  /** How many transactions they have. */
  readonly transactions: number
  /** How long a node takes to validate a million bytes. One block after another. */
  readonly validationPerMegabyte: Millis
  /** After so long another peer is asked for a block. Bitcoin Core waits 10 minutes, but no datagram of its is lost. */
  readonly requestTimeout: Millis
}

/** All settings default to {@link blockPropagationDefaults}. */
export interface BlockPropagationOptions extends Partial<BlockPropagationSettings> {
  /** Default: this node mines when it is told to. */
  readonly mining?: Mining
}

/**
 * Round numbers for a block of 1 MB, but for one: BIP 152 says that around 90 % of blocks needed no further round trip
 * in its tests.
 */
export const blockPropagationDefaults: BlockPropagationSettings = {
  relay: 'block',
  blockSize: 1_000_000,
  transactions: 2000,
  validationPerMegabyte: 200,
  requestTimeout: 20_000,
  incompleteChance: 0.1,
  missingShare: 0.01,
}

/** The settings with defaults. Throws a RangeError for values out of range. */
export function completeSettings(options: BlockPropagationOptions): BlockPropagationSettings {
  const settings = { ...blockPropagationDefaults, ...options }
  checkInteger('blockSize', settings.blockSize, { min: 0, max: maxBlockSize })
  checkInteger('transactions', settings.transactions, { min: 1, max: maxTransactions })
  checkNumber('validationPerMegabyte', settings.validationPerMegabyte, { min: 0, max: maxMillis })
  checkNumber('requestTimeout', settings.requestTimeout, { min: 0.001, max: maxMillis })
  checkNumber('incompleteChance', settings.incompleteChance, { min: 0, max: 1 })
  checkNumber('missingShare', settings.missingShare, { min: 0, max: 1 })
  if (options.mining !== undefined) {
    checkNumber('mining.share', options.mining.share, { min: 1e-9, max: 1 })
    checkNumber('mining.interval', options.mining.interval, { min: 1, max: maxMillis })
  }
  return settings
}
