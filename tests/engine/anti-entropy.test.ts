import {
  complete,
  duplication,
  loss,
  merge,
  partition,
  ring,
  uniformLatency,
  type Command,
  type StoreEntry,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import {
  period,
  periodsUntilSame,
  put,
  remove,
  replicas,
  traffic,
  versions,
  type Replicas,
} from '../support/replicas.ts'

/** Two replicas with the same thousand entries. */
function twins(): Replicas {
  const run = replicas({ topology: complete(2) })
  for (let i = 0; i < 1000; i++) put(run, i % 2, `key ${i}`, 'v'.repeat(100))
  periodsUntilSame(run)
  return run
}

describe('a write', () => {
  test('at any replica comes to all, in a time like that of a rumor', () => {
    const run = replicas({ topology: complete(64) })
    put(run, 17, 'colour', 'blue')
    expect(run.nodes[17]!.get('colour')).toBe('blue')
    expect(periodsUntilSame(run)).toBeLessThan(15)
    for (const node of run.nodes) expect(node.get('colour')).toBe('blue')
  })

  test('replaces an earlier one that its writer knew of, wherever the two meet', () => {
    const run = replicas()
    put(run, 9, 'colour', 'zinc')
    periodsUntilSame(run)
    put(run, 0, 'colour', 'blue')
    put(run, 0, 'colour', 'amber')
    periodsUntilSame(run)
    expect(run.nodes[9]!.get('colour')).toBe('amber')
  })

  test('at the same time as another loses or wins everywhere alike', () => {
    const run = replicas()
    for (let node = 0; node < 10; node++) put(run, node, 'colour', `of ${node}`)
    periodsUntilSame(run)
    expect(run.nodes[3]!.get('colour')).toBe('of 9')
  })

  test('that deletes is not undone by a replica that has slept', () => {
    const run = replicas()
    put(run, 0, 'colour', 'blue')
    periodsUntilSame(run)
    run.simulation.crash(5)
    remove(run, 1, 'colour')
    periodsUntilSame(run)
    run.simulation.restart(5)
    expect(run.nodes[5]!.get('colour')).toBe('blue')
    periodsUntilSame(run)
    for (const node of run.nodes) expect(node.get('colour')).toBeUndefined()
    put(run, 5, 'colour', 'red')
    periodsUntilSame(run)
    expect(run.nodes[0]!.get('colour')).toBe('red')
  })

  test('is reported when it is stored, and refused when it cannot be', () => {
    const run = replicas({ maxEntries: 2 })
    const reports: string[] = []
    run.simulation.observe({
      onReport: (_time, _node, event, detail) =>
        void reports.push(`${event} ${(detail as unknown as StoreEntry).key.slice(0, 3)}`),
    })
    put(run, 0, 'one', '1')
    put(run, 0, 'k'.repeat(257), 'too long')
    put(run, 0, 'big', 'v'.repeat(5000))
    run.simulation.command(0, { type: 'put', key: 'non' } as Command)
    remove(run, 0, 'two')
    put(run, 0, 'six', 'no room')
    put(run, 0, 'one', 'room for a key that is there')
    expect(reports).toEqual([
      'written one',
      'refused kkk',
      'refused big',
      'refused non',
      'written two',
      'refused six',
      'written one',
    ])
  })
})

describe('no acknowledged write is lost', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        act: fc.constant('write' as const),
        node: fc.nat(4),
        key: fc.nat(5),
        isDelete: fc.boolean(),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ act: fc.constantFrom('crash' as const, 'restart' as const), node: fc.nat(4) }),
    },
    { weight: 2, arbitrary: fc.record({ act: fc.constantFrom('cut' as const, 'heal' as const), node: fc.nat(4) }) },
    { weight: 3, arbitrary: fc.record({ act: fc.constant('wait' as const), node: fc.nat(3000) }) },
  )

  test('through crashes, cuts, loss, copies and disorder: at the end all have what a merge of all writes has', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(step, { maxLength: 30 }), (seed, steps) => {
        const run = replicas({ seed, topology: complete(5), latency: uniformLatency(0, 2 * period) })
        const { simulation } = run
        const written: StoreEntry[] = []
        simulation.observe({
          onReport: (_time, _node, event, detail) =>
            void (event === 'written' && written.push(detail as unknown as StoreEntry)),
        })
        const calm = [simulation.addRule(loss(0.3)), simulation.addRule(duplication(0.3))]
        for (const [i, each] of steps.entries()) {
          if (each.act === 'write' && each.isDelete) remove(run, each.node, `key ${each.key}`)
          else if (each.act === 'write') put(run, each.node, `key ${each.key}`, `value ${i}`)
          else if (each.act === 'crash') simulation.crash(each.node)
          else if (each.act === 'restart') simulation.restart(each.node)
          else if (each.act === 'cut') calm.push(simulation.addRule(partition([each.node, (each.node + 1) % 5])))
          else if (each.act === 'heal') calm.splice(2).forEach((undo) => undo())
          else simulation.runUntil(simulation.now + each.node)
        }
        for (const undo of calm) undo()
        for (let node = 0; node < 5; node++) simulation.restart(node)
        periodsUntilSame(run)
        expect(run.nodes[0]!.entries).toEqual(merge(written, []))
      }),
      cases(60),
    )
  })

  test('though the writer crashes in the moment after: its restart has it, and tells', () => {
    const run = replicas()
    put(run, 4, 'colour', 'blue')
    run.simulation.crash(4)
    run.simulation.runUntil(10 * period)
    expect(run.nodes[0]!.get('colour')).toBeUndefined()
    run.simulation.restart(4)
    expect(run.nodes[4]!.get('colour')).toBe('blue')
    periodsUntilSame(run)
    expect(run.nodes[0]!.get('colour')).toBe('blue')
    // And its next write is later than the one of its former life.
    put(run, 4, 'colour', 'amber')
    periodsUntilSame(run)
    expect(run.nodes[0]!.get('colour')).toBe('amber')
  })
})

describe('a cut', () => {
  test('lets both sides go on, and once it is over both have all: of each key the later write', () => {
    const run = replicas()
    put(run, 0, 'kept', 'before')
    put(run, 0, 'both', 'before')
    periodsUntilSame(run)
    const heal = run.simulation.addRule(partition([0, 1, 2, 3, 4]))
    put(run, 1, 'left', 'l')
    put(run, 6, 'right', 'r')
    put(run, 1, 'both', 'left')
    put(run, 6, 'both', 'right, first')
    run.simulation.runUntil(run.simulation.now + 30 * period)
    put(run, 7, 'both', 'right, second')
    run.simulation.runUntil(run.simulation.now + 30 * period)
    expect(versions(run)).toBe(2)
    heal()
    periodsUntilSame(run)
    const values = ['kept', 'left', 'right', 'both'].map((key) => run.nodes[2]!.get(key))
    expect(values).toEqual(['before', 'l', 'r', 'right, second'])
  })
})

describe('traffic', () => {
  test('between replicas that are the same is one digest a beat and node', () => {
    const run = twins()
    run.simulation.runUntil(run.simulation.now + period)
    const counts = traffic(run)
    run.simulation.runUntil(run.simulation.now + 20 * period)
    expect(counts.messages).toBe(2 * 20)
    expect(counts.entries).toBe(0)
    expect(counts.characters / counts.messages).toBeLessThan(100)
  })

  test.each([1, 10, 50])(
    'for %d new writes among a thousand entries is near their size, and far from the size of the store',
    (writes) => {
      const run = twins()
      const whole = JSON.stringify(run.nodes[0]!.entries).length
      for (let i = 0; i < writes; i++) put(run, i % 2, `new ${i}`, 'v'.repeat(100))
      const counts = traffic(run)
      periodsUntilSame(run)
      // A range of at most 8 entries goes one way, what it lacks the other; to find it, sixteen digests on three levels.
      expect(counts.entries).toBeLessThan(writes * (8 + 2) + 10)
      expect(counts.messages).toBeLessThan(writes * 6 + 20)
      expect(counts.characters).toBeLessThan(whole * (0.05 + writes * 0.02))
    },
  )

  test('of a message stays small: sixteen digests or thirty-two entries, however much there is to say', () => {
    const run = replicas({ topology: complete(2) })
    for (let i = 0; i < 3000; i++) put(run, 0, `key ${i}`, 'v')
    let [ranges, entries] = [0, 0]
    run.simulation.observe({
      onSend: (_time, _from, _to, message) => {
        const sent = message as { ranges?: readonly unknown[]; entries?: readonly unknown[] }
        ranges = Math.max(ranges, sent.ranges?.length ?? 0)
        entries = Math.max(entries, sent.entries?.length ?? 0)
      },
    })
    expect(periodsUntilSame(run)).toBeLessThan(20)
    expect([ranges, entries]).toEqual([16, 32])
    expect(run.nodes[1]!.entries.length).toBe(3000)
  })
})

test('a ring of replicas, each with two neighbors, comes to one store as well', () => {
  const run = replicas({ topology: ring(12) })
  for (let node = 0; node < 12; node++) put(run, node, `of ${node}`, 'x')
  periodsUntilSame(run)
  expect(run.nodes[5]!.entries.length).toBe(12)
})

test('options that are none are refused with name and range', () => {
  expect(() => replicas({ rangeSize: 0 })).toThrow('rangeSize is 0; it must be a whole number from 1 to 32')
  expect(() => replicas({ maxEntries: 0 })).toThrow('maxEntries is 0; it must be a whole number from 1')
})
