import { sha256 } from '../../core/hash.ts'

/** What identifies a block. All of it is hashed, so nobody can give a known block another content. */
export interface BlockHeader {
  /** The id of the block that this one builds on. */
  readonly parent: string
  /** How many blocks lie before it. */
  readonly height: number
  /** The address of the miner: whatever it says. */
  readonly miner: number
  /** Makes blocks of one miner on one parent differ. */
  readonly nonce: number
  /** Bytes of the whole block. */
  readonly size: number
  /** How many transactions it has, the one that pays the miner included; at least 1. */
  readonly transactions: number
}

/** Blocks are no larger than this, in bytes. */
export const maxBlockSize = 32_000_000
/** And have no more transactions than this. */
export const maxTransactions = 100_000

/** The first block: all nodes have it from the start. */
export const genesis: BlockHeader = { parent: '', height: 0, miner: 0, nonce: 0, size: 0, transactions: 1 }

/** 128 bits in hexadecimal: 32 characters, so that an id takes as much room in a message as Bitcoin's 32-byte hash. */
export function blockId({ parent, height, miner, nonce, size, transactions }: BlockHeader): string {
  const text = [parent, height, miner, nonce, size, transactions].join('/')
  const digest = sha256(Uint8Array.from(text, (character) => character.charCodeAt(0)))
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export function isBlockHeader(value: unknown): value is BlockHeader {
  if (typeof value !== 'object' || value === null) return false
  const { parent, height, miner, nonce, size, transactions } = value as Partial<BlockHeader>
  return (
    isBlockId(parent) &&
    isCount(height, Number.MAX_SAFE_INTEGER) &&
    height >= 1 &&
    isCount(miner, Number.MAX_SAFE_INTEGER) &&
    isCount(nonce, Number.MAX_SAFE_INTEGER) &&
    isCount(size, maxBlockSize) &&
    isCount(transactions, maxTransactions) &&
    transactions >= 1
  )
}

export function isBlockId(value: unknown): value is string {
  return typeof value === 'string' && value.length === 32
}

/** The bytes of one transaction: they are all as large here. */
export function transactionSize({ size, transactions }: BlockHeader): number {
  return Math.floor(size / transactions)
}

export function isCount(value: unknown, most: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most
}

let lastBlank = new Uint8Array(0)

/**
 * Zeros in place of a block's bytes: the engine counts them, nobody reads or writes them. All blocks of one size share
 * one array, or a run would spend its time on clearing megabytes.
 */
export function blankBytes(length: number): Uint8Array {
  if (lastBlank.length !== length) lastBlank = new Uint8Array(length)
  return lastBlank
}
