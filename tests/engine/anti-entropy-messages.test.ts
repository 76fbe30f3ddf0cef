import { complete, isInRange, type Address, type Message, type StoreEntry } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'
import { plainData } from '../support/plain-data.ts'
import { periodsUntilSame, put, replicas, traffic, versions } from '../support/replicas.ts'

describe('a range', () => {
  const entry = (key: string, time: number, value = 'v'): StoreEntry => ({ key, value, time, writer: 5 as Address })

  /** What a replica that holds three keys at time 2 answers to one that says that it has these, and what it learned. */
  function answerTo(entries: readonly StoreEntry[]): { sent: Message[]; learned: string[] } {
    const { simulation } = replicas({ topology: complete(2) })
    simulation.inject(0, 1, { type: 'entries', entries: [entry('a', 2), entry('b', 2), entry('c', 2)] } as Message)
    simulation.runUntil(20)
    const [sent, learned]: [Message[], string[]] = [[], []]
    simulation.inject(0, 1, { type: 'range', prefix: '', entries } as Message)
    simulation.observe({
      onSend: (_time, _from, _to, message) => void sent.push(message),
      onReport: (_time, _node, event, detail) => void learned.push(`${event} ${(detail as unknown as StoreEntry).key}`),
    })
    simulation.runUntil(40)
    return { sent, learned }
  }

  test('that has all of it gets no answer', () => {
    expect(answerTo([entry('a', 2), entry('b', 2), entry('c', 2)])).toEqual({ sent: [], learned: [] })
  })

  test('is answered with what is missing or older in it, and with nothing else', () => {
    const { sent, learned } = answerTo([entry('a', 1), entry('c', 2)])
    expect(sent).toEqual([{ type: 'entries', entries: [entry('a', 2), entry('b', 2)] }])
    expect(learned).toEqual([])
  })

  test('is learned from where it is newer', () => {
    const { sent, learned } = answerTo([entry('a', 3), entry('b', 2), entry('c', 2), entry('d', 1)])
    expect({ sent, learned }).toEqual({ sent: [], learned: ['learned a', 'learned d'] })
  })

  test('of two keys whose hashes begin alike is sent at the last level, where a range splits no more', () => {
    const keys = ['key 116758', 'key 118758'] // found by trying: both in the range cda5d990
    expect(keys.map((key) => isInRange(entry(key, 1), 'cda5d990'))).toEqual([true, true])
    const run = replicas({ topology: complete(2), rangeSize: 1 })
    for (const [i, key] of keys.entries()) {
      put(run, 0, key, 'x')
      put(run, 1, key, 'y')
      put(run, i, key, 'later')
    }
    periodsUntilSame(run)
    for (const key of keys) expect(run.nodes[1]!.get(key)).toBe('later')
  })
})

describe('from liars', () => {
  const entry = { key: 'a', value: 'b', time: 1, writer: 3 }
  const malformed: Record<string, unknown>[] = [
    { type: 'compare' },
    { type: 'compare', ranges: [{ prefix: 'xyz', digest: '0'.repeat(16) }] },
    { type: 'compare', ranges: [{ prefix: '', digest: 'short' }] },
    { type: 'compare', ranges: Array(17).fill({ prefix: '', digest: '0'.repeat(16) }) },
    { type: 'range', entries: [entry] },
    { type: 'range', prefix: '0'.repeat(9), entries: [entry] },
    { type: 'entries', entries: [{ ...entry, time: 2 ** 50 }] },
    { type: 'entries', entries: [entry, { ...entry, writer: null }] },
    { type: 'entries', entries: Array(33).fill(entry) },
    { type: 'nonsense' },
  ]

  test.each(malformed.map((message) => [JSON.stringify(message).slice(0, 60), message] as const))(
    '%s is dropped and reported',
    (_title, message) => {
      const run = replicas({ topology: complete(2) })
      const reports: string[] = []
      run.simulation.observe({ onReport: (_time, _node, event) => void reports.push(event) })
      const sent = traffic(run)
      run.simulation.inject(0, 1, message as unknown as Message)
      run.simulation.runUntil(20)
      expect(reports).toEqual(['malformed'])
      expect(run.nodes[1]!.entries).toEqual([])
      expect(sent.messages).toBe(1)
    },
  )

  test('no message stops a replica: what was stored stays, and the stores become one', () => {
    const field = fc.oneof(fc.nat(3), plainData)
    const someEntry = fc.oneof(fc.record({ key: field, value: field, time: field, writer: field }), fc.constant(entry))
    const message = fc.record(
      {
        type: fc.constantFrom('compare', 'range', 'entries'),
        prefix: fc.oneof(fc.constantFrom('', 'a', '0f'), plainData),
        ranges: fc.oneof(fc.array(fc.record({ prefix: fc.constantFrom('', '3', 'q'), digest: field })), plainData),
        entries: fc.oneof(fc.array(someEntry, { maxLength: 4 }), plainData),
      },
      { requiredKeys: ['type'] },
    )
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 8 }), (messages) => {
        const run = replicas({ topology: complete(3) })
        put(run, 1, 'mine', 'stays')
        for (const each of messages) run.simulation.inject(0, 1, each as Message)
        run.simulation.runUntil(20)
        expect(run.nodes[1]!.get('mine')).toBe('stays')
        periodsUntilSame(run)
      }),
      cases(150),
    )
  })

  test('keys without end fill the store to its bound, and the keys that are there still take writes', () => {
    const run = replicas({ topology: complete(2), maxEntries: 50 })
    put(run, 1, 'mine', 'old')
    for (let i = 0; i < 10; i++) {
      const entries = Array.from({ length: 32 }, (_, j) => ({ key: `${i} ${j}`, value: '', time: 1, writer: 0 }))
      run.simulation.inject(0, 1, { type: 'entries', entries } as Message)
    }
    run.simulation.runUntil(20)
    expect(run.nodes[1]!.entries.length).toBe(50)
    put(run, 1, 'mine', 'new')
    expect(run.nodes[1]!.get('mine')).toBe('new')
  })

  test('two stories about one write end in the same one everywhere', () => {
    const run = replicas()
    for (const [node, value] of ['heads', 'tails', 'edge'].entries()) {
      run.simulation.inject(9, node, {
        type: 'entries',
        entries: [{ key: 'coin', value, time: 4, writer: 9 }],
      } as Message)
    }
    run.simulation.runUntil(20)
    expect(versions(run)).toBeGreaterThan(1)
    periodsUntilSame(run)
  })
})
