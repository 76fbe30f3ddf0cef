/**
 * Pull: on every beat each node asks random neighbors for what it does not have. Slow while few know a rumor and fast
 * once most do: the share that is left is squared in each round, where push only divides it by e.
 *
 * Demers et al.: "Epidemic algorithms for replicated database maintenance", PODC 1987, section 1.3 (anti-entropy).
 * Simplified: the question lists all names that the asker knows; real systems compare digests.
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

export interface PullOptions extends PacemakerOptions {
  /** Neighbors asked on each beat. */
  readonly fanout: number
}

/** "Here is what I have: send me the rest." */
export interface PullRequest extends Message {
  readonly type: 'pull'
  readonly known: readonly string[]
}

export type PullMessage = Rumor | PullRequest

export class Pull implements Protocol<PullMessage, Publish> {
  readonly #host: Host<PullMessage>
  readonly #options: PullOptions
  readonly #pacemaker: Pacemaker
  readonly #rumors = new Map<string, { readonly rumor: Rumor; readonly since: Millis }>()

  constructor(host: Host<PullMessage>, options: PullOptions) {
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
    if (isPullRequest(message)) this.#answer(from, message)
    else if (!isRumor(message)) reportMalformed(this.#host, message)
    else if (this.#rumors.has(message.id)) reportDuplicate(this.#host, message.id)
    else this.#accept(message)
  }

  onTimer(): void {
    const known = [...this.#rumors.keys()]
    for (const peer of samplePeers(this.#host.random, this.#host.neighbors, this.#options.fanout)) {
      this.#host.send(peer, { type: 'pull', known })
    }
    this.#pacemaker.next(true)
  }

  #answer(to: Address, { known }: PullRequest): void {
    for (const [id, { rumor, since }] of this.#rumors) {
      if (!known.includes(id) && this.#pacemaker.knewBefore(since)) this.#host.send(to, rumor)
    }
  }

  #accept(rumor: Rumor): void {
    this.#rumors.set(rumor.id, { rumor, since: this.#host.now })
    reportDelivered(this.#host, rumor)
  }
}

function isPullRequest(message: Message): message is PullRequest {
  return message.type === 'pull' && isIdList((message as Partial<PullRequest>).known)
}
