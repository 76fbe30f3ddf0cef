import { deriveStream, PieceSet, type Address, type Message } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { Downloads } from '../../engine/protocols/piece-exchange/downloads.ts'
import { Peer } from '../../engine/protocols/piece-exchange/peer.ts'
import { Picker } from '../../engine/protocols/piece-exchange/picker.ts'
import { deviateFromUniform, fairDeviate, tally } from '../support/chi-square.ts'
import { cases, fc } from '../support/fast-check.ts'
import { SwarmNetwork } from '../support/swarm.ts'

const rarestFirst = { selection: 'rarest-first', randomFirst: 1 } as const

function setOf(flags: readonly boolean[]): PieceSet {
  const set = new PieceSet(flags.length)
  for (const [piece, isHere] of flags.entries()) if (isHere) set.add(piece)
  return set
}

const never = (): boolean => false

describe('a set of pieces', () => {
  const flags = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 })

  test('is what was put in, and survives its bitfield', () => {
    fc.assert(
      fc.property(flags, (list) => {
        const set = PieceSet.read(setOf(list).toBytes(), list.length)!
        expect(list.map((_, piece) => set.has(piece))).toEqual(list)
        expect(set.count).toBe(list.filter(Boolean).length)
        expect(set.isComplete).toBe(list.every(Boolean))
      }),
      cases(100),
    )
  })

  test('has the first piece in the highest bit of the first byte (BEP 3)', () => {
    const set = new PieceSet(10)
    for (const piece of [0, 7, 8]) expect([set.add(piece), set.add(piece)]).toEqual([true, false])
    expect([...set.toBytes()]).toEqual([0b1000_0001, 0b1000_0000])
  })

  test('is not read from a bitfield of another length, or with spare bits', () => {
    expect(PieceSet.read(new Uint8Array(1), 10)).toBeUndefined()
    expect(PieceSet.read(new Uint8Array(3), 10)).toBeUndefined()
    expect(PieceSet.read(Uint8Array.of(0, 0b0010_0000), 10)).toBeUndefined()
    expect(PieceSet.read(Uint8Array.of(0, 0b0100_0000), 10)?.has(9)).toBe(true)
  })
})

describe('the next piece', () => {
  const size = 12
  const row = fc.array(fc.boolean(), { minLength: size, maxLength: size })

  test('is one of the rarest that the peer has, this node lacks and nobody was asked for', () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 6 }), row, row, (peers, owned, asked) => {
        owned[0] = true // past the first one, which is random
        const own = setOf(owned)
        const picker = new Picker(deriveStream(1, 'picker'), own, rarestFirst)
        for (const each of peers) picker.countPeer(setOf(each), 1)
        for (const [piece, isAsked] of asked.entries()) if (isAsked) picker.countRequest(piece, 1)
        const open = owned.map((isHere, piece) => !isHere && !asked[piece])
        fc.pre(open.some(Boolean))
        const copies = owned.map((_, piece) => peers.filter((each) => each[piece]).length)
        const eligible = copies.flatMap((count, piece) => (peers[0]![piece] && open[piece] ? [count] : []))
        const picked = picker.pick(setOf(peers[0]!), never)
        if (eligible.length === 0) expect(picked).toBeUndefined()
        else expect([open[picked!], peers[0]![picked!], copies[picked!]]).toEqual([true, true, Math.min(...eligible)])
      }),
      cases(300),
    )
  })

  test.each([
    ['of the rarest', { ...rarestFirst, randomFirst: 0 }, [3, 4, 5]],
    ['of all, at the very beginning', rarestFirst, [0, 1, 2, 3, 4, 5]],
    ['of all, where rarest first is off', { selection: 'random', randomFirst: 0 } as const, [0, 1, 2, 3, 4, 5]],
  ])('is any %s, with the same probability', (_what, options, expected) => {
    const picker = new Picker(deriveStream(2, 'picker'), new PieceSet(6), options)
    const all = setOf([true, true, true, true, true, true])
    picker.countPeer(all, 1)
    picker.countPeer(setOf([true, true, true, false, false, false]), 1)
    const counts = tally(6, 6000, () => picker.pick(all, never)!)
    expect(counts.flatMap((count, piece) => (count > 0 ? [piece] : []))).toEqual(expected)
    expect(deviateFromUniform(expected.map((piece) => counts[piece]!))).toBeLessThan(fairDeviate)
  })

  test('forgets the copies of a peer that has gone', () => {
    const own = setOf([true, false, false])
    const picker = new Picker(deriveStream(1, 'picker'), own, rarestFirst)
    const [all, first] = [setOf([true, true, true]), setOf([false, true, false])]
    picker.countPeer(all, 1)
    picker.countPeer(first, 1)
    picker.addCopy(2)
    picker.addCopy(2)
    expect(picker.pick(all, never)).toBe(1)
    picker.countPeer(setOf([true, false, true]), -1)
    picker.countPeer(setOf([false, false, true]), -1)
    expect(picker.pick(all, never)).toBe(2)
  })

  test('in endgame, when all that is missing is on its way, is one that the peer was not asked for', () => {
    const own = setOf([true, false, false, false])
    const picker = new Picker(deriveStream(1, 'picker'), own, rarestFirst)
    const all = setOf([true, true, true, true])
    picker.countPeer(all, 1)
    for (const piece of [1, 2]) picker.countRequest(piece, 1)
    expect([picker.isEndgame, picker.pick(all, never)]).toEqual([false, 3])
    picker.countRequest(3, 1)
    expect(picker.isEndgame).toBe(true)
    picker.countRequest(1, 1)
    expect(picker.pick(all, (piece) => piece === 2)).toBe(3) // piece 1 was asked for twice
    expect(picker.pick(all, () => true)).toBeUndefined()
    picker.countRequest(2, -1)
    expect([picker.isEndgame, picker.pick(all, never)]).toEqual([false, 2])
    own.add(2)
    picker.got(2)
    expect(picker.isEndgame).toBe(true)
  })
})

test('in endgame, a peer whose request is cancelled is asked for something else at once', () => {
  const owned = new PieceSet(4)
  const all = setOf([true, true, true, true])
  const [first, second] = [1, 2].map((address) => new Peer(address as Address, all, 0, 1000)) as [Peer, Peer]
  const said: string[] = []
  const host = { now: 0, random: deriveStream(1, 'downloads'), setTimer: () => {}, report: () => {} }
  const downloads = new Downloads(host as never, { ...rarestFirst, pipeline: 2 }, owned, {
    peers: () => [first, second],
    send: (to, { type, piece }) => void said.push(`${type} ${piece} ${to.address}`),
  })
  for (const peer of [first, second]) {
    Object.assign(peer, { isChoking: false, wanted: 4 })
    downloads.fill(peer)
  }
  const got = (peer: Peer, piece: number): void => {
    expect(downloads.take(peer, piece)).toBe(true)
    owned.add(piece)
    downloads.got(piece)
    downloads.fill(peer)
  }
  const [own, other] = [...first.asked.keys()]
  got(first, own!) // now the first is asked for one of the second's pieces as well
  const [shared] = [...first.asked.keys()].filter((piece) => piece !== other)
  expect(second.asked.has(shared!)).toBe(true)
  said.length = 0
  got(first, shared!)
  expect(said.slice(0, 2)).toEqual([`cancel ${shared} 2`, `request ${other} 2`])
})

describe('a swarm', () => {
  test('asks for the rarest, whoever comes and goes: each request, at the moment in which it is sent', () => {
    const swarm = new SwarmNetwork({
      size: 10,
      pieces: 150,
      pieceLength: 1000,
      bandwidth: () => ({ up: 1000, down: Infinity }),
      options: (node, file) => ({
        ...{ uploadRate: 1000, pipeline: 2, persistent: false, silence: 40_000 },
        ...(node === 2 && { pieces: file.map((data, piece) => (piece % 2 === 0 ? data : undefined)) }),
      }),
    })
    let checked = 0
    swarm.simulation.observe({
      onSend: (_time, from, to, message) => {
        if (message.type !== 'request') return
        const piece = pieceOf(message)
        const { pieces, peers } = swarm.nodes[from]!
        const asked = (each: number): number => peers.filter(({ asked }) => asked.has(each)).length
        const target = peers.find(({ address }) => address === swarm.simulation.addresses.addressOf(to))!
        const all = Array.from({ length: pieces.size }, (_, each) => each).filter((each) => !pieces.has(each))
        const untouched = all.filter((each) => (each === piece ? asked(each) === 1 : asked(each) === 0))
        expect(target.pieces.has(piece) && !pieces.has(piece)).toBe(true)
        if (untouched.length === 0) return // endgame
        expect(untouched).toContain(piece)
        if (pieces.count === 0) return // at random
        const copies = (each: number): number => peers.filter((peer) => peer.pieces.has(each)).length
        expect(copies(piece)).toBe(Math.min(...untouched.filter((each) => target.pieces.has(each)).map(copies)))
        checked++
      },
    })
    // One is back at once, with less than before; one is taken for gone, and half of the file is rarer than it was.
    for (const node of [1, 2]) swarm.runUntil(30_000).simulation.crash(node)
    swarm.simulation.restart(1)
    swarm.runUntil(100_000).simulation.restart(2)
    expect(swarm.runUntil(600_000).isDone).toBe(true)
    expect(checked).toBeGreaterThan(9 * 100)
  })

  test('with rarest first fewer pieces are on the seed alone than at random', () => {
    /** How many pieces are on the seed alone when it has sent each piece once on average. */
    const onOne = (selection: 'rarest-first' | 'random', seed: number): number => {
      const swarm = new SwarmNetwork({
        seed,
        size: 8,
        pieces: 100,
        pieceLength: 1000,
        bandwidth: () => ({ up: 1000, down: Infinity }),
        options: { uploadRate: 1000, selection, pipeline: 1 },
      })
      while (swarm.reported('upload', 0).length < 100) swarm.simulation.step()
      return swarm.file.filter((_, piece) => swarm.nodes.filter(({ pieces }) => pieces.has(piece)).length === 1).length
    }
    for (const seed of [1, 2, 3]) expect(onOne('rarest-first', seed)).toBeLessThan(onOne('random', seed))
  })

  test('in endgame one slow peer holds up nobody: the piece is asked for elsewhere, and cancelled when it is there', () => {
    const rate = (node: number): number => (node === 0 ? 10 : 1000) // a piece takes 100 seconds, or one
    const swarm = new SwarmNetwork({
      size: 3,
      seeds: [0, 1],
      pieces: 40,
      pieceLength: 1000,
      bandwidth: (node) => ({ up: rate(node), down: Infinity }),
      options: (node) => ({ uploadRate: rate(node), timeout: 3_600_000 }),
    }).runUntil(60_000)
    expect(swarm.isDone).toBe(true)
    const ofSlow = (type: 'request' | 'cancel'): number[] =>
      swarm.sentOf(type).flatMap(({ from, to, message }) => (from === 2 && to === 0 ? [pieceOf(message)] : []))
    expect(ofSlow('request').length).toBe(5)
    expect(new Set(ofSlow('cancel'))).toEqual(new Set(ofSlow('request')))
    // Who was never late is not taken for one that snubs.
    expect(swarm.nodes[2]!.peers.map(({ waitingSince }) => waitingSince)).toEqual([Infinity, Infinity])
    const ofFast = swarm.sentOf('request').filter(({ from, to }) => from === 2 && to === 1)
    expect(new Set(ofFast.map(({ message }) => pieceOf(message))).size).toBe(40)
  })

  test('a piece that has timed out is cancelled once it has come from elsewhere, and not before', () => {
    const rate = (node: number): number => (node === 0 ? 10 : 1000)
    const swarm = new SwarmNetwork({
      size: 3,
      seeds: [0, 1],
      pieces: 150,
      pieceLength: 1000,
      bandwidth: (node) => ({ up: rate(node), down: Infinity }),
      options: (node) => ({ uploadRate: rate(node) }),
    }).runUntil(600_000)
    expect(swarm.reported('timeout', 2).length).toBeGreaterThan(0)
    expect(swarm.isDone).toBe(true)
    const got = new Map(swarm.reported('piece', 2).map(({ time, detail }) => [detail['piece'], time]))
    const asked = new Map<number, boolean>()
    for (const { time, from, to, message } of swarm.sent) {
      if (from !== 2 || to !== 0) continue
      if (message.type === 'request') asked.set(message.piece, true)
      if (message.type !== 'cancel') continue
      asked.set(message.piece, false)
      expect(time).toBe(got.get(message.piece))
    }
    const delivered = swarm.reported('upload', 0).map(({ detail }) => detail['piece'])
    const neither = [...asked].flatMap(([piece, isOpen]) => (isOpen && !delivered.includes(piece) ? [piece] : []))
    expect(neither).toEqual([])
    expect(delivered.length).toBeLessThan(asked.size)
  })
})

function pieceOf(message: Message): number {
  return (message as unknown as { piece: number }).piece
}
