import type { Message } from '../../core/data.ts'
import { PieceSet } from './piece-set.ts'

/** How the sender stands to the receiver. */
interface Standing {
  /** The receiver has a piece that the sender lacks. */
  readonly interested: boolean
  /** The sender answers no requests of the receiver. */
  readonly choking: boolean
}

/** All that the receiver should know of the sender. It opens, and it mends what was lost. */
export interface Bitfield extends Message, Standing {
  readonly type: 'bitfield'
  /** See {@link PieceSet}. */
  readonly pieces: Uint8Array
  /** "Tell me yours." */
  readonly ask: boolean
}

/** The same in short: who counts other pieces asks for the bitfield. */
export interface KeepAlive extends Message, Standing {
  readonly type: 'keep-alive'
  readonly count: number
}

/** A change of standing. */
export interface Change extends Message {
  readonly type: 'choke' | 'unchoke' | 'interested' | 'not-interested'
}

/** "I have this piece now"; "send it to me"; "no longer needed". */
export interface AboutPiece extends Message {
  readonly type: 'have' | 'request' | 'cancel'
  readonly piece: number
}

export interface PieceData extends Message {
  readonly type: 'piece'
  readonly piece: number
  readonly data: Uint8Array
}

export type PieceMessage = Bitfield | KeepAlive | Change | AboutPiece | PieceData

/** Peers lie: every field is checked. Whether the bytes of a piece are right is for its receiver to find out. */
export function isPieceMessage(message: Message, pieces: number): message is PieceMessage {
  const fields = message as unknown as { readonly [field: string]: unknown }
  switch (message.type) {
    case 'bitfield':
      return (
        isStanding(fields) &&
        typeof fields['ask'] === 'boolean' &&
        fields['pieces'] instanceof Uint8Array &&
        PieceSet.read(fields['pieces'], pieces) !== undefined
      )
    case 'keep-alive':
      return isStanding(fields) && isIndex(fields['count'], pieces + 1)
    case 'choke':
    case 'unchoke':
    case 'interested':
    case 'not-interested':
      return true
    case 'have':
    case 'request':
    case 'cancel':
      return isIndex(fields['piece'], pieces)
    case 'piece':
      return isIndex(fields['piece'], pieces) && fields['data'] instanceof Uint8Array
    default:
      return false
  }
}

function isStanding(fields: { readonly [field: string]: unknown }): boolean {
  return typeof fields['interested'] === 'boolean' && typeof fields['choking'] === 'boolean'
}

function isIndex(value: unknown, end: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < end
}
