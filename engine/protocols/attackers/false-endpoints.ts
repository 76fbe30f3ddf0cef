import { checkInteger } from '../../core/errors.ts'
import type { Random } from '../../core/random.ts'
import { groupOf, pack, randomEndpoint, type Ipv4Endpoint } from '../address-table/endpoint.ts'

export interface GroupedEndpoints {
  /** How many groups (/16) the addresses are in, 1 to 10,000: what costs. */
  readonly groups: number
  /** How many hosts in each, 1 to 65,536: nearly free, for who has the group. */
  readonly perGroup: number
  /** Default 8333. */
  readonly port?: number
}

/**
 * The addresses of somebody who has many of them in few groups (a provider: few groups, many in each) or one here and
 * there (a botnet: perGroup 1). Group by group; those of one group are different.
 */
export function groupedEndpoints(random: Random, { groups, perGroup, port = 8333 }: GroupedEndpoints): Ipv4Endpoint[] {
  checkInteger('groups', groups, { min: 1, max: 10_000 })
  checkInteger('perGroup', perGroup, { min: 1, max: 65_536 })
  const drawn = new Set<number>()
  while (drawn.size < groups) drawn.add(groupOf(randomEndpoint(random, port)))
  return [...drawn].flatMap((group) => {
    const first = random.integer(65_536)
    return Array.from({ length: perGroup }, (_, i) => pack(group * 65_536 + ((first + i) % 65_536), port))
  })
}

/** An address that nobody has, in the reserved 240.0.0.0/4: a table takes it, and a connection to it fails. */
export function trashEndpoint(random: Random, port = 8333): Ipv4Endpoint {
  return pack(240 * 2 ** 24 + random.integer(15 * 2 ** 24), port)
}
