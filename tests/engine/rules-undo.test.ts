import { drop, loss, pass, uniformLatency, type Rule, type Simulation } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { journal, received, say, startedSimulation, talker } from '../support/nodes.ts'

const named = (name: string): Rule => ({ name, judge: () => drop })

/** The name of the rule that drops a packet now, or 'none'. */
function dropper(simulation: Simulation): string {
  const reasons: string[] = []
  const end = simulation.observe({ onDrop: (_time, _from, _to, _message, reason) => void reasons.push(reason) })
  say(simulation, 0, 1, 'probe')
  end()
  return reasons[0] ?? 'none'
}

describe('installing a rule returns its undo', () => {
  test('which takes out this rule and no other, whatever the order', () => {
    const network = startedSimulation({ protocol: talker })
    const undoFirst = network.addRule(named('first'))
    const undoSecond = network.addRule(named('second'))
    const undoThird = network.addRule(named('third'))
    expect(dropper(network)).toBe('first')
    undoFirst()
    expect(dropper(network)).toBe('second')
    undoThird()
    expect(dropper(network)).toBe('second')
    undoSecond()
    expect(dropper(network)).toBe('none')
  })

  test('and doing it twice is harmless, also when the same rule was installed again meanwhile', () => {
    const network = startedSimulation({ protocol: talker })
    const rule = named('rule')
    const undo = network.addRule(rule)
    undo()
    undo()
    const undoAgain = network.addRule(rule)
    undo()
    expect(dropper(network)).toBe('rule')
    undoAgain()
    expect(dropper(network)).toBe('none')
  })

  test('and one rule installed twice needs two undos', () => {
    const network = startedSimulation({ protocol: talker })
    const rule = named('rule')
    const undos = [network.addRule(rule), network.addRule(rule)]
    undos[1]!()
    expect(dropper(network)).toBe('rule')
    undos[0]!()
    expect(dropper(network)).toBe('none')
  })

  test('and a packet that is on its way already keeps the fate that the rules gave it', () => {
    const network = startedSimulation({ protocol: talker })
    const lines = journal(network)
    const undo = network.addRule({ name: 'delay', judge: () => ({ kind: 'delay', delay: 30 }) })
    say(network, 0, 1, 'hello')
    undo()
    network.addRule(named('too late'))
    network.runUntil(100)
    expect(lines).toEqual(['0 command 0 say', '40 message 0→1 hello', '40 report 1 got'])
  })

  test('and a rule that takes itself out while it judges ends neither this packet nor the rules behind', () => {
    const network = startedSimulation({ protocol: talker })
    let asked = 0
    const undo = network.addRule({ name: 'once', judge: () => (asked++, undo(), pass) })
    network.addRule(named('behind'))
    expect([dropper(network), dropper(network), asked]).toEqual(['behind', 'behind', 1])
  })
})

describe('the draws of a rule', () => {
  const fates = (prepare: (simulation: Simulation) => void): string => {
    const network = startedSimulation({ protocol: talker, latency: uniformLatency(10, 20) })
    prepare(network)
    const got = received(network)
    say(network, 0, 1, ...Array.from({ length: 100 }, (_, i) => `m${i}`))
    network.runUntil(100)
    return got
      .map(({ message }) => message.type)
      .sort()
      .join()
  }
  const half = (network: Simulation): unknown => network.addRule(loss(0.5))

  test('are the same with other kinds of rules before it', () => {
    const alone = fates(half)
    expect(alone.length).toBeGreaterThan(0)
    const spy: Rule = { name: 'spy', judge: (_packet, draw) => (draw(), draw(), pass) }
    expect(fates((network) => (network.addRule(spy), half(network)))).toBe(alone)
  })

  test('differ between two rules of one name, so that two losses lose more than one', () => {
    const alone = fates(half).split(',')
    const both = fates((network) => (half(network), half(network))).split(',')
    expect(both.length).toBeLessThan(0.8 * alone.length)
    expect(both.every((message) => alone.includes(message))).toBe(true)
  })
})
