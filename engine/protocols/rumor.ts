import type { Command, Data, Message } from '../core/data.ts'
import type { Host } from '../core/host.ts'

/** The command of every gossip protocol: spread this from here. */
export interface Publish extends Command {
  readonly type: 'publish'
  /** Names the rumor, the same at all nodes. */
  readonly id: string
  readonly payload: Data
}

/** What spreads. */
export interface Rumor extends Message {
  readonly type: 'rumor'
  readonly id: string
  readonly payload: Data
  /** How many more hops it may go, this one included: 1 = to the receiver and no further. */
  readonly ttl: number
}

/** Rumors that only their own protocol bounds go this far. */
export const unlimitedTtl = 255

/** Whether a message is a well-formed rumor. Peers lie: every field is checked. */
export function isRumor(message: Message): message is Rumor {
  const { type, id, payload, ttl } = message as Partial<Rumor>
  return (
    type === 'rumor' &&
    typeof id === 'string' &&
    payload !== undefined &&
    typeof ttl === 'number' &&
    Number.isInteger(ttl) &&
    ttl >= 1 &&
    ttl <= unlimitedTtl
  )
}

/** Whether a field is a list of rumor names, as digests and requests carry. */
export function isIdList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= 1000 && value.every((id) => typeof id === 'string')
}

/** The rumor has reached this node for the first time. The payload shows that the node really has it. */
export function reportDelivered(host: Host<never>, { id, payload }: Publish | Rumor): void {
  host.report('delivered', { id, payload })
}

/** The rumor came to a node that had it: a packet spent for nothing. */
export function reportDuplicate(host: Host<never>, id: string): void {
  host.report('duplicate', { id })
}

/** The message makes no sense. It is dropped, and nobody is punished: it may be a newer version of the protocol. */
export function reportMalformed(host: Host<never>, message: Message): void {
  host.report('malformed', { type: typeof message.type === 'string' ? message.type : '?' })
}
