import { maxAddress, type Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'

export type MemberStatus = 'alive' | 'suspect' | 'failed'

/** What is said of a member. */
export interface MemberUpdate {
  readonly member: Address
  readonly status: MemberStatus
  /** From 0. Only the member itself raises it, to deny what is said of it. */
  readonly incarnation: number
}

/** Past any honest count, and far from where whole numbers end. */
export const maxIncarnation = 2 ** 40

/** "Are you there?", and the answer, which repeats the number. */
export interface Ping extends Message {
  readonly type: 'ping' | 'ack'
  readonly number: number
  readonly updates: readonly MemberUpdate[]
  /** In a ping of a newcomer: "tell me of everybody." */
  readonly join?: boolean
}

/** "Ask this one for me, and pass on the answer under this number." */
export interface PingRequest extends Message {
  readonly type: 'ping-req'
  readonly number: number
  readonly target: Address
  readonly updates: readonly MemberUpdate[]
}

export type SwimMessage = Ping | PingRequest

/** Peers lie: every field is checked. */
export function isSwimMessage(message: Message, maxUpdates: number): message is SwimMessage {
  const { type, number, updates, target, join } = message as Partial<Ping & Omit<PingRequest, 'type'>>
  return (
    (['ping', 'ack', 'ping-req'] as unknown[]).includes(type) &&
    isCount(number, maxAddress) &&
    Array.isArray(updates) &&
    updates.length <= maxUpdates &&
    updates.every(isMemberUpdate) &&
    (join === undefined || typeof join === 'boolean') &&
    (type !== ('ping-req' as unknown) || isCount(target, maxAddress))
  )
}

function isMemberUpdate(value: unknown): value is MemberUpdate {
  const { member, status, incarnation } = (value ?? {}) as Partial<MemberUpdate>
  return (
    isCount(member, maxAddress) &&
    (['alive', 'suspect', 'failed'] as unknown[]).includes(status) &&
    isCount(incarnation, maxIncarnation)
  )
}

function isCount(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
}
