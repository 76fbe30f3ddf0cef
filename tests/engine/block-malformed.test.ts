import { blockId, genesis, star, type BlockHeader, type BlockMessage, type Message } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { BlockNetwork } from '../support/block-network.ts'
import { cases, fc } from '../support/fast-check.ts'
import { node, silent } from '../support/nodes.ts'

const header: BlockHeader = { parent: blockId(genesis), height: 1, miner: 1, nonce: 1, size: 100, transactions: 5 }
const id = blockId(header)
const full: BlockMessage = { type: 'block', header, payload: new Uint8Array(100) }

/** Node 0, asked or not for that block, gets this from node 1. */
function given(message: Message, announced = true): BlockNetwork {
  const network = new BlockNetwork({ topology: star(2), otherNodes: [1], others: silent })
  if (announced) network.inject(1, 0, { type: 'inv', ids: [id] })
  network.runUntil(100)
  network.inject(1, 0, message as BlockMessage)
  return network.runUntil(1000)
}

describe('a malformed message', () => {
  test.each([
    ['a type that is not known', { type: 'dance' }],
    ['an inv with ids that are none', { type: 'inv', ids: ['short'] }],
    ['an inv without end', { type: 'inv', ids: Array.from({ length: 501 }, () => id) }],
    ['a getdata that does not say how', { type: 'getdata', id }],
    ['a block without its bytes', { type: 'block', header }],
    ['a block shorter than it says', { type: 'block', header, payload: new Uint8Array(99) }],
    ['a block on no parent', { type: 'block', header: { ...header, parent: '' }, payload: new Uint8Array(100) }],
    ['a first block', { type: 'block', header: { ...header, height: 0 }, payload: new Uint8Array(100) }],
    [
      'a block of no transactions',
      { type: 'block', header: { ...header, transactions: 0 }, payload: new Uint8Array(100) },
    ],
    ['too few short ids', { type: 'cmpctblock', header, shortIds: new Uint8Array(23), prefilled: new Uint8Array(20) }],
    ['places out of order', { type: 'getblocktxn', id, indexes: [2, 1] }],
    ['a place named twice', { type: 'getblocktxn', id, indexes: [1, 1] }],
    ['transactions without bytes', { type: 'blocktxn', id, payload: 'transactions' }],
    ['a mode that is none', { type: 'sendcmpct', highBandwidth: 1 }],
  ])('%s: dropped and reported', (_what, message: Message) => {
    const network = given(message)
    expect(network.reported('malformed').map(({ detail }) => detail['type'])).toEqual([message.type])
    expect(network.tip(0).id).toBe(blockId(genesis))
  })
})

describe('a block', () => {
  test('that was asked for is taken', () => {
    expect(given(full).tip(0).id).toBe(id)
  })

  test('that nobody asked for is dropped', () => {
    const network = given(full, false)
    expect(network.tip(0).id).toBe(blockId(genesis))
    expect(network.reported('unrequested').map(({ detail }) => detail)).toEqual([{ id, peer: 1 }])
  })

  test('in the place of another one is dropped: the id is the hash of the header', () => {
    const other = { ...header, miner: 2 }
    const network = given({ ...full, header: other } as Message)
    expect(network.tip(0).id).toBe(blockId(genesis))
    expect(network.reported('unrequested').map(({ detail }) => detail['id'])).toEqual([blockId(other)])
  })

  test('with a height that its parent does not give it is invalid', () => {
    const high = { ...header, height: 1000 }
    const network = new BlockNetwork({ topology: star(2), otherNodes: [1], others: silent })
    network.inject(1, 0, { type: 'inv', ids: [blockId(high)] })
    network.runUntil(100)
    network.inject(1, 0, { ...full, header: high } as BlockMessage)
    network.runUntil(1000)
    expect(network.tip(0).id).toBe(blockId(genesis))
    expect(network.reported('invalid').map(({ detail }) => detail)).toEqual([{ id: blockId(high), peer: 1 }])
  })

  test('that waited for its parent and does not fit it is dropped as well', () => {
    const child = { ...header, parent: id, height: 7 }
    const network = new BlockNetwork({ topology: star(2), otherNodes: [1], others: silent })
    for (const each of [child, header]) {
      network.inject(1, 0, { type: 'inv', ids: [blockId(each)] })
      network.runUntil(network.simulation.now + 100)
      network.inject(1, 0, { ...full, header: each } as BlockMessage)
    }
    network.runUntil(10_000)
    expect(network.tip(0).id).toBe(id)
  })

  test('that came is a duplicate when it comes again', () => {
    const network = given(full)
    network.inject(1, 0, full)
    network.runUntil(2000)
    expect(network.reported('duplicate').map(({ detail }) => detail['id'])).toEqual([id])
  })
})

describe('transactions', () => {
  test('that nobody asked for, or of another length, complete no block', () => {
    const options = { relay: 'compact', incompleteChance: 1, missingShare: 1 } as const
    const network = new BlockNetwork({ topology: star(3), options, otherNodes: [1, 2], others: silent })
    network.inject(1, 0, { type: 'inv', ids: [id] })
    network.runUntil(100)
    network.inject(1, 0, { type: 'cmpctblock', header, shortIds: new Uint8Array(24), prefilled: new Uint8Array(20) })
    network.runUntil(200)
    expect(network.sentOf('getblocktxn').map(({ message }) => message.indexes)).toEqual([[1, 2, 3, 4]])
    network.inject(2, 0, { type: 'blocktxn', id, payload: new Uint8Array(80) })
    network.inject(1, 0, { type: 'blocktxn', id, payload: new Uint8Array(60) })
    network.inject(1, 0, { type: 'blocktxn', id: 'f'.repeat(32), payload: new Uint8Array(80) })
    network.runUntil(300)
    expect(network.reported('unrequested').length).toBe(3)
    expect(network.tip(0).id).toBe(blockId(genesis))
    network.inject(1, 0, { type: 'blocktxn', id, payload: new Uint8Array(80) })
    expect(network.runUntil(400).tip(0).id).toBe(id)
  })

  test('that a block does not have are not sent', () => {
    const network = new BlockNetwork({ topology: star(2), otherNodes: [1], others: silent })
    const mined = network.mine(0)
    for (const indexes of [[1999], [2000]]) network.inject(1, 0, { type: 'getblocktxn', id: mined, indexes })
    network.inject(1, 0, { type: 'getblocktxn', id: 'f'.repeat(32), indexes: [1] })
    network.runUntil(100)
    expect(network.sentOf('blocktxn').length).toBe(1)
  })
})

describe('a peer that floods', () => {
  test('is asked for 16 blocks at a time', () => {
    const network = new BlockNetwork({ topology: star(2), otherNodes: [1], others: silent })
    const ids = Array.from({ length: 500 }, (_, i) => i.toString(16).padStart(32, '0'))
    network.inject(1, 0, { type: 'inv', ids })
    network.runUntil(1000)
    expect(network.sentOf('getdata').length).toBe(16)
  })
})

describe('whatever a peer says', () => {
  const anything = fc.constantFrom<unknown>(
    undefined,
    null,
    NaN,
    -1,
    1,
    2 ** 53,
    '',
    id,
    [id],
    [],
    {},
    true,
    new Uint8Array(24),
  )
  const headers = fc.record({
    parent: fc.constantFrom(blockId(genesis), id, 'f'.repeat(32), ''),
    height: fc.integer({ min: 0, max: 4 }),
    miner: fc.nat(2),
    nonce: fc.nat(2),
    size: fc.constantFrom(0, 24, 100),
    transactions: fc.integer({ min: 0, max: 5 }),
  })
  const type = fc.constantFrom('inv', 'getdata', 'block', 'sendcmpct', 'cmpctblock', 'getblocktxn', 'blocktxn', '')
  const wellFormed = fc.oneof(
    headers.map((each) => ({ type: 'inv', ids: [blockId(each)] })),
    headers.map((each) => ({ type: 'block', header: each, payload: new Uint8Array(each.size) })),
    headers.map((each) => ({ type: 'blocktxn', id: blockId(each), payload: new Uint8Array(each.size) })),
    headers.map((each) => {
      const shortIds = new Uint8Array(6 * Math.max(0, each.transactions - 1))
      return { type: 'cmpctblock', header: each, shortIds, prefilled: new Uint8Array(3) }
    }),
    fc.boolean().map((highBandwidth) => ({ type: 'sendcmpct', highBandwidth })),
    headers.map((each) => ({ type: 'getblocktxn', id: blockId(each), indexes: [1, 2] })),
  )
  const fields = ['ids', 'id', 'compact', 'header', 'payload', 'highBandwidth', 'shortIds', 'prefilled', 'indexes']
  const malformed = fc.record(
    { type, ...Object.fromEntries(fields.map((field) => [field, fc.oneof(anything, headers)])) },
    { requiredKeys: ['type'] },
  )

  test('no node throws, and in the end all follow the longest chain, which is an honest one', () => {
    const messages = fc.array(fc.oneof(wellFormed, malformed), { minLength: 1, maxLength: 40 })
    const relay = fc.constantFrom('block', 'compact', 'compact-high-bandwidth')
    fc.assert(
      fc.property(messages, relay, (list, how) => {
        let said = 0
        const speaker = node(() => ({
          onStart: (host) => host.setTimer('speak', 100),
          onTimer: (host) => {
            host.send(host.neighbors[0]!, list[said++] as unknown as Message)
            if (said < list.length) host.setTimer('speak', 100)
          },
        }))
        const options = { relay: how as 'block', incompleteChance: 0.5 }
        const network = new BlockNetwork({ topology: star(6), options, otherNodes: [1], others: speaker })
        network.runUntil(10_000)
        expect(said).toBe(list.length)
        let last = ''
        for (let i = 0; i < 6; i++) last = network.mine(2)
        network.runUntil(400_000)
        expect(network.tips).toEqual([last])
      }),
      cases(150),
    )
  })
})
