/**
 * A reflector: a UDP service that answers whoever asks, and with more than it was asked. Nothing proves where a datagram
 * comes from, so who asks under a victim's address has the answer sent there. The bandwidth amplification factor is the
 * payload of the answers over that of the query: Rossow, "Amplification Hell", NDSS 2014; the factors of services are in
 * US-CERT's alert TA14-017A.
 *
 * With `limit` an address is sent so many times the bytes that came from it at most, until it has shown that it receives
 * what is sent to it: RFC 9000, section 8.1, where QUIC has 3. It shows this by saying back the token of an answer.
 *
 * Simplified: answers are bytes without meaning, in packets of up to 1200 bytes, which QUIC takes for safe on any path.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import { encodedSize } from '../../core/encoded-size.ts'
import { checkNumber } from '../../core/errors.ts'
import type { Host, Protocol } from '../../core/host.ts'

export interface ReflectorOptions {
  /** Payload of the answers over payload of the query, 0 to 10,000. */
  readonly factor: number
  /** What an address that has shown nothing is sent, over what came from it, 0 to 10,000. Default: no limit. */
  readonly limit?: number
}

/** "Tell me." Its payload only takes room; a query may be padded. */
export interface Query extends Message {
  readonly type: 'query'
  readonly payload: Uint8Array
  /** Out of an answer: who knows it receives what is sent to its address. */
  readonly token?: number
}

/** Part of an answer. */
export interface Answer extends Message {
  readonly type: 'answer'
  readonly payload: Uint8Array
  readonly token: number
}

/** Accounts of addresses that a reflector keeps: a flood of forged sources must not fill its memory. */
const maxAccounts = 1000

/** In bytes; RFC 9000, section 14. */
const maxPayload = 1200

interface Account {
  readonly token: number
  received: number
  sent: number
  isValidated: boolean
}

export class Reflector implements Protocol<Answer> {
  readonly #host: Host<Answer>
  readonly #factor: number
  readonly #limit: number
  readonly #accounts = new Map<Address, Account>()

  constructor(host: Host<Answer>, { factor, limit }: ReflectorOptions) {
    this.#host = host
    this.#factor = checkNumber('factor', factor, { min: 0, max: 10_000 })
    this.#limit = limit === undefined ? Infinity : checkNumber('limit', limit, { min: 0, max: 10_000 })
  }

  onMessage(from: Address, message: Message): void {
    if (!isQuery(message)) {
      this.#host.report('malformed', { type: message.type })
      return
    }
    const account = this.#accountOf(from)
    const asked = encodedSize(message)
    account.received += asked
    if (message.token === account.token) account.isValidated = true
    const allowed = account.isValidated ? Infinity : this.#limit * account.received - account.sent
    this.#answer(from, account, Math.min(this.#factor * asked, allowed))
  }

  /** As many bytes as can be had in whole packets, and never more. */
  #answer(to: Address, account: Account, bytes: number): void {
    for (let left = bytes; ;) {
      const answer = answerOf(Math.min(left, maxPayload), account.token)
      if (answer === undefined) return
      const size = encodedSize(answer)
      left -= size
      account.sent += size
      this.#host.send(to, answer)
    }
  }

  #accountOf(address: Address): Account {
    let account = this.#accounts.get(address)
    if (account === undefined) {
      account = { token: this.#host.random.integer(2 ** 32), received: 0, sent: 0, isValidated: false }
      if (this.#accounts.size === maxAccounts) this.#accounts.delete(this.#accounts.keys().next().value!)
      this.#accounts.set(address, account)
    }
    return account
  }
}

/** The largest answer that takes no more than this many bytes; undefined where none is so small. */
function answerOf(size: number, token: number): Answer | undefined {
  const empty: Answer = { type: 'answer', payload: new Uint8Array(0), token }
  // The length of up to 1200 bytes takes one to three bytes, of which the empty one has one.
  for (let header = 0; header <= 2; header++) {
    const length = Math.floor(size) - encodedSize(empty) - header
    if (length < 0) return undefined
    const answer = { ...empty, payload: new Uint8Array(length) }
    if (encodedSize(answer) <= size) return answer
  }
  return undefined
}

function isQuery(message: Message): message is Query {
  const { type, payload, token } = message as Partial<Query>
  return type === 'query' && payload instanceof Uint8Array && (token === undefined || typeof token === 'number')
}
