/**
 * Dials multiaddrs: reads the address, asks for a name where it has one, knocks at the port with the transport that the
 * address says, looks who answers, and asks a relay for the rest of the way where the address ends behind one.
 *
 * libp2p/specs, addressing/README.md and relay/circuit-v2.md. Simplified: connecting is one question and one answer,
 * whatever the transport; who answers says its peer id, which libp2p proves by a key; names are asked of one server.
 */
import type { Address } from '../../core/address.ts'
import type { Command, Message } from '../../core/data.ts'
import { maxPort, type Host, type Port, type Protocol } from '../../core/host.ts'
import { isRequest, Requests, type ReplyMessage, type RequestMessage } from '../../layers/requests.ts'
import { isCircuitClose, isRelayReply } from '../nat-traversal/relay-messages.ts'
import { reportMalformed } from '../rumor.ts'
import { parseMultiaddr, planDial, type DialPlan, type DialTransport } from './multiaddr.ts'

/** "Do you listen here?" A TCP or UDP header says transport and port; hosts of the engine are not told them otherwise. */
export interface Knock extends RequestMessage {
  readonly type: 'knock'
  readonly transport: DialTransport
  readonly port: Port
}

export interface KnockReply extends ReplyMessage {
  readonly type: 'knock-reply'
  /** Who answers; empty where nobody listens. */
  readonly peer: string
}

export interface NameRequest extends RequestMessage {
  readonly type: 'name-request'
  readonly name: string
}

export interface NameReply extends ReplyMessage {
  readonly type: 'name-reply'
  /** An IPv4 address; empty for a name that nobody has. */
  readonly ip: string
}

export interface MultiaddrDialerOptions {
  readonly name: string
  readonly transports: readonly DialTransport[]
  /** Whom it asks for names; undefined: it cannot. */
  readonly names: Address | undefined
  /** Whether it speaks circuit relay. */
  readonly circuits: boolean
  /** What stands for an endpoint in this network. */
  readonly addressAt: (ip: string, port: Port) => Address
}

export interface DialMultiaddr extends Command {
  readonly type: 'dial'
  /** Comes back in the report. */
  readonly id: number
  readonly address: string
}

/** Reports `dialed` with the id, whether it is `connected`, whether who answers is `verified`, and the reason if not. */
export class MultiaddrDialer implements Protocol<Message, DialMultiaddr> {
  readonly #host: Host
  readonly #options: MultiaddrDialerOptions
  readonly #requests: Requests
  readonly #circuits: { readonly id: number; readonly plan: DialPlan }[] = []

  constructor(host: Host<never>, options: MultiaddrDialerOptions) {
    this.#host = host as unknown as Host
    this.#options = options
    this.#requests = new Requests(host, { timeout: 1000, attempts: 2 })
  }

  onCommand({ id, address }: DialMultiaddr): void {
    const components = parseMultiaddr(address)
    const plan = components === undefined ? 'it is no multiaddr' : planDial(components)
    if (typeof plan === 'string') return this.#fails(id, plan)
    const { transports, circuits, names } = this.#options
    if (!transports.includes(plan.transport)) return this.#fails(id, `this dialer has no ${plan.transport}`)
    if (plan.target !== undefined && !circuits) return this.#fails(id, 'this dialer asks no relays')
    if (plan.host.kind === 'dns4' && names === undefined) return this.#fails(id, 'this dialer cannot ask for names')
    if (plan.target === undefined) return this.#reach(id, plan)
    // One circuit at a time: a relay answers where it was dialed last.
    this.#circuits.push({ id, plan })
    if (this.#circuits.length === 1) this.#reach(id, plan)
  }

  onMessage(from: Address, message: Message): void {
    // A relay confirms that a circuit is over.
    if (isCircuitClose(message)) return
    if (!this.#requests.onMessage(from, message)) reportMalformed(this.#host as Host<never>, message)
  }

  onTimer(name: string): void {
    this.#requests.onTimer(name)
  }

  #reach(id: number, plan: DialPlan): void {
    const { names, addressAt } = this.#options
    const { kind, value } = plan.host
    if (kind === 'ip4') return this.#knock(id, plan, addressAt(value, plan.port))
    const request: Omit<NameRequest, 'requestId'> = { type: 'name-request', name: value }
    this.#requests.ask(names!, request, isNameReply, (reply) => {
      if (reply === undefined) this.#fails(id, 'nobody answers what the name stands for')
      else if (reply.ip === '') this.#fails(id, 'nobody has that name')
      else this.#knock(id, plan, addressAt(reply.ip, plan.port))
    })
  }

  #knock(id: number, plan: DialPlan, at: Address): void {
    const { transport, port, peer, target } = plan
    const knock: Omit<Knock, 'requestId'> = { type: 'knock', transport, port }
    this.#requests.ask(at, knock, isKnockReply, (reply) => {
      if (reply === undefined) this.#fails(id, 'no answer')
      else if (reply.peer === '') this.#fails(id, `nobody listens for ${transport} there`)
      else if (peer !== undefined && reply.peer !== peer) this.#fails(id, 'somebody else answers')
      else if (target !== undefined) this.#askRelay(id, at, target)
      else this.#ends(id, { connected: true, verified: peer !== undefined, reason: '' })
    })
  }

  #askRelay(id: number, relay: Address, target: string): void {
    const request = { type: 'relay-connect', peer: this.#options.name, to: target }
    this.#requests.ask(relay, request, isRelayReply, (reply) => {
      if (reply?.status !== 'ok') return this.#fails(id, `the relay: ${reply?.status ?? 'no answer'}`)
      // It hangs up at once: a peer may have 16 circuits.
      if (reply.circuit !== undefined)
        this.#host.send(relay, { type: 'circuit-close', circuit: reply.circuit } as Message)
      // The relay cannot pretend to be the target: that is proven end to end.
      this.#ends(id, { connected: true, verified: true, reason: '' })
    })
  }

  #fails(id: number, reason: string): void {
    this.#ends(id, { connected: false, verified: false, reason })
  }

  #ends(
    id: number,
    outcome: { readonly connected: boolean; readonly verified: boolean; readonly reason: string },
  ): void {
    this.#host.report('dialed', { id, ...outcome })
    if (this.#circuits[0]?.id !== id) return
    this.#circuits.shift()
    const next = this.#circuits[0]
    if (next !== undefined) this.#reach(next.id, next.plan)
  }
}

export function isKnock(message: Message): message is Knock {
  const { type, transport, port } = message as Partial<Knock>
  return type === 'knock' && isRequest(message) && typeof transport === 'string' && isPort(port)
}

function isPort(value: unknown): value is Port {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= maxPort
}

export function isNameRequest(message: Message): message is NameRequest {
  return message.type === 'name-request' && isRequest(message) && typeof (message as NameRequest).name === 'string'
}

function isKnockReply(message: Message): message is KnockReply {
  return message.type === 'knock-reply' && typeof (message as Partial<KnockReply>).peer === 'string'
}

/** What is no IPv4 address stands for nobody, and no packet gets there. */
function isNameReply(message: Message): message is NameReply {
  return message.type === 'name-reply' && typeof (message as Partial<NameReply>).ip === 'string'
}
