import type { Data, Message } from './data.ts'
import type { EventKind } from './event-queue.ts'
import type { Millis } from './time.ts'

/**
 * Watches a simulation: charts, traces, checks. It is told, in order, all that happens, and must change nothing.
 * `cause` is the number of the dispatched event in whose handler the thing was done.
 */
export interface Observer {
  /**
   * An event is about to be handled.
   * @param number counts dispatched events from 1
   * @param peer the sender of a message; -1 otherwise
   * @param subject the message, the timer's name, the command or the control's label
   * @param sequence a message's is that of its sending in {@link onSend}
   */
  onEvent?(
    number: number,
    time: Millis,
    kind: EventKind,
    node: number,
    peer: number,
    subject: unknown,
    cause: number,
    sequence: number,
  ): void
  /**
   * A packet (or a copy of one) got on its way and will arrive at `arrival`, if its receiver is up then and neither its
   * line nor its inbox holds it up.
   * @param sequence tells packets apart: its arrival or its drop has the same
   */
  onSend?(
    time: Millis,
    from: number,
    to: number,
    message: Message,
    arrival: Millis,
    cause: number,
    sequence: number,
  ): void
  /**
   * A packet ended. `reason` is a rule's name, `receiver down` or `no such address` (then `to` is -1).
   * @param sequence that of its sending; 0 where it never got on its way
   */
  onDrop?(
    time: Millis,
    from: number,
    to: number,
    message: Message,
    reason: string,
    cause: number,
    sequence: number,
  ): void
  onReport?(time: Millis, node: number, event: string, detail: Data | undefined, cause: number): void
}
