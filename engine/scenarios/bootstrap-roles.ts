import type { AddressBook } from '../core/address.ts'
import type { Host, Protocol } from '../core/host.ts'
import { deriveStream } from '../core/random.ts'
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

/** When each node comes, in ms: bootnodes and liars are there from the start, and who is gone never comes. */
export function drawArrivals(roles: readonly Role[], { joining }: RoleValues, seed: number): readonly number[] {
  const random = deriveStream(seed, 'arrivals')
  return roles.map((role) => {
    const moment = random.next() * joining
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
