/**
 * The nodes of the scenario `nat-traversal`: a peer that asks a STUN server what its NAT is like while it punches holes,
 * and a stranger that knocks. RFC 5780 and libp2p/specs, relay/DCUtR.md, by the engine's own classes for both. What
 * punches is one class that is given a host and its options, so a lab's class can take its place.
 */
import { maxAddress, type Address } from '../core/address.ts'
import type { Command, Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { hostWithSend } from '../layers/host-with-send.ts'
import { HolePunch, type HolePunchCommand, type HolePunchOptions } from '../protocols/nat-traversal/hole-punch.ts'
import { NatDiscovery, type NatDiscoveryOptions } from '../protocols/nat-traversal/nat-discovery.ts'
import { reportMalformed } from '../protocols/rumor.ts'

export interface NatPeerOptions {
  readonly punch: HolePunchOptions
  /** Undefined: nobody asks. */
  readonly discovery: NatDiscoveryOptions | undefined
  /** Whether it sends no probe before one has come in: then nothing opens its NAT. */
  readonly waits: boolean
}

export class NatPeer implements Protocol<Message, HolePunchCommand> {
  readonly #host: Host
  readonly #punch: HolePunch
  readonly #discovery: NatDiscovery | undefined

  constructor(host: Host<never>, { punch, discovery, waits }: NatPeerOptions) {
    this.#host = host as unknown as Host
    this.#punch = new HolePunch(waits ? (waitingHost(this.#host) as Host<never>) : host, punch)
    this.#discovery = discovery && new NatDiscovery(host, discovery)
  }

  onStart(): void {
    this.#punch.onStart()
    this.#discovery?.onStart()
  }

  onCommand(command: HolePunchCommand): void {
    this.#punch.onCommand(command)
  }

  onMessage(from: Address, message: Message): void {
    if (message.type === 'knock') this.#host.report('knocked', { from })
    else if (message.type === 'binding-response' && this.#discovery !== undefined)
      this.#discovery.onMessage(from, message)
    else this.#punch.onMessage(from, message)
  }

  onTimer(name: string): void {
    if (name === 'stun') this.#discovery!.onTimer()
    else this.#punch.onTimer(name)
  }
}

export interface Knock extends Command {
  readonly type: 'knock'
  readonly to: Address
}

/** Somebody whom nobody has called. */
export class Stranger implements Protocol<Message, Knock> {
  readonly #host: Host

  constructor(host: Host<never>) {
    this.#host = host as unknown as Host
  }

  onCommand({ to }: Knock): void {
    if (to >= 0 && to <= maxAddress) this.#host.send(to, { type: 'knock' })
  }

  onMessage(_from: Address, message: Message): void {
    reportMalformed(this.#host as unknown as Host<never>, message)
  }
}

/** A host that keeps probes back, as if its owner did not send any: until a reply shows that the peer's came in. */
function waitingHost(host: Host): Host {
  let isCalled = false
  return hostWithSend(host, (to, message, options) => {
    // Who replies has had a probe.
    if (message.type === 'probe-reply') isCalled = true
    if (message.type !== 'probe' || isCalled) host.send(to, message, options)
  })
}
