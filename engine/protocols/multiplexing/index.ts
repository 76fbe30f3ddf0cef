/** Many streams over one connection: in one order, or each in its own. */
export type { FrameAck, StreamFrame } from './frames.ts'
export { StreamReceiver } from './stream-receiver.ts'
export { packetThreshold, StreamSender, type StreamSenderOptions } from './stream-sender.ts'
