import type { Command, Message } from '../../core/data.ts'
import { isBlockHeader, isBlockId, isCount, maxTransactions, type BlockHeader } from './block.ts'

/** A miner has found a block, on top of its best chain. */
export interface Mine extends Command {
  readonly type: 'mine'
  /** Bytes. Default: the node's own setting. */
  readonly size?: number
  /** Default: the node's own setting. */
  readonly transactions?: number
}

/** "I have these blocks." */
export interface Inv extends Message {
  readonly type: 'inv'
  readonly ids: readonly string[]
}

/** "Send me this block." */
export interface GetData extends Message {
  readonly type: 'getdata'
  readonly id: string
  /** Short ids will do (MSG_CMPCT_BLOCK of BIP 152). */
  readonly compact: boolean
}

export interface FullBlock extends Message {
  readonly type: 'block'
  readonly header: BlockHeader
  /** As long as the block, so that the network can count its bytes; all zeros. */
  readonly payload: Uint8Array
}

/** "I understand compact blocks", and whether the receiver is to send them unasked. */
export interface SendCompact extends Message {
  readonly type: 'sendcmpct'
  readonly highBandwidth: boolean
}

/** A block without most of its transactions. */
export interface CompactBlock extends Message {
  readonly type: 'cmpctblock'
  readonly header: BlockHeader
  /** Six bytes for each transaction but the first; all zeros here. */
  readonly shortIds: Uint8Array
  /** The first transaction, which pays the miner: nobody can have it yet. */
  readonly prefilled: Uint8Array
}

/** "Of that block I lack the transactions at these places", in ascending order. */
export interface GetBlockTransactions extends Message {
  readonly type: 'getblocktxn'
  readonly id: string
  readonly indexes: readonly number[]
}

export interface BlockTransactions extends Message {
  readonly type: 'blocktxn'
  readonly id: string
  readonly payload: Uint8Array
}

export type BlockMessage =
  Inv | GetData | FullBlock | SendCompact | CompactBlock | GetBlockTransactions | BlockTransactions

/** An inv names no more blocks than this: it is about new ones. Bitcoin's limit, for all things, is 50,000. */
const maxInv = 500

export const shortIdLength = 6

/** Whether a message is well formed. Whether its content fits a block is for its receiver to find out. */
export function isBlockMessage(message: Message): message is BlockMessage {
  const fields = message as unknown as { readonly [field: string]: unknown }
  switch (message.type) {
    case 'inv':
      return isList(fields['ids'], maxInv, isBlockId)
    case 'getdata':
      return isBlockId(fields['id']) && typeof fields['compact'] === 'boolean'
    case 'block':
      return isBlockHeader(fields['header']) && hasLength(fields['payload'], fields['header'].size)
    case 'sendcmpct':
      return typeof fields['highBandwidth'] === 'boolean'
    case 'cmpctblock':
      return (
        isBlockHeader(fields['header']) &&
        hasLength(fields['shortIds'], shortIdLength * (fields['header'].transactions - 1)) &&
        fields['prefilled'] instanceof Uint8Array
      )
    case 'getblocktxn':
      return isBlockId(fields['id']) && isAscending(fields['indexes'])
    case 'blocktxn':
      return isBlockId(fields['id']) && fields['payload'] instanceof Uint8Array
    default:
      return false
  }
}

function isList(value: unknown, most: number, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length <= most && value.every(isItem)
}

function isAscending(value: unknown): value is readonly number[] {
  const isIndex = (item: unknown): boolean => isCount(item, maxTransactions)
  if (!isList(value, maxTransactions, isIndex)) return false
  const indexes = value as readonly number[]
  return indexes.every((index, i) => i === 0 || index > indexes[i - 1]!)
}

function hasLength(value: unknown, length: number): boolean {
  return value instanceof Uint8Array && value.length === length
}
