import { deriveStream, type Address, type GivenPieces, type Message } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { Choker } from '../../engine/protocols/piece-exchange/choker.ts'
import { Peer } from '../../engine/protocols/piece-exchange/peer.ts'
import { PieceSet } from '../../engine/protocols/piece-exchange/piece-set.ts'
import { cases, fc } from '../support/fast-check.ts'
import { silent } from '../support/nodes.ts'
import { summarize } from '../support/statistics.ts'
import { SwarmNetwork } from '../support/swarm.ts'

const minute = 60_000

interface Made {
  readonly interested?: boolean
  readonly received?: number
  readonly sent?: number
  readonly waiting?: boolean
}

function peer(address: number, { interested = true, received = 0, sent = 0, waiting = false }: Made = {}): Peer {
  const made = new Peer(address as Address, new PieceSet(4), 0, 1000)
  made.isInterested = interested
  made.received.add(received)
  made.sent.add(sent)
  if (waiting) made.waitingSince = 0
  return made
}

function choker(peers: readonly Peer[], slots = 4, seed = 1): Choker {
  const made = new Choker(deriveStream(seed, 'choker'), { slots, snubbedAfter: minute })
  for (const each of peers) made.connected(each)
  return made
}

const addresses = (peers: Iterable<Peer>): number[] =>
  [...peers].map(({ address }) => Number(address)).sort((a, b) => a - b)

describe('whom to unchoke', () => {
  const worths = fc.array(fc.record({ interested: fc.boolean(), received: fc.nat(5), sent: fc.nat(5) }), {
    maxLength: 12,
  })

  test('at most four are interested; all places are taken where enough are; one at most is not of the best', () => {
    fc.assert(
      fc.property(worths, fc.boolean(), (made, isSeed) => {
        const peers = made.map((each, address) => peer(address, each))
        const chosen = choker(peers).choose(isSeed, 0)
        const worth = ({ sent, received }: Peer): number => (isSeed ? sent : received).recent
        const interested = peers.filter(({ isInterested }) => isInterested)
        const unchoked = interested.filter((each) => chosen.has(each))
        expect(unchoked.length).toBe(Math.min(interested.length, 4))
        const best = Math.max(-1, ...interested.filter((each) => !chosen.has(each)).map(worth))
        expect(unchoked.filter((each) => worth(each) < best).length).toBeLessThanOrEqual(1)
      }),
      cases(300),
    )
  })

  test('who is worth more and not interested is unchoked as well; who is worth less is not', () => {
    const interested = [10, 20, 30, 40].map((received, i) => peer(i, { received }))
    const others = [5, 25, 50].map((received, i) => peer(10 + i, { received, interested: false }))
    expect(addresses(choker([...interested, ...others]).choose(false, 0))).toEqual([0, 1, 2, 3, 11, 12])
  })

  test('who has all pieces takes no place, whatever it is worth', () => {
    const seed = peer(9, { received: 100, interested: false })
    for (const piece of [0, 1, 2, 3]) seed.pieces.add(piece)
    expect(addresses(choker([seed, peer(0), peer(1)]).choose(false, 0))).toEqual([0, 1])
  })

  test('a downloader goes by what it got, a seed by what it gave', () => {
    const peers = Array.from({ length: 10 }, (_, i) => peer(i, { received: i, sent: 10 - i }))
    expect(addresses(choker(peers).choose(false, 0))).toEqual(expect.arrayContaining([7, 8, 9]))
    expect(addresses(choker(peers).choose(true, 0))).toEqual(expect.arrayContaining([0, 1, 2]))
  })

  test('a rate counts what came in this interval and the one before', () => {
    const peers = [0, 1, 2, 3, 4].map((i) => peer(i, { received: i === 0 ? 1000 : 0 }))
    const made = choker(peers, 2)
    expect(made.choose(false, 0)).toContain(peers[0])
    peers[0]!.received.roll()
    expect(peers[0]!.received.recent).toBe(1000)
    peers[0]!.received.roll()
    expect(peers[0]!.received.recent).toBe(0)
  })

  test('who was asked and has sent nothing for a minute is unchoked by chance only, unless this node is a seed', () => {
    const peers = Array.from({ length: 8 }, (_, i) => peer(i, { received: 8 - i, sent: 8 - i, waiting: i < 4 }))
    const made = choker(peers)
    expect(addresses(made.choose(false, minute - 1))).toEqual(expect.arrayContaining([0, 1, 2]))
    const later = addresses(made.choose(false, minute))
    expect(later.filter((address) => address >= 4).length).toBeGreaterThanOrEqual(3)
    expect(addresses(made.choose(true, minute))).toEqual(expect.arrayContaining([0, 1, 2]))
  })

  test('where all snub, all places are optimistic', () => {
    const peers = Array.from({ length: 8 }, (_, i) => peer(i, { waiting: true }))
    expect(choker(peers).choose(false, minute).size).toBe(4)
  })

  test('a free rider unchokes nobody', () => {
    expect(choker([peer(0), peer(1)], 0).choose(false, 0).size).toBe(0)
  })
})

describe('the optimistic unchoke', () => {
  test('goes round: each of those who wait has its turn', () => {
    const best = [100, 100, 100].map((received, i) => peer(i, { received }))
    const others = [3, 4, 5, 6].map((address) => peer(address))
    const made = choker([...best, ...others])
    const turns: number[] = []
    for (let turn = 0; turn < 8; turn++) {
      const chosen = made.choose(false, 0)
      for (const each of [...best, ...others]) each.amChoking = !chosen.has(each)
      turns.push(...addresses(others.filter((each) => chosen.has(each))))
      made.rotate()
    }
    expect(turns.length).toBe(8)
    expect(new Set(turns.slice(0, 4))).toEqual(new Set([3, 4, 5, 6]))
    expect(turns.slice(4)).toEqual(turns.slice(0, 4))
  })

  test('a newcomer is three times as likely to be next as at any other place', () => {
    const size = 5
    const runs = 4000
    let next = 0
    for (let seed = 0; seed < runs; seed++) {
      const made = choker(
        Array.from({ length: size }, (_, i) => peer(i)),
        1,
        seed,
      )
      const newcomer = peer(9)
      made.connected(newcomer)
      if (made.choose(false, 0).has(newcomer)) next++
    }
    const share = 3 / (size + 3)
    expect(Math.abs(next / runs - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / runs))
  })
})

/** Before each event: for each node the peers that it unchokes and that are interested, as far as it knows. */
function watchSlots(swarm: SwarmNetwork, check: (unchoked: number, node: number) => void): void {
  swarm.simulation.observe({
    onEvent: () => {
      for (const [node, { peers }] of swarm.nodes.entries())
        check(peers.filter(({ amChoking, isInterested }) => !amChoking && isInterested).length, node)
    },
  })
}

describe('a node', () => {
  test.each([0, 1, 2, 4])('has never more than %i peers that are unchoked and interested', (slots) => {
    const swarm = new SwarmNetwork({
      size: 12,
      bandwidth: () => ({ up: 500, down: Infinity }),
      options: (node) => ({ uploadRate: 500, ...(node === 0 ? {} : { slots }) }),
    })
    let most = 0
    watchSlots(swarm, (unchoked, node) => {
      expect(unchoked).toBeLessThanOrEqual(node === 0 ? 4 : slots)
      if (node !== 0) most = Math.max(most, unchoked)
    })
    swarm.runUntil(10 * minute)
    expect(most).toBe(slots)
    expect(swarm.isDone).toBe(true)
  })

  test('uploads nothing to whom it chokes', () => {
    const swarm = new SwarmNetwork({ size: 2, otherNodes: [1], others: () => silent, options: { slots: 0 } })
    const standing = { ask: false, interested: true, choking: true }
    swarm.inject(1, 0, { type: 'bitfield', pieces: new Uint8Array(3), ...standing } as Message)
    swarm.inject(1, 0, { type: 'request', piece: 0 } as Message).runUntil(1000)
    expect(swarm.sentOf('choke').length).toBe(1) // "you have missed it"
    expect(swarm.sentOf('piece').filter(({ from }) => from === 0)).toEqual([])
  })

  test('changes places at a rechoke only, each 10 s, unless peers come, go, or change their mind', () => {
    const swarm = new SwarmNetwork({
      size: 12,
      pieces: 40,
      pieceLength: 1000,
      bandwidth: () => ({ up: 1000, down: Infinity }),
      options: { uploadRate: 1000 },
    })
    let cause = ''
    const causes = new Set<string>()
    swarm.simulation.observe({
      onEvent: (_number, _time, kind, _node, _peer, subject) => {
        cause = kind === 'timer' ? (subject as string) : ((subject as Message | undefined)?.type ?? kind)
      },
      onSend: (_time, _from, _to, { type }) => void (type === 'unchoke' && causes.add(cause)),
    })
    const ticks: number[] = []
    swarm.simulation.observe({
      onEvent: (_number, time, kind, node, _peer, subject) => {
        if (kind === 'timer' && subject === 'rechoke' && node === 3) ticks.push(time)
      },
    })
    swarm.runUntil(10 * minute)
    expect([...causes].sort()).toEqual(['bitfield', 'interested', 'not-interested', 'rechoke'])
    for (const [i, time] of ticks.slice(1).entries()) expect(time - ticks[i]!).toBeCloseTo(10_000, 6)
    expect(ticks.length).toBe(60)
  })

  test('moves the optimistic unchoke on every 30 s, to one who waits', () => {
    const others = [1, 2, 3, 4, 5, 6, 7, 8]
    const swarm = new SwarmNetwork({
      size: 9,
      otherNodes: others,
      others: () => silent,
      options: { silence: 60 * minute },
    })
    const standing = { ask: false, interested: true, choking: true }
    for (const from of others)
      swarm.inject(from, 0, { type: 'bitfield', pieces: new Uint8Array(3), ...standing } as Message)
    swarm.runUntil(6 * minute)
    const unchoked = swarm.sentOf('unchoke')
    const moves = unchoked.filter(({ time }) => time > 10) // by then all have come
    expect(moves.length).toBe(11)
    for (const [i, { time }] of moves.slice(1).entries()) expect(time - moves[i]!.time).toBeCloseTo(30_000, 6)
    expect(new Set(unchoked.map(({ to }) => to)).size).toBe(8)
  })

  test('that is a seed has three places for those who take most, and lets the others wait', () => {
    for (const seed of [1, 2, 3]) {
      const idle = [4, 5, 6, 7]
      const swarm = new SwarmNetwork({
        seed,
        size: 8,
        pieces: 200,
        pieceLength: 1000,
        otherNodes: idle,
        others: () => silent,
        bandwidth: () => ({ up: 1000, down: Infinity }),
        options: (node) => ({ uploadRate: 1000, silence: 60 * minute, ...(node !== 0 && { slots: 0 }) }),
      })
      const standing = { ask: false, interested: true, choking: true }
      for (const from of idle)
        swarm.inject(from, 0, { type: 'bitfield', pieces: new Uint8Array(25), ...standing } as Message)
      swarm.runUntil(3 * minute)
      const places = swarm.nodes[0]!.peers.filter(({ amChoking }) => !amChoking).map(({ address }) => Number(address))
      expect(places.length).toBe(4)
      expect(places).toEqual(expect.arrayContaining([1, 2, 3]))
    }
  })

  // Without a seed: that would go by what a peer takes, and feed those who give nothing as well.
  test('that gives nothing waits longer than those who give', () => {
    const givers = Array.from({ length: 16 }, (_, i) => i)
    const riders = Array.from({ length: 8 }, (_, i) => 16 + i)
    for (const seed of [1, 2, 3]) {
      const half = (node: number, file: GivenPieces): GivenPieces => {
        const random = deriveStream(seed, 'half', node)
        return file.map((data) => (random.chance(0.5) ? data : undefined))
      }
      const swarm = new SwarmNetwork({
        seed,
        size: 24,
        pieces: 100,
        pieceLength: 2000,
        seeds: [],
        bandwidth: () => ({ up: 2000, down: Infinity }),
        options: (node, file) => ({
          uploadRate: 2000,
          pieces: half(node, file),
          ...(riders.includes(node) && { slots: 0 }),
        }),
      }).runUntil(5 * minute)
      expect(swarm.isDone).toBe(true)
      const done = (nodes: readonly number[]): number =>
        summarize(nodes.map((node) => swarm.reported('complete', node)[0]!.time)).mean
      expect(done(riders)).toBeGreaterThan(1.1 * done(givers))
    }
  })
})
