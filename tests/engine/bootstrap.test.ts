/** The scenario `bootstrap`: who enters, who survives the bootnode, and what liars and dead addresses do. */
import { Bootnode, Discovery, drawRoles, LocalSubject, PeerLiar, Run, substituteWith } from '@peerlab/engine'
import type { Host, RunSpec } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'

const seeds = [1, 2, 3, 4, 5]

function finished(spec: Partial<RunSpec>): Run {
  const run = new Run({ scenario: 'bootstrap', seed: 7, ...spec })
  run.finish()
  return run
}

const crash = (time: number, node = 0) => ({ time, input: { action: 'crash', with: { node } } })
const measured = (run: Run, name: string): number => run.world.measures()[name]!

describe('from one bootnode', () => {
  test('all newcomers are connected, in one part, with as many connections as they want', () => {
    for (const seed of seeds) {
      const run = finished({ seed })
      expect(run.world.measures()).toMatchObject({ connected: 1, together: 1, alone: 0, outgoing: 4 })
      expect(measured(run, 'time95')).toBeGreaterThan(15_000)
    }
  })

  test('killed late, those inside stay connected without it, and who comes later never enters', () => {
    for (const seed of seeds) {
      const run = finished({ seed, actions: [crash(10_000)] })
      const states = Array.from({ length: 40 }, (_, node) => run.world.state(node))
      const inside = states.filter((state) => state === 'connected').length
      expect(inside).toBeGreaterThan(10)
      expect(measured(run, 'alone')).toBe(39 - inside)
      expect(measured(run, 'alone')).toBeGreaterThan(10)
      expect(measured(run, 'together')).toBe(inside / 39)
    }
  })

  test('killed early, nobody enters', () => {
    const run = finished({ actions: [crash(100)], parameters: { joining: 20_000 } })
    expect(run.world.measures()).toMatchObject({ connected: 0, alone: 39, time95: null, known: null })
  })

  test('a second bootnode takes over', () => {
    const run = finished({ actions: [crash(100)], parameters: { bootnodes: 2 } })
    expect(run.world.measures()).toMatchObject({ connected: 1, together: 1 })
  })

  test('a newcomer is absent until it comes, and a crashed node is down', () => {
    const run = new Run({ scenario: 'bootstrap', seed: 7, actions: [crash(30_000, 5)] })
    run.finish({ until: 1 })
    expect(run.world.state(0)).toBe('bootnode')
    expect(Array.from({ length: 39 }, (_, i) => run.world.state(i + 1))).toEqual(Array<string>(39).fill('absent'))
    run.finish()
    expect(run.world.state(5)).toBe('down')
    expect(run.world.state(6)).toBe('connected')
  })
})

describe('addresses that lead nowhere', () => {
  test('hold nobody up for good, and stand in no table for long', () => {
    for (const seed of seeds) {
      const run = finished({ seed, parameters: { gone: 0.5 } })
      expect(run.world.measures()).toMatchObject({ connected: 1, outgoing: 4 })
      expect(measured(run, 'deadEntries')).toBeLessThan(0.3)
    }
  })

  test('of slow nodes are called in vain: who waits no longer than the time-out is connected to quick ones', () => {
    const run = finished({ parameters: { slow: 0.3 } })
    expect(run.world.measures()).toMatchObject({ connected: 1, outgoing: 4 })
    const roles = drawRoles(run.parameters as never, 7)
    for (const [node, role] of roles.entries()) {
      if (role !== 'honest') continue
      const { outgoing } = run.world.inspect(node) as unknown as { outgoing: { node: number }[] }
      expect(outgoing.filter((peer) => roles[peer.node] === 'slow')).toEqual([])
    }
  })
})

describe('a few liars', () => {
  test('stand in many tables, far beyond their share', () => {
    const shares = seeds.map((seed) => measured(finished({ seed, parameters: { liars: 0.1 } }), 'liarEntries'))
    expect(Math.min(...shares)).toBeGreaterThan(0.15)
  })

  test('who make addresses up fill tables with places where nobody is', () => {
    const run = finished({ parameters: { liars: 0.1, lie: 'made-up' } })
    expect(measured(run, 'deadEntries')).toBeGreaterThan(0.2)
    expect(run.world.measures()).toMatchObject({ connected: 1, outgoing: 4 })
  })

  test('what a node believes stands beside the truth', () => {
    const run = finished({ parameters: { liars: 0.2, lie: 'made-up' } })
    const roles = drawRoles(run.parameters as never, 7)
    const { known, outgoing } = run.world.inspect(roles.indexOf('honest')) as unknown as {
      known: { node: number; is: string; isVerified: boolean }[]
      outgoing: { node: number; is: string }[]
    }
    expect(outgoing.length).toBe(4)
    expect(known.some(({ is }) => is === 'nobody')).toBe(true)
    for (const { node, is, isVerified } of known) {
      if (is === 'nobody') expect({ node, isVerified }).toEqual({ node: -1, isVerified: false })
      if (is === 'liar') expect(roles[node]).toBe('liar')
    }
  })
})

test('a substitute that is the same protocol gives the same run', () => {
  const spec = { scenario: 'bootstrap', seed: 3, parameters: { gone: 0.2, liars: 0.1 } }
  const own = finished(spec)
  const run = new Run(spec, { substitute: substituteWith(new LocalSubject({ Discovery }), { class: 'Discovery' }) })
  run.finish()
  expect(run.session.simulation.fingerprint).toBe(own.session.simulation.fingerprint)
})

test('addresses are no numbers of nodes, and not the same under another seed', () => {
  const book = (seed: number) => finished({ seed, parameters: { duration: 1 } }).session.simulation.addresses
  for (let node = 0; node < 40; node++) {
    expect(book(1).addressOf(node)).toBeGreaterThan(40)
    expect(book(1).addressOf(node)).not.toBe(book(2).addressOf(node))
  }
})

test('the curve of the connected share ends at the last event, and has as many points as asked for at most', () => {
  const run = finished({})
  const { points } = run.world.curves(10).measured
  expect(points.length).toBeLessThanOrEqual(10)
  expect(points.at(-1)).toEqual([run.session.simulation.lastEventTime, 1])
})

test('what does not fit together is refused', () => {
  const with_ = (parameters: object) => () => finished({ parameters } as Partial<RunSpec>)
  expect(with_({ size: 2, bootnodes: 2 })).toThrow('bootnodes is 2 of 2 nodes')
  expect(with_({ liars: 0.6, gone: 0.6 })).toThrow('more than all nodes')
  expect(with_({ target: 20, limit: 10 })).toThrow('limit is 10; it must be at least target, which is 20')
  expect(() => new Bootnode({} as Host<never>, { maxShared: 0 })).toThrow('maxShared is 0')
  expect(() => new PeerLiar({} as Host<never>, { lies: 0 })).toThrow('lies is 0')
})
