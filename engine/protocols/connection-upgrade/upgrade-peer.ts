/**
 * From nothing to the first byte of an application: each layer says its part, and where it has to wait for an answer that
 * costs a round trip. Over TCP libp2p agrees on a security protocol, shakes hands, and agrees on a multiplexer; QUIC
 * does all of it in one exchange. The specifications are named at {@link flightsOf}.
 *
 * Simplified: what one side says in a row is one packet; keys are toys (toy-cipher.ts), certificates and identities are
 * words; no resumption, no 0-RTT, no acknowledgement but the next flight. A flight that is not answered is sent again
 * after one second, then after two and so on: the first time-outs of TCP (RFC 6298) and of QUIC (RFC 9002).
 */
import type { Address } from '../../core/address.ts'
import type { Command, Message } from '../../core/data.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { reportMalformed } from '../rumor.ts'
import { flightsOf, type Flight, type UpgradeLayer, type UpgradeSide, type UpgradeStack } from './flights.ts'
import { drawSecret, isPublicKey, openText, publicKeyOf, sealText, sharedKey } from './toy-cipher.ts'

/** A piece of a flight, as it crosses the network: words, or bytes that only the peers can read. */
export interface UpgradePart {
  /** Not in a sealed part: it is inside. */
  readonly layer?: UpgradeLayer
  readonly text?: string
  readonly key?: number
  readonly sealed?: Uint8Array
}

/** One flight. Its type is the layer that speaks last, for drawings. */
export interface UpgradeMessage extends Message {
  readonly type: UpgradeLayer
  /** Names the connection: 53 random bits, in the place of ports or of a connection id. */
  readonly connection: number
  /** Which flight it is, from 0. */
  readonly flight: number
  readonly parts: readonly UpgradePart[]
}

export interface UpgradePeerOptions extends UpgradeStack {
  readonly side: UpgradeSide
  /** Pause before the first repetition, over 0; each one doubles it. Default 1000. */
  readonly timeout?: Millis
  /** How often a flight is sent, 1 to 16. Default 6. */
  readonly attempts?: number
}

export interface DialUpgrade extends Command {
  readonly type: 'dial'
}

interface Session {
  readonly connection: number
  readonly peer: Address
  readonly secret: number
  readonly since: Millis
  shared: number | undefined
  /** The flight that comes next, of either side. */
  next: number
  last: UpgradeMessage | undefined
  attempts: number
}

/**
 * Reports `flight` with the round trips so far whenever it hears one, `talked` when the application's first byte has
 * gone out, `answered` when the answer has come, and `failed` when nobody answers.
 */
export class UpgradePeer implements Protocol<UpgradeMessage, DialUpgrade> {
  readonly #host: Host<UpgradeMessage>
  readonly #side: UpgradeSide
  readonly #flights: readonly Flight[]
  readonly #timeout: Millis
  readonly #attempts: number
  #session: Session | undefined

  constructor(host: Host<never>, options: UpgradePeerOptions) {
    this.#host = host as unknown as Host<UpgradeMessage>
    this.#side = options.side
    this.#flights = flightsOf(options)
    this.#timeout = checkNumber('timeout', options.timeout ?? 1000, { min: 0.001, max: maxMillis / (1 << 16) })
    this.#attempts = checkInteger('attempts', options.attempts ?? 6, { min: 1, max: 16 })
  }

  /** Dials the only neighbor. Another connection that is being made is forgotten. */
  onCommand(_command: DialUpgrade): void {
    const peer = this.#host.neighbors[0]
    if (this.#side !== 'dialer' || peer === undefined) return
    this.#session = this.#newSession(peer, this.#host.random.next() * 2 ** 53)
    this.#speak(this.#session)
  }

  onMessage(from: Address, message: Message): void {
    if (!isUpgradeMessage(message)) return reportMalformed(this.#host as Host<never>, message)
    const isNew = this.#side === 'listener' && message.flight === 0
    const isOther = this.#session?.connection !== message.connection
    const session = isNew && isOther ? this.#newSession(from, message.connection) : this.#session
    if (session === undefined || session.connection !== message.connection || session.peer !== from) {
      return this.#host.report('stray-packet', { from })
    }
    // It has not heard the last answer: the answer was lost, or is late.
    if (message.flight === session.next - 2 && session.last !== undefined) return this.#host.send(from, session.last)
    if (message.flight !== session.next || !this.#hears(session, message)) {
      return this.#host.report('stray-packet', { from })
    }
    this.#session = session
    session.next++
    this.#host.report('flight', { flight: message.flight, roundTrips: Math.ceil(message.flight / 2) })
    if (session.next < this.#flights.length) this.#speak(session)
    else this.#host.report('answered', { after: this.#host.now - session.since })
    if (session.next >= this.#flights.length) this.#host.cancelTimer('again')
  }

  onTimer(): void {
    const session = this.#session!
    if (session.attempts >= this.#attempts) {
      this.#session = undefined
      return this.#host.report('failed', { flight: session.next - 1 })
    }
    this.#transmit(session)
  }

  #newSession(peer: Address, connection: number): Session {
    const { random, now } = this.#host
    const secret = drawSecret(random)
    return { connection, peer, secret, since: now, shared: undefined, next: 0, last: undefined, attempts: 0 }
  }

  /** Says its next flight, and waits. */
  #speak(session: Session): void {
    const { says } = this.#flights[session.next]!
    const parts = says.map(({ layer, text, isSealed, hasKey }, i): UpgradePart => {
      if (isSealed) return { sealed: sealText(text, session.shared!, `${session.next}/${i}`) }
      return hasKey ? { layer, text, key: publicKeyOf(session.secret) } : { layer, text }
    })
    session.last = { type: says.at(-1)!.layer, connection: session.connection, flight: session.next, parts }
    session.attempts = 0
    const roundTrips = session.next / 2
    session.next++
    this.#transmit(session)
    if (this.#side === 'dialer' && says.some(({ layer }) => layer === 'application')) {
      this.#host.report('talked', { after: this.#host.now - session.since, roundTrips })
    }
  }

  #transmit(session: Session): void {
    this.#host.send(session.peer, session.last!)
    const isLast = session.next === this.#flights.length
    if (isLast) this.#host.cancelTimer('again')
    else this.#host.setTimer('again', this.#timeout * (1 << session.attempts))
    session.attempts++
  }

  /** Whether this is what comes next, word for word; takes the peer's key out of it. */
  #hears(session: Session, { flight, parts }: UpgradeMessage): boolean {
    // There is nothing to come after the last one.
    const { by, says } = this.#flights[flight] ?? { by: this.#side, says: [] }
    if (by === this.#side || says.length !== parts.length) return false
    return says.every(({ text, isSealed, hasKey }, i) => {
      const part = parts[i]!
      if (hasKey && isPublicKey(part.key)) session.shared = sharedKey(session.secret, part.key)
      if (hasKey && !isPublicKey(part.key)) return false
      if (!isSealed) return part.text === text
      if (session.shared === undefined || part.sealed === undefined) return false
      return openText(part.sealed, session.shared, `${flight}/${i}`) === text
    })
  }
}

/** What a flight may hold at most: a stranger's packet is not to cost much. */
const maxParts = 32

export function isUpgradeMessage(message: Message): message is UpgradeMessage {
  const { connection, flight, parts } = message as Partial<UpgradeMessage>
  return (
    Number.isSafeInteger(connection) &&
    Number.isSafeInteger(flight) &&
    flight! >= 0 &&
    Array.isArray(parts) &&
    parts.length <= maxParts &&
    parts.every(isPart)
  )
}

function isPart(value: unknown): value is UpgradePart {
  const { text, sealed } = (value ?? {}) as UpgradePart
  return sealed === undefined ? typeof text === 'string' : sealed instanceof Uint8Array
}
