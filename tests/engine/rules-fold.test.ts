import {
  constantLatency,
  delay,
  drop,
  duplicate,
  maxCopies,
  pass,
  replace,
  uniformLatency,
  type Packet,
  type Rule,
  type Verdict,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { journal, received, say, startedSimulation, talker } from '../support/nodes.ts'

/** A rule that always says the same, and notes what it is asked about. */
function always(name: string, verdict: Verdict): Rule & { readonly seen: Packet[] } {
  const seen: Packet[] = []
  return { name, seen, judge: (packet) => (seen.push(packet), verdict) }
}

/** A rule whose verdict depends on how often it was asked. */
function inTurn(name: string, ...verdicts: Verdict[]): Rule {
  let asked = 0
  return { name, judge: () => verdicts[asked++] ?? pass }
}

const simulation = () => startedSimulation({ protocol: talker })

describe('rules see', () => {
  test('each packet: who sent it, to whom, what, its number and when', () => {
    const network = simulation()
    const rule = always('spy', pass)
    network.runUntil(7)
    network.addRule(rule)
    say(network, 2, 3, { type: 'hello', x: 1 } as never, 'again')
    const packet = { from: 2, to: 3, fromAddress: 2, toAddress: 3, time: 7 }
    expect(rule.seen).toEqual([
      { ...packet, message: { type: 'hello', x: 1 }, number: 0 },
      { ...packet, message: { type: 'again' }, number: 1 },
    ])
  })

  test('packets only from their installation on', () => {
    const network = simulation()
    say(network, 0, 1, 'before')
    const rule = always('spy', pass)
    network.addRule(rule)
    network.runUntil(100)
    expect(rule.seen).toEqual([])
    expect(network.packets.delivered).toBe(1)
  })

  test('injected packets too, under numbers that no packet of the node has', () => {
    const network = simulation()
    const rule = always('spy', pass)
    network.addRule(rule)
    say(network, 0, 1, 'own')
    network.inject(0, 1, { type: 'forged' })
    network.inject(2, 1, { type: 'forged' })
    expect(rule.seen.map(({ from, message, number }) => [from, message.type, number])).toEqual([
      [0, 'own', 0],
      [0, 'forged', 2 ** 31],
      [2, 'forged', 2 ** 31 + 1],
    ])
  })
})

describe('a drop', () => {
  test('ends the packet: rules behind it are not asked, and the drop bears its name', () => {
    const network = simulation()
    const lines = journal(network)
    const [first, last] = [always('first', pass), always('last', pass)]
    network.addRule(first)
    network.addRule({ name: 'censor', judge: () => drop })
    network.addRule(last)
    say(network, 0, 1, 'hello')
    network.runUntil(100)
    expect(lines).toEqual(['0 command 0 say', '0 lost 0→1 censor'])
    expect([first.seen.length, last.seen.length]).toEqual([1, 0])
    expect(network.packets).toEqual({ sent: 1, copied: 0, delivered: 0, dropped: 1, inFlight: 0 })
  })
})

describe('delays', () => {
  test('add up, and to the latency', () => {
    const network = simulation()
    const got = received(network)
    for (const span of [5, 0, 2.5]) network.addRule(always(`delay ${span}`, delay(span)))
    say(network, 0, 1, 'hello')
    network.runUntil(100)
    expect(got.map(({ time }) => time)).toEqual([10 + 5 + 2.5])
  })

  test('let packets overtake each other', () => {
    const network = simulation()
    const got = received(network)
    network.addRule(inTurn('slow first', delay(20)))
    say(network, 0, 1, 'first', 'second')
    network.runUntil(100)
    expect(got.map(({ time, message }) => [time, message.type])).toEqual([
      [10, 'second'],
      [30, 'first'],
    ])
  })
})

describe('a duplicate', () => {
  test('forks: each copy meets the rules that follow, and none that came before', () => {
    const network = simulation()
    const [before, behind] = [always('before', pass), always('behind', pass)]
    network.addRule(before)
    network.addRule(always('echo', duplicate(2)))
    network.addRule(behind)
    say(network, 0, 1, 'hello')
    expect([before.seen.length, behind.seen.length]).toEqual([1, 3])
    network.runUntil(100)
    expect(network.packets).toEqual({ sent: 1, copied: 2, delivered: 3, dropped: 0, inFlight: 0 })
  })

  test('lets later rules judge each copy on its own', () => {
    const network = simulation()
    const got = received(network)
    network.addRule(always('echo', duplicate(3)))
    network.addRule(inTurn('fate', drop, delay(5), replace({ type: 'changed' }), pass))
    say(network, 0, 1, 'hello')
    network.runUntil(100)
    expect(got.map(({ time, message }) => [time, message.type])).toEqual([
      [10, 'changed'],
      [10, 'hello'],
      [15, 'hello'],
    ])
    expect(network.packets).toEqual({ sent: 1, copied: 3, delivered: 3, dropped: 1, inFlight: 0 })
  })

  test('takes along what earlier rules did to the packet', () => {
    const network = simulation()
    const got = received(network)
    network.addRule(always('slow', delay(7)))
    network.addRule(always('forge', replace({ type: 'forged' })))
    network.addRule(always('echo', duplicate()))
    say(network, 0, 1, 'hello')
    network.runUntil(100)
    expect(got.map(({ time, message }) => [time, message.type])).toEqual([
      [17, 'forged'],
      [17, 'forged'],
    ])
  })

  test('draws latency, and every later draw, for each copy afresh', () => {
    const network = startedSimulation({ protocol: talker, latency: uniformLatency(0, 1000) })
    const got = received(network)
    const drawn: number[] = []
    network.addRule(always('echo', duplicate(5)))
    network.addRule({ name: 'draws', judge: (_packet, draw) => (drawn.push(draw(), draw()), pass) })
    say(network, 0, 1, 'hello')
    network.runUntil(2000)
    expect(new Set(got.map(({ time }) => time)).size).toBe(6)
    expect(new Set(drawn).size).toBe(12)
  })

  test(`ends at ${maxCopies} copies of a packet over all rules, and all of them arrive`, () => {
    const network = simulation()
    for (let i = 0; i < 4; i++) network.addRule(always(`echo ${i}`, duplicate(9)))
    say(network, 0, 1, 'hello', 'again')
    network.runUntil(100)
    expect(network.packets).toEqual({
      sent: 2,
      copied: 2 * (maxCopies - 1),
      delivered: 2 * maxCopies,
      dropped: 0,
      inFlight: 0,
    })
  })
})

describe('a replacement', () => {
  test('is what the next rule and the receiver see; the sender keeps its own', () => {
    const network = simulation()
    const got = received(network)
    const [before, behind] = [always('before', pass), always('behind', pass)]
    network.addRule(before)
    network.addRule({ name: 'forge', judge: ({ message }) => replace({ type: `not ${message.type}` }) })
    network.addRule(behind)
    say(network, 0, 1, 'hello')
    network.runUntil(100)
    expect(before.seen[0]!.message).toEqual({ type: 'hello' })
    expect(behind.seen[0]!.message).toEqual({ type: 'not hello' })
    expect(got.map(({ message }) => message)).toEqual([{ type: 'not hello' }])
  })
})

describe('verdicts refuse, with name, value and range,', () => {
  test.each([-1, NaN, Infinity, 1e12 + 1])('a delay of %d', (span) => {
    expect(() => delay(span)).toThrow(`delay is ${span}; it must be a number from 0 to 1000000000000`)
  })

  test.each([-1, 0.5, NaN, maxCopies])('%d copies', (copies) => {
    expect(() => duplicate(copies)).toThrow(`copies is ${copies}; it must be a whole number from 0 to ${maxCopies - 1}`)
  })

  test('a delay that a hand-made verdict brings, in the name of its rule', () => {
    const network = startedSimulation({ protocol: talker, latency: constantLatency(1) })
    network.addRule({ name: 'broken', judge: () => ({ kind: 'delay', delay: -5 }) })
    expect(() => say(network, 0, 1, 'hello')).toThrow('delay by rule broken (ms) is -5; it must be a number from 0')
  })
})
