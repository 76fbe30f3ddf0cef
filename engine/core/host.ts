import type { Address } from './address.ts'
import type { Command, Data, Message } from './data.ts'
import type { Random } from './random.ts'
import type { Millis } from './time.ts'

/** A UDP port, 1 to 65535. */
export type Port = number
export const maxPort: Port = 65_535

/** How a datagram is to be sent. */
export interface SendOptions {
  /** The port to send from, in runs with endpoints. Default: the node's own. Each NAT mapping belongs to one. */
  readonly fromPort?: Port
}

/** What survives a crash. Values are copied in and out. */
export interface Storage {
  get(key: string): Data | undefined
  set(key: string, value: Data): void
  delete(key: string): void
  keys(): string[]
}

/** All that a protocol may do. It is given one host, and uses it only inside its own handlers. */
export interface Host<M extends Message = Message> {
  /** This node's own address. Opaque: never computed with, never guessed. */
  readonly address: Address
  /** Virtual time. */
  readonly now: Millis
  /** This node's own stream; a restart has a new one. */
  readonly random: Random
  /** What the topology gives; empty where discovery is the point. */
  readonly neighbors: ArrayLike<Address>
  readonly storage: Storage
  /** Sends one datagram: it may be lost, delayed or duplicated. The receiver is not told of a loss, nor is the sender. */
  send(to: Address, message: M, options?: SendOptions): void
  /** Calls onTimer(name) once, after `delay`. A running timer of this name is replaced. */
  setTimer(name: string, delay: Millis): void
  /** Stops the timer of this name, if it runs. */
  cancelTimer(name: string): void
  /** Says what happened, for traces, charts and checks. It changes nothing. */
  report(event: string, detail?: Data): void
}

/** All that a protocol must do. Handlers are synchronous; state lives in the instance and dies with a crash. */
export interface Protocol<M extends Message = Message, C extends Command = never> {
  /** Once, when the node starts or restarts. Constructors only keep what they are given. */
  onStart?(): void
  /** A wish from outside: plain data, the only way in. */
  onCommand?(command: C): void
  /** One datagram arrived. Its fields are the sender's word: check them. */
  onMessage(from: Address, message: M): void
  onTimer?(name: string): void
}

/** The host of an attacker: it may lie about who sends. Only nodes that the simulation calls attackers have one. */
export interface AttackerHost<M extends Message = Message> extends Host<M> {
  /** Sends one datagram under another's address. Answers go there. */
  sendAs(from: Address, to: Address, message: M): void
}

/** What the engine knows of a protocol: how to make an instance of it for one host. */
export type ProtocolFactory = (host: Host<never>) => Protocol<never, never>
