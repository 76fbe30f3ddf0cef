import {
  bitcoinRegions2019,
  closestContacts,
  commonPrefixLength,
  fullTable,
  kademliaContacts,
  keyOf,
  LocalSubject,
  Kademlia,
  Run,
  substituteWith,
  type ActionInput,
  type Recorded,
  type RunSpec,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'

const spec = (parameters: RunSpec['parameters'] = {}, actions: readonly Recorded<ActionInput>[] = []): RunSpec => ({
  scenario: 'kademlia',
  seed: 7,
  parameters: { geography: 'flat', ...parameters },
  actions,
})

function finished(parameters: RunSpec['parameters'] = {}, actions: readonly Recorded<ActionInput>[] = []): Run {
  const run = new Run(spec(parameters, actions))
  run.finish()
  return run
}

const act = (time: number, action: string, values: ActionInput['with']): Recorded<ActionInput> => ({
  time,
  input: { action, with: values },
})

describe('the network of the scenario', () => {
  const contacts = kademliaContacts(7, 100, 32)

  test('is numbered in the order of the ids', () => {
    const shared = contacts.slice(1).map(({ id }, i) => commonPrefixLength(contacts[i]!.id, id))
    const apart = contacts.slice(2).map(({ id }, i) => commonPrefixLength(contacts[i]!.id, id))
    // Between two nodes there is nobody that is farther from both than they are from each other.
    for (let i = 0; i < apart.length; i++) expect(apart[i]).toBe(Math.min(shared[i]!, shared[i + 1]!))
  })

  test('has tables with k of each bucket, or all that there are, each once and never the node itself', () => {
    for (const self of contacts) {
      const known = fullTable(contacts, self.address, 4, 7)
      expect(new Set(known).size).toBe(known.length)
      const inBucket = (list: readonly (typeof self)[]) =>
        Map.groupBy(list, ({ id }) => commonPrefixLength(self.id, id))
      const all = inBucket(contacts.filter((contact) => contact !== self))
      const has = inBucket(known)
      expect(new Set(has.keys())).toEqual(new Set(all.keys()))
      for (const [prefix, members] of all) expect(has.get(prefix)).toHaveLength(Math.min(4, members.length))
    }
  })
})

describe('lookups in the scenario', () => {
  test('find the k closest, as an oracle knows them, and none costs as many questions as there are nodes', () => {
    for (const size of [2, 3, 40, 200]) {
      const measures = finished({ size, lookups: 20 }).world.measures()
      expect(measures).toMatchObject({ correct: 1, done: 20 })
      if (size > 40) expect(measures['asked']).toBeLessThan(size / 4)
    }
  })

  test('take about one hop more in a network that is twice as large, at most', () => {
    const hops = [125, 250, 500, 1000].map((size) => finished({ size, lookups: 100 }).world.measures()['hops']!)
    for (let i = 1; i < hops.length; i++) expect(hops[i]! - hops[i - 1]!).toBeLessThan(1)
    expect(hops.at(-1)).toBeGreaterThan(hops[0]!)
  })

  test('cross the borders of regions as often as chance does', () => {
    const { shares } = bitcoinRegions2019
    const chance = 1 - shares.reduce((sum, share) => sum + share * share, 0)
    const { abroad } = finished({ geography: 'world', size: 500, lookups: 300 }).world.measures()
    expect(abroad).toBeGreaterThan(chance - 0.05)
    expect(abroad).toBeLessThan(chance + 0.05)
  })

  test.each([{ dead: 0.3 }, { liars: 0.3 }, { liars: 0.3, lies: 'garbage' }])(
    'find those of the k closest that are there with %j',
    (faults) => {
      expect(finished({ ...faults, lookups: 30 }).world.measures()).toMatchObject({ correct: 1, done: 30 })
    },
  )

  test('cost more when nodes are down, or lie', () => {
    const asked = (faults: RunSpec['parameters']): number =>
      finished({ ...faults, lookups: 30 }).world.measures()['asked']!
    expect(asked({ dead: 0.3 })).toBeGreaterThan(asked({}))
    expect(asked({ liars: 0.3 })).toBeGreaterThan(asked({}))
  })

  test('are right in a network that had to join first', () => {
    const joined = { tables: 'join', start: 60_000, size: 60 }
    expect(finished(joined).world.measures()).toMatchObject({ correct: 1, done: 10 })
  })

  test('have no measures before one has ended', () => {
    const run = new Run(spec())
    expect(run.world.measures()).toEqual({
      hops: null,
      correct: null,
      done: 0,
      asked: null,
      messages: 0,
      time: null,
      stretch: null,
      abroad: null,
    })
    expect(run.world.curves(10).measured.points).toEqual([])
  })
})

describe('the states of the scenario', () => {
  test('show who asks, who was asked on the way, and the k closest', () => {
    const run = finished({ lookups: 0, size: 100 }, [act(10, 'lookup', { node: 3, key: 5 })])
    const states = Array.from({ length: 100 }, (_, node) => run.world.state(node))
    const others = kademliaContacts(7, 100, 32).filter(({ address }) => address !== 3)
    const closest = closestContacts(others, keyOf(7, 5, 32), 8).map(({ address }) => address as number)
    expect(new Set(states.flatMap((state, node) => (state === 'found' ? [node] : [])))).toEqual(new Set(closest))
    expect(states[3]).toBe('asker')
    expect(states.filter((state) => state === 'goal')).toEqual([])
    expect(states.filter((state) => state === 'asked').length).toBeLessThan(10)
  })

  test('are the same when the run is sought again', () => {
    const run = finished({ size: 50 })
    const { fingerprint, now } = run.session.simulation
    const states = (): string[] => Array.from({ length: 50 }, (_, node) => run.world.state(node))
    const before = states()
    run.session.seek(now / 2)
    run.session.seek(now)
    expect([states(), run.session.simulation.fingerprint]).toEqual([before, fingerprint])
  })
})

describe('the actions of the scenario', () => {
  test('find: who is asked answers who seems to ask, with the contacts closest to the id of the node that is named', () => {
    const run = new Run(spec({ lookups: 0, size: 30 }, [act(10, 'find', { from: 1, to: 0, key: 9, isNode: true })]))
    const told: number[][] = []
    run.session.simulation.observe({
      onSend: (_time, from, to, message) => {
        const { contacts } = message as { readonly contacts?: readonly { readonly address: number }[] }
        if (from === 0 && to === 1 && contacts !== undefined) told.push(contacts.map(({ address }) => address))
      },
    })
    run.finish()
    expect(told).toHaveLength(1)
    expect(told[0]).toContain(9)
  })

  test('crash takes a node out of what lookups find, and restart brings it back', () => {
    const key = { node: 0, key: 20, isNode: true }
    const run = finished({ lookups: 0, size: 30 }, [
      act(10, 'crash', { node: 20 }),
      act(20, 'lookup', key),
      act(20_000, 'restart', { node: 20 }),
      act(20_010, 'find', { from: 20, to: 0, key: 20, isNode: true }), // it makes itself known
      act(30_000, 'lookup', key),
    ])
    const { lookups } = run.world.inspect(0) as { readonly lookups: readonly { readonly found: readonly number[] }[] }
    expect(lookups.map(({ found }) => found[0] === 20)).toEqual([false, true])
    expect(run.world.measures()).toMatchObject({ correct: 1, done: 2 })
  })

  test('refuse a key that is to be a node and is none, with the range', () => {
    const run = new Run(spec({ size: 30 }))
    expect(() => run.perform('lookup', { node: 0, key: 30, isNode: true })).toThrow(
      'key is 30; with isNode it must be a node from 0 to 29',
    )
  })
})

describe("a lab's class in the scenario", () => {
  const substitute = substituteWith(new LocalSubject({ Kademlia }), { class: 'Kademlia' })

  test.each([{ mine: 'all' }, { mine: 'one' }])('finds what the engine finds, with %j', (mine) => {
    const run = new Run(spec({ ...mine, size: 60 }), { substitute })
    run.finish()
    expect(run.world.measures()).toMatchObject({ correct: 1, done: 10 })
  })

  test('cannot join: its tables are given', () => {
    expect(() => new Run(spec({ tables: 'join' }), { substitute })).toThrow(
      "tables is join; a lab's protocol runs with tables=full or sparse",
    )
  })
})
