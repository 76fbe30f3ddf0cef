import type { Address, Host, Message, Millis, Protocol } from '@peerlab/engine/lab'

// ── Given: what goes over the wire ──────────────────────────────────────────────────────────────────────────────────

/** `hello` asks for a connection, `welcome` grants it, `bye` ends it or says that there is none. */
export interface DiscoverySignal extends Message {
  readonly type: 'hello' | 'welcome' | 'get-peers' | 'ping' | 'pong' | 'bye'
}

/** The answer to get-peers; or to a hello: "I am full, try these." */
export interface DiscoveryPeers extends Message {
  readonly type: 'peers' | 'full'
  readonly peers: readonly Address[]
}

export type DiscoveryMessage = DiscoverySignal | DiscoveryPeers

export interface DiscoveryOptions {
  /** Time between two looks at what is to be done. */
  readonly period: Millis
  /** Outgoing connections to have: those in which this node called. */
  readonly target: number
  /** Connections to have at most. Incoming ones may take `limit - target` places. */
  readonly limit: number
  /** Addresses to know at most. */
  readonly maxKnown: number
  /** Addresses that one peer has told of and where nobody has answered yet: so many at most. */
  readonly maxPerSource: number
  /** Addresses in an answer at most. */
  readonly maxShared: number
  /** How long to wait for a welcome. */
  readonly dialTimeout: Millis
  /** A connection is over after so long without a packet from its other end. */
  readonly silence: Millis
}

// ── Yours: what a node does ─────────────────────────────────────────────────────────────────────────────────────────

export class Discovery implements Protocol<DiscoveryMessage> {
  readonly #host: Host<DiscoveryMessage>
  readonly #options: DiscoveryOptions

  // TODO: what does a node keep? Whom it is connected to, whom it has called, which addresses it knows.

  constructor(host: Host<DiscoveryMessage>, options: DiscoveryOptions) {
    this.#host = host
    this.#options = options
  }

  onStart(): void {
    // Nodes do not beat all at once: the first beat is at a random moment of the period.
    this.#host.setTimer('beat', this.#host.random.next() * this.#options.period)
  }

  onMessage(from: Address, message: DiscoveryMessage): void {
    // TODO: who calls? Who welcomes? Who asks? And does the message have the form that it should have?
  }

  onTimer(name: string): void {
    // TODO, the loop: give up calls that wait too long, call somebody while connections are missing, ask for more.
    this.#host.setTimer('beat', this.#options.period)
  }
}
