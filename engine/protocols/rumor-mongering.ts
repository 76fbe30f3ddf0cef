/**
 * Rumor mongering by push: a node that knows a hot rumor tells random neighbors beat after beat, until a stop rule says
 * that the rumor is old. With the rule `never` it is the simple push epidemic, whose rounds Pittel counted.
 *
 * Demers et al.: "Epidemic algorithms for replicated database maintenance", PODC 1987, sections 1.3 and 1.4.
 * Pittel: "On spreading a rumor", SIAM J. Appl. Math. 47(1), 1987. Simplified: no connection limit, no hunting.
 */
import type { Address } from '../core/address.ts'
import type { Host, Protocol } from '../core/host.ts'
import type { Message } from '../core/data.ts'
import type { Millis } from '../core/time.ts'
import { Pacemaker, type PacemakerOptions } from '../layers/pacemaker.ts'
import { samplePeers } from '../layers/peers.ts'
import {
  isRumor,
  reportDelivered,
  reportDuplicate,
  reportMalformed,
  unlimitedTtl,
  type Publish,
  type Rumor,
} from './rumor.ts'
import { Interest, type StopRule } from './stop-rule.ts'

export interface RumorMongeringOptions extends PacemakerOptions {
  /** Neighbors told on each beat. */
  readonly fanout: number
  readonly stop: StopRule
}

/** The answer to a rumor, where the stop rule listens to feedback. */
export interface Feedback extends Message {
  readonly type: 'feedback'
  readonly id: string
  /** Whether the receiver had the rumor before. */
  readonly knew: boolean
}

export type RumorMongeringMessage = Rumor | Feedback

export class RumorMongering implements Protocol<RumorMongeringMessage, Publish> {
  readonly #host: Host<RumorMongeringMessage>
  readonly #options: RumorMongeringOptions
  readonly #pacemaker: Pacemaker
  readonly #since = new Map<string, Millis>()
  /** The rumors that this node still spreads. */
  readonly #hot = new Map<string, { readonly rumor: Rumor; readonly interest: Interest }>()

  constructor(host: Host<RumorMongeringMessage>, options: RumorMongeringOptions) {
    this.#host = host
    this.#options = options
    this.#pacemaker = new Pacemaker(host, 'beat', options)
  }

  onCommand(publish: Publish): void {
    this.#accept({ type: 'rumor', id: publish.id, payload: publish.payload, ttl: unlimitedTtl })
  }

  onMessage(from: Address, message: Message): void {
    if (isRumor(message)) this.#onRumor(from, message)
    else if (isFeedback(message)) this.#onFeedback(message)
    else reportMalformed(this.#host, message)
  }

  onTimer(): void {
    const { fanout, stop } = this.#options
    for (const [id, { rumor, interest }] of this.#hot) {
      for (const peer of samplePeers(this.#host.random, this.#host.neighbors, fanout)) {
        this.#host.send(peer, rumor)
        if (stop !== 'never' && stop.counts === 'blind') this.#count(id, interest, 'useless')
      }
    }
    this.#pacemaker.next(this.#hot.size > 0)
  }

  #onRumor(from: Address, rumor: Rumor): void {
    const since = this.#since.get(rumor.id)
    const { stop } = this.#options
    if (stop !== 'never' && stop.counts === 'feedback') {
      const knew = since !== undefined && this.#pacemaker.knewBefore(since)
      this.#host.send(from, { type: 'feedback', id: rumor.id, knew })
    }
    if (since === undefined) this.#accept(rumor)
    else reportDuplicate(this.#host, rumor.id)
  }

  #onFeedback({ id, knew }: Feedback): void {
    const hot = this.#hot.get(id)
    if (hot !== undefined) this.#count(id, hot.interest, knew ? 'useless' : 'useful')
  }

  #accept(rumor: Rumor): void {
    this.#since.set(rumor.id, this.#host.now)
    this.#hot.set(rumor.id, { rumor, interest: new Interest(this.#options.stop) })
    reportDelivered(this.#host, rumor)
    this.#pacemaker.start()
  }

  #count(id: string, interest: Interest, contact: 'useful' | 'useless'): void {
    if (!interest.survives(contact, this.#host.random)) this.#hot.delete(id)
  }
}

function isFeedback(message: Message): message is Feedback {
  const { type, id, knew } = message as Partial<Feedback>
  return type === 'feedback' && typeof id === 'string' && typeof knew === 'boolean'
}
