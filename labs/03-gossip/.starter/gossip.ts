import type { Address, Command, Data, Host, Message, Millis, Protocol } from '@peerlab/engine/lab'

// ── Given: what goes over the wire ──────────────────────────────────────────────────────────────────────────────────

/** The command that starts it all: spread this from here. */
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
  /** How many more hops it may go, this one included: 1 to 255. 1 = to the receiver and no further. */
  readonly ttl: number
}

/** Repair: "I have these." */
export interface Have extends Message {
  readonly type: 'have'
  readonly ids: readonly string[]
}

/** Repair: "send me these." */
export interface Want extends Message {
  readonly type: 'want'
  readonly ids: readonly string[]
}

export type GossipMessage = Rumor | Have | Want

export interface GossipOptions {
  /** How many neighbors hear a new rumor at once. */
  readonly fanout: number
  /** How many hops a rumor goes at most. */
  readonly ttl: number
  /** Time between two beats of the repair, in ms; 0 = no repair. */
  readonly repairInterval: Millis
  /** On how many beats a node tells the name of a rumor, from when it got it. */
  readonly repairRounds: number
}

// ── Yours: what a node does ─────────────────────────────────────────────────────────────────────────────────────────

export class Gossip implements Protocol<GossipMessage, Publish> {
  readonly #host: Host<GossipMessage>
  readonly #options: GossipOptions

  constructor(host: Host<GossipMessage>, options: GossipOptions) {
    this.#host = host
    this.#options = options
  }

  onCommand(publish: Publish): void {
    // TODO: this node is the first to have the rumor. Report it as delivered, and tell `fanout` random neighbors.
  }

  onMessage(from: Address, message: GossipMessage): void {
    // TODO: the message comes from a stranger. Does it have the form that it should have? Did you have the rumor?
  }

  onTimer(name: string): void {
    // TODO, for the stretch tasks: on each beat, tell one random neighbor the names of what you have.
  }
}
