import type { Address } from '../../core/address.ts'
import type { Data } from '../../core/data.ts'
import { checkNumber } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { drawToken } from './fields.ts'
import type { Probe, PunchMessage } from './punch-messages.ts'

export interface ProberOptions {
  /** Bounds of the random pause between two probes, over 0. Default 10 and 200 (DCUtR). */
  readonly probeInterval?: readonly [Millis, Millis]
  /** A probe each so often once the way is open, over 0: it keeps both NATs' mappings. Default 15,000 (RFC 8445). */
  readonly keepAlive?: Millis
  /** After so long without an answer the way is lost; more than `keepAlive`. Default 60,000. */
  readonly silence?: Millis
}

export interface ProberEvents {
  /** A packet went there, and its answer came back. */
  readonly onDirect: (address: Address) => void
  readonly onLost: () => void
}

/** A peer that a NAT moved elsewhere is found by its own probes; so many places are tried, and no more. */
export const maxCandidates = 8

/**
 * Looks for a direct way to one peer, and keeps it open. A probe is worth something only with the token that its
 * receiver gave the peer over the circuit: a stranger has none. The way is open once a probe has been answered, so it is
 * in both directions; where a probe comes from is tried too, for a symmetric NAT moves its host to another port.
 *
 * Ford, Srisuresh and Kegel: "Peer-to-peer communication across network address translators", USENIX 2005, section 3;
 * the tokens and the trying of where a probe comes from are those of ICE (RFC 8445, section 7.3.1).
 */
export class Prober {
  /** What the peer must know. */
  readonly token: number
  readonly #host: Host<PunchMessage>
  readonly #options: Required<ProberOptions>
  readonly #events: ProberEvents
  #peerToken: number | undefined
  #candidates: Address[] = []
  #isPunching = false
  #direct: Address | undefined
  #lastReply = 0

  constructor(host: Host<never>, options: ProberOptions, events: ProberEvents) {
    this.#host = host as unknown as Host<PunchMessage>
    const time = (name: string, value: Millis): Millis => checkNumber(name, value, { min: 0.001, max: maxMillis })
    const [least, most] = options.probeInterval ?? [10, 200]
    const keepAlive = time('keepAlive', options.keepAlive ?? 15_000)
    this.#options = {
      probeInterval: [time('probeInterval', least), checkNumber('probeInterval', most, { min: least, max: maxMillis })],
      keepAlive,
      silence: checkNumber('silence', options.silence ?? 60_000, { min: keepAlive, max: maxMillis }),
    }
    this.#events = events
    this.token = drawToken(this.#host.random)
  }

  /** Where the peer is, once the way is open. */
  get direct(): Address | undefined {
    return this.#direct
  }

  /** What the peer has told: it may begin before this end does. */
  expect(peerToken: number, candidates: readonly Address[]): void {
    this.#peerToken = peerToken
    // Its inside address may be this host's own one, in another network.
    this.#candidates = candidates.filter((address) => address !== this.#host.address)
  }

  /** Begins to probe. */
  start(): void {
    if (this.#direct !== undefined || this.#isPunching) return
    this.#isPunching = true
    this.#round()
  }

  /** The attempt is over. An open way stays open. */
  pause(): void {
    this.#isPunching = false
    if (this.#direct === undefined) this.#host.cancelTimer(this.#timer)
  }

  /** This peer is to be forgotten. */
  end(): void {
    this.#direct = undefined
    this.pause()
  }

  /** False where the way is not open. */
  talk(payload: Data): boolean {
    if (this.#direct === undefined) return false
    this.#host.send(this.#direct, { type: 'talk', token: this.#peerToken!, payload })
    return true
  }

  /** A probe with this prober's token came from there. */
  onProbe(from: Address, { type }: Probe): void {
    if (this.#peerToken === undefined) return
    if (type === 'probe-reply') return this.#onReply(from)
    this.#send(from, 'probe-reply')
    const isKnown = this.#candidates.includes(from)
    // Where this end probes by itself there is no need to; elsewhere, and before SYNC has come, there is.
    if (this.#direct !== undefined || (isKnown && this.#isPunching)) return
    if (!isKnown && this.#candidates.length >= maxCandidates) return
    if (!isKnown) this.#candidates.push(from)
    this.#send(from, 'probe')
  }

  onTimer(): void {
    if (this.#direct === undefined) return this.#round()
    const { silence, keepAlive } = this.#options
    if (this.#host.now - this.#lastReply >= silence) {
      this.#direct = undefined
      return this.#events.onLost()
    }
    this.#send(this.#direct, 'probe')
    this.#host.setTimer(this.#timer, keepAlive)
  }

  #onReply(from: Address): void {
    this.#lastReply = this.#host.now
    if (this.#direct !== undefined) return
    this.#direct = from
    this.#isPunching = false
    this.#host.setTimer(this.#timer, this.#options.keepAlive)
    this.#events.onDirect(from)
  }

  #round(): void {
    for (const address of this.#candidates) this.#send(address, 'probe')
    const [least, most] = this.#options.probeInterval
    this.#host.setTimer(this.#timer, least + this.#host.random.next() * (most - least))
  }

  #send(to: Address, type: Probe['type']): void {
    this.#host.send(to, { type, token: this.#peerToken! })
  }

  get #timer(): string {
    return probeTimer + String(this.token)
  }
}

export const probeTimer = 'probe/'
