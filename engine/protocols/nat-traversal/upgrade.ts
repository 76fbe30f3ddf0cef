import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { Host } from '../../core/host.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { reportMalformed } from '../rumor.ts'
import { drawToken } from './fields.ts'
import type { Prober } from './prober.ts'
import { isPunchConnect, isPunchSync, type PunchConnect, type PunchSync } from './punch-messages.ts'

export interface UpgradeOptions {
  /** How often it is tried, 1 to 100. Default 3 (DCUtR). */
  readonly attempts?: number
  /** How long one attempt probes, over 0. Default 5000 (go-libp2p). */
  readonly attemptDuration?: Millis
  /** Pause before an unanswered CONNECT is sent again, over 0; it doubles, and there are three. Default 1000. */
  readonly connectTimeout?: Millis
  /** Addresses that a peer may name, 1 to 8, as many as are probed. Default 3: it bounds what a liar has others send. */
  readonly maxAddresses?: number
}

/** What an upgrade needs of the circuit that it runs over. */
export interface UpgradeLine {
  readonly timer: string
  readonly send: (message: PunchConnect | PunchSync) => void
  /** Where this peer may be reached, as far as it knows. */
  readonly addresses: () => Address[]
  readonly onFailed: (reason: string) => void
}

/** CONNECTs of one attempt. */
const connectTries = 3

/**
 * DCUtR for one circuit: CONNECT, CONNECT, SYNC, and both ends begin to probe at the same moment. The end that began
 * measures the round trip over the relay; its SYNC takes half of that to arrive, and so long it waits itself. After
 * three failures the circuit is all there is. libp2p/specs, relay/DCUtR.md. Simplified: a circuit of datagrams loses
 * packets: a CONNECT is sent again, a SYNC is not, and its loss costs the attempt.
 */
export class Upgrade {
  readonly #host: Host<never>
  readonly #options: Required<UpgradeOptions>
  readonly #prober: Prober
  readonly #line: UpgradeLine
  #phase: 'idle' | 'connecting' | 'synchronizing' | 'waiting' | 'punching' | 'over' = 'idle'
  #isInitiator = false
  #attempt = 0
  #punches = 0
  #tries = 0
  #nonce = -1 // nobody's
  #sentAt = 0
  #roundTrip: Millis | undefined

  constructor(host: Host<never>, options: UpgradeOptions, prober: Prober, line: UpgradeLine) {
    this.#host = host
    const time = (name: string, value: Millis): Millis =>
      checkNumber(name, value, { min: 0.001, max: maxMillis / 1000 })
    this.#options = {
      attempts: checkInteger('attempts', options.attempts ?? 3, { min: 1, max: 100 }),
      attemptDuration: time('attemptDuration', options.attemptDuration ?? 5000),
      connectTimeout: time('connectTimeout', options.connectTimeout ?? 1000),
      maxAddresses: checkInteger('maxAddresses', options.maxAddresses ?? 3, { min: 1, max: 8 }),
    }
    this.#prober = prober
    this.#line = line
  }

  /** Which attempt it is, from 1. */
  get attempt(): number {
    return this.#attempt
  }

  /** The round trip over the relay, at the end that began. */
  get roundTrip(): Millis | undefined {
    return this.#roundTrip
  }

  get isOver(): boolean {
    return this.#phase === 'over'
  }

  /** The peer that was called begins: its call came over the relay just now, so it knows that the circuit is there. */
  begin(): void {
    this.#isInitiator = true
    this.#nextAttempt()
  }

  /** The peer that called waits for the other one, as long as that may take. */
  wait(): void {
    const { attempts, attemptDuration, connectTimeout } = this.#options
    this.#prober.pause()
    this.#phase = 'waiting'
    const left = attempts - this.#attempt + 1
    this.#host.setTimer(this.#line.timer, left * (attemptDuration + connectTimeout * (1 << connectTries)))
  }

  /** There is a direct way, or no circuit any more. */
  end(): void {
    this.#phase = 'over'
    this.#host.cancelTimer(this.#line.timer)
  }

  onMessage(message: Message): void {
    const { maxAddresses, attempts } = this.#options
    if (isPunchConnect(message, maxAddresses) && message.attempt <= attempts) {
      if (this.#isInitiator) this.#onAnswer(message)
      else this.#onConnect(message)
    } else if (isPunchSync(message)) this.#onSync(message)
    else reportMalformed(this.#host, message)
  }

  onTimer(): void {
    if (this.#phase === 'connecting' && this.#tries < connectTries) this.#connect()
    else if (this.#phase === 'synchronizing') this.#punch()
    else if (this.#isInitiator) this.#nextAttempt()
    else if (this.#phase === 'punching' && this.#attempt < this.#options.attempts) this.wait()
    else this.#fail()
  }

  #nextAttempt(): void {
    this.#prober.pause()
    if (this.#attempt >= this.#options.attempts) return this.#fail()
    this.#attempt++
    this.#tries = 0
    this.#connect()
  }

  #connect(): void {
    this.#phase = 'connecting'
    this.#tries++
    this.#nonce = drawToken(this.#host.random)
    this.#sentAt = this.#host.now
    this.#sendConnect()
    this.#host.setTimer(this.#line.timer, this.#options.connectTimeout * (1 << (this.#tries - 1)))
  }

  #onAnswer({ nonce, token, addresses }: PunchConnect): void {
    if (this.#phase !== 'connecting' || nonce !== this.#nonce) return
    this.#roundTrip = this.#host.now - this.#sentAt
    this.#prober.expect(token, addresses)
    this.#phase = 'synchronizing'
    this.#line.send({ type: 'punch-sync', nonce })
    this.#host.setTimer(this.#line.timer, this.#roundTrip / 2)
  }

  #onConnect({ attempt, nonce, token, addresses }: PunchConnect): void {
    if (this.#phase === 'over' || this.#punches >= this.#options.attempts) return
    this.#attempt = attempt
    this.#nonce = nonce
    this.#prober.expect(token, addresses)
    this.#sendConnect()
    this.wait()
  }

  #onSync({ nonce }: PunchSync): void {
    if (this.#phase === 'waiting' && nonce === this.#nonce) this.#punch()
  }

  #punch(): void {
    this.#phase = 'punching'
    this.#punches++
    this.#prober.start()
    this.#host.setTimer(this.#line.timer, this.#options.attemptDuration)
  }

  #fail(): void {
    this.#prober.pause()
    this.end()
    this.#line.onFailed(this.#punches > 0 ? 'no probe was answered' : 'no answer over the circuit')
  }

  #sendConnect(): void {
    const [attempt, nonce] = [this.#attempt, this.#nonce]
    this.#line.send({
      type: 'punch-connect',
      attempt,
      nonce,
      token: this.#prober.token,
      addresses: this.#line.addresses(),
    })
  }
}
