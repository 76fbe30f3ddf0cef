/** What the two ends of a multiplexed connection say to each other. */
import type { Message } from '../../core/data.ts'

/** A data frame. Over TCP its `number` is its place in the sequence; in QUIC that of the packet, and never used twice. */
export interface StreamFrame extends Message {
  readonly type: 'segment' | 'packet'
  /** 53 random bits, in the place of ports or of a connection id. */
  readonly connection: number
  readonly number: number
  /** From 0; yamux numbers the streams of a client 1, 3, 5 and so on. */
  readonly stream: number
  /** Which frame of its stream it is, from 0: its offset. */
  readonly index: number
  /** SYN opens a stream, FIN ends it. */
  readonly flag: 'SYN' | 'FIN' | ''
}

export interface FrameAck extends Message {
  readonly type: 'ack' | 'reset'
  readonly connection: number
  readonly number: number
}

export function isFrame(message: Message): message is StreamFrame {
  const { type, connection, number, stream, index } = message as Partial<StreamFrame>
  return (type === 'segment' || type === 'packet') && [connection, number, stream, index].every(isCount)
}

export function isAck(message: Message): message is FrameAck {
  const { type, connection, number } = message as Partial<FrameAck>
  return (type === 'ack' || type === 'reset') && isCount(connection) && isCount(number)
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
