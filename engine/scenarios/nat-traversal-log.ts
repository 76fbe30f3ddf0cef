import type { Address } from '../core/address.ts'
import type { Data, Message } from '../core/data.ts'
import type { EventKind } from '../core/event-queue.ts'
import type { Internet } from '../core/internet.ts'
import type { Endpoint } from '../core/nat.ts'
import type { Observer } from '../core/observer.ts'
import { toMillis, type Micros, type Millis } from '../core/time.ts'
import type { Departure, Route, Underlay } from '../core/underlay.ts'

/** One packet and what NATs did to it. Endpoints are ip:port. */
export interface NatPacket {
  readonly time: Millis
  /** Node indexes; the receiver is -1 where there is none. */
  readonly from: number
  readonly to: number
  readonly type: string
  /** As the receiver sees it. */
  readonly source: string
  readonly target: string
  /** Whether it made a line in the sender's NAT. */
  readonly opened: boolean
  /** `on the way`, `arrived`, or why it ended. */
  readonly fate: string
}

type OpenPacket = { -readonly [Key in keyof NatPacket]: NatPacket[Key] }

/** Packets over this are not kept; nobody reads them. */
const maxPackets = 2000

/** The internet of a run, and a list of what passed it: which packet made which line in a NAT's table. */
export class NatLog implements Underlay, Observer {
  readonly packets: NatPacket[] = []
  readonly #internet: Internet
  readonly #natOf: (node: number) => number | undefined
  readonly #flying = new Map<number, OpenPacket>()
  #routed: OpenPacket | undefined

  /** @param natOf the index of the NAT in front of a node */
  constructor(internet: Internet, natOf: (node: number) => number | undefined) {
    this.#internet = internet
    this.#natOf = natOf
  }

  addressOf(node: number): Address {
    return this.#internet.addressOf(node)
  }

  addressesOf(nodes: ArrayLike<number>): Address[] {
    return this.#internet.addressesOf(nodes)
  }

  nodeOf(address: Address): number {
    return this.#internet.nodeOf(address)
  }

  route(departure: Departure, now: Micros): Route | string {
    const { from } = departure
    const nat = this.#natOf(from)
    const lines = (): number => (nat === undefined ? 0 : this.#internet.mappings(nat, toMillis(now)).length)
    const before = lines()
    const route = this.#internet.route(departure, now)
    this.#routed = {
      time: toMillis(now),
      from,
      to: typeof route === 'string' ? -1 : route.to,
      type: '',
      source: typeof route === 'string' ? '' : this.text(route.source),
      target: this.text(departure.to),
      opened: lines() > before,
      fate: 'on the way',
    }
    return route
  }

  arrive(route: Route, now: Micros): number | string {
    return this.#internet.arrive(route, now)
  }

  onSend(_time: Millis, _from: number, _to: number, message: Message, _at: Millis, _cause: number, id: number): void {
    const packet = this.#keep(message)
    if (packet !== undefined) this.#flying.set(id, packet)
  }

  onDrop(
    _time: Millis,
    _from: number,
    _to: number,
    message: Message,
    reason: string,
    _cause: number,
    id: number,
  ): void {
    const packet = this.#flying.get(id) ?? this.#keep(message)
    this.#flying.delete(id)
    if (packet !== undefined) packet.fate = reason
  }

  onEvent(
    _number: number,
    _time: Millis,
    kind: EventKind,
    _node: number,
    _peer: number,
    _subject: unknown,
    _cause: number,
    id: number,
  ): void {
    const packet = kind === 'message' ? this.#flying.get(id) : undefined
    if (packet === undefined) return
    packet.fate = 'arrived'
    this.#flying.delete(id)
  }

  /** What an address stands for. */
  text(address: Address): string {
    const endpoint = this.#internet.endpointOf(address)
    return endpoint === undefined ? 'nowhere' : endpointText(endpoint)
  }

  /** The table of a node's NAT, each line with the packet that made it. Empty where there is no NAT. */
  table(node: number, outsideIp: string, now: Millis): Data[] {
    const nat = this.#natOf(node)
    if (nat === undefined) return []
    return this.#internet.mappings(nat, now).map(({ inside, port, remote, contacted, expires }) => {
      const outside = endpointText({ ip: outsideIp, port })
      const maker = this.packets.findLast(({ opened, source, from }) => opened && from === node && source === outside)
      return {
        inside: endpointText(inside),
        outside,
        for: remote === '' ? 'anybody' : remote,
        contacted: [...contacted].filter((each) => each.includes(':')),
        expires: toMillis(expires),
        madeBy: maker === undefined ? null : { time: maker.time, type: maker.type, target: maker.target },
      }
    })
  }

  /** The packet that was routed just now gets its type. */
  #keep({ type }: Message): OpenPacket | undefined {
    const packet = this.#routed
    this.#routed = undefined
    if (packet === undefined || this.packets.length >= maxPackets) return undefined
    packet.type = type
    this.packets.push(packet)
    return packet
  }
}

export function endpointText({ ip, port }: Endpoint): string {
  return `${ip}:${port}`
}
