/**
 * What kind of NAT am I behind? A host asks two STUN servers for its outside endpoint: if both see the same one, any
 * peer may use it. Then it has answers come from where it never sent a packet: those that get in show what is filtered.
 *
 * RFC 5780, sections 4.3 (mapping) and 4.4 (filtering); retransmission after RFC 8489, section 6.2.1. The tests of the
 * filter use a port of their own, drawn anew each time: what the tests of the mapping had opened would spoil them.
 * Simplified: no test of hairpinning, of the lifetime or of fragments.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import { checkInteger, checkNumber } from '../../core/errors.ts'
import type { Host, Port, Protocol } from '../../core/host.ts'
import type { NatBehavior } from '../../core/nat.ts'
import { maxMillis, type Millis } from '../../core/time.ts'
import { reportMalformed } from '../rumor.ts'
import { drawToken } from './fields.ts'
import { isBindingResponse, type BindingRequest, type BindingResponse, type StunEndpoints } from './stun.ts'

export interface NatDiscoveryOptions {
  /** A STUN server that has a partner. */
  readonly server: Address
  /** Pause before the first retransmission, over 0; each one doubles it. Default 500 (RTO). */
  readonly timeout?: Millis
  /** Packets for one question, 1 to 16. Default 7 (Rc). */
  readonly attempts?: number
}

/** What was found out; the detail of the report `nat-discovered`. */
export interface NatFindings {
  /** This host, as the server sees it. */
  readonly mapped: Address
  /** Whether that differs from what the host calls itself. */
  readonly natted: boolean
  /** Endpoint-independent where there is no NAT. */
  readonly mapping: NatBehavior
  readonly filtering: NatBehavior
}

/** The last wait, as a multiple of the first (Rm). */
const lastWait = 16
/** The dynamic ports (RFC 6335): the tests of the filter use one of them. */
const dynamicPorts = { first: 49_152, count: 16_384 } as const
const timerName = 'stun'

interface Question {
  readonly to: Address
  readonly request: BindingRequest
  readonly fromPort: Port | undefined
  readonly onDone: (response: BindingResponse | undefined) => void
  sent: number
}

/** Runs once, at the start: it reports `nat-discovered` with {@link NatFindings}, or `nat-unknown` with a reason. */
export class NatDiscovery implements Protocol<BindingRequest> {
  readonly #host: Host<BindingRequest>
  readonly #server: Address
  readonly #timeout: Millis
  readonly #attempts: number
  #question: Question | undefined

  constructor(host: Host<BindingRequest>, { server, timeout = 500, attempts = 7 }: NatDiscoveryOptions) {
    this.#host = host
    this.#server = server
    this.#timeout = checkNumber('timeout', timeout, { min: 0.001, max: maxMillis / 2 ** 17 })
    this.#attempts = checkInteger('attempts', attempts, { min: 1, max: 16 })
  }

  onStart(): void {
    this.#ask(this.#server, {}, (first) => {
      if (first === undefined) this.#host.report('nat-unknown', { reason: 'no answer' })
      else if (first.other === undefined) this.#host.report('nat-unknown', { reason: 'server has no partner' })
      else this.#findMapping(first, first.other)
    })
  }

  onMessage(from: Address, message: Message): void {
    const question = this.#question
    if (!isBindingResponse(message)) return reportMalformed(this.#host, message)
    // Only the servers know the number. A test of the filter is answered from elsewhere, or it tests nothing.
    const isElsewhere = question?.fromPort !== undefined
    if (question?.request.transaction !== message.transaction || (from === question.to) === isElsewhere) {
      return this.#host.report('stray-reply', { from })
    }
    this.#end(question, message)
  }

  onTimer(): void {
    const question = this.#question!
    if (question.sent < this.#attempts) this.#send(question)
    else this.#end(question, undefined)
  }

  #findMapping(first: BindingResponse, other: StunEndpoints): void {
    const natted = first.mapped !== this.#host.address
    const found = (mapping: NatBehavior): void => this.#findFiltering({ mapped: first.mapped, natted, mapping })
    if (!natted) return found('endpoint-independent')
    this.#ask(other.main, {}, (second) => {
      if (second?.mapped === first.mapped) return found('endpoint-independent')
      this.#ask(other.otherPort, { answerFrom: 'other-port' }, (third) => {
        if (second === undefined || third === undefined) {
          this.#host.report('nat-unknown', { reason: 'no answer of the other server' })
        } else found(third.mapped === second.mapped ? 'address-dependent' : 'address-and-port-dependent')
      })
    })
  }

  #findFiltering(known: Omit<NatFindings, 'filtering'>): void {
    const fromPort = dynamicPorts.first + this.#host.random.integer(dynamicPorts.count)
    const found = (filtering: NatBehavior): void => this.#host.report('nat-discovered', { ...known, filtering })
    this.#ask(this.#server, { answerFrom: 'other-server', fromPort }, (fromOtherServer) => {
      if (fromOtherServer !== undefined) return found('endpoint-independent')
      this.#ask(this.#server, { answerFrom: 'other-port', fromPort }, (fromOtherPort) => {
        found(fromOtherPort !== undefined ? 'address-dependent' : 'address-and-port-dependent')
      })
    })
  }

  #ask(
    to: Address,
    { answerFrom, fromPort }: { answerFrom?: BindingRequest['answerFrom']; fromPort?: Port },
    onDone: Question['onDone'],
  ): void {
    const plain: BindingRequest = { type: 'binding-request', transaction: drawToken(this.#host.random) }
    const request = answerFrom === undefined ? plain : { ...plain, answerFrom }
    this.#question = { to, request, fromPort, onDone, sent: 0 }
    this.#send(this.#question)
  }

  #send(question: Question): void {
    const { to, request, fromPort } = question
    this.#host.send(to, request, fromPort === undefined ? {} : { fromPort })
    question.sent++
    const isLast = question.sent === this.#attempts
    this.#host.setTimer(timerName, this.#timeout * (isLast ? lastWait : 1 << (question.sent - 1)))
  }

  #end({ onDone }: Question, response: BindingResponse | undefined): void {
    this.#host.cancelTimer(timerName)
    this.#question = undefined
    onDone(response)
  }
}
