import {
  blockId,
  deriveStream,
  genesis,
  randomRegular,
  star,
  topologyFromEdges,
  type BlockHeader,
  type BlockPropagationOptions,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { BlockNetwork } from '../support/block-network.ts'
import { silent } from '../support/nodes.ts'

const size = 1_000_000
const transactions = 2000

/** A line of five, at 10 ms a link, where the third block is measured: by then high-bandwidth peers are chosen. */
function timesOnALine(options: BlockPropagationOptions): number[] {
  const line = topologyFromEdges(5, [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
  ])
  const network = new BlockNetwork({ topology: line, options: { ...options, validationPerMegabyte: 100 } })
  for (const time of [10_000, 20_000]) {
    network.mine(0)
    network.runUntil(time)
  }
  const id = network.mine(0)
  network.runUntil(30_000)
  return [1, 2, 3, 4].map((node) => network.connected(node, id)! - 20_000)
}

describe('in units of a round trip (BIP 152)', () => {
  const roundTrip = 20
  const hops = (each: number, validation: number): number[] =>
    [1, 2, 3, 4].map((hop) => expect.closeTo(hop * each * roundTrip + validation * hop, 6) as number)

  test('a whole block takes 1.5 on each hop, and validation', () => {
    expect(timesOnALine({ relay: 'block' })).toEqual(hops(1.5, 100))
  })

  test('a compact block on request takes 1.5, if nothing is missing', () => {
    expect(timesOnALine({ relay: 'compact', incompleteChance: 0 })).toEqual(hops(1.5, 100))
  })

  test('a compact block on request takes 2.5, if transactions are missing', () => {
    expect(timesOnALine({ relay: 'compact', incompleteChance: 1 })).toEqual(hops(2.5, 100))
  })

  test('a compact block that is sent at once takes 0.5, and waits for no validation on the way', () => {
    const times = timesOnALine({ relay: 'compact-high-bandwidth', incompleteChance: 0 })
    expect(times).toEqual([1, 2, 3, 4].map((hop) => expect.closeTo(hop * 0.5 * roundTrip + 100, 6) as number))
  })

  test('one that is sent at once takes 1.5, if transactions are missing', () => {
    const times = timesOnALine({ relay: 'compact-high-bandwidth', incompleteChance: 1 })
    expect(times).toEqual([1, 2, 3, 4].map((hop) => expect.closeTo(hop * 1.5 * roundTrip + 100, 6) as number))
  })
})

describe('a compact block', () => {
  test('is six bytes for each transaction but the first, and that one whole', () => {
    const network = new BlockNetwork({ options: { relay: 'compact', blockSize: size, transactions } })
    network.mine(0)
    network.runUntil(60_000)
    const compact = network.sentOf('cmpctblock')
    expect(compact.length).toBe(29)
    for (const { message } of compact) {
      expect(message.shortIds.length).toBe(6 * (transactions - 1))
      expect(message.prefilled.length).toBe(size / transactions)
    }
    expect(network.sentOf('block')).toEqual([])
  })

  test('is completed by the transactions that are missing, no others and no more bytes', () => {
    const options = { relay: 'compact', incompleteChance: 1, missingShare: 0.02 } as const
    const network = new BlockNetwork({ options: { ...options, blockSize: size, transactions } })
    network.mine(0)
    network.runUntil(60_000)
    const asked = network.sentOf('getblocktxn')
    const answers = network.sentOf('blocktxn')
    expect(asked.length).toBe(29)
    expect(answers.length).toBe(29)
    for (const { from, message } of asked) {
      expect(message.indexes.length).toBeGreaterThan(0)
      expect(Math.min(...message.indexes)).toBeGreaterThan(0)
      const answer = answers.find(({ to }) => to === from)!
      expect(answer.message.payload.length).toBe(message.indexes.length * (size / transactions))
    }
    // 29 nodes lack 2 % of 1999 transactions: 40, with a standard deviation of 6.3 each.
    const mean = asked.reduce((sum, { message }) => sum + message.indexes.length, 0) / 29
    expect(Math.abs(mean - 0.02 * 1999)).toBeLessThan((4 * 6.3) / Math.sqrt(29))
    expect(network.tips.length).toBe(1)
  })

  test('is complete in nine of ten cases, with the default mempool', () => {
    const network = new BlockNetwork({ options: { relay: 'compact', blockSize: 1000, transactions: 10 } })
    for (let i = 1; i <= 60; i++) {
      network.mine(i % 30)
      network.runUntil(i * 30_000)
    }
    const received = 60 * 29
    const incomplete = network.sentOf('getblocktxn').length
    expect(Math.abs(incomplete - 0.1 * received)).toBeLessThan(4 * Math.sqrt(0.09 * received))
  })

  test('costs a fraction of the bytes of whole blocks', () => {
    const bytes = (relay: 'block' | 'compact' | 'compact-high-bandwidth'): number => {
      const network = new BlockNetwork({ options: { relay, blockSize: size, transactions } })
      for (let i = 1; i <= 10; i++) {
        network.mine(i)
        network.runUntil(i * 60_000)
      }
      return network.sent.reduce((sum, { message }) => {
        if (message.type === 'block' || message.type === 'blocktxn') return sum + message.payload.length
        return message.type === 'cmpctblock' ? sum + message.shortIds.length + message.prefilled.length : sum
      }, 0)
    }
    const whole = bytes('block')
    expect(whole).toBe(10 * 29 * size)
    // Short ids and the first transaction are 12,494 bytes, and some transactions are missing here and there.
    expect(bytes('compact')).toBeLessThan(0.02 * whole)
    // Up to three peers send it at once, so some of it comes in vain.
    expect(bytes('compact-high-bandwidth')).toBeGreaterThan(bytes('compact'))
    expect(bytes('compact-high-bandwidth')).toBeLessThan(0.06 * whole)
  })

  test('of a block deep below the tip is sent whole instead', () => {
    const network = new BlockNetwork({
      topology: star(2),
      options: { relay: 'compact' },
      otherNodes: [1],
      others: silent,
    })
    const ids = Array.from({ length: 8 }, () => network.mine(0))
    for (const id of ids) network.inject(1, 0, { type: 'getdata', id, compact: true })
    network.runUntil(1000)
    expect(network.sent.filter(({ to, message }) => to === 1 && message.type === 'block').length).toBe(2)
    expect(network.sentOf('cmpctblock').length).toBe(6)
  })

  test('that cannot be completed is asked for whole', () => {
    // Node 1 sends short ids, and then no transactions.
    const network = new BlockNetwork({
      topology: star(2),
      options: { relay: 'compact', incompleteChance: 1 },
      otherNodes: [1],
      others: silent,
    })
    const header: BlockHeader = {
      parent: blockId(genesis),
      height: 1,
      miner: 1,
      nonce: 1,
      size: 1000,
      transactions: 10,
    }
    const id = blockId(header)
    network.inject(1, 0, { type: 'inv', ids: [id] })
    network.runUntil(100)
    const short = { shortIds: new Uint8Array(54), prefilled: new Uint8Array(100) }
    network.inject(1, 0, { type: 'cmpctblock', header, ...short })
    network.runUntil(30_000)
    expect(network.sentOf('getblocktxn').length).toBe(1)
    expect(network.sentOf('getdata').map(({ message }) => message.compact)).toEqual([true, false])
    network.inject(1, 0, { type: 'block', header, payload: new Uint8Array(1000) })
    expect(network.runUntil(31_000).tip(0).id).toBe(id)
  })
})

describe('a mempool', () => {
  test('lacks the same transactions when a compact block comes again', () => {
    const network = new BlockNetwork({
      topology: star(2),
      options: { relay: 'compact', incompleteChance: 1, missingShare: 0.5 },
      otherNodes: [1],
      others: silent,
    })
    const header = { parent: blockId(genesis), height: 1, miner: 1, nonce: 1, size: 1000, transactions: 100 }
    network.inject(1, 0, { type: 'inv', ids: [blockId(header)] })
    network.runUntil(100)
    const compact = {
      type: 'cmpctblock',
      header,
      shortIds: new Uint8Array(594),
      prefilled: new Uint8Array(10),
    } as const
    for (const time of [200, 300]) {
      network.inject(1, 0, compact)
      network.runUntil(time)
    }
    const [first, second] = network.sentOf('getblocktxn').map(({ message }) => message.indexes)
    expect(first!.length).toBeGreaterThan(0)
    expect(second).toEqual(first)
  })
})

describe('high-bandwidth mode', () => {
  test('is asked of three peers at most, at any time', () => {
    const topology = randomRegular(30, 8, deriveStream(1, 'topology'))
    const network = new BlockNetwork({ topology, options: { relay: 'compact-high-bandwidth' } })
    for (let i = 1; i <= 40; i++) {
      network.mine((i * 7) % 30)
      network.runUntil(i * 30_000)
    }
    const chosen = new Map<number, Set<number>>()
    let most = 0
    for (const { from, to, message } of network.sentOf('sendcmpct')) {
      const peers = chosen.get(from) ?? new Set<number>()
      chosen.set(from, peers)
      if (message.highBandwidth) peers.add(to)
      else peers.delete(to)
      most = Math.max(most, peers.size)
    }
    expect(most).toBe(3)
    expect([...chosen.values()].every((peers) => peers.size >= 1)).toBe(true)
  })

  test('lets a block come from several peers, and one of them is asked for what is missing', () => {
    const topology = randomRegular(30, 8, deriveStream(1, 'topology'))
    const options = { relay: 'compact-high-bandwidth', incompleteChance: 1 } as const
    const network = new BlockNetwork({ topology, options })
    for (let i = 1; i <= 10; i++) {
      network.mine((i * 7) % 30)
      network.runUntil(i * 30_000)
    }
    expect(network.sentOf('cmpctblock').length).toBeGreaterThan(10 * 29)
    const asked = network.sentOf('getblocktxn').map(({ from, message }) => `${from} ${message.id}`)
    expect(new Set(asked).size).toBe(asked.length)
    expect(asked.length).toBe(10 * 29)
  })

  test('is given to nobody by nodes that relay on request, and compact blocks to nobody by nodes that relay whole ones', () => {
    for (const relay of ['block', 'compact'] as const) {
      const network = new BlockNetwork({ topology: star(2), options: { relay }, otherNodes: [1], others: silent })
      network.inject(1, 0, { type: 'sendcmpct', highBandwidth: true })
      network.runUntil(100)
      const id = network.mine(0)
      network.inject(1, 0, { type: 'getdata', id, compact: true })
      network.runUntil(200)
      expect(network.sent.filter(({ from }) => from === 0).map(({ message }) => message.type)).toEqual(
        relay === 'block' ? ['inv', 'block'] : ['sendcmpct', 'inv', 'cmpctblock'],
      )
    }
  })

  test('is not for those who bring a block too late', () => {
    const line = topologyFromEdges(4, [
      [0, 1],
      [1, 2],
      [2, 3],
    ])
    const network = new BlockNetwork({ topology: line, options: { relay: 'compact-high-bandwidth' } })
    network.mine(0)
    network.mine(3)
    network.runUntil(60_000)
    expect(
      network
        .reported('stale')
        .map(({ node: at }) => at)
        .toSorted((a, b) => a - b),
    ).toEqual([1, 2])
    const chosen = network.sentOf('sendcmpct').filter(({ message }) => message.highBandwidth)
    expect(chosen.map(({ from, to }) => [from, to])).toEqual([
      [1, 0],
      [2, 3],
    ])
  })

  test('ends when the peer says so', () => {
    const options = { relay: 'compact-high-bandwidth' } as const
    const network = new BlockNetwork({ topology: star(2), options, otherNodes: [1], others: silent })
    network.inject(1, 0, { type: 'sendcmpct', highBandwidth: true })
    network.runUntil(100)
    network.mine(0)
    network.inject(1, 0, { type: 'sendcmpct', highBandwidth: false })
    network.runUntil(200)
    network.mine(0)
    expect(network.sent.filter(({ from }) => from === 0).map(({ message }) => message.type)).toEqual([
      'sendcmpct',
      'cmpctblock',
      'inv',
    ])
  })

  test('is the only way in which a compact block may come unasked', () => {
    const options = { relay: 'compact-high-bandwidth' } as const
    const network = new BlockNetwork({ topology: star(2), options, otherNodes: [1], others: silent })
    const header = { parent: blockId(genesis), height: 1, miner: 1, nonce: 1, size: 10, transactions: 1 }
    const compact = { type: 'cmpctblock', header, shortIds: new Uint8Array(0), prefilled: new Uint8Array(10) } as const
    network.inject(1, 0, compact)
    network.runUntil(100)
    expect(network.tip(0).id).toBe(blockId(genesis))
    expect(network.reported('unrequested').length).toBe(1)
    network.inject(1, 0, { type: 'inv', ids: [blockId(header)] })
    network.runUntil(200)
    network.inject(1, 0, compact)
    network.runUntil(300)
    // It has brought a block now, so it is chosen, and its next one is welcome.
    const next = { ...header, parent: blockId(header), height: 2 }
    network.inject(1, 0, { ...compact, header: next })
    expect(network.runUntil(400).tip(0).id).toBe(blockId(next))
  })
})
