/** The scenario `sybil`: keys are free, subnets are not. go-ethereum's table, before and after Marcus et al. 2018. */
import { GethDiscovery, gethLimits, idOf, SybilHost, type Host, type Id } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { act, behavesAsAScenario, finished, measured, statesOf } from '../support/scenario-checks.ts'

const id = 'sybil'
const seeds = [1, 2, 3, 4, 5]

describe('one host with a thousand keys', () => {
  test('has most of a table that counts nobody, at the price of one host', () => {
    for (const seed of seeds) {
      const run = finished(id, seed)
      expect(measured(run, 'share')).toBeGreaterThan(0.75)
      expect(run.world.measures()).toMatchObject({ keys: 1000, subnets: 1, refused: 0 })
      expect(measured(run, 'bill')).toBe(measured(finished(id, seed, { keys: 1 }), 'bill'))
    }
  })

  test('has no more than ten places where subnets are counted, however many keys it makes', () => {
    for (const seed of seeds) {
      const places = [100, 1000, 3000].map((keys) => measured(finished(id, seed, { limits: true, keys }), 'places'))
      expect(places).toEqual(Array(3).fill(gethLimits.perSubnetInTable))
    }
  })
})

test('more keys are more places only where nothing is counted', () => {
  const places = (parameters: object) => measured(finished(id, 7, parameters as never), 'places')
  expect(places({ keys: 200 })).toBeGreaterThan(places({ keys: 20 }))
  expect(places({ keys: 200, limits: true })).toBe(places({ keys: 1000, limits: true }))
})

describe('where subnets are counted', () => {
  test('places have to be paid for: twice the subnets, twice the places and twice the bill', () => {
    for (const seed of seeds) {
      const [one, two, four] = [1, 2, 4].map((rented) => finished(id, seed, { limits: true, rented }))
      for (const name of ['places', 'bill', 'subnets']) {
        expect(measured(two!, name)).toBe(2 * measured(one!, name))
        expect(measured(four!, name)).toBe(4 * measured(one!, name))
      }
    }
  })

  test('further hosts in the same subnet gain nothing', () => {
    const hosts = (rented: number) => finished(id, 7, { limits: true, rented, perSubnet: 20 })
    expect(measured(hosts(10), 'places')).toBe(measured(hosts(1), 'places'))
    expect(measured(hosts(10), 'subnets')).toBe(1)
  })

  test('the share never passes the most that it can have, and comes to it', () => {
    for (const seed of seeds) {
      for (const parameters of [{}, { limits: true }, { limits: true, rented: 5 }]) {
        const { measured: line, formula } = finished(id, seed, parameters).world.curves(100_000)
        for (const [i, [, share]] of line.points.entries()) {
          expect(share).toBeLessThanOrEqual(formula!.points[i]![1] + 1e-12)
        }
      }
      const { measured: line, formula } = finished(id, seed, { limits: true }).world.curves(50)
      expect(line.points.at(-1)![1]).toBe(formula!.points.at(-1)![1])
    }
  })
})

test('honest nodes that were there first keep their places, and after a restart of the victim all begin anew', () => {
  for (const seed of seeds) {
    const kept = finished(id, seed)
    expect(measured(kept, 'honestPlaces')).toBe(23)
    const restarted = finished(id, seed, {}, [act(25_000, 'crash', { node: 0 }), act(25_100, 'restart', { node: 0 })])
    expect(measured(restarted, 'places') + measured(restarted, 'honestPlaces')).toBeGreaterThan(0)
    expect(measured(restarted, 'honestPlaces')).toBeLessThanOrEqual(23)
  }
})

test('a click rents a host, and the meter runs', () => {
  const run = finished(id, 7, { limits: true, rented: 0 }, [
    act(9000, 'rent', { node: 30 }),
    act(9500, 'rent', { node: 31 }),
  ])
  expect(run.world.measures()).toMatchObject({ subnets: 2, places: 20 })
  expect(statesOf(run).filter((state) => state === 'sybil').length).toBe(2)
  const { buckets } = run.world.inspect(0) as unknown as { buckets: { nodes: { is: string; subnet: number }[] }[] }
  for (const { nodes } of buckets) {
    const perSubnet = Map.groupBy(nodes, ({ subnet }) => subnet)
    for (const each of perSubnet.values()) expect(each.length).toBeLessThanOrEqual(gethLimits.perSubnetInBucket)
  }
  expect(() => finished(id, 7, {}, [act(1, 'rent', { node: 3 })])).toThrow('rent: node is 3, an honest node')
})

describe('a node of the discovery', () => {
  interface Sent {
    readonly to: number
    readonly message: { readonly type: string; readonly nonce: number; readonly to: Id; readonly id: Id }
  }
  const [self, stranger] = [idOf('self'), idOf('stranger')]
  const setup = () => {
    const sent: Sent[] = []
    const reports: string[] = []
    let nonce = 0
    const host = {
      now: 0,
      address: 1,
      random: { integer: () => nonce++, next: () => 0.5, pick: (list: readonly unknown[]) => list[0] },
      send: (to: number, message: Sent['message']) => void sent.push({ to, message }),
      setTimer: () => undefined,
      report: (event: string) => void reports.push(event),
    }
    return { host, sent, reports, node: new GethDiscovery(host as unknown as Host<never>, { id: self }) }
  }
  const ping = { type: 'ping', id: stranger, to: self, nonce: 77 } as const

  test('adds a stranger only once that has answered from where it said it was', () => {
    const { node, sent } = setup()
    node.onMessage(5 as never, ping)
    expect(sent.map(({ to, message }) => [to, message.type])).toEqual([
      [5, 'pong'],
      [5, 'ping'],
    ])
    expect(node.table.nodes.length).toBe(0)
    const pong = { type: 'pong', id: stranger, to: self, nonce: sent[1]!.message.nonce } as const
    node.onMessage(6 as never, pong) // from elsewhere
    node.onMessage(5 as never, { ...pong, nonce: 99 } as never)
    node.onMessage(5 as never, { ...pong, id: idOf('another') } as never)
    expect(node.table.nodes.length).toBe(0)
    node.onMessage(5 as never, pong)
    expect(node.table.nodes.map(({ endpoint }) => endpoint)).toEqual([5])
  })

  test('takes no answer that comes too late, and lets go of who answers no more', () => {
    const { host, node, sent } = setup()
    const bond = () => {
      node.onMessage(5 as never, ping)
      return { type: 'pong', id: stranger, to: self, nonce: sent.at(-1)!.message.nonce } as const
    }
    const late = bond()
    host.now = 501
    node.onMessage(5 as never, late)
    expect(node.table.nodes.length).toBe(0)
    node.onMessage(5 as never, bond())
    expect(node.table.nodes.length).toBe(1)
    node.onTimer() // asks
    host.now = 20_000
    node.onTimer() // has heard nothing
    expect(node.table.nodes.length).toBe(0)
  })

  test('reports what is malformed or meant for another key', () => {
    const { node, reports, sent } = setup()
    for (const message of [
      { type: 'noise' },
      { type: 'ping' },
      { ...ping, id: 'x' },
      { ...ping, id: stranger.slice(1) },
      { ...ping, nonce: 0.5 },
      { ...ping, to: stranger },
    ])
      node.onMessage(5 as never, message as never)
    expect(reports).toEqual(Array(6).fill('malformed'))
    expect(sent).toEqual([])
  })
})

test('what does not fit is refused', () => {
  expect(() => finished(id, 1, { size: 30, honest: 30 })).toThrow('honest is 30 of 30 nodes')
  expect(() => finished(id, 1, { size: 30, rented: 7 })).toThrow('rented is 7; there are 6 hosts for rent')
  const victim = { id: idOf('x'), address: 1 as never }
  expect(() => new SybilHost({} as Host<never>, { victim, keys: 0 })).toThrow('keys is 0')
})

behavesAsAScenario(id, [act(20_000, 'rent', { node: 40 }), act(22_000, 'crash', { node: 5 })], { limits: true })
