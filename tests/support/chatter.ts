import type { Address, Command, Data, Host, Message, Protocol } from '@peerlab/engine'

/** What a chatter sends. `id` is unique over all nodes and incarnations, so that a test can tell each packet. */
export interface Chat extends Message {
  readonly type: 'chat' | 'gossip'
  readonly id: string
  /** How much the receiver may still do because of it; so every run comes to an end. */
  readonly energy: number
  /** A node that the receiver may not know. */
  readonly mention: number
}

/** Makes a chatter act. */
export interface Stir extends Command {
  readonly type: 'stir'
  readonly energy: number
}

/** A packet as its sender made it. */
export interface SentChat {
  readonly from: Address
  readonly to: Address
  readonly time: number
}

/** What chatters themselves say that they sent: what the engine's account is held against. */
export type Ledger = Map<string, SentChat>

/**
 * A protocol that does everything a protocol can, at random from its own stream: sends to neighbors, to strangers that
 * were mentioned, to itself and to nobody; sets, replaces and cancels timers; reports; stores what survives.
 */
export class Chatter implements Protocol<Chat, Stir> {
  readonly #host: Host<Chat>
  readonly #ledger: Ledger
  readonly #met: Address[] = []

  constructor(host: Host<Chat>, ledger: Ledger) {
    this.#host = host
    this.#ledger = ledger
  }

  onStart(): void {
    this.#act(2)
  }

  onCommand({ energy }: Stir): void {
    this.#act(energy)
  }

  onMessage(from: Address, { energy, mention }: Chat): void {
    this.#met.push(from, mention as Address)
    this.#act(energy)
  }

  onTimer(name: string): void {
    this.#act(Number(name.slice(1)))
  }

  #act(energy: number): void {
    const { random, storage } = this.#host
    if (random.chance(0.3)) this.#host.report('acted', this.#detail(energy))
    if (random.chance(0.1)) storage.set('last', { energy, now: this.#host.now })
    if (energy === 0) return
    const sends = random.integer(4)
    for (let i = 0; i < sends; i++) this.#send(energy - 1)
    // Three names only, so that timers replace and cancel each other.
    const name = `${random.pick('abc')}${energy - 1}`
    if (random.chance(0.5)) this.#host.setTimer(name, random.chance(0.2) ? 0 : random.next() * 40)
    if (random.chance(0.3)) this.#host.cancelTimer(`${random.pick('abc')}${energy - 1}`)
  }

  #send(energy: number): void {
    const { random, neighbors, address, now, storage } = this.#host
    const known = [...Array.from(neighbors), ...this.#met, address, 999_999 as Address]
    const to = random.chance(0.8) && neighbors.length > 0 ? random.pick(neighbors) : random.pick(known)
    const count = ((storage.get('sent') as number | undefined) ?? 0) + 1
    storage.set('sent', count) // over all incarnations
    const id = `${address}/${count}`
    this.#ledger.set(id, { from: address, to, time: now })
    this.#host.send(to, { type: random.chance(0.5) ? 'chat' : 'gossip', id, energy, mention: random.pick(known) })
  }

  #detail(energy: number): Data {
    return this.#host.random.chance(0.5) ? { energy, at: this.#host.now } : null
  }
}
