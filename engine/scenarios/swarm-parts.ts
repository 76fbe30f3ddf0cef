/** What the scenarios about one file in pieces share: who knows whom, what is drawn, what a node shows. */
import type { AddressBook } from '../core/address.ts'
import type { Data } from '../core/data.ts'
import type { Random } from '../core/random.ts'
import { randomRegular } from '../core/topologies.ts'
import { topologyFromEdges, type Topology } from '../core/topology.ts'
import { PieceExchange } from '../protocols/piece-exchange/piece-exchange.ts'
import type { PieceSet } from '../protocols/piece-exchange/piece-set.ts'
import type { MessageKind } from './define-scenario.ts'

/** Sizes and rates are given in KiB. */
export const kibibyte = 1024

/** Node 0 is known to everybody, as a tracker would name it; the others know `degree` of each other, at random. */
export function swarmTopology(size: number, degree: number, random: Random): Topology {
  const edges: [number, number][] = Array.from({ length: size - 1 }, (_, i) => [0, i + 1])
  const peers = size - 1
  // So many stubs must be even in number, and nobody has more neighbors than there are others.
  const most = Math.min(degree, peers - 1)
  const even = (most * peers) % 2 === 0 ? most : most - 1
  if (even > 0) {
    const among = randomRegular(peers, even, random)
    for (let peer = 0; peer < peers; peer++) {
      for (const other of among.neighbors(peer)) if (peer < other) edges.push([peer + 1, other + 1])
    }
  }
  return topologyFromEdges(size, edges)
}

export const swarmMessages: readonly MessageKind[] = [
  { type: 'piece', label: 'piece', tone: 'a' },
  { type: 'request', label: 'request: please send', tone: 'd' },
  { type: 'have', label: 'have: one piece more', tone: 'c' },
  { type: 'bitfield', label: 'bitfield: all that I have', tone: 'c' },
  { type: 'interested', label: 'interested', tone: 'idle' },
  { type: 'not-interested', label: 'not interested', tone: 'idle' },
  { type: 'unchoke', label: 'unchoke: you may ask', tone: 'idle' },
  { type: 'choke', label: 'choke: ask no more', tone: 'b' },
  { type: 'cancel', label: 'cancel', tone: 'idle' },
  { type: 'keep-alive', label: 'keep-alive', tone: 'idle' },
]

export const swarmMarks = [
  { report: 'duplicate', label: 'duplicate', tone: 'b' },
  { report: 'unrequested', label: 'not asked for', tone: 'b' },
  { report: 'malformed', label: 'malformed', tone: 'b' },
] as const

/** The numbers of the pieces that are missing. */
export function missingFrom(pieces: PieceSet): number[] {
  return Array.from({ length: pieces.size }, (_, piece) => piece).filter((piece) => !pieces.has(piece))
}

/** How a node stands to each of its peers; none for a node that does not exchange. */
export function peersOf(node: object | undefined, addresses: AddressBook): Data {
  if (!(node instanceof PieceExchange)) return []
  return node.peers.map((peer) => ({
    node: addresses.nodeOf(peer.address),
    has: peer.pieces.count,
    wants: peer.isInterested,
    isServed: !peer.amChoking,
    servesUs: !peer.isChoking,
    asked: [...peer.asked.keys()],
  }))
}
