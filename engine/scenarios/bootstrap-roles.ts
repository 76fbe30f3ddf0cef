import type { Address, AddressBook } from '../core/address.ts'
import type { Message } from '../core/data.ts'
import type { Host, Protocol } from '../core/host.ts'
import { deriveStream } from '../core/random.ts'
import type { Millis } from '../core/time.ts'
import { topologyFromEdges, type Topology } from '../core/topology.ts'
import { PeerLiar } from '../protocols/attackers/peer-liar.ts'
import { Bootnode } from '../protocols/discovery/bootnode.ts'

/** Who a node is. `gone`: its address is still listed, and nobody is there any more. */
export type Role = 'bootnode' | 'honest' | 'slow' | 'liar' | 'gone'

/** The parameters of the scenario `bootstrap` that say who is there. Shares are of the nodes that are no bootnodes. */
export interface RoleValues {
  readonly size: number
  readonly bootnodes: number
  readonly liars: number
  readonly gone: number
  readonly slow: number
  readonly lie: 'accomplices' | 'gone' | 'made-up'
  readonly maxShared: number
  /** Within this time the honest and the slow nodes come, at moments drawn at random; ms. */
  readonly joining: number
}

/** Who is who, drawn from the seed: bootnodes have the first numbers, the others' places are random. */
export function drawRoles({ size, bootnodes, liars, gone, slow }: RoleValues, seed: number): readonly Role[] {
  const others = size - bootnodes
  if (others < 1) throw new RangeError(`bootnodes is ${bootnodes} of ${size} nodes; leave at least one other`)
  const count = (share: number): number => Math.round(share * others)
  if (count(liars) + count(gone) + count(slow) > others) {
    throw new RangeError(
      `liars ${liars}, gone ${gone} and slow ${slow} are more than all nodes; take at most 1 together`,
    )
  }
  const roles = new Array<Role>(size).fill('honest').fill('bootnode', 0, bootnodes)
  const order = deriveStream(seed, 'roles').shuffle(Array.from({ length: others }, (_, i) => bootnodes + i))
  const parts: readonly Role[] = (['liar', 'gone', 'slow'] as const).flatMap((role, i) =>
    new Array<Role>(count([liars, gone, slow][i]!)).fill(role),
  )
  for (const [i, role] of parts.entries()) roles[order[i]!] = role
  return roles
}

/** When each node comes, in whole ms: bootnodes and liars are there from the start, and who is gone never comes. */
export function drawArrivals(roles: readonly Role[], { joining }: RoleValues, seed: number): readonly number[] {
  const random = deriveStream(seed, 'arrivals')
  return roles.map((role) => {
    const moment = Math.floor(random.next() * joining)
    if (role === 'gone') return Infinity
    return role === 'honest' || role === 'slow' ? moment : 0
  })
}

/** All that a node is given: everybody knows the bootnodes, and those know nobody. */
export function bootnodeLinks({ size, bootnodes }: RoleValues): Topology {
  const edges: [number, number][] = []
  for (let node = bootnodes; node < size; node++) {
    for (let bootnode = 0; bootnode < bootnodes; bootnode++) edges.push([node, bootnode])
  }
  return topologyFromEdges(size, edges, { directed: true })
}

/** What runs at a node that is neither honest nor slow. */
export function otherProtocol(
  host: Host<never>,
  role: Role,
  roles: readonly Role[],
  addresses: AddressBook,
  { lie, maxShared }: RoleValues,
): Protocol<never, never> {
  const who = (wanted: Role) =>
    roles.flatMap((each, node) => {
      const address = addresses.addressOf(node)
      return each === wanted && address !== host.address ? [address] : []
    })
  if (role === 'bootnode') return new Bootnode(host, { maxShared, listed: who('gone') })
  return new PeerLiar(host, {
    lies: maxShared,
    names: lie === 'accomplices' ? who('liar') : lie === 'gone' ? who('gone') : [],
  })
}

/** The timer with which a newcomer's time has come. */
export const arrivalTimer = 'arrival'

/** A node that is not there yet, and then is another. Nobody can know its address before. */
export class Newcomer implements Protocol<Message, never> {
  readonly #host: Host
  readonly #arrival: Millis
  readonly #make: () => Protocol<Message, never>
  #inner: Protocol<Message, never> | undefined

  /** @param make called once, when the time has come */
  constructor(host: Host, arrival: Millis, make: () => Protocol<Message, never>) {
    this.#host = host
    this.#arrival = arrival
    this.#make = make
  }

  onStart(): void {
    this.#host.setTimer(arrivalTimer, this.#arrival)
  }

  onMessage(from: Address, message: Message): void {
    this.#inner?.onMessage(from, message)
  }

  onTimer(name: string): void {
    if (this.#inner !== undefined) return this.#inner.onTimer?.(name)
    this.#inner = this.#make()
    this.#inner.onStart?.()
  }
}
