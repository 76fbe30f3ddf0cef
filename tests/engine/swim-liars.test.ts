import {
  complete,
  constantLatency,
  Simulation,
  Swim,
  type Address,
  type MemberUpdate,
  type Message,
  type SwimMessage,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { SwimMembers } from '../../engine/protocols/swim/members.ts'
import { cases, fc } from '../support/fast-check.ts'
import { plainData } from '../support/plain-data.ts'

const period = 1000

interface Group {
  readonly simulation: Simulation
  readonly nodes: readonly Swim[]
  readonly reports: readonly { node: number; event: string }[]
}

function group(size: number, maxMembers = 1000): Group {
  const nodes: Swim[] = []
  const reports: { node: number; event: string }[] = []
  const simulation = new Simulation({
    seed: 1,
    topology: complete(size),
    latency: constantLatency(20),
    strict: true,
    protocol: (host, node) => (nodes[node] = new Swim(host, { period, timing: 'periodic', maxMembers })),
  })
  simulation.observe({ onReport: (_time, node, event) => void reports.push({ node, event }) })
  simulation.runUntil(0)
  return { simulation, nodes, reports }
}

const update = (member: number, status: MemberUpdate['status'], incarnation: number): MemberUpdate => ({
  member: member as Address,
  status,
  incarnation,
})

describe('what counts of two statements', () => {
  test('does not depend on the order in which they come, nor on how often', () => {
    const statement = fc.record({
      member: fc.nat(2),
      status: fc.constantFrom('alive' as const, 'suspect' as const, 'failed' as const),
      incarnation: fc.nat(3),
    })
    const outcome = (updates: readonly MemberUpdate[]): MemberUpdate[] => {
      const members = new SwimMembers({ lambda: 3, maxMembers: 100 })
      for (const member of [0, 1, 2]) members.set(update(member, 'alive', 0))
      for (const each of updates) if (members.isNews(each)) members.set(each)
      return members.list()
    }
    fc.assert(
      fc.property(
        fc
          .array(statement, { maxLength: 12 })
          .chain((list) =>
            fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: 2 * list.length })),
          ),
        ([list, shuffled]) => {
          expect(outcome(shuffled as MemberUpdate[])).toEqual(outcome(list as MemberUpdate[]))
        },
      ),
      cases(300),
    )
  })

  test.each<[string, MemberUpdate, MemberUpdate, boolean]>([
    ['a suspicion counts more than life in the same incarnation', update(1, 'alive', 4), update(1, 'suspect', 4), true],
    ['a failure counts more than a suspicion', update(1, 'suspect', 4), update(1, 'failed', 4), true],
    ['life does not end a suspicion of the same incarnation', update(1, 'suspect', 4), update(1, 'alive', 4), false],
    ['life in a higher one does', update(1, 'suspect', 4), update(1, 'alive', 5), true],
    ['life in a higher one ends a failure too', update(1, 'failed', 4), update(1, 'alive', 5), true],
    ['a suspicion of an earlier life is old news', update(1, 'alive', 5), update(1, 'suspect', 4), false],
    ['a failure in an earlier life is old news', update(1, 'alive', 5), update(1, 'failed', 4), false],
    ['nothing is new twice', update(1, 'suspect', 4), update(1, 'suspect', 4), false],
  ])('%s', (_title, held, said, isNews) => {
    const members = new SwimMembers({ lambda: 3, maxMembers: 100 })
    members.set(held)
    expect(members.isNews(said)).toBe(isNews)
  })

  test('is told least first, the latest of that first, and to whom it concerns', () => {
    const members = new SwimMembers({ lambda: 1, maxMembers: 100 })
    for (const member of [1, 2, 3]) {
      members.set(update(member, 'suspect', 0))
      members.tell(update(member, 'suspect', 0))
    }
    const names = (to: number): number[] => members.takeNews(to as Address, 2).map(({ member }) => member)
    expect(names(9)).toEqual([3, 2])
    expect(names(9)).toEqual([1, 3])
    expect(names(9)).toEqual([2, 1]) // 1 and 2 have been told once, and two times is all
    expect(names(9)).toEqual([])
    expect(names(2)).toEqual([2])
    for (const [member, incarnation] of [
      [1, 1],
      [2, 1],
      [1, 2],
    ] as const)
      members.tell(update(member, 'alive', incarnation))
    expect(names(9)).toEqual([1, 2])
  })
})

describe('a liar', () => {
  test('that declares a member failed is denied, and all hold it for alive again', () => {
    const { simulation, nodes } = group(20)
    simulation.runUntil(3 * period)
    simulation.inject(3, 4, { type: 'ping', number: 0, updates: [update(7, 'failed', 0)] } as Message)
    simulation.runUntil(simulation.now + 20)
    expect(nodes[4]!.members.find(({ member }) => member === 7)!.status).toBe('failed')
    simulation.runUntil(60 * period)
    for (const [node, { members }] of nodes.entries()) {
      if (node === 7) continue
      expect(members.find(({ member }) => member === 7)).toMatchObject({ status: 'alive', incarnation: 1 })
    }
  })

  test('that answers in the place of a member that is down deceives nobody', () => {
    const { simulation, nodes } = group(10)
    simulation.crash(7)
    // Node 3 sees each ping of node 7 and knows its number, yet it answers in its own name.
    const seen: { from: number; number: number }[] = []
    simulation.observe({
      onSend: (_time, from, to, message) => {
        if (to === 7 && message.type === 'ping') seen.push({ from, number: (message as SwimMessage).number })
      },
    })
    while (simulation.now < 60 * period) {
      simulation.step()
      for (const { from, number } of seen.splice(0)) {
        simulation.inject(3, from, { type: 'ack', number, updates: [update(7, 'alive', 0)] } as Message)
      }
    }
    expect(nodes[0]!.members.find(({ member }) => member === 7)!.status).toBe('failed')
  })

  test('cannot make a node send packets to a stranger', () => {
    const { simulation } = group(4)
    const sent: number[] = []
    simulation.observe({ onDrop: (_time, _from, to) => void sent.push(to) })
    simulation.inject(3, 0, { type: 'ping-req', number: 0, target: 4711, updates: [] } as Message)
    simulation.runUntil(40)
    expect(sent).toEqual([])
  })

  test('that invents members fills no more memory than the bound', () => {
    const { simulation, nodes } = group(4, 10)
    for (let i = 0; i < 20; i++) {
      const updates = Array.from({ length: 10 }, (_, j) => update(1000 + 10 * i + j, 'alive', 0))
      simulation.inject(3, 0, { type: 'ack', number: 0, updates } as Message)
    }
    simulation.runUntil(20)
    expect(nodes[0]!.members.length).toBe(10)
    expect(nodes[0]!.members.slice(0, 3).map(({ member }) => member)).toEqual([1, 2, 3])
  })

  test('that says a failed stranger is out there is not listened to', () => {
    const { simulation, nodes } = group(4)
    simulation.inject(3, 0, { type: 'ack', number: 0, updates: [update(4711, 'failed', 3)] } as Message)
    simulation.runUntil(20)
    expect(nodes[0]!.members.length).toBe(3)
  })

  test('that is malformed is reported, changes nothing and stops nobody', () => {
    const field = fc.oneof(fc.nat(5), plainData)
    const someUpdate = fc.record({
      member: field,
      status: fc.oneof(fc.constantFrom('alive', 'suspect', 'failed'), plainData),
      incarnation: field,
    })
    const message = fc.record(
      {
        type: fc.constantFrom('ping', 'ack', 'ping-req', 'nonsense'),
        number: field,
        updates: fc.oneof(fc.array(someUpdate, { maxLength: 3 }), plainData),
        target: field,
        join: fc.oneof(fc.boolean(), plainData),
      },
      { requiredKeys: ['type'] },
    )
    const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) >= 0
    const isWellFormed = (each: Record<string, unknown>): boolean =>
      each['type'] !== 'nonsense' &&
      isCount(each['number']) &&
      Array.isArray(each['updates']) &&
      each['updates'].every(
        (one) =>
          isCount(one?.member) && ['alive', 'suspect', 'failed'].includes(one.status) && isCount(one.incarnation),
      ) &&
      (each['join'] === undefined || typeof each['join'] === 'boolean') &&
      (each['type'] !== 'ping-req' || isCount(each['target']))
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 6 }), (messages) => {
        const { simulation, nodes, reports } = group(4)
        const garbage = messages.filter((each) => !isWellFormed(each))
        const before = nodes[1]!.members
        for (const each of garbage) simulation.inject(0, 1, each as Message)
        simulation.runUntil(20)
        expect(reports.filter(({ event }) => event === 'malformed').length).toBe(garbage.length)
        expect(nodes[1]!.members).toEqual(before)
        for (const each of messages) simulation.inject(0, 1, each as Message)
        simulation.runUntil(30 * period)
        for (const member of [0, 2, 3]) {
          expect(nodes[1]!.members.find((each) => each.member === member)!.status).toBe('alive')
        }
      }),
      cases(150),
    )
  })
})
