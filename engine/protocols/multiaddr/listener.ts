/**
 * Who is dialed: a peer that listens for some transports on some ports and says who it is, and that may be a relay, or
 * keep a place at one since nobody can call it (libp2p/specs, relay/circuit-v2.md, by the engine's own classes). And a
 * name server, which stands for all of the DNS.
 */
import type { Address } from '../../core/address.ts'
import type { Message } from '../../core/data.ts'
import type { Host, Port, Protocol } from '../../core/host.ts'
import { hostWithSend } from '../../layers/host-with-send.ts'
import { RelayClient } from '../nat-traversal/relay-client.ts'
import { Relay } from '../nat-traversal/relay.ts'
import { reportMalformed } from '../rumor.ts'
import { isKnock, isNameRequest, type KnockReply, type NameReply } from './dialer.ts'
import type { DialTransport } from './multiaddr.ts'

export interface MultiaddrListenerOptions {
  readonly peer: string
  readonly listens: readonly { readonly transport: DialTransport; readonly port: Port }[]
  /** Whether it is a relay. Default: no. */
  readonly isRelay?: boolean
  /** Where it keeps a place. Default: nowhere. */
  readonly relay?: Address | undefined
}

/** Reports `called` whenever somebody has come through to it, and `refused` where nobody listens. */
export class MultiaddrListener implements Protocol<Message> {
  readonly #host: Host
  readonly #options: MultiaddrListenerOptions
  readonly #relay: Relay | undefined
  readonly #client: RelayClient | undefined
  /** At which port a dialer knocked: there goes on what it has to say, and from there it is answered. */
  readonly #ports = new Map<Address, Port>()

  constructor(host: Host<never>, options: MultiaddrListenerOptions) {
    this.#host = host as unknown as Host
    this.#options = options
    this.#relay = options.isRelay === true ? new Relay(this.#answering() as Host<never>) : undefined
    const events = {
      onCircuit: () => this.#host.report('called', { way: 'relay' }),
      onData: () => undefined,
      onClosed: () => undefined,
    }
    if (options.relay !== undefined) {
      this.#client = new RelayClient(host, { relay: options.relay, name: options.peer }, events)
    }
  }

  onStart(): void {
    this.#client?.reserve()
  }

  onMessage(from: Address, message: Message): void {
    if (isKnock(message)) {
      const isOpen = this.#options.listens.some(
        ({ transport, port }) => transport === message.transport && port === message.port,
      )
      this.#host.report(isOpen ? 'called' : 'refused', { way: message.transport })
      const reply: KnockReply = { type: 'knock-reply', replyTo: message.requestId, peer: isOpen ? this.#peer : '' }
      if (isOpen) this.#ports.set(from, message.port)
      this.#host.send(from, reply, { fromPort: message.port })
    } else if (this.#relay !== undefined) this.#relay.onMessage(from, message)
    else if (this.#client?.onMessage(from, message) !== true) reportMalformed(this.#host as Host<never>, message)
  }

  onTimer(name: string): void {
    if (this.#relay !== undefined) this.#relay.onTimer(name)
    else this.#client!.onTimer(name)
  }

  get #peer(): string {
    return this.#options.peer
  }

  #answering(): Host {
    return hostWithSend(this.#host, (to, message, options = {}) => {
      const fromPort = this.#ports.get(to)
      this.#host.send(to, message, fromPort === undefined ? options : { fromPort })
    })
  }
}

/** Knows which name stands for which IPv4 address. */
export class NameServer implements Protocol<Message> {
  readonly #host: Host
  readonly #names: ReadonlyMap<string, string>

  constructor(host: Host<never>, names: ReadonlyMap<string, string>) {
    this.#host = host as unknown as Host
    this.#names = names
  }

  onMessage(from: Address, message: Message): void {
    if (!isNameRequest(message)) return reportMalformed(this.#host as Host<never>, message)
    const reply: NameReply = {
      type: 'name-reply',
      replyTo: message.requestId,
      ip: this.#names.get(message.name) ?? '',
    }
    this.#host.send(from, reply)
  }
}
