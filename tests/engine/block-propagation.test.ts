import {
  blockId,
  complete,
  genesis,
  loss,
  partition,
  ring,
  star,
  topologyFromEdges,
  uniformLatency,
  type BlockHeader,
  type BlockPropagationOptions,
  type FullBlock,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { BlockTree } from '../../engine/protocols/block-propagation/block-tree.ts'
import { BlockNetwork } from '../support/block-network.ts'
import { cases, fc } from '../support/fast-check.ts'
import { silent } from '../support/nodes.ts'

const relays = ['block', 'compact', 'compact-high-bandwidth'] as const

function line(size: number) {
  return topologyFromEdges(
    size,
    Array.from({ length: size - 1 }, (_, i) => [i, i + 1] as const),
  )
}

/** A block on top of another one, as a peer would send it. */
function blockOn(parent: BlockHeader, changes: Partial<BlockHeader> = {}): FullBlock {
  const header = {
    parent: blockId(parent),
    height: parent.height + 1,
    miner: 0,
    nonce: 7,
    size: 100,
    transactions: 1,
    ...changes,
  }
  return { type: 'block', header, payload: new Uint8Array(header.size) }
}

describe('a block', () => {
  test('is the tip of all nodes in the end, whatever the relay', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(29), fc.constantFrom(...relays), (seed, miner, relay) => {
        const network = new BlockNetwork({ seed, options: { relay }, latency: uniformLatency(5, 50) })
        for (let i = 1; i <= 5; i++) {
          const id = network.mine((miner + i) % 30)
          expect(network.runUntil(i * 30_000).tips).toEqual([id])
        }
        expect(network.reported('stale')).toEqual([])
      }),
      cases(30),
    )
  })

  test('is sent once to each node, and announced at most once in each direction of a link', () => {
    const network = new BlockNetwork()
    network.mine(3)
    network.runUntil(60_000)
    const receivers = network.sentOf('block').map(({ to }) => to)
    expect(receivers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, i) => i).filter((i) => i !== 3))
    const ways = network.sentOf('inv').map(({ from, to }) => `${from}→${to}`)
    expect(new Set(ways).size).toBe(ways.length)
  })

  test('takes three latencies and its validation on each hop', () => {
    const options = { validationPerMegabyte: 200, blockSize: 500_000 }
    const network = new BlockNetwork({ topology: line(5), options })
    const id = network.mine(0)
    network.runUntil(10_000)
    for (let hop = 0; hop < 5; hop++) expect(network.connected(hop, id)).toBeCloseTo(hop * (3 * 10 + 100), 6)
  })

  test('is validated after those before it, one at a time', () => {
    const options = { validationPerMegabyte: 1000, blockSize: 1_000_000 }
    const network = new BlockNetwork({ topology: star(2), options })
    const [first, second] = [network.mine(0), network.mine(0)]
    network.runUntil(500)
    const third = network.mine(0)
    network.runUntil(10_000)
    // The first two come together, after three latencies; the third one while the first two are validated.
    const times = [first, second, third].map((id) => network.connected(1, id))
    expect(times).toEqual([1030, 2030, 3030])
  })

  test('is as long as it says', () => {
    const network = new BlockNetwork({ options: { blockSize: 123_456 } })
    network.mine(0)
    network.mine(0, 1000)
    network.runUntil(60_000)
    const lengths = network.sentOf('block').map(({ message }) => message.payload.length)
    expect(new Set(lengths)).toEqual(new Set([123_456, 1000]))
  })

  test('is asked for at another peer if the first one does not send it', () => {
    // Node 1 announces and is silent then.
    const network = new BlockNetwork({ topology: ring(3), otherNodes: [1], others: silent })
    const block = blockOn(genesis)
    const id = blockId(block.header)
    network.inject(1, 0, { type: 'inv', ids: [id] })
    network.runUntil(100)
    network.inject(2, 0, { type: 'inv', ids: [id] })
    network.runUntil(20_100)
    expect(network.sentOf('getdata').map(({ to, time }) => [to, time])).toEqual([
      [1, 10],
      [2, 20_010],
    ])
    network.inject(2, 0, block)
    network.runUntil(20_300)
    expect(network.tip(0).id).toBe(id)
    expect(network.runUntil(100_000).reported('timeout').length).toBe(1)
  })

  test('that nobody sends is given up after ten attempts', () => {
    const network = new BlockNetwork({ topology: star(2), otherNodes: [1], others: silent })
    network.inject(1, 0, { type: 'inv', ids: ['f'.repeat(32)] })
    network.runUntil(1_000_000)
    expect(network.sentOf('getdata').length).toBe(10)
  })

  test('reaches everybody with the next ones although every fifth packet is lost', () => {
    for (const relay of relays) {
      const network = new BlockNetwork({ options: { relay }, latency: uniformLatency(5, 50) })
      network.simulation.addRule(loss(0.2))
      for (let i = 0; i < 10; i++) {
        network.mine(i)
        network.runUntil((i + 1) * 600_000)
      }
      expect(network.tips.length).toBe(1)
      expect(network.tip(0).header.height).toBe(10)
    }
  })

  test('that comes before its parent waits for it, and the parent is fetched from who sent the child', () => {
    const network = new BlockNetwork({ topology: star(2), otherNodes: [1], others: silent })
    const parent = blockOn(genesis)
    const child = blockOn(parent.header)
    network.inject(1, 0, { type: 'inv', ids: [blockId(child.header)] })
    network.runUntil(100)
    network.inject(1, 0, child)
    network.runUntil(200)
    expect(network.sentOf('getdata').map(({ message }) => message.id)).toEqual([
      blockId(child.header),
      blockId(parent.header),
    ])
    expect(network.tip(0).id).toBe(blockId(genesis))
    network.inject(1, 0, parent)
    network.runUntil(300)
    expect(network.tip(0).id).toBe(blockId(child.header))
    expect(network.reported('connected').map(({ detail }) => detail['height'])).toEqual([1, 2])
  })
})

describe('blocks that wait for their parent', () => {
  const first = blockOn(genesis).header

  test('are linked with it, and so are those that wait for them', () => {
    const chain = [first]
    for (let i = 1; i < 6; i++) chain.push(blockOn(chain.at(-1)!).header)
    fc.assert(
      fc.property(fc.shuffledSubarray(chain, { minLength: 6, maxLength: 6 }), (headers) => {
        const tree = new BlockTree()
        const linked = headers.flatMap((header) => tree.add(header).linked)
        expect(linked.map(({ header }) => header.height)).toEqual([1, 2, 3, 4, 5, 6])
        expect(tree.get(blockId(chain[5]!))?.parent?.id).toBe(blockId(chain[4]!))
      }),
      cases(100),
    )
  })

  test('are 750 at most: the oldest go first', () => {
    const tree = new BlockTree()
    const orphans = Array.from({ length: 760 }, (_, nonce) => blockOn(first, { nonce }).header)
    for (const orphan of orphans) expect(tree.add(orphan).addition).toBe('orphan')
    expect(orphans.filter((orphan) => tree.has(blockId(orphan)))).toEqual(orphans.slice(10))
    expect(tree.add(first).linked.length).toBe(1 + 750)
  })

  test('are not asked for again', () => {
    const network = new BlockNetwork({ topology: star(3), otherNodes: [1, 2], others: silent })
    const orphan = blockOn(first)
    const id = blockId(orphan.header)
    network.inject(1, 0, { type: 'inv', ids: [id] })
    network.runUntil(100)
    network.inject(1, 0, orphan)
    network.runUntil(200)
    network.inject(2, 0, { type: 'inv', ids: [id] })
    network.runUntil(300)
    expect(network.sentOf('getdata').filter(({ message }) => message.id === id).length).toBe(1)
  })
})

describe('a fork', () => {
  test('leaves each node with the block that it got first, and the other one stale', () => {
    const network = new BlockNetwork({ topology: line(6) })
    const left = network.mine(0)
    const right = network.mine(5)
    network.runUntil(60_000)
    expect([0, 1, 2, 3, 4, 5].map((node) => network.tip(node).id)).toEqual([left, left, left, right, right, right])
    // The blocks meet in the middle, and nobody passes on the one that came second.
    const stale = network.reported('stale').map(({ node, detail }) => [node, detail['id']])
    expect(new Map(stale as [number, string][])).toEqual(
      new Map([
        [2, right],
        [3, left],
      ]),
    )
  })

  test('ends with the next block: all follow the longer chain, and the other block is stale', () => {
    const network = new BlockNetwork({ topology: line(6) })
    const left = network.mine(0)
    const right = network.mine(5)
    network.runUntil(60_000)
    const next = network.mine(4)
    network.runUntil(120_000)
    expect(network.tips).toEqual([next])
    const reorganized = network.reported('reorganized')
    expect(reorganized.map(({ node, detail }) => [node, detail['depth']])).toEqual([
      [2, 1],
      [1, 1],
      [0, 1],
    ])
    for (const node of [0, 1, 2]) {
      expect(network.reported('stale', node).at(-1)!.detail['id']).toBe(left)
      expect(network.connected(node, right)).toBeGreaterThan(60_000)
    }
  })

  test('costs the validation of all blocks of the longer branch before a node changes over', () => {
    const options = { validationPerMegabyte: 100, blockSize: 1_000_000 }
    const network = new BlockNetwork({ topology: line(6), options })
    network.mine(0)
    network.mine(5)
    network.runUntil(60_000)
    const next = network.mine(4)
    network.runUntil(120_000)
    // Node 3 was on that branch. Node 2 had the first block of it, stale and unread.
    expect(network.connected(3, next)).toBe(60_000 + 30 + 100)
    expect(network.connected(2, next)).toBe(60_000 + 30 + 100 + 30 + 200)
  })

  test('of two sides of a cut ends when it has healed: the longer chain wins, all of the other is stale', () => {
    const sides = [0, 1, 2, 3, 4, 5, 6, 7]
    for (const relay of relays) {
      const network = new BlockNetwork({ topology: complete(16), options: { relay } })
      const undo = network.simulation.addRule(partition(sides))
      for (let i = 1; i <= 6; i++) {
        network.mine(i)
        if (i <= 4) network.mine(8 + i)
        network.runUntil(i * 60_000)
      }
      expect(network.tips.length).toBe(2)
      undo()
      const last = network.mine(0)
      network.runUntil(600_000)
      expect(network.tips).toEqual([last])
      expect(network.tip(15).header.height).toBe(7)
      expect(network.reported('stale', 15).length).toBe(4)
      expect(network.reported('reorganized', 15).map(({ detail }) => detail['depth'])).toEqual([4])
    }
  })

  test('is more frequent when blocks are larger: they take longer', () => {
    const stale = (blockSize: number): number => {
      const network = new BlockNetwork({
        options: { blockSize, mining: { share: 1 / 30, interval: 10_000 }, validationPerMegabyte: 300 },
      }).runUntil(2_000_000)
      const mined = new Set(network.reported('mined').map(({ detail }) => detail['id']))
      return 1 - network.tip(0).header.height / mined.size
    }
    const [small, medium, large] = [stale(10_000), stale(1_000_000), stale(4_000_000)]
    expect(small).toBeLessThan(medium!)
    expect(medium).toBeLessThan(large!)
  })

  test('in which the miner itself is late makes its own block stale', () => {
    const network = new BlockNetwork({ topology: star(2), options: { validationPerMegabyte: 1000 } })
    const first = network.mine(0)
    // The block has come and is being validated.
    network.runUntil(500)
    const late = network.mine(1)
    network.runUntil(10_000)
    expect(network.tips).toEqual([first])
    expect(network.reported('stale', 1).map(({ detail }) => detail['id'])).toEqual([late])
    expect(network.reported('reorganized')).toEqual([])
  })
})

describe('a node that crashes', () => {
  test('comes back with its chain, and hears of what it missed by the next block', () => {
    for (const relay of relays) {
      const network = new BlockNetwork({ options: { relay } })
      network.mine(0)
      network.runUntil(60_000)
      const before = network.tip(7).id
      network.simulation.crash(7)
      for (let i = 2; i <= 5; i++) {
        network.mine(i)
        network.runUntil(i * 60_000)
      }
      network.simulation.restart(7)
      expect(network.tip(7).id).toBe(before)
      const last = network.mine(0)
      network.runUntil(600_000)
      expect(network.tips).toEqual([last])
    }
  })

  test('while it validates goes on with that block', () => {
    const network = new BlockNetwork({ topology: star(2), options: { validationPerMegabyte: 1000 } })
    const id = network.mine(0)
    network.runUntil(500)
    network.simulation.crash(1)
    network.simulation.restart(1)
    expect(network.tip(1).id).toBe(blockId(genesis))
    network.runUntil(5000)
    expect(network.tip(1).id).toBe(id)
  })
})

describe('mining at random', () => {
  test('finds blocks at the mean interval, in proportion to hash power', () => {
    const shares = [0.5, 0.3, 0.2]
    const network = new BlockNetwork({
      topology: complete(3),
      options: (node) => ({ mining: { share: shares[node]!, interval: 600_000 }, blockSize: 1000 }),
    }).runUntil(2000 * 600_000)
    const miners = network.reported('mined').map(({ node }) => node)
    // 2000 are expected; the count is Poisson, so within 4 standard deviations of that.
    expect(Math.abs(miners.length - 2000)).toBeLessThan(4 * Math.sqrt(2000))
    for (const [node, share] of shares.entries()) {
      const mined = miners.filter((miner) => miner === node).length
      expect(Math.abs(mined - share * miners.length)).toBeLessThan(4 * Math.sqrt(share * (1 - share) * miners.length))
    }
  })
})

describe('the same seed', () => {
  test('gives the same run, with forks, loss and restarts', () => {
    const fingerprint = (seed: number): string => {
      const network = new BlockNetwork({
        seed,
        options: { relay: 'compact-high-bandwidth', mining: { share: 1 / 30, interval: 5000 } },
        latency: uniformLatency(5, 200),
      })
      network.simulation.addRule(loss(0.05))
      network.runUntil(100_000)
      network.simulation.crash(4)
      network.runUntil(150_000)
      network.simulation.restart(4)
      return network.runUntil(300_000).simulation.fingerprint
    }
    expect(fingerprint(1)).toBe(fingerprint(1))
    expect(fingerprint(2)).not.toBe(fingerprint(1))
  })
})

describe('options out of range', () => {
  test.each([
    [{ blockSize: -1 }, 'blockSize is -1'],
    [{ transactions: 0 }, 'transactions is 0'],
    [{ incompleteChance: 2 }, 'incompleteChance is 2'],
    [{ mining: { share: 0, interval: 600_000 } }, 'mining.share is 0'],
  ] as [BlockPropagationOptions, string][])('%o is refused, and the message names it', (options, words) => {
    expect(() => new BlockNetwork({ options })).toThrow(words)
  })

  test('of a command are refused as well', () => {
    expect(() => new BlockNetwork().mine(0, 1e12)).toThrow('size is 1000000000000')
  })
})
