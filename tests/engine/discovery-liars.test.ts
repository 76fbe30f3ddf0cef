import { loss, type Address, type DiscoveryPeers, type Message } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { bootnodes, liar, newcomers, outgoing, partsWithout, upNodes } from '../support/discovery.ts'
import { cases, fc } from '../support/fast-check.ts'
import { plainData } from '../support/plain-data.ts'

const second = 1000

/** Sixteen addresses where nobody is, other ones each time. */
function inventor(): () => number[] {
  let next = 1_000_000
  return () => Array.from({ length: 16 }, () => next++)
}

describe('a peer that invents addresses', () => {
  const liars = [1, 2, 3, 4, 5, 6]

  test('keeps nobody from as many real connections as it wants', () => {
    const run = newcomers({ others: new Map(liars.map((node) => [node, liar(inventor())])) })
    run.simulation.runUntil(120 * second)
    for (const [node, discovery] of upNodes(run).slice(1)) {
      expect(outgoing(discovery).length, `node ${node}`).toBe(8)
      expect(outgoing(discovery).every((peer) => peer < 60)).toBe(true)
    }
    expect(partsWithout(run, [0, ...liars])).toEqual([53])
  })

  test('is not believed further than one hop: what nobody has answered from is not passed on', () => {
    const run = newcomers({ others: new Map(liars.map((node) => [node, liar(inventor())])) })
    let taken = 0
    run.simulation.observe({
      onSend: (_time, from, _to, message) => {
        const { type, peers } = message as DiscoveryPeers
        if ((type === 'peers' || type === 'full') && !liars.includes(from)) {
          expect(peers.filter((peer) => peer >= 60)).toEqual([])
        }
      },
      onDrop: (_time, _from, to) => void (to < 0 && taken++),
    })
    run.simulation.runUntil(120 * second)
    expect(taken).toBeGreaterThan(100) // and yet many were called in vain
  })

  test('fills no more of the table than one source may', () => {
    const run = newcomers({ others: new Map([[0, liar(inventor())]]), maxKnown: 80, dialTimeout: 1e6 })
    let most = 0
    const calls = new Array<number>(60).fill(0)
    run.simulation.observe({
      onDrop: (_time, from) => void calls[from]!++,
      onEvent: () => {
        most = Math.max(
          most,
          ...upNodes(run).map(([, { known }]) => [...known.keys()].filter((peer) => peer >= 60).length),
        )
      },
    })
    run.simulation.runUntil(60 * second)
    expect(most).toBe(10)
    // One of the eight that a node wants is the liar; for the rest it waits, and calls no more in the meantime.
    expect(Math.max(...calls)).toBe(7)
  })

  test('drives out no verified address, though the table is full', () => {
    const others = new Map(liars.map((node) => [node, liar(inventor())]))
    const run = newcomers({ others, maxKnown: 24, maxPerSource: 24, feelerInterval: 5 * second })
    const verified = (node: number): Address[] =>
      [...run.nodes[node]!.known].flatMap(([address, { isVerified }]) => (isVerified ? [address] : []))
    run.simulation.runUntil(30 * second)
    const before = upNodes(run).map(([node]) => [node, verified(node)] as const)
    run.simulation.runUntil(60 * second)
    for (const [node, addresses] of before) for (const address of addresses) expect(verified(node)).toContain(address)
    expect(upNodes(run).some(([, { known }]) => known.size === 24)).toBe(true)
  })
})

test('a peer that names the asker itself makes nobody call itself', () => {
  const run = newcomers({ size: 10, others: new Map([[0, liar(() => [1, 2, 3, 4, 5, 6, 7, 8, 9])]]) })
  const self: number[] = []
  run.simulation.observe({ onSend: (_time, from, to) => void (from === to && self.push(from)) })
  run.simulation.runUntil(30 * second)
  expect(self).toEqual([])
  expect(upNodes(run).every(([, { connections }]) => connections.size === 9)).toBe(true)
})

test('a peer that welcomes and then is silent is dropped and forgotten', () => {
  const mute = (host: { send(to: Address, message: { type: 'welcome' }): void }) => ({
    onMessage(from: Address, { type }: Message): void {
      if (type === 'hello') host.send(from, { type: 'welcome' })
    },
  })
  const run = newcomers({ topology: bootnodes(60, 2), others: new Map([[1, mute]]) })
  let welcomed = 0
  run.simulation.observe({
    onReport: (_time, _node, event, detail) => {
      if (event === 'connected' && (detail as { peer: number }).peer === 1) welcomed++
    },
  })
  run.simulation.runUntil(150 * second)
  expect(welcomed).toBeGreaterThan(10)
  expect(upNodes(run).some(([, { connections }]) => connections.has(1 as Address))).toBe(false)
  expect(partsWithout(run, [1])).toEqual([59])
})

test('addresses come in with an answer that was asked for, and in no other way', () => {
  const run = newcomers({ size: 10, target: 0 })
  run.simulation.inject(0, 3, { type: 'peers', peers: [1_000_001] } as Message)
  run.simulation.inject(0, 3, { type: 'full', peers: [1_000_002] } as Message)
  run.simulation.runUntil(second)
  expect(run.nodes[3]!.known.size).toBe(0)
  const connected = newcomers({ size: 10 })
  connected.simulation.runUntil(10 * second)
  const before = [...connected.nodes[3]!.known.keys()]
  connected.simulation.inject(0, 3, { type: 'peers', peers: [1_000_003] } as Message)
  connected.simulation.runUntil(11 * second)
  expect(connected.nodes[3]!.connections.has(0 as Address)).toBe(true)
  expect([...connected.nodes[3]!.known.keys()]).toEqual(before)
})

test('a peer that asks without end is answered once a beat', () => {
  const run = newcomers({ size: 10 })
  run.simulation.runUntil(10 * second)
  let answers = 0
  run.simulation.observe({
    onSend: (_time, from, to, { type }) => void (from === 3 && to === 0 && type === 'peers' && answers++),
  })
  for (let i = 0; i < 100; i++) run.simulation.inject(0, 3, { type: 'get-peers' } as Message)
  run.simulation.runUntil(10.5 * second)
  expect(answers).toBe(1)
})

test('nothing malformed changes what a node knows or stops it', () => {
  const message = fc.record(
    {
      type: fc.constantFrom('peers', 'full', 'nonsense'),
      peers: fc.oneof(fc.array(fc.oneof(fc.nat(9), plainData), { maxLength: 20 }), plainData),
    },
    { requiredKeys: ['type'] },
  )
  const isAddress = (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 48
  const isWellFormed = ({ type, peers }: { type: string; peers?: unknown }): boolean =>
    type !== 'nonsense' && Array.isArray(peers) && peers.length <= 16 && peers.every(isAddress)
  fc.assert(
    fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), (messages) => {
      const run = newcomers({ size: 6 })
      run.simulation.runUntil(10 * second)
      const before = [...run.nodes[2]!.known.keys()]
      let malformed = 0
      run.simulation.observe({ onReport: (_time, _node, event) => void (event === 'malformed' && malformed++) })
      const garbage = messages.filter((each) => !isWellFormed(each))
      for (const each of garbage) run.simulation.inject(0, 2, each as Message)
      run.simulation.runUntil(10.1 * second)
      expect(malformed).toBe(garbage.length)
      expect([...run.nodes[2]!.known.keys()]).toEqual(before)
      for (const each of messages) run.simulation.inject(0, 2, each as Message)
      run.simulation.runUntil(20 * second)
      expect(run.nodes[2]!.connections.size).toBe(5)
    }),
    cases(100),
  )
})

test('liars under loss are no worse', () => {
  const run = newcomers({ others: new Map([[1, liar(inventor())]]) })
  run.simulation.addRule(loss(0.2))
  run.simulation.runUntil(200 * second)
  expect(partsWithout(run, [0, 1])).toEqual([58])
})
