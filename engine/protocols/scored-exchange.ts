/**
 * Peers that give each other things, and a node that keeps a score of each: points for what is good, points off for what
 * is not, and no ears for who has too few. It checks what it gets, as a node checks a block: a share is good when its
 * digest is that of its content. What is bad and was looked at is the harm: to look costs, and is what the score saves.
 *
 * Scores: Bitcoin's misbehaviour points and the counters of libp2p/specs gossipsub v1.1, with their decay; see PeerScores.
 * Simplified: one node keeps scores, the others give and do not judge.
 */
import type { Address } from '../core/address.ts'
import type { Command, Message } from '../core/data.ts'
import { checkNumber } from '../core/errors.ts'
import { sha256 } from '../core/hash.ts'
import type { Host, Protocol } from '../core/host.ts'
import { Pacemaker } from '../layers/pacemaker.ts'
import { maxMillis, type Millis } from '../core/time.ts'
import { PeerScores, type PeerScoreOptions } from './peer-scores.ts'

/** Something that is given: its content, and the first bytes of its SHA-256. */
export interface Share extends Message {
  readonly type: 'share'
  readonly content: Uint8Array
  readonly digest: Uint8Array
}

export interface JudgeOptions {
  readonly scores?: PeerScoreOptions
  /** Points for a good share, from 0. Default 1. */
  readonly reward?: number
  /** Points off for a bad one, from 0. Default 20. */
  readonly penalty?: number
}

/** Bytes of a digest that a share carries, and of its content. */
const sizes = { digest: 4, content: 8 } as const

/** Keeps the scores. Reports what it takes: `good`, `bad`, or `ignored` where it does not look. */
export class ShareJudge implements Protocol<Message> {
  readonly #host: Host<never>
  readonly #reward: number
  readonly #penalty: number
  /** To look at. */
  readonly scores: PeerScores<Address>

  constructor(host: Host<never>, { scores, reward = 1, penalty = 20 }: JudgeOptions = {}) {
    this.#host = host
    this.#reward = checkNumber('reward', reward, { min: 0, max: 1e6 })
    this.#penalty = checkNumber('penalty', penalty, { min: 0, max: 1e6 })
    this.scores = new PeerScores(scores)
  }

  onMessage(from: Address, message: Message): void {
    const { now } = this.#host
    if (this.scores.isGraylisted(from, now)) return this.#host.report('ignored', { peer: from })
    if (isShare(message) && isGood(message)) {
      this.scores.reward(from, this.#reward, now)
      return this.#host.report('good', { peer: from })
    }
    // What is malformed is no better than what is false.
    this.#host.report('bad', { peer: from })
    if (this.scores.penalize(from, this.#penalty, now)) this.#host.report('graylisted', { peer: from })
  }
}

export interface GiverOptions {
  readonly to: Address
  /** Time between two shares: over 0. */
  readonly period: Millis
  /** How likely a share is bad by accident, 0 to 1. Default 0. */
  readonly accidents?: number
}

/** From now on: betray, with bursts of bad shares and pauses between; or behave again. */
export interface Betray extends Command {
  readonly type: 'betray'
  /** How many bad shares one after the other, from 0; 0 = behave. */
  readonly blows: number
  /** How many good ones after them; 0 = nothing but blows. */
  readonly rests: number
}

/** Gives, in good faith until it is told to betray. Reports what it knows to be bad. */
export class ShareGiver implements Protocol<Message, Betray> {
  readonly #host: Host<Share>
  readonly #to: Address
  readonly #accidents: number
  readonly #pace: Pacemaker
  #betrayal: Betray = { type: 'betray', blows: 0, rests: 0 }
  #given = 0

  constructor(host: Host<Share>, { to, period, accidents = 0 }: GiverOptions) {
    this.#host = host
    this.#to = to
    this.#accidents = checkNumber('accidents', accidents, { min: 0, max: 1 })
    checkNumber('period', period, { min: 0.001, max: maxMillis })
    this.#pace = new Pacemaker(host as never, 'give', { period, timing: 'periodic' })
  }

  onStart(): void {
    this.#pace.start()
  }

  onCommand(betrayal: Betray): void {
    this.#betrayal = betrayal
    this.#given = 0
  }

  /** It gives and does not take. */
  onMessage(): void {}

  onTimer(): void {
    const { blows, rests } = this.#betrayal
    const { random } = this.#host
    const isBlow = blows > 0 && this.#given % (blows + rests) < blows
    this.#given++
    const content = Uint8Array.from({ length: sizes.content }, () => random.integer(256))
    const digest = digestOf(content)
    // Drawn in any case, so that a betrayal shifts nothing of what others see.
    if (random.chance(this.#accidents) || isBlow) digest[0]! ^= 1
    this.#host.send(this.#to, { type: 'share', content, digest })
    this.#pace.next(true)
  }
}

function digestOf(content: Uint8Array): Uint8Array {
  return sha256(content).slice(0, sizes.digest)
}

function isShare(message: Message): message is Share {
  const { type, content, digest } = message as Partial<Share>
  return type === 'share' && content instanceof Uint8Array && digest instanceof Uint8Array
}

function isGood({ content, digest }: Share): boolean {
  const wanted = digestOf(content)
  return digest.length === wanted.length && wanted.every((byte, i) => digest[i] === byte)
}
