import {
  deriveStream,
  exponentialSpans,
  extraDelay,
  loss,
  randomFile,
  randomRegular,
  ring,
  startChurn,
  type GivenPieces,
  type PieceExchangeOptions,
  type Rule,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { SwarmNetwork } from '../support/swarm.ts'

const minute = 60_000

/** Drops all messages of one type. */
function without(type: string): Rule {
  return { name: `no ${type}`, judge: ({ message }) => ({ kind: message.type === type ? 'drop' : 'pass' }) }
}

const twice: Rule = { name: 'twice', judge: () => ({ kind: 'duplicate', copies: 1 }) }

/** The file without some pieces. */
function but(file: GivenPieces, missing: (piece: number) => boolean): GivenPieces {
  return file.map((data, piece) => (missing(piece) ? undefined : data))
}

describe('a swarm', () => {
  test('all have the file of the seed, byte for byte, and each says so once', () => {
    const swarm = new SwarmNetwork({ size: 10 }).runUntil(minute)
    expect(swarm.isDone).toBe(true)
    expect(
      swarm
        .reported('complete')
        .map(({ node }) => node)
        .sort((a, b) => a - b),
    ).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
    for (const node of [1, 2, 3]) {
      const pieces = swarm.reported('piece', node).map(({ detail }) => detail['piece'])
      expect(new Set(pieces).size).toBe(20)
      expect(pieces.length).toBe(20)
    }
  })

  test('the last piece may be shorter, and a file may be one piece of one byte', () => {
    const shorter = randomFile({ seed: 1, pieces: 20, pieceLength: 100 })
    shorter[19] = shorter[19]!.subarray(0, 1)
    expect(new SwarmNetwork({ file: shorter }).runUntil(minute).isDone).toBe(true)
    expect(new SwarmNetwork({ pieces: 1, pieceLength: 1 }).runUntil(minute).isDone).toBe(true)
  })

  test('uploads come from downloaders for the most part', () => {
    const swarm = new SwarmNetwork({
      size: 20,
      pieces: 100,
      pieceLength: 1000,
      bandwidth: () => ({ up: 10_000, down: Infinity }),
      options: { uploadRate: 10_000 },
    }).runUntil(30 * minute)
    expect(swarm.isDone).toBe(true)
    const fromSeed = swarm.reported('upload', 0).length
    expect(fromSeed).toBeGreaterThanOrEqual(100)
    expect(fromSeed).toBeLessThan(0.25 * 19 * 100)
  })

  test('pieces reach nodes that no seed knows', () => {
    expect(new SwarmNetwork({ topology: ring(12) }).runUntil(5 * minute).isDone).toBe(true)
  })

  test('all finish over networks that lose, double, hold back and shuffle packets, while nodes come and go', () => {
    const faults = fc.record({
      seed: fc.nat(1e6),
      share: fc.double({ min: 0, max: 0.3, noNaN: true }),
      doubles: fc.boolean(),
      shuffle: fc.boolean(),
      churn: fc.boolean(),
      persistent: fc.boolean(),
      degree: fc.constantFrom(3, 7),
    })
    fc.assert(
      fc.property(faults, ({ seed, share, doubles, shuffle, churn, persistent, degree }) => {
        const topology = randomRegular(8, degree, deriveStream(seed, 'topology'))
        // Ten seconds a piece, so that faults come in the middle.
        const swarm = new SwarmNetwork({
          seed,
          topology,
          pieceLength: 1000,
          bandwidth: () => ({ up: 100, down: Infinity }),
          options: { persistent, uploadRate: 100 },
        })
        const { simulation } = swarm
        if (doubles) simulation.addRule(twice)
        if (shuffle) simulation.addRule(extraDelay(0, 3000))
        simulation.addRule(loss(share))
        if (churn) {
          const spans = { up: exponentialSpans(2 * minute), down: exponentialSpans(minute) }
          const stop = startChurn(simulation, { ...spans, nodes: [1, 2, 3, 4, 5, 6, 7] })
          simulation.runUntil(10 * minute)
          stop()
          for (let node = 0; node < 8; node++) simulation.restart(node)
        }
        swarm.runUntil(simulation.now + 30 * minute)
        expect(swarm.isDone).toBe(true)
        const standing = swarm.nodes.flatMap(({ peers }) => peers)
        expect(standing.filter(({ wanted, amInterested }) => wanted !== 0 || amInterested)).toEqual([])
      }),
      cases(30),
    )
  })

  test.each([
    'bitfield',
    'keep-alive',
    'have',
    'interested',
    'not-interested',
    'unchoke',
    'choke',
    'request',
    'piece',
    'cancel',
  ])('all finish though for a minute every %s is lost', (type) => {
    const swarm = new SwarmNetwork({ size: 8, options: { slots: 2 } })
    const undo = swarm.simulation.addRule(without(type))
    swarm.runUntil(minute)
    undo()
    expect(swarm.runUntil(6 * minute).isDone).toBe(true)
  })

  test('a piece is asked for again at once when three later ones have overtaken it', () => {
    const swarm = new SwarmNetwork({ size: 2 })
    let dropped = 0
    swarm.simulation.addRule({
      name: 'the fourth piece',
      judge: ({ message }) => ({ kind: message.type === 'piece' && ++dropped === 4 ? 'drop' : 'pass' }),
    })
    swarm.runUntil(5000)
    expect(swarm.isDone).toBe(true)
    expect([swarm.reported('lost').length, swarm.reported('timeout').length]).toEqual([1, 0])
    expect(swarm.sentOf('request').length).toBe(21)
  })

  test('a peer that lets requests time out is asked for one piece at a time, until it sends one', () => {
    const swarm = new SwarmNetwork({
      size: 2,
      pieces: 40,
      pieceLength: 1000,
      bandwidth: () => ({ up: 1000, down: Infinity }),
    })
    const open: number[] = []
    swarm.simulation.observe({
      onSend: (_time, _from, _to, { type }) =>
        void (type === 'request' && open.push(swarm.nodes[1]!.peers[0]!.asked.size)),
    })
    swarm.runUntil(10_000)
    expect(Math.max(...open)).toBe(5)
    const undo = swarm.simulation.addRule(without('piece'))
    swarm.simulation.run({ isOver: () => swarm.reported('timeout').length > 0 })
    open.length = 0
    swarm.runUntil(10 * minute)
    expect(new Set(open)).toEqual(new Set([1]))
    undo()
    swarm.runUntil(20 * minute)
    expect([swarm.isDone, Math.max(...open)]).toEqual([true, 5])
  })

  test('the same seed gives the same run', () => {
    const fingerprint = (seed: number): string =>
      new SwarmNetwork({ seed, size: 8 }).runUntil(minute).simulation.fingerprint
    expect(fingerprint(3)).toBe(fingerprint(3))
    expect(fingerprint(4)).not.toBe(fingerprint(3))
  })
})

describe('the last copy', () => {
  const lacking = (missing: (node: number, piece: number) => boolean) => ({
    size: 8,
    seeds: [],
    options: (node: number, file: GivenPieces): Partial<PieceExchangeOptions> => ({
      pieces: but(file, (piece) => missing(node, piece)),
    }),
  })

  test('where all lack the same piece, all are stuck at 95 %, and nothing is sent but keep-alives', () => {
    const swarm = new SwarmNetwork(lacking((_node, piece) => piece === 7)).runUntil(60 * minute)
    expect(swarm.counts).toEqual(Array.from({ length: 8 }, () => 19))
    expect(swarm.reported('complete')).toEqual([])
    const types = new Set(swarm.sent.filter(({ time }) => time > minute).map(({ message }) => message.type))
    expect(types).toEqual(new Set(['keep-alive']))
  })

  test('where the gaps are scattered, all finish', () => {
    const swarm = new SwarmNetwork(lacking((node, piece) => piece % 8 === node)).runUntil(5 * minute)
    expect(swarm.isDone).toBe(true)
  })

  test('whatever the gaps: all end with the union of what was there', () => {
    const gaps = fc.array(fc.array(fc.boolean(), { minLength: 10, maxLength: 10 }), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(gaps, (has) => {
        const swarm = new SwarmNetwork({
          size: 4,
          pieces: 10,
          seeds: [],
          options: (node, file) => ({ pieces: but(file, (piece) => !has[node]![piece]!) }),
        }).runUntil(5 * minute)
        const union = has[0]!.filter((_, piece) => has.some((row) => row[piece])).length
        expect(swarm.counts).toEqual([union, union, union, union])
      }),
      cases(30),
    )
  })

  test('when its holder comes back, all finish', () => {
    const swarm = new SwarmNetwork({
      size: 8,
      options: (node, file) => (node === 0 ? {} : { pieces: but(file, (p) => p === 7) }),
    })
    swarm.simulation.crash(0)
    expect(swarm.runUntil(20 * minute).counts.slice(1)).toEqual([19, 19, 19, 19, 19, 19, 19])
    swarm.simulation.restart(0)
    expect(swarm.runUntil(25 * minute).isDone).toBe(true)
  })
})

describe('a node that crashes', () => {
  test.each([true, false])('has its pieces afterwards if it is persistent (%s), and finishes', (persistent) => {
    const swarm = new SwarmNetwork({
      size: 3,
      bandwidth: () => ({ up: 100, down: Infinity }),
      options: { persistent, uploadRate: 100 },
    })
    swarm.runUntil(20_000)
    const before = swarm.nodes[1]!.pieces.count
    expect(before).toBeGreaterThan(2)
    expect(before).toBeLessThan(18)
    swarm.simulation.crash(1)
    swarm.simulation.restart(1)
    expect(swarm.nodes[1]!.pieces.count).toBe(persistent ? before : 0)
    swarm.runUntil(10 * minute)
    expect(swarm.isDone).toBe(true)
    expect(swarm.reported('piece', 1).length).toBe(persistent ? 20 : 20 + before)
  })

  test('is given up after some silence, and asked for nothing from then on', () => {
    const swarm = new SwarmNetwork({ size: 4, seeds: [0, 1], options: { silence: 40_000 } }).runUntil(minute)
    swarm.simulation.crash(0)
    swarm.runUntil(3 * minute)
    for (const node of [1, 2, 3])
      expect(swarm.nodes[node]!.peers.map(({ address }) => Number(address))).not.toContain(0)
    const asked = swarm.sentOf('request').filter(({ time, to }) => to === 0 && time > minute)
    expect(asked).toEqual([])
  })

  test('holds nothing back: what it was to send is soon asked of others, long before endgame', () => {
    const swarm = new SwarmNetwork({
      size: 3,
      seeds: [0, 1],
      pieces: 200,
      pieceLength: 1000,
      bandwidth: () => ({ up: 1000, down: Infinity }),
      options: { uploadRate: 1000, silence: 40_000, timeout: 3_600_000 },
    })
    swarm.runUntil(20_000)
    const held = swarm.nodes[2]!.peers.find(({ address }) => Number(address) === 0)!.asked
    const pieces = [...held.keys()]
    expect(pieces.length).toBe(5)
    swarm.simulation.crash(0)
    const asked = (): number[] =>
      swarm.sentOf('request').flatMap(({ from, message }) => (from === 2 ? [(message as { piece: number }).piece] : []))
    const isUntouchedLeft = (): boolean => new Set(asked()).size < 200
    swarm.simulation.run({ isOver: () => !isUntouchedLeft() })
    const ofOther = swarm.sentOf('request').filter(({ from, to }) => from === 2 && to === 1)
    const again = ofOther.filter(({ message }) => pieces.includes((message as { piece: number }).piece))
    expect(again.length).toBeGreaterThan(0)
    expect(swarm.runUntil(10 * minute).nodes[2]!.pieces.isComplete).toBe(true)
  })

  test('reads no spoilt piece from its storage', () => {
    const swarm = new SwarmNetwork({ size: 2, otherNodes: [], seeds: [0] }).runUntil(minute)
    expect(swarm.isDone).toBe(true)
    // A disk error, as the node's next incarnation finds it.
    const { simulation } = swarm
    simulation.crash(1)
    const disk = swarm.storageOf(1)
    disk.set('piece/3', new Uint8Array(100))
    disk.set('piece/99', new Uint8Array(100))
    disk.set('piece/4', 'text')
    simulation.restart(1)
    expect(swarm.nodes[1]!.pieces.count).toBe(18)
    expect(swarm.runUntil(2 * minute).isDone).toBe(true)
  })
})
