/** Payments on a longest chain, apart from cuts: what is put into blocks, what is refused, and what survives a crash. */
import {
  LongestChain,
  paymentBlockId,
  randomRegular,
  deriveStream,
  Simulation,
  star,
  topologyFromEdges,
  uniformLatency,
  type Command,
  type Data,
  type Host,
  type LedgerMessage,
  type Message,
  type Payment,
  type PaymentBlock,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'

interface Report {
  readonly node: number
  readonly event: string
  readonly detail: { readonly [name: string]: Data }
}

function network(
  seed: number,
  { size = 12, share = 1 / 12, interval = 1000, topology = randomRegular(size, 4, deriveStream(seed, 't')) } = {},
) {
  const nodes: LongestChain[] = []
  const reports: Report[] = []
  const simulation = new Simulation({
    seed,
    topology,
    latency: uniformLatency(1, 30),
    protocol: (host, node) => {
      nodes[node] = new LongestChain(host as unknown as Host<LedgerMessage>, { share, interval })
      return nodes[node] as never
    },
  })
  simulation.observe({
    onReport: (_time, node, event, detail) =>
      void reports.push({ node, event, detail: (detail ?? {}) as Report['detail'] }),
  })
  simulation.runUntil(0)
  const pay = (node: number, payment: Payment): void =>
    void simulation.command(node, { type: 'pay', payment } as unknown as Command)
  return { simulation, nodes, reports, pay }
}

const payment: Payment = { id: 'p', coin: 'c', to: 'Ann' }

test('a payment is in the chain of all nodes in the end, once', () => {
  for (let seed = 0; seed < 10; seed++) {
    const { simulation, nodes, reports, pay } = network(seed)
    pay(seed % 12, payment)
    simulation.runUntil(30_000)
    const confirmed = reports.filter(({ event }) => event === 'confirmed').length
    const returned = reports.filter(({ event }) => event === 'returned').length
    expect(confirmed - returned).toBe(nodes.length)
    expect(nodes.flatMap(({ waiting }) => waiting)).toEqual([])
  }
})

test('of two payments with one coin at one node the first one counts, waiting or confirmed', () => {
  const { simulation, reports, pay } = network(1)
  pay(0, payment)
  pay(0, { ...payment, id: 'q' })
  simulation.runUntil(30_000)
  pay(0, { ...payment, id: 'r' })
  const refused = reports.filter(({ event }) => event === 'refused').map(({ detail }) => [detail['id'], detail['by']])
  expect(refused).toEqual([
    ['q', 'p'],
    ['r', 'p'],
  ])
})

test('who restarts has its chain again', () => {
  const { simulation, nodes } = network(3)
  simulation.runUntil(20_000)
  const { height } = nodes[5]!.tip
  expect(height).toBeGreaterThan(0)
  simulation.crash(5)
  simulation.restart(5)
  expect(nodes[5]!.tip.height).toBe(height)
  simulation.runUntil(60_000)
  expect(nodes[5]!.tip.height).toBeGreaterThan(height)
})

describe('a block from a liar', () => {
  const blockOn = (parent: string, height: number, payments: readonly Payment[] = []): PaymentBlock => ({
    parent,
    height,
    miner: 1,
    nonce: 0,
    payments,
  })
  /** Node 1 says that its chain ends with this block, and answers all questions of node 0 with it. */
  const offer = (blocks: readonly PaymentBlock[], id = paymentBlockId(blocks.at(-1)!)) => {
    const net = network(1, { size: 2, share: 0, topology: topologyFromEdges(2, []) })
    net.simulation.observe({
      onSend: (_time, from, _to, message) => {
        if (from !== 0 || message.type !== 'get-block') return
        const { requestId, id: wanted } = message as Message & { readonly requestId: number; readonly id: string }
        const block = blocks.find((each) => paymentBlockId(each) === wanted) ?? blocks.at(-1)!
        const reply = { type: 'block', block, replyTo: requestId } as unknown as Message
        net.simulation.schedule(net.simulation.now, 'reply', () => net.simulation.inject(1, 0, reply))
      },
    })
    net.simulation.inject(1, 0, { type: 'tip', id } as Message)
    net.simulation.runUntil(20_000)
    return net
  }

  test('that is good is taken, with all before it', () => {
    const first = blockOn('', 1, [payment])
    const second = blockOn(paymentBlockId(first), 2)
    expect(offer([first, second]).nodes[0]!.tip).toEqual({ id: paymentBlockId(second), height: 2 })
  })

  test.each([
    ['spends a coin twice', [blockOn('', 1, [payment, { ...payment, id: 'q' }])]],
    ['has another height', [blockOn('', 2)]],
  ])('that %s is refused and reported', (_what, blocks) => {
    const { nodes, reports } = offer(blocks)
    expect(nodes[0]!.tip.height).toBe(0)
    expect(reports.map(({ event }) => event)).toEqual(['invalid'])
  })

  test('that spends a coin of an earlier block is refused, and the earlier one is kept', () => {
    const first = blockOn('', 1, [payment])
    const second = blockOn(paymentBlockId(first), 2, [{ ...payment, id: 'q' }])
    expect(offer([first, second]).nodes[0]!.tip.height).toBe(1)
  })

  test('that is not the one that was asked for is refused and reported', () => {
    const { nodes, reports } = offer([blockOn('', 1)], 'f'.repeat(32))
    expect(nodes[0]!.tip.height).toBe(0)
    expect(reports.map(({ event }) => event)).toEqual(['invalid'])
  })
})

test.each([
  { type: 'noise' },
  { type: 'tip' },
  { type: 'tip', id: 7 },
  { type: 'get-block', id: 'x' },
  { type: 'payment', payment: null },
  { type: 'payment', payment: { id: 'p', coin: 'c', to: 7 } },
  { type: 'payment', payment: { id: 'é', coin: 'c', to: 'x' } },
])('the malformed %j is dropped and reported', (message) => {
  const { simulation, nodes, reports } = network(1, { size: 2, share: 0, topology: star(2) })
  simulation.inject(1, 0, message as unknown as Message)
  simulation.runUntil(100)
  expect(reports.map(({ event }) => event)).toEqual(['malformed'])
  expect(nodes[0]!.waiting).toEqual([])
})
