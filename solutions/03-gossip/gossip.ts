import type { Address, Command, Data, Host, Message, Millis, Protocol } from '@peerlab/engine/lab'

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

export class Gossip implements Protocol<GossipMessage, Publish> {
  readonly #host: Host<GossipMessage>
  readonly #options: GossipOptions
  /** Every rumor that this node has, by its name: to know duplicates, and to answer who asks. */
  readonly #rumors = new Map<string, Rumor>()
  /** The names that are still told, and on how many beats. */
  readonly #beatsLeft = new Map<string, number>()

  constructor(host: Host<GossipMessage>, options: GossipOptions) {
    this.#host = host
    this.#options = options
  }

  onCommand({ id, payload }: Publish): void {
    // As if it came over one hop more than it may go.
    this.#accept({ type: 'rumor', id, payload, ttl: this.#options.ttl + 1 }, undefined)
  }

  onMessage(from: Address, message: GossipMessage): void {
    if (message.type === 'rumor' && isRumor(message)) {
      if (this.#rumors.has(message.id)) this.#host.report('duplicate', { id: message.id })
      else this.#accept(message, from)
    } else if (message.type === 'have' && areNames(message.ids)) {
      const ids = message.ids.filter((id) => !this.#rumors.has(id))
      if (ids.length > 0) this.#host.send(from, { type: 'want', ids })
    } else if (message.type === 'want' && areNames(message.ids)) {
      for (const id of message.ids) this.#answer(from, id)
    } else {
      this.#host.report('malformed', { type: String(message.type) })
    }
  }

  onTimer(): void {
    const { neighbors, random } = this.#host
    const ids = [...this.#beatsLeft.keys()]
    if (neighbors.length > 0) this.#host.send(random.pick(neighbors), { type: 'have', ids })
    for (const [id, beats] of this.#beatsLeft) {
      if (beats > 1) this.#beatsLeft.set(id, beats - 1)
      else this.#beatsLeft.delete(id)
    }
    if (this.#beatsLeft.size > 0) this.#host.setTimer('repair', this.#options.repairInterval)
  }

  #accept(rumor: Rumor, from: Address | undefined): void {
    this.#rumors.set(rumor.id, rumor)
    this.#host.report('delivered', { id: rumor.id, payload: rumor.payload })
    if (rumor.ttl > 1) this.#push({ ...rumor, ttl: rumor.ttl - 1 }, from)
    const { repairInterval, repairRounds } = this.#options
    if (repairInterval === 0 || repairRounds === 0) return
    if (this.#beatsLeft.size === 0) this.#host.setTimer('repair', repairInterval)
    this.#beatsLeft.set(rumor.id, repairRounds)
  }

  #push(rumor: Rumor, from: Address | undefined): void {
    const others = Array.from(this.#host.neighbors).filter((peer) => peer !== from)
    for (const peer of this.#host.random.sample(others, this.#options.fanout)) this.#host.send(peer, rumor)
  }

  /** Who had to ask is at the end of the wave: ttl 1 keeps it from pushing again. */
  #answer(to: Address, id: string): void {
    const rumor = this.#rumors.get(id)
    if (rumor !== undefined) this.#host.send(to, { ...rumor, ttl: 1 })
  }
}

/** Whether the fields are what they should be: the type only says what an honest sender would send. */
function isRumor({ id, payload, ttl }: Rumor): boolean {
  return typeof id === 'string' && payload !== undefined && Number.isInteger(ttl) && ttl >= 1 && ttl <= 255
}

function areNames(ids: unknown): ids is readonly string[] {
  return Array.isArray(ids) && ids.every((id) => typeof id === 'string')
}
