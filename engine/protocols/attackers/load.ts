/**
 * Who asks a server for something, again and again: an honest client at a low rate, or a flood at a high one. A flood can
 * hide who it is: under addresses that it makes up nothing can be counted, and under those of honest clients it is they
 * who are turned away.
 *
 * Requests come at exponentially distributed times, as of a crowd. The flood waits for no answer and cares for none.
 */
import { maxAddress, type Address } from '../../core/address.ts'
import type { Command, Message } from '../../core/data.ts'
import { checkNumber } from '../../core/errors.ts'
import type { AttackerHost, Protocol } from '../../core/host.ts'
import { Pacemaker } from '../../layers/pacemaker.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import type { ServiceRequest } from '../guarded-server.ts'

export interface LoadOptions {
  readonly server: Address
  /** Mean time between two honest requests: over 0. */
  readonly period: Millis
  /** Who has no answer by then has none: over 0. */
  readonly patience: Millis
}

/** Begins to flood, or is honest again. */
export interface Flood extends Command {
  readonly type: 'flood'
  /** Mean time between two requests of the flood; 0 = none: honest again. */
  readonly period: Millis
  /** Under whose address: its own, addresses that it makes up, or one of these. */
  readonly source: 'own' | 'made-up' | readonly Address[]
}

export class Load implements Protocol<Message, Flood> {
  readonly #host: AttackerHost<ServiceRequest>
  readonly #options: LoadOptions
  #pace: Pacemaker | undefined
  #flood: Flood | undefined
  #number = 0
  readonly #open = new Set<number>()

  constructor(host: AttackerHost<ServiceRequest>, options: LoadOptions) {
    checkNumber('period', options.period, { min: 0.001, max: maxMillis })
    checkNumber('patience', options.patience, { min: 0.001, max: maxMillis })
    this.#host = host
    this.#options = options
  }

  onStart(): void {
    this.#paceAt(this.#options.period)
  }

  onCommand(flood: Flood): void {
    this.#flood = flood.period === 0 ? undefined : flood
    this.#paceAt(this.#flood?.period ?? this.#options.period)
  }

  onMessage(from: Address, message: Message): void {
    const { type, number } = message as Partial<ServiceRequest>
    if (from !== this.#options.server || type !== ('response' as string) || !this.#open.delete(number!)) return
    this.#host.cancelTimer(`no ${number}`)
    this.#host.report('served')
  }

  onTimer(name: string): void {
    if (name === 'ask') {
      if (this.#flood === undefined) this.#ask()
      else this.#blow(this.#flood)
      this.#pace!.next(true)
    } else if (this.#open.delete(Number(name.slice(3)))) {
      this.#host.report('unserved')
    }
  }

  #ask(): void {
    const number = this.#number++
    this.#open.add(number)
    this.#host.send(this.#options.server, { type: 'request', number })
    this.#host.setTimer(`no ${number}`, this.#options.patience)
  }

  #blow({ source }: Flood): void {
    const { server } = this.#options
    const { random } = this.#host
    const request: ServiceRequest = { type: 'request', number: this.#number++ }
    if (source === 'own') return this.#host.send(server, request)
    const claimed =
      source === 'made-up' ? (Math.floor(random.next() * (maxAddress + 1)) as Address) : random.pick(source)
    this.#host.sendAs(claimed, server, request)
  }

  #paceAt(period: Millis): void {
    this.#pace = new Pacemaker(this.#host as never, 'ask', { period, timing: 'poisson' })
    this.#pace.start()
  }
}
