import type { Data, Explanation, RunSpec, SentPacket } from '@peerlab/engine'
import type { RecordingData } from './recording.ts'

/** What a page asks of its worker. Answers carry the same `id`. */
export type Request =
  | { readonly kind: 'run'; readonly id: number; readonly spec: RunSpec }
  | ({ readonly kind: 'inspect'; readonly id: number } & Question)
  | ({ readonly kind: 'why'; readonly id: number; readonly rumor: string } & Question)
  | ({ readonly kind: 'why-packet'; readonly id: number } & PacketQuestion)

/** About a node at a moment of a run. */
export interface Question {
  readonly spec: RunSpec
  readonly node: number
  readonly time: number
}

/** About a packet: why it was sent, and what had become of it at a moment. */
export interface PacketQuestion {
  readonly spec: RunSpec
  readonly packet: SentPacket
  readonly time: number
}

export type Answer =
  /** Loaded: what takes long from now on is the code of a run. */
  | { readonly kind: 'ready'; readonly id: 0 }
  /** Still at work; also the sign that the worker is alive. */
  | { readonly kind: 'progress'; readonly id: number; readonly events: number; readonly time: number }
  | { readonly kind: 'recording'; readonly id: number; readonly recording: RecordingData }
  | { readonly kind: 'inspected'; readonly id: number; readonly data: Data }
  | { readonly kind: 'explained'; readonly id: number; readonly explanation: Explanation }
  /** The spec or the code in it is at fault. The text is for people. */
  | { readonly kind: 'refused'; readonly id: number; readonly message: string }
