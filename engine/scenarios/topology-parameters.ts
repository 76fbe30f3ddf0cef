import type { Random } from '../core/random.ts'
import {
  complete,
  grid,
  randomGraph,
  randomOut,
  randomRegular,
  ring,
  scaleFree,
  smallWorld,
  star,
} from '../core/topologies.ts'
import type { Topology } from '../core/topology.ts'
import type { ValuesOf } from './parameters.ts'

/** The parameters of every scenario that runs on a given graph. */
export const topologyParameters = {
  size: { type: 'integer', min: 2, max: 1_000_000, default: 60, label: 'size', unit: 'nodes' },
  topology: {
    type: 'choice',
    default: 'random-regular',
    label: 'topology',
    options: [
      'complete',
      'ring',
      'star',
      'grid',
      'random-regular',
      'random-out',
      'random-graph',
      'small-world',
      'scale-free',
    ],
  },
  degree: { type: 'integer', min: 1, max: 64, default: 8, label: 'neighbors of a node (mean)', unit: 'nodes' },
} as const

/** Of each node's links in a small world, this share leads to a random node. Watts and Strogatz's interesting middle. */
const rewiring = 0.1

export function makeTopology(
  { size, topology, degree }: ValuesOf<typeof topologyParameters>,
  random: Random,
): Topology {
  switch (topology) {
    case 'complete':
      return complete(size)
    case 'ring':
      return ring(size, size === 2 ? 1 : 2)
    case 'star':
      return star(size)
    case 'grid':
      return grid(size)
    case 'random-regular':
      return randomRegular(size, degree, random)
    case 'random-out':
      return randomOut(size, degree, random)
    case 'random-graph':
      return randomGraph(size, degree, random)
    case 'small-world':
      return smallWorld(size, degree, rewiring, random)
    case 'scale-free':
      return scaleFree(size, degree, random)
  }
}
