import { duplication, loss, partition, uniformLatency, type DiscoveryPeers, type Message } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { bootnodes, newcomers, outgoing, partsWithout, upNodes, type Newcomers } from '../support/discovery.ts'
import { cases, fc } from '../support/fast-check.ts'
import { summarize } from '../support/statistics.ts'

const second = 1000

const numbersOf = (run: Newcomers): number[] => upNodes(run).map(([, discovery]) => outgoing(discovery).length)

describe('from one bootnode', () => {
  test('every node comes to as many connections as it wants, and the bootnode is needed no longer', () => {
    for (const seed of [1, 2, 3]) {
      const run = newcomers({ seed })
      run.simulation.runUntil(10 * second)
      expect(numbersOf(run).slice(1), `seed ${seed}`).toEqual(Array<number>(59).fill(8))
      expect(partsWithout(run, [0])).toEqual([59])
    }
  })

  test('they do so under loss, copies and packets that overtake each other', () => {
    const run = newcomers({ latency: uniformLatency(10, 400) })
    run.simulation.addRule(loss(0.2))
    run.simulation.addRule(duplication(0.2))
    run.simulation.runUntil(60 * second)
    expect(summarize(numbersOf(run).slice(1)).mean).toBeGreaterThan(7.5)
    expect(partsWithout(run, [0])).toEqual([59])
  })

  test('they do so where it has places for few: whoever is full names others', () => {
    const run = newcomers({ limit: 10, target: 4 })
    const refused: number[] = []
    run.simulation.observe({
      onSend: (_time, from, to, { type }) => void (type === 'full' && from === 0 && refused.push(to)),
    })
    run.simulation.runUntil(20 * second)
    expect(run.nodes[0]!.connections.size).toBeLessThanOrEqual(10)
    expect(refused.length).toBeGreaterThan(20)
    // Who says no is there.
    const bootnode = run.simulation.addresses.addressOf(0)
    expect(refused.every((node) => run.nodes[node]!.known.get(bootnode)?.isVerified)).toBe(true)
    expect(Math.min(...numbersOf(run).slice(1))).toBe(4)
  })

  test('both ends come to hold a connection, and one of them has called', () => {
    const run = newcomers()
    run.simulation.runUntil(10 * second)
    for (const [node, { connections }] of upNodes(run)) {
      for (const [peer, { isOutgoing }] of connections) {
        const back = run.nodes[peer]!.connections.get(run.simulation.addresses.addressOf(node))
        expect(back, `${node} and ${peer}`).toBeDefined()
        expect(isOutgoing || back!.isOutgoing).toBe(true)
      }
    }
  })

  test('a node knows more than it is connected to, and not all of it for sure', () => {
    const run = newcomers()
    run.simulation.runUntil(10 * second)
    for (const [, { known, connections }] of upNodes(run).slice(1)) {
      expect(known.size).toBeGreaterThan(connections.size)
      expect([...known.values()].some(({ isVerified }) => !isVerified)).toBe(true)
      expect([...connections.keys()].every((peer) => known.has(peer))).toBe(true)
    }
  })

  test('a ping and a pong after each third of the silence keep a connection', () => {
    const run = newcomers({ feelerInterval: 1e9 })
    run.simulation.runUntil(10 * second)
    const ends = upNodes(run).reduce((sum, [, { connections }]) => sum + connections.size, 0)
    let packets = 0
    run.simulation.observe({
      onSend: (_time, _from, _to, { type }) => void ((type === 'ping' || type === 'pong') && packets++),
    })
    run.simulation.runUntil(310 * second)
    // One end does it, or both at the same time; the beat rounds 10 s up to at most 11.
    expect(packets / (ends / 2)).toBeGreaterThan(2 * 27)
    expect(packets / (ends / 2)).toBeLessThan(4 * 30)
    expect(upNodes(run).reduce((sum, [, { connections }]) => sum + connections.size, 0)).toBe(ends)
  })
})

describe('bounds', () => {
  test('on known addresses and connections hold at every moment, and nobody is connected to itself', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.nat(),
          target: fc.nat(6),
          spare: fc.integer({ min: 0, max: 5 }),
          maxKnown: fc.integer({ min: 8, max: 20 }),
          maxShared: fc.integer({ min: 1, max: 10 }),
          lost: fc.double({ min: 0, max: 0.3, noNaN: true }),
        }),
        ({ lost, spare, ...options }) => {
          const limit = options.target + spare
          const run = newcomers({ size: 20, ...options, limit, silence: 5 * second, feelerInterval: 3 * second })
          run.simulation.addRule(loss(lost))
          run.simulation.observe({
            onEvent: (_number, _time, _kind, node) => {
              if (!run.simulation.isUp(node)) return
              const { known, connections } = run.nodes[node]!
              const own = run.simulation.addresses.addressOf(node)
              if (
                connections.size > limit ||
                known.size > options.maxKnown ||
                outgoing(run.nodes[node]!).length > options.target
              )
                throw new Error(`node ${node} has ${connections.size} connections and knows ${known.size}`)
              if (connections.has(own) || known.has(own)) throw new Error(`node ${node} knows itself`)
            },
            onSend: (_time, from, _to, message) => {
              const { type, peers } = message as DiscoveryPeers
              if (type !== 'peers' && type !== 'full') return
              if (peers.length > options.maxShared || new Set(peers).size < peers.length)
                throw new Error(`node ${from} sends ${peers.join()}`)
            },
          })
          run.simulation.runUntil(20 * second)
          run.simulation.crash(3)
          run.simulation.runUntil(40 * second)
          run.simulation.restart(3)
          run.simulation.runUntil(50 * second)
        },
      ),
      cases(40),
    )
  })
})

describe('when the bootnode dies', () => {
  test('late, those inside stay connected, and a newcomer never enters', () => {
    const run = newcomers()
    run.simulation.crash(59)
    run.simulation.runUntil(10 * second)
    run.simulation.crash(0)
    run.simulation.restart(59)
    run.simulation.runUntil(120 * second)
    expect(partsWithout(run, [59])).toEqual([58])
    expect(run.nodes[59]!.connections.size).toBe(0)
    expect(run.nodes.slice(1, 59).every((each) => outgoing(each).length === 8)).toBe(true)
  })

  test('early, nobody enters, until it is back', () => {
    const run = newcomers()
    run.simulation.crash(0)
    run.simulation.runUntil(60 * second)
    expect(run.nodes.slice(1).every(({ connections }) => connections.size === 0)).toBe(true)
    run.simulation.restart(0)
    run.simulation.runUntil(80 * second)
    expect(numbersOf(run).slice(1)).toEqual(Array<number>(59).fill(8))
  })

  test('and another is there, nothing is lost', () => {
    const run = newcomers({ topology: bootnodes(60, 2) })
    run.simulation.crash(0)
    run.simulation.runUntil(20 * second)
    expect(numbersOf(run).slice(1)).toEqual(Array<number>(58).fill(8))
  })

  test('a node that has been inside comes back without it: verified addresses outlive a restart', () => {
    const run = newcomers()
    run.simulation.runUntil(10 * second)
    run.simulation.crash(0)
    run.simulation.crash(7)
    run.simulation.runUntil(60 * second)
    run.simulation.restart(7)
    expect(run.nodes[7]!.known.size).toBeGreaterThan(8)
    expect([...run.nodes[7]!.known.values()].some(({ isVerified }) => isVerified)).toBe(false)
    run.simulation.runUntil(80 * second)
    expect(outgoing(run.nodes[7]!).length).toBe(8)
  })
})

describe('dead peers', () => {
  test('are dropped after the silence that the options give, and others take their places', () => {
    const run = newcomers()
    run.simulation.runUntil(10 * second)
    for (let node = 1; node < 30; node++) run.simulation.crash(node)
    run.simulation.runUntil(30 * second)
    expect(
      upNodes(run).some(([, { connections }]) => [...connections.keys()].some((peer) => peer > 0 && peer < 30)),
    ).toBe(true)
    run.simulation.runUntil(200 * second)
    for (const [node, { connections }] of upNodes(run)) {
      expect(
        [...connections.keys()].every((peer) => run.simulation.isUp(peer)),
        `node ${node}`,
      ).toBe(true)
    }
    expect(numbersOf(run).slice(1)).toEqual(Array<number>(30).fill(8))
    expect(partsWithout(run, [0])).toEqual([30])
  })

  test('are forgotten: hearsay after one call in vain, what was verified after three', () => {
    const run = newcomers({ size: 12, target: 11, silence: 5 * second, dialTimeout: second })
    run.simulation.runUntil(10 * second)
    expect(run.nodes[5]!.known.has(run.simulation.addresses.addressOf(7))).toBe(true)
    const lost = run.simulation.addresses.addressOf(7)
    const left: unknown[] = []
    const times: number[] = []
    run.simulation.crash(7)
    run.simulation.observe({
      onReport: (time, node, event, detail) => {
        const { peer, reason } = detail as { peer?: number; reason?: string }
        if (node !== 5 || peer !== 7) return
        times.push(time)
        if (event === 'disconnected') left.push(reason)
        if (event === 'no-answer') left.push(run.nodes[5]!.known.get(lost)?.isVerified)
      },
    })
    run.simulation.runUntil(60 * second)
    // The silence of the connection was the first time. Others may still tell of the address: then it is hearsay.
    expect(left.slice(0, 4)).toEqual(['silence', true, true, undefined])
    expect(times[1]).toBe(times[0])
    expect(run.nodes[5]!.known.get(lost)?.isVerified).not.toBe(true)
  })

  test('that come back at once are called again: a ping that finds no connection is answered with bye', () => {
    const run = newcomers()
    run.simulation.runUntil(10 * second)
    const reasons: unknown[] = []
    run.simulation.observe({
      onReport: (_time, _node, event, detail) =>
        void (event === 'disconnected' && reasons.push((detail as { reason: string }).reason)),
    })
    run.simulation.crash(7)
    run.simulation.restart(7)
    run.simulation.runUntil(40 * second)
    expect(reasons.length).toBeGreaterThan(0)
    expect(reasons.every((reason) => reason === 'bye')).toBe(true)
    expect(outgoing(run.nodes[7]!).length).toBe(8)
  })
})

describe('slow peers', () => {
  test('that answer after the time-out get a bye, and hold up nobody', () => {
    const slow = new Set([5, 6, 7, 8, 9, 10, 11, 12, 13, 14])
    const run = newcomers({ dialTimeout: 2 * second })
    run.simulation.addRule({
      name: 'slow',
      judge: ({ from, message }) =>
        slow.has(from) && message.type === 'welcome' ? { kind: 'delay', delay: 4 * second } : { kind: 'pass' },
    })
    let late = 0
    run.simulation.observe({ onSend: (_time, _from, to, { type }) => void (type === 'bye' && slow.has(to) && late++) })
    run.simulation.runUntil(10 * second) // too early for a ping that finds no connection
    expect(late).toBeGreaterThan(10)
    run.simulation.runUntil(60 * second)
    for (const [node, discovery] of upNodes(run).slice(1)) {
      if (slow.has(node)) continue
      expect(outgoing(discovery).length, `node ${node}`).toBe(8)
      expect(outgoing(discovery).some((peer) => slow.has(peer))).toBe(false)
    }
  })
})

describe('feelers', () => {
  test('change the connections over time, and their number stays', () => {
    const run = newcomers({ feelerInterval: 10 * second })
    run.simulation.runUntil(20 * second)
    const before = outgoing(run.nodes[7]!)
    const [replaced, told] = [new Set<string>(), new Set<string>()]
    run.simulation.observe({
      onReport: (time, node, event, detail) => {
        const { peer, reason } = detail as { peer: number; reason?: string }
        if (reason === 'replaced') replaced.add(`${time} ${node}→${peer}`)
      },
      onSend: (time, from, to, { type }) => void (type === 'bye' && told.add(`${time} ${from}→${to}`)),
    })
    run.simulation.runUntil(300 * second)
    expect(replaced.size).toBeGreaterThan(100)
    expect([...replaced].every((line) => told.has(line))).toBe(true)
    const after = outgoing(run.nodes[7]!)
    expect(after.length).toBe(8)
    expect(after.filter((peer) => before.includes(peer)).length).toBeLessThan(5)
  })

  test('make one network of two that a long cut had made, which nothing else would', () => {
    const half = Array.from({ length: 30 }, (_, node) => node + 1)
    const [with_, without] = [20 * second, 1e9].map((feelerInterval) => {
      const run = newcomers({ size: 61, feelerInterval })
      run.simulation.runUntil(10 * second)
      run.simulation.crash(0)
      const heal = run.simulation.addRule(partition(half))
      run.simulation.runUntil(250 * second)
      expect(partsWithout(run)).toEqual([30, 30])
      heal()
      run.simulation.runUntil(500 * second)
      return partsWithout(run)
    })
    expect(with_).toEqual([60])
    expect(without).toEqual([30, 30])
  })
})

test('options that are none are refused with name and range', () => {
  expect(() => newcomers({ target: -1 })).toThrow('target is -1; it must be a whole number from 0 to 1000')
  expect(() => newcomers({ maxKnown: 5 })).toThrow('maxKnown is 5; it must be a whole number from 8 to 100000')
  expect(() => newcomers({ silence: 0 })).toThrow('silence is 0; it must be a number from 1 to 1000000000000')
})

test('a hello from a node that is connected already is welcomed, and changes nothing', () => {
  const run = newcomers()
  run.simulation.runUntil(10 * second)
  const before = [...run.nodes[3]!.connections.keys()]
  run.simulation.inject(before[0]!, 3, { type: 'hello' } as Message)
  run.simulation.runUntil(10.2 * second)
  expect([...run.nodes[3]!.connections.keys()]).toEqual(before)
})
