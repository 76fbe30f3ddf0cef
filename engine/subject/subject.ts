import type { Command, Data, Message } from '../core/data.ts'
import type { Millis } from '../core/time.ts'

/**
 * Code under judgement, seen from outside: nodes of a protocol, or plain functions. Only plain data goes in and comes
 * out, so the code may live in this realm, in a worker or in another process, and whoever judges never holds an object
 * of its making.
 */
export interface Subject {
  /** Makes a node from an exported class. */
  create(setup: NodeSetup): Reply
  /** Lets a node handle one event, to the end. */
  deliver(node: number, event: NodeEvent): Reply
  /** Forgets a node: it has crashed. */
  remove(node: number): void
  /** Calls an exported function. */
  call(name: string, args: readonly Data[]): CallReply
}

export interface NodeSetup {
  /** The name of the exported class. */
  readonly class: string
  /** Names the node in later calls. */
  readonly node: number
  readonly address: number
  readonly neighbors: readonly number[]
  /** The first state of the node's random stream: four 32-bit words. */
  readonly stream: readonly number[]
  /** What the node's storage holds. */
  readonly storage: readonly (readonly [key: string, value: Data])[]
  /** What the class is constructed with, after the host. */
  readonly options: Data
}

export type NodeEvent =
  | { readonly kind: 'start'; readonly now: Millis }
  | { readonly kind: 'command'; readonly now: Millis; readonly command: Command }
  | { readonly kind: 'message'; readonly now: Millis; readonly from: number; readonly message: Message }
  | { readonly kind: 'timer'; readonly now: Millis; readonly name: string }

/** What a handler did through its host, in order. */
export type Effect =
  | { readonly do: 'send'; readonly to: number; readonly message: Message }
  | { readonly do: 'set-timer'; readonly name: string; readonly delay: Millis }
  | { readonly do: 'cancel-timer'; readonly name: string }
  | { readonly do: 'report'; readonly event: string; readonly detail?: Data }
  | { readonly do: 'store'; readonly key: string; readonly value: Data }
  | { readonly do: 'forget'; readonly key: string }

export interface SubjectFailure {
  readonly name: string
  readonly message: string
  /** Where in the code it was thrown, as far as that is known. */
  readonly stack?: string
}

export type Reply =
  | {
      readonly ok: true
      readonly effects: readonly Effect[]
      /** Where the handler changed the message that it was given: `.ttl: 4 → 3`. */
      readonly changed?: string
    }
  | { readonly ok: false; readonly error: SubjectFailure }

export type CallReply =
  { readonly ok: true; readonly value: Data } | { readonly ok: false; readonly error: SubjectFailure }

/** One handler may do this much; more is a loop that does not end. */
export const maxEffects = 10_000
