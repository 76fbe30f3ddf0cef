import { deriveStream } from '../core/random.ts'
import { bitcoinRegions2019, regionalLatency } from '../core/regions.ts'
import type { LatencyModel } from '../core/latency.ts'
import { topologyFromEdges, type Topology } from '../core/topology.ts'
import { farSide } from './fault-actions.ts'

/** The parameters of the scenario `block-propagation` that make its network. */
export interface BlockNetworkValues {
  readonly size: number
  readonly degree: number
  /** Share of the nodes that are far away. They have the highest numbers. */
  readonly remoteNodes: number
  /** Links between here and there. */
  readonly bridges: number
  readonly miners: number
  readonly remoteMiners: number
  /** Share of the hash power that is far away. */
  readonly remoteHash: number
}

/** Where most are, and where the others are, by the names of the table. */
const regions = { most: 'Europe', remote: 'Australia' } as const

/** Who is far away. */
export function remoteNodes({
  size,
  remoteNodes,
}: Pick<BlockNetworkValues, 'size' | 'remoteNodes'>): readonly boolean[] {
  const far = new Set(farSide(size, remoteNodes))
  return Array.from({ length: size }, (_, node) => far.has(node))
}

export function regionName(isRemote: boolean): string {
  return isRemote ? regions.remote : regions.most
}

/** Two groups, each connected in itself by a ring and by random links, and a few links between the two. */
export function blockTopology(
  values: Pick<BlockNetworkValues, 'size' | 'degree' | 'remoteNodes' | 'bridges'>,
  seed: number,
): Topology {
  const { size, degree, bridges } = values
  const random = deriveStream(seed, 'topology')
  const isRemote = remoteNodes(values)
  const groups = [false, true].map((remote) => isRemote.flatMap((each, node) => (each === remote ? [node] : [])))
  const edges = new Map<string, readonly [number, number]>()
  const link = (one: number, other: number): void => {
    if (one !== other) edges.set(`${Math.min(one, other)} ${Math.max(one, other)}`, [one, other])
  }
  for (const group of groups) {
    for (const [i, node] of group.entries()) {
      link(node, group[(i + 1) % group.length]!)
      for (const peer of random.sample(group, Math.ceil(degree / 2) - 1)) link(node, peer)
    }
  }
  const [here, there] = groups as [number[], number[]]
  for (let i = 0; i < bridges && here.length > 0 && there.length > 0; i++) link(random.pick(here), random.pick(there))
  return topologyFromEdges(size, [...edges.values()])
}

/** Mean latencies between regions, as in SimBlock. */
export function blockLatency(values: BlockNetworkValues): LatencyModel {
  const place = (name: string): number => bitcoinRegions2019.names.indexOf(name)
  const numbers = remoteNodes(values).map((isRemote) => place(regionName(isRemote)))
  return regionalLatency({ regions: numbers, table: bitcoinRegions2019 })
}

/** Each node's share of the hash power: miners are drawn, and those of a group have equal shares. */
export function hashShares(values: BlockNetworkValues, seed: number): readonly number[] {
  const random = deriveStream(seed, 'miners')
  const isRemote = remoteNodes(values)
  const shares = new Array<number>(values.size).fill(0)
  const groups = [
    { remote: false, count: values.miners, power: 1 - values.remoteHash },
    { remote: true, count: values.remoteMiners, power: values.remoteHash },
  ]
  for (const { remote, count, power } of groups) {
    const group = isRemote.flatMap((each, node) => (each === remote ? [node] : []))
    const miners = random.sample(group, count)
    for (const node of miners) shares[node] = power / miners.length
  }
  // Where one of the groups has nobody, the other has all.
  const sum = shares.reduce((total, share) => total + share, 0)
  return shares.map((share) => share / sum)
}
