/**
 * Hole punching: two peers behind NATs begin with a circuit over a relay, tell each other over it how the relay sees
 * them, and send to these endpoints at the same time. Each one's own packet opens its own NAT for the other's. Where that
 * fails, since a symmetric NAT moved a host to a port that nobody knows, they go on over the relay.
 *
 * Ford, Srisuresh and Kegel: "Peer-to-peer communication across network address translators", USENIX 2005;
 * libp2p/specs, relay/DCUtR.md (timing) and relay/circuit-v2.md (relay). Simplified: no attempt to dial a public peer
 * first, as a probe does the same; no port prediction; both ends probe at random intervals, as DCUtR has it for QUIC.
 */
import type { Address } from '../../core/address.ts'
import type { Command, Data, Message } from '../../core/data.ts'
import type { Host, Protocol } from '../../core/host.ts'
import type { Millis } from '../../core/time.ts'
import { reportMalformed } from '../rumor.ts'
import type { PeerName } from './fields.ts'
import { Prober, probeTimer, type ProberOptions } from './prober.ts'
import { isProbe, isTalk, type PunchMessage, type Talk } from './punch-messages.ts'
import { RelayClient, type Circuit, type RelayClientOptions } from './relay-client.ts'
import type { RelayMessage } from './relay-messages.ts'
import { Upgrade, type UpgradeOptions } from './upgrade.ts'

export interface HolePunchOptions extends RelayClientOptions, UpgradeOptions, ProberOptions {
  /**
   * Whether a peer names its inside endpoint too, as Ford et al. do: two hosts behind one NAT that does not hairpin find
   * each other by it, and some stranger at the same inside address elsewhere gets probes. Default: no, as DCUtR.
   */
  readonly tellsInside?: boolean
  /** So long a circuit is kept once there is a direct way, over 0. Default 5000. */
  readonly grace?: Millis
}

export interface ConnectPeer extends Command {
  readonly type: 'connect'
  readonly peer: PeerName
}

/** Says something to a connected peer: directly, or else over the relay. */
export interface SayToPeer extends Command {
  readonly type: 'say'
  readonly peer: PeerName
  readonly payload: Data
}

export type HolePunchCommand = ConnectPeer | SayToPeer
export type HolePunchMessage = RelayMessage | PunchMessage

interface Link {
  readonly circuit: Circuit
  readonly prober: Prober
  readonly upgrade: Upgrade
  readonly since: Millis
  hasCircuit: boolean
}

/**
 * Reports `direct` (with the address, the attempt, and the time since the circuit) or `relayed` (with the reason) for
 * each peer; `unreachable` where there is no circuit, `lost` when a direct way is, `closed` when a circuit is that was
 * all there was; `heard` with each payload and the way that it came.
 */
export class HolePunch implements Protocol<HolePunchMessage, HolePunchCommand> {
  readonly #host: Host<HolePunchMessage>
  readonly #options: HolePunchOptions
  readonly #relay: RelayClient
  readonly #links = new Map<number, Link>()

  constructor(host: Host<HolePunchMessage>, options: HolePunchOptions) {
    this.#host = host
    this.#options = options
    this.#relay = new RelayClient(host, options, {
      onCircuit: (circuit) => this.#onCircuit(circuit),
      onData: ({ number }, message) => this.#onCircuitMessage(this.#links.get(number)!, message),
      onClosed: ({ number }) => this.#onClosed(this.#links.get(number)!),
    })
  }

  onStart(): void {
    this.#relay.reserve()
  }

  onCommand(command: HolePunchCommand): void {
    const { peer } = command
    if (command.type === 'say') this.#say(peer, command.payload)
    else this.#relay.connect(peer, (reason) => this.#host.report('unreachable', { peer, reason }))
  }

  onMessage(from: Address, message: Message): void {
    if (this.#relay.onMessage(from, message)) return
    if (!isProbe(message) && !isTalk(message)) return reportMalformed(this.#host, message)
    const link = this.#linkOf(({ prober }) => prober.token === message.token)
    if (link === undefined) this.#host.report('stray-probe', { from })
    else if (isProbe(message)) link.prober.onProbe(from, message)
    else this.#heard(link, message, 'direct')
  }

  onTimer(name: string): void {
    if (this.#relay.onTimer(name)) return
    if (name.startsWith(probeTimer)) return this.#linkOf(({ prober }) => timerOf(prober) === name)!.prober.onTimer()
    const link = this.#links.get(Number(name.slice(punchTimer.length)))!
    if (!link.upgrade.isOver) return link.upgrade.onTimer()
    link.hasCircuit = false
    this.#relay.close(link.circuit)
  }

  #onCircuit(circuit: Circuit): void {
    const { peer, number, direction } = circuit
    const prober = new Prober(this.#host, this.#options, {
      onDirect: (address) => this.#onDirect(link, address),
      onLost: () => this.#onLost(link),
    })
    const upgrade = new Upgrade(this.#host, this.#options, prober, {
      timer: punchTimer + String(number),
      send: (message) => void this.#relay.send(circuit, message),
      addresses: () => this.#addresses(),
      onFailed: (reason) => this.#host.report('relayed', { peer, reason, attempts: upgrade.attempt }),
    })
    const link: Link = { circuit, prober, upgrade, since: this.#host.now, hasCircuit: true }
    this.#links.set(number, link)
    this.#host.report('circuit', { peer, direction })
    if (direction === 'inbound') upgrade.begin()
    else upgrade.wait()
  }

  #onCircuitMessage(link: Link, message: Message): void {
    if (isTalk(message)) this.#heard(link, message, 'relay')
    else link.upgrade.onMessage(message)
  }

  #onDirect({ circuit, upgrade, since, hasCircuit }: Link, address: Address): void {
    const { attempt, roundTrip } = upgrade
    const after = this.#host.now - since
    const measured = roundTrip === undefined ? {} : { roundTrip }
    upgrade.end()
    if (hasCircuit) this.#host.setTimer(punchTimer + String(circuit.number), this.#options.grace ?? 5000)
    this.#host.report('direct', { peer: circuit.peer, address, attempt, after, ...measured })
  }

  #onLost({ circuit: { peer, number }, hasCircuit }: Link): void {
    this.#host.report('lost', { peer })
    if (!hasCircuit) this.#links.delete(number)
  }

  /** The relay, or the other end, ended the circuit. */
  #onClosed(link: Link): void {
    const { circuit, prober, upgrade } = link
    link.hasCircuit = false
    upgrade.end()
    if (prober.direct !== undefined) return
    prober.end()
    this.#links.delete(circuit.number)
    this.#host.report('closed', { peer: circuit.peer })
  }

  #say(peer: PeerName, payload: Data): void {
    const direct = this.#linkOf(({ circuit, prober }) => circuit.peer === peer && prober.direct !== undefined)
    if (direct?.prober.talk(payload)) return
    const link = this.#linkOf(({ circuit, hasCircuit }) => circuit.peer === peer && hasCircuit)
    if (link !== undefined) this.#relay.send(link.circuit, { type: 'talk', payload } as Talk)
    else this.#host.report('not-connected', { peer })
  }

  #heard({ circuit: { peer } }: Link, { payload }: Talk, way: 'direct' | 'relay'): void {
    this.#host.report('heard', { peer, payload, way })
  }

  #addresses(): Address[] {
    const { observed } = this.#relay
    const own = this.#options.tellsInside ? [this.#host.address] : []
    return observed === undefined || own.includes(observed) ? own : [observed, ...own]
  }

  #linkOf(isRight: (link: Link) => boolean): Link | undefined {
    for (const link of this.#links.values()) if (isRight(link)) return link
    return undefined
  }
}

const punchTimer = 'punch/'

function timerOf({ token }: Prober): string {
  return probeTimer + String(token)
}
