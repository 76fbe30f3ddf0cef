/**
 * Averaging by push-pull: on every beat a node offers its value to a random neighbor, and both go on with the mean of
 * the two. Nobody counts and nobody is in charge, and yet all values come to the average of all: the sum stays, while
 * the variance shrinks to 1/(2√e), about 0.3, of itself in each cycle. With one node at 1 and all others at 0 the
 * inverse of the average is the number of nodes.
 *
 * Jelasity, Montresor, Babaoglu: "Gossip-based aggregation in large dynamic networks", ACM TOCS 23(3), 2005. The paper
 * takes an exchange as atomic. Here packets take time, so the answer is not the other's value but the difference to be
 * subtracted: the sum then survives exchanges that overlap. It does not survive a lost answer or a crash, and one liar
 * moves the average wherever it likes. Simplified: no restart in epochs, which lets values of the past expire.
 */
import type { Address } from '../core/address.ts'
import type { Command, Message } from '../core/data.ts'
import { checkNumber } from '../core/errors.ts'
import type { Host, Protocol } from '../core/host.ts'
import { maxMillis, type Millis } from '../core/time.ts'
import { Pacemaker, type Timing } from '../layers/pacemaker.ts'
import { samplePeers } from '../layers/peers.ts'

export interface AveragingOptions {
  /** Length of a cycle: the mean time between two offers of a node, over 0. */
  readonly period: Millis
  /**
   * When a node makes its offers. Default `cycles`: once in each cycle, at a moment drawn anew, as the paper's
   * GETPAIR_SEQ in random order. `poisson` is its GETPAIR_RAND, whose factor is 1/e; the others are for comparison.
   */
  readonly timing?: Timing | 'cycles'
  /** What this node brings into the average, from -1e15 to 1e15. A restart begins with it again. */
  readonly value: number
}

/** "I hold this: let us meet in the middle." */
export interface Offer extends Message {
  readonly type: 'offer'
  /** When it was made: names the exchange, and grows over a restart too. */
  readonly time: Millis
  readonly value: number
}

/** "I have moved up by this: move down by as much." */
export interface Settle extends Message {
  readonly type: 'settle'
  readonly time: Millis
  readonly difference: number
}

export type AveragingMessage = Offer | Settle

/** The value that this node brings in is now another; the average follows. */
export interface SetValue extends Command {
  readonly type: 'set'
  readonly value: number
}

/** So far from the largest number that no sum of exchanges gets there. */
const maxValue = 1e15

/** Offers without an answer, and offers answered, that a node keeps in mind: the latest. */
const maxRemembered = 1000

export class Averaging implements Protocol<AveragingMessage, SetValue> {
  readonly #host: Host<AveragingMessage>
  readonly #period: Millis
  readonly #pacemaker: Pacemaker | undefined
  #input: number
  #value: number
  #lastOffer: Millis = -1
  /** To whom each offer went that has no answer yet. */
  readonly #open = new Map<Millis, Address>()
  /** The latest offer of each peer that was answered: a copy of it must not count again. */
  readonly #answered = new Map<Address, Millis>()

  constructor(host: Host<AveragingMessage>, options: AveragingOptions) {
    this.#host = host
    const { timing = 'cycles', value } = options
    this.#period = checkNumber('period', options.period, { min: 0.001, max: maxMillis })
    this.#pacemaker = timing === 'cycles' ? undefined : new Pacemaker(host, 'beat', { period: this.#period, timing })
    this.#input = checkValue(value)
    this.#value = this.#input
  }

  /** This node's estimate of the average. */
  get value(): number {
    return this.#value
  }

  onStart(): void {
    if (this.#pacemaker === undefined) this.#beatInCycle(Math.floor(this.#host.now / this.#period))
    else this.#pacemaker.start()
  }

  onCommand({ value }: SetValue): void {
    this.#move(checkValue(value) - this.#input)
    this.#input = value
  }

  onMessage(from: Address, message: Message): void {
    if (isOffer(message)) this.#onOffer(from, message)
    else if (isSettle(message)) this.#onSettle(from, message)
    else this.#host.report('malformed', { type: message.type })
  }

  onTimer(): void {
    // Two beats can fall into one microsecond, and two offers must not have one name.
    const time = Math.max(this.#host.now, this.#lastOffer + 0.001)
    this.#lastOffer = time
    for (const peer of samplePeers(this.#host.random, this.#host.neighbors, 1)) {
      remember(this.#open, time, peer)
      this.#host.send(peer, { type: 'offer', time, value: this.#value })
    }
    if (this.#pacemaker === undefined) this.#beatInCycle(Math.floor(this.#host.now / this.#period) + 1)
    else this.#pacemaker.next(true)
  }

  /** A moment of the cycle that is over already, as after a restart in its middle, is now. */
  #beatInCycle(cycle: number): void {
    const { random, now } = this.#host
    this.#host.setTimer('beat', Math.max((cycle + random.next()) * this.#period - now, 0))
  }

  #onOffer(from: Address, { time, value }: Offer): void {
    if (time <= (this.#answered.get(from) ?? -1)) return
    this.#answered.delete(from) // to the end of the line, so that the peer silent for longest is forgotten first
    remember(this.#answered, from, time)
    const difference = (value - this.#value) / 2
    this.#host.send(from, { type: 'settle', time, difference })
    this.#move(difference)
  }

  #onSettle(from: Address, { time, difference }: Settle): void {
    if (this.#open.get(time) !== from) return
    this.#open.delete(time)
    this.#move(-difference)
  }

  #move(difference: number): void {
    this.#value += difference
    this.#host.report('value', { value: this.#value })
  }
}

function remember<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): void {
  map.set(key, value)
  if (map.size > maxRemembered) map.delete(map.keys().next().value!)
}

function checkValue(value: unknown): number {
  return checkNumber('value', value, { min: -maxValue, max: maxValue })
}

function isOffer(message: Message): message is Offer {
  const { type, time, value } = message as Partial<Offer>
  return type === 'offer' && isWithin(time, 0, maxMillis) && isWithin(value, -maxValue, maxValue)
}

function isSettle(message: Message): message is Settle {
  const { type, time, difference } = message as Partial<Settle>
  return type === 'settle' && isWithin(time, 0, maxMillis) && isWithin(difference, -maxValue, maxValue)
}

function isWithin(value: unknown, min: number, max: number): boolean {
  return typeof value === 'number' && value >= min && value <= max
}
