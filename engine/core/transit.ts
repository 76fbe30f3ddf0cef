import type { Address } from './address.ts'
import type { Message } from './data.ts'
import type { Micros } from './time.ts'
import type { Route } from './underlay.ts'

/** A packet in a network where more happens to it than latency. */
export class Transit {
  readonly from: number
  /** The receiver; until it has crossed the network, the node that it seems to go to. */
  to: number
  /** What the receiver will take for the sender. */
  readonly source: Address
  readonly route: Route | undefined
  readonly message: Message
  /** On the wire, headers included; 0 where nobody counts them. */
  readonly bytes: number
  /** When it has left its sender. */
  readonly departure: Micros
  /** The number of the event in which it was sent. */
  readonly cause: number
  /** Of its sending: observers know it by this number. */
  sequence = 0
  /** Whether its last byte has come through the receiver's downlink. */
  isReceived = false

  constructor(fields: {
    readonly from: number
    readonly to: number
    readonly source: Address
    readonly route: Route | undefined
    readonly message: Message
    readonly bytes: number
    readonly departure: Micros
    readonly cause: number
  }) {
    this.from = fields.from
    this.to = fields.to
    this.source = fields.source
    this.route = fields.route
    this.message = fields.message
    this.bytes = fields.bytes
    this.departure = fields.departure
    this.cause = fields.cause
  }

  /** One of the copies that go on from here, with what a rule has made of its message. */
  copy(message: Message): Transit {
    return new Transit({ ...this, message })
  }
}
