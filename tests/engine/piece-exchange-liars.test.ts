import { randomFile, ring, type Data, type Message } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { node, silent } from '../support/nodes.ts'
import { SwarmNetwork } from '../support/swarm.ts'

const minute = 60_000
const all = Uint8Array.of(255, 255, 0b1111_0000)
const standing = { interested: false, choking: false }

/** A peer that has everything, as it says, unchokes everybody, and answers requests as `answer` does. */
const liar = (answer: (piece: number) => Message | undefined) =>
  node(() => ({
    onMessage: (host, from, message) => {
      if (message.type === 'bitfield' || message.type === 'keep-alive')
        host.send(from, { type: 'bitfield', pieces: all, ask: false, ...standing } as Message)
      if (message.type !== 'request') return
      const reply = answer((message as unknown as { piece: number }).piece)
      if (reply !== undefined) host.send(from, reply)
    },
  }))

const wrongBytes = (piece: number): Message => ({ type: 'piece', piece, data: new Uint8Array(100) }) as Message
const wrongLength = (piece: number): Message => ({ type: 'piece', piece, data: new Uint8Array(0) }) as Message

describe('a peer that sends a wrong piece', () => {
  test.each([
    ['bytes', wrongBytes],
    ['a wrong number of bytes', wrongLength],
  ])('(%s) is banned by each that it tries that with, and all finish with the right bytes', (_what, answer) => {
    const liars = [3, 4, 5, 6]
    const swarm = new SwarmNetwork({ size: 10, otherNodes: liars, others: () => liar(answer) }).runUntil(5 * minute)
    const honest = [0, 1, 2, 7, 8, 9]
    for (const each of honest) {
      expect(swarm.file.map((data, piece) => swarm.nodes[each]!.data(piece)?.join() === data.join())).not.toContain(
        false,
      )
      const banned = swarm.reported('banned', each).map(({ detail }) => detail['peer'])
      expect(new Set(banned).size).toBe(banned.length)
      const peers = swarm.nodes[each]!.peers.map(({ address }) => Number(address))
      expect(peers.filter((peer) => banned.includes(peer))).toEqual([])
      for (const { time, detail } of swarm.reported('banned', each)) {
        const later = swarm.sent.filter((sent) => sent.from === each && sent.to === detail['peer'] && sent.time > time)
        expect(later).toEqual([])
      }
    }
    expect(swarm.reported('banned').length).toBeGreaterThan(5)
  })

  test('is heard no more, whatever it says', () => {
    const swarm = new SwarmNetwork({ size: 3, otherNodes: [1], others: () => liar(wrongBytes) }).runUntil(minute)
    expect(swarm.reported('banned', 2).length).toBe(1)
    const before = swarm.reports.length
    for (const message of [
      { type: 'dance' },
      { type: 'bitfield', pieces: all, ask: true, ...standing },
      { type: 'have', piece: 1 },
    ])
      swarm.inject(1, 2, message)
    swarm.runUntil(5 * minute)
    expect(swarm.sent.filter(({ from, to, time }) => from === 2 && to === 1 && time > minute)).toEqual([])
    expect(swarm.reports.length).toBe(before)
  })
})

test('a peer that has everything, as it says, and sends nothing, holds up nobody: in endgame others are asked', () => {
  const swarm = new SwarmNetwork({ size: 8, otherNodes: [1, 2, 3], others: () => liar(() => undefined) })
  swarm.runUntil(20_000)
  expect(swarm.reported('timeout')).toEqual([]) // the first would come after half a minute
  expect(swarm.counts.filter((_, each) => each > 3)).toEqual([20, 20, 20, 20])
})

describe('a message', () => {
  const bytes = new Uint8Array(3)

  test.each([
    ['of a type that is not known', { type: 'dance' }],
    ['bitfield of another length', { type: 'bitfield', pieces: new Uint8Array(2), ask: false, ...standing }],
    ['bitfield with spare bits', { type: 'bitfield', pieces: Uint8Array.of(0, 0, 1), ask: false, ...standing }],
    ['bitfield that is no bytes', { type: 'bitfield', pieces: [0, 0, 0], ask: false, ...standing }],
    ['bitfield that does not say whether it asks', { type: 'bitfield', pieces: bytes, ...standing }],
    ['bitfield without interest', { type: 'bitfield', pieces: bytes, ask: false, choking: true }],
    ['keep-alive without choking', { type: 'keep-alive', count: 0, interested: true }],
    ['keep-alive with more pieces than there are', { type: 'keep-alive', count: 21, ...standing }],
    ['have of a piece that is not in the file', { type: 'have', piece: 20 }],
    ['request of no piece', { type: 'request', piece: 0.5 }],
    ['request of a piece below 0', { type: 'request', piece: -1 }],
    ['cancel of nothing', { type: 'cancel' }],
    ['piece that is no bytes', { type: 'piece', piece: 0, data: 'bytes' }],
    ['piece without a number', { type: 'piece', data: bytes }],
  ])('%s is dropped and reported', (_what, message: Message) => {
    const swarm = new SwarmNetwork({ size: 2, otherNodes: [1], others: () => silent }).runUntil(1000)
    const before = swarm.sent.length
    swarm.inject(1, 0, message).runUntil(1100)
    expect(swarm.reports).toEqual([{ time: 1010, node: 0, event: 'malformed', detail: { type: message.type } }])
    expect(swarm.nodes[0]!.peers).toEqual([])
    expect(swarm.sent.length).toBe(before + 1)
  })

  test('from a stranger is answered by "who are you?", and counts for nothing', () => {
    const swarm = new SwarmNetwork({ size: 2, seeds: [], otherNodes: [1], others: () => silent }).runUntil(1000)
    const before = swarm.sent.length
    swarm.inject(1, 0, { type: 'piece', piece: 0, data: swarm.file[0] } as Message).runUntil(1100)
    expect(swarm.counts).toEqual([0])
    expect(swarm.sent.slice(before + 1).map(({ message }) => message)).toMatchObject([{ type: 'bitfield', ask: true }])
  })
})

test('a piece that nobody asked for is dropped, right or wrong, and bans nobody', () => {
  const swarm = new SwarmNetwork({ size: 2, seeds: [], otherNodes: [1], others: () => silent })
  swarm.inject(1, 0, { type: 'bitfield', pieces: all, ask: false, interested: false, choking: true } as Message)
  for (const data of [swarm.file[0]!, new Uint8Array(100)])
    swarm.inject(1, 0, { type: 'piece', piece: 0, data } as Message)
  swarm.runUntil(1000)
  expect(swarm.counts).toEqual([0])
  expect(swarm.reports.map(({ event }) => event)).toEqual(['unrequested', 'unrequested'])
  expect(swarm.nodes[0]!.peers.length).toBe(1)
})

test('a piece that was on its way when its sender choked is taken', () => {
  const choking = { type: 'choke' }
  const other = (file: readonly Uint8Array[]) =>
    node(() => ({
      onMessage: (host, from, message) => {
        if (message.type === 'bitfield')
          host.send(from, { type: 'bitfield', pieces: all, ask: false, ...standing } as Message)
        if (message.type !== 'request') return
        const { piece } = message as unknown as { piece: number }
        for (const each of [choking, { type: 'piece', piece, data: file[piece] }, { type: 'unchoke' }])
          host.send(from, each as Message)
      },
    }))
  const file = randomFile({ seed: 1, pieces: 20, pieceLength: 100 })
  const options = { pipeline: 1 }
  const swarm = new SwarmNetwork({ size: 2, file, seeds: [], otherNodes: [1], others: () => other(file), options })
  swarm.runUntil(minute)
  expect(swarm.counts).toEqual([20])
  expect(swarm.reported('unrequested')).toEqual([])
})

test('strangers are taken up to the limit, neighbors always', () => {
  const swarm = new SwarmNetwork({ topology: ring(9), options: { maxPeers: 3 }, seeds: [] })
  const hello = { type: 'bitfield', pieces: all, ask: true, interested: false, choking: true } as Message
  for (const stranger of [3, 4, 5]) swarm.inject(stranger, 0, hello)
  swarm.runUntil(15)
  const peersOf = (node: number): number[] => swarm.nodes[node]!.peers.map(({ address }) => Number(address))
  expect(new Set(peersOf(0))).toEqual(new Set([1, 8, 3]))
  const none = new SwarmNetwork({ topology: ring(9), options: { maxPeers: 0 } }).runUntil(15)
  expect(none.nodes.map(({ peers }) => peers.length)).toEqual(Array.from({ length: 9 }, () => 2))
})

describe('whatever peers say', () => {
  const flag = fc.constantFrom<Data>(true, false, 'yes')
  const piece = fc.constantFrom<Data>(0, 1, 5, 19, 20, -1, 2 ** 53, null, 'a')
  const bitfield = fc.constantFrom<Data>(
    all,
    new Uint8Array(3),
    new Uint8Array(2),
    Uint8Array.of(170, 170, 160),
    'bits',
  )
  const message = fc.record({
    type: fc.constantFrom(
      ...['bitfield', 'keep-alive', 'have', 'request', 'cancel', 'piece'],
      ...['choke', 'unchoke', 'interested', 'not-interested', ''],
    ),
    pieces: bitfield,
    piece,
    count: piece,
    ask: flag,
    interested: flag,
    choking: flag,
    data: fc.constantFrom<Data>(new Uint8Array(100), new Uint8Array(0), 'data'),
  })

  test('nobody throws, nobody has a wrong byte, and all honest nodes finish', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 40 }), (list) => {
        const speaker = node(() => {
          let said = 0
          return {
            onStart: (host) => host.setTimer('speak', 5),
            onTimer: (host) => {
              for (const neighbor of Array.from(host.neighbors)) host.send(neighbor, list[said]!)
              if (++said < list.length) host.setTimer('speak', 25)
            },
          }
        })
        const swarm = new SwarmNetwork({ size: 5, otherNodes: [1, 3], others: () => speaker }).runUntil(10 * minute)
        const honest = [0, 2, 4].map((each) => swarm.nodes[each]!)
        for (const each of honest) {
          expect(swarm.file.every((data, at) => each.data(at)?.join() === data.join())).toBe(true)
        }
      }),
      cases(100),
    )
  })
})
