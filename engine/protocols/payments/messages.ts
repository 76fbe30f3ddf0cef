import type { Command, Message } from '../../core/data.ts'
import { sha256 } from '../../core/hash.ts'
import { isRequest, type ReplyMessage, type RequestMessage } from '../../layers/requests.ts'

/** A coin goes to somebody. Each coin can be spent once: two payments with one coin exclude each other. */
export interface Payment {
  readonly id: string
  readonly coin: string
  /** Who gets it: a name, which means nothing to the protocol. */
  readonly to: string
}

/** What a block says. All of it is hashed. */
export interface PaymentBlock {
  /** The id of the block that this one builds on. */
  readonly parent: string
  /** How many blocks lie before it. */
  readonly height: number
  /** The address of the miner: whatever it says. */
  readonly miner: number
  /** Makes blocks of one miner on one parent differ. */
  readonly nonce: number
  readonly payments: readonly Payment[]
}

/** Makes a payment, from here. */
export interface Pay extends Command {
  readonly type: 'pay'
  readonly payment: Payment
}

/** "Pass this on." */
export interface PaymentMessage extends Message {
  readonly type: 'payment'
  readonly payment: Payment
}

/** "My chain ends with this block." */
export interface LedgerTip extends Message {
  readonly type: 'tip'
  readonly id: string
}

/** "Send me this block." */
export interface GetPaymentBlock extends RequestMessage {
  readonly type: 'get-block'
  readonly id: string
}

export interface PaymentBlockReply extends ReplyMessage {
  readonly type: 'block'
  readonly block: PaymentBlock
}

export type LedgerMessage = PaymentMessage | LedgerTip | GetPaymentBlock | PaymentBlockReply

/** A block has no more payments than this. */
export const maxPayments = 100
const maxNameLength = 64

/** 128 bits in hexadecimal. */
export function paymentBlockId({ parent, height, miner, nonce, payments }: PaymentBlock): string {
  // JSON, so that no two lists of payments look the same.
  const text = JSON.stringify([parent, height, miner, nonce, payments.map(({ id, coin, to }) => [id, coin, to])])
  const digest = sha256(Uint8Array.from(text, (character) => character.charCodeAt(0)))
  return Array.from(digest.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Whether a message is well formed and no reply. Whether its block fits a chain is for its receiver to find out. */
export function isLedgerMessage(message: Message): message is PaymentMessage | LedgerTip | GetPaymentBlock {
  const { type, payment, id } = message as Partial<PaymentMessage & LedgerTip>
  if (type === 'payment') return isPayment(payment)
  if ((type as string) === 'tip') return isName(id)
  return (type as string) === 'get-block' && isName(id) && isRequest(message)
}

export function isBlockReply(message: Message): message is PaymentBlockReply {
  return message.type === 'block' && isPaymentBlock((message as Partial<PaymentBlockReply>).block)
}

export function isPaymentBlock(value: unknown): value is PaymentBlock {
  if (typeof value !== 'object' || value === null) return false
  const { parent, height, miner, nonce, payments } = value as Partial<PaymentBlock>
  return (
    isName(parent) &&
    isCount(height) &&
    height >= 1 &&
    isCount(miner) &&
    isCount(nonce) &&
    Array.isArray(payments) &&
    payments.length <= maxPayments &&
    payments.every(isPayment)
  )
}

export function isPayment(value: unknown): value is Payment {
  if (typeof value !== 'object' || value === null) return false
  const { id, coin, to } = value as Partial<Payment>
  return isName(id) && isName(coin) && isName(to)
}

/** Plain characters only: a name is hashed byte by byte. */
function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length <= maxNameLength && /^[\x20-\x7e]*$/.test(value)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
