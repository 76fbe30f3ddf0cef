/**
 * Birthday punching: one peer has a NAT that moves each of its packets to another port, the other one has a NAT that
 * keeps its port. The first opens many ports at once, each by a packet to the other; the second sends to random ports
 * until one of these is hit. As with birthdays, 256 open ports and a few hundred probes meet sooner than people expect.
 *
 * Anderson, "How NAT traversal works" (Tailscale, 2020), section "NAT notes for nerds". Simplified: how the two learn of
 * each other is left out (a relay tells them); a host here is not told to which of its ports a packet came, so it
 * answers from all of them, and the other NAT lets in the one that comes from where the probe went.
 */
import type { Address } from '../../core/address.ts'
import type { Command, Message } from '../../core/data.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import { maxPort, type Host, type Port, type Protocol } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { reportMalformed } from '../rumor.ts'
import { isToken } from './fields.ts'

/** `birthday-open` makes a mapping, `birthday-probe` looks for one, `birthday-answer` says that it was found. */
export interface BirthdayMessage extends Message {
  readonly type: 'birthday-open' | 'birthday-probe' | 'birthday-answer'
  /** What both were told by whoever brought them together: a stranger does not know it. */
  readonly token: number
  /** Which probe it is, from 1; an answer repeats it. 0 in the packets that open. */
  readonly number: number
}

export interface BirthdayOpenerOptions {
  readonly token: number
  /** The other peer, as others see it: its NAT keeps it there. */
  readonly peer: Address
  /** How many ports, 1 to 16,384. Default 256. */
  readonly ports?: number
}

/** The dynamic ports (RFC 6335). */
const firstPort: Port = 49_152

/** The hard side. Reports `found` when a probe has come in, with the prober's address. */
export class BirthdayOpener implements Protocol<BirthdayMessage> {
  readonly #host: Host<BirthdayMessage>
  readonly #token: number
  readonly #peer: Address
  readonly #ports: number
  #isFound = false

  constructor(host: Host<never>, { token, peer, ports = 256 }: BirthdayOpenerOptions) {
    this.#host = host as unknown as Host<BirthdayMessage>
    this.#token = token
    this.#peer = peer
    this.#ports = checkInteger('ports', ports, { min: 1, max: maxPort - firstPort + 1 })
  }

  onStart(): void {
    this.#sendFromAll('birthday-open', 0)
  }

  onMessage(from: Address, message: Message): void {
    if (!isBirthdayMessage(message, 'birthday-probe')) return reportMalformed(this.#host as Host<never>, message)
    if (message.token !== this.#token) return this.#host.report('stray-probe', { from })
    if (this.#isFound) return
    this.#isFound = true
    this.#host.report('found', { from })
    this.#sendFromAll('birthday-answer', message.number)
  }

  #sendFromAll(type: BirthdayMessage['type'], number: number): void {
    for (let i = 0; i < this.#ports; i++) {
      this.#host.send(this.#peer, { type, token: this.#token, number }, { fromPort: firstPort + i })
    }
  }
}

export interface BirthdayProberOptions {
  readonly token: number
  /** An address of the hard side's ip: whoever builds the network knows it. */
  readonly addressAt: (port: Port) => Address
  /** From 0. Default 1024. */
  readonly probes?: number
  /** Time between two, over 0. Default 10: a hundred a second. */
  readonly interval?: Millis
  /** When the first goes out, from 0. Default 0. */
  readonly startAt?: Millis
  /** So long after the last one it gives up, over 0. Default 1000. */
  readonly patience?: Millis
}

/** "Try so many more." */
export interface ProbeMore extends Command {
  readonly type: 'probe-more'
  /** 1 to 1,000,000. */
  readonly probes: number
}

/** The easy side. Reports `connected` with the number of the probe that hit, or `gave-up`. */
export class BirthdayProber implements Protocol<BirthdayMessage, ProbeMore> {
  readonly #host: Host<BirthdayMessage>
  readonly #options: Required<BirthdayProberOptions>
  #left: number
  #sent = 0
  #isConnected = false

  constructor(host: Host<never>, options: BirthdayProberOptions) {
    this.#host = host as unknown as Host<BirthdayMessage>
    this.#options = { probes: 1024, interval: 10, startAt: 0, patience: 1000, ...options }
    this.#left = checkInteger('probes', this.#options.probes, { min: 0, max: 1e9 })
    checkNumber('interval', this.#options.interval, { min: 0.001, max: maxMillis })
    checkNumber('patience', this.#options.patience, { min: 0.001, max: maxMillis })
  }

  onStart(): void {
    const { startAt } = this.#options
    this.#host.setTimer('probe', Math.max(startAt - this.#host.now, 0))
  }

  onCommand({ probes }: ProbeMore): void {
    if (this.#isConnected) return
    const isIdle = this.#left === 0
    this.#left += checkInteger('probes', probes, { min: 1, max: 1_000_000 })
    if (isIdle) this.#host.setTimer('probe', 0)
  }

  onTimer(): void {
    if (this.#isConnected) return
    if (this.#left === 0) return this.#host.report('gave-up', { probes: this.#sent })
    const { token, addressAt, interval, patience } = this.#options
    this.#left--
    this.#sent++
    const probe: BirthdayMessage = { type: 'birthday-probe', token, number: this.#sent }
    // From all ports, with repetition: it does not know that NATs leave out the low ones.
    this.#host.send(addressAt(1 + this.#host.random.integer(maxPort)), probe)
    this.#host.setTimer('probe', this.#left === 0 ? patience : interval)
  }

  onMessage(from: Address, message: Message): void {
    const isAnswer = isBirthdayMessage(message, 'birthday-answer')
    // A packet that was to open the other NAT may come in too, where this one lets it.
    if (!isAnswer && !isBirthdayMessage(message, 'birthday-open'))
      return reportMalformed(this.#host as Host<never>, message)
    const { token, number } = message
    if (token !== this.#options.token || number > this.#sent) return this.#host.report('stray-probe', { from })
    if (this.#isConnected) return
    this.#isConnected = true
    this.#host.cancelTimer('probe')
    this.#host.report('connected', { probes: number, address: from })
  }
}

function isBirthdayMessage(message: Message, type: BirthdayMessage['type']): message is BirthdayMessage {
  const { token, number } = message as Partial<BirthdayMessage>
  return message.type === type && isToken(token) && isToken(number)
}
