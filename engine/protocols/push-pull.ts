/**
 * Push-pull: on every beat each node calls random neighbors, and both end up with what either had. Push is fast at the
 * beginning, pull at the end: together about log₃ n + ln ln n rounds.
 *
 * Karp, Schindelhauer, Shenker, Vöcking: "Randomized rumor spreading", FOCS 2000. Simplified: no median-counter stop;
 * a call is three packets (what I have; what you lack and what I want; what you want).
 */
import type { Address } from '../core/address.ts'
import type { Host, Protocol } from '../core/host.ts'
import type { Message } from '../core/data.ts'
import type { Millis } from '../core/time.ts'
import { Pacemaker, type PacemakerOptions } from '../layers/pacemaker.ts'
import { samplePeers } from '../layers/peers.ts'
import {
  isIdList,
  isRumor,
  reportDelivered,
  reportDuplicate,
  reportMalformed,
  unlimitedTtl,
  type Publish,
  type Rumor,
} from './rumor.ts'

export interface PushPullOptions extends PacemakerOptions {
  /** Neighbors called on each beat. */
  readonly fanout: number
}

/** Opens a call: "here is what I have." */
export interface Call extends Message {
  readonly type: 'call'
  readonly known: readonly string[]
}

/** "These of yours I lack." */
export interface Want extends Message {
  readonly type: 'want'
  readonly ids: readonly string[]
}

export type PushPullMessage = Rumor | Call | Want

export class PushPull implements Protocol<PushPullMessage, Publish> {
  readonly #host: Host<PushPullMessage>
  readonly #options: PushPullOptions
  readonly #pacemaker: Pacemaker
  readonly #rumors = new Map<string, { readonly rumor: Rumor; readonly since: Millis }>()

  constructor(host: Host<PushPullMessage>, options: PushPullOptions) {
    this.#host = host
    this.#options = options
    this.#pacemaker = new Pacemaker(host, 'beat', options)
  }

  onStart(): void {
    this.#pacemaker.start()
  }

  onCommand(publish: Publish): void {
    this.#accept({ type: 'rumor', id: publish.id, payload: publish.payload, ttl: unlimitedTtl })
  }

  onMessage(from: Address, message: Message): void {
    if (isRumor(message)) this.#onRumor(message)
    else if (isCall(message)) this.#onCall(from, message)
    else if (isWant(message)) this.#onWant(from, message)
    else reportMalformed(this.#host, message)
  }

  onTimer(): void {
    const known = [...this.#rumors.keys()]
    for (const peer of samplePeers(this.#host.random, this.#host.neighbors, this.#options.fanout)) {
      this.#host.send(peer, { type: 'call', known })
    }
    this.#pacemaker.next(true)
  }

  #onRumor(rumor: Rumor): void {
    if (this.#rumors.has(rumor.id)) reportDuplicate(this.#host, rumor.id)
    else this.#accept(rumor)
  }

  #onCall(from: Address, { known }: Call): void {
    const ids = known.filter((id) => !this.#rumors.has(id))
    if (ids.length > 0) this.#host.send(from, { type: 'want', ids })
    for (const [id, { rumor, since }] of this.#rumors) {
      if (!known.includes(id) && this.#pacemaker.knewBefore(since)) this.#host.send(from, rumor)
    }
  }

  #onWant(from: Address, { ids }: Want): void {
    for (const id of new Set(ids)) {
      const known = this.#rumors.get(id)
      if (known !== undefined) this.#host.send(from, known.rumor)
    }
  }

  #accept(rumor: Rumor): void {
    this.#rumors.set(rumor.id, { rumor, since: this.#host.now })
    reportDelivered(this.#host, rumor)
  }
}

function isCall(message: Message): message is Call {
  return message.type === 'call' && isIdList((message as Partial<Call>).known)
}

function isWant(message: Message): message is Want {
  return message.type === 'want' && isIdList((message as Partial<Want>).ids)
}
