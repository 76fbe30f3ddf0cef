/**
 * STUN: a host behind a NAT does not know its own outside endpoint; a server outside sees it in every packet, and says
 * so. Asked to, it answers from its other port, or has another server answer: what then gets in shows what the host's
 * NAT filters.
 *
 * RFC 8489 (binding), RFC 5780 (behaviour discovery). Simplified: a second server takes the place of the server's second
 * ip; a host here listens on every port and is not told which one a packet came to, so a request names the port that the
 * answer comes from; no authentication, no XOR of addresses (it hides them from NATs that rewrite payloads).
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import type { Host, Port, Protocol } from '../../core/host.ts'
import { reportMalformed } from '../rumor.ts'
import { isAddress, isToken } from './fields.ts'

/** "From where do I come?" */
export interface BindingRequest extends Message {
  readonly type: 'binding-request'
  /** 53 random bits: RFC 8489 has 96. The answer repeats them. */
  readonly transaction: number
  /** Who is to answer, and from where. Default: the server that was asked, from its main port. */
  readonly answerFrom?: 'other-port' | 'other-server'
}

export interface BindingResponse extends Message {
  readonly type: 'binding-response'
  readonly transaction: number
  /** Where the request came from, as the server saw it. */
  readonly mapped: Address
  /** The other server, if there is one (OTHER-ADDRESS). */
  readonly other?: StunEndpoints
}

/** Between two servers: "answer this in my place." */
export interface BindingHandover extends Message {
  readonly type: 'binding-handover'
  readonly transaction: number
  readonly mapped: Address
}

export type StunMessage = BindingRequest | BindingResponse | BindingHandover

/** A server's two endpoints, on one ip. */
export interface StunEndpoints {
  readonly main: Address
  readonly otherPort: Address
}

export interface StunServerOptions {
  /** The server's second port, 1 to 65535. Its first is the node's own. Default 3479 (RFC 5780). */
  readonly otherPort?: Port
  /** The server that answers in its place. It trusts this one, and nobody else, to say where answers go. */
  readonly partner?: StunEndpoints
}

export class StunServer implements Protocol<StunMessage> {
  readonly #host: Host<StunMessage>
  readonly #otherPort: Port
  readonly #partner: StunEndpoints | undefined

  constructor(host: Host<StunMessage>, { otherPort = 3479, partner }: StunServerOptions = {}) {
    this.#host = host
    this.#otherPort = otherPort
    this.#partner = partner
  }

  onMessage(from: Address, message: Message): void {
    if (isBindingRequest(message)) this.#onRequest(from, message)
    else if (isHandover(message) && from === this.#partner?.main) this.#answer(message.mapped, message, true)
    else reportMalformed(this.#host, message)
  }

  #onRequest(from: Address, request: BindingRequest): void {
    const { transaction, answerFrom } = request
    if (answerFrom !== 'other-server') this.#answer(from, request, answerFrom === 'other-port')
    else if (this.#partner !== undefined) {
      this.#host.send(this.#partner.main, { type: 'binding-handover', transaction, mapped: from })
    }
  }

  #answer(to: Address, { transaction }: BindingRequest | BindingHandover, fromOtherPort: boolean): void {
    const response: BindingResponse = { type: 'binding-response', transaction, mapped: to }
    const whole = this.#partner === undefined ? response : { ...response, other: this.#partner }
    this.#host.send(to, whole, fromOtherPort ? { fromPort: this.#otherPort } : {})
  }
}

export function isBindingRequest(message: Message): message is BindingRequest {
  const { type, transaction, answerFrom } = message as Partial<BindingRequest>
  const isKnown = answerFrom === undefined || answerFrom === 'other-port' || answerFrom === 'other-server'
  return type === 'binding-request' && isToken(transaction) && isKnown
}

export function isBindingResponse(message: Message): message is BindingResponse {
  const { type, transaction, mapped, other } = message as Partial<BindingResponse>
  const isRight = type === 'binding-response' && isToken(transaction) && isAddress(mapped)
  if (!isRight || other === undefined) return isRight
  return typeof other === 'object' && other !== null && isAddress(other.main) && isAddress(other.otherPort)
}

function isHandover(message: Message): message is BindingHandover {
  const { type, transaction, mapped } = message as Partial<BindingHandover>
  return type === 'binding-handover' && isToken(transaction) && isAddress(mapped)
}
