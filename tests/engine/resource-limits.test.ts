import { connectionsToClose, deriveStream, libp2pBaseLimits, libp2pWatermarks, ResourceManager } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { cases, fc } from '../support/fast-check.ts'

const random = deriveStream(1, 'connections')

describe('a resource manager', () => {
  test('lets one peer have no more than its share, and all together no more than there is', () => {
    const manager = new ResourceManager()
    const open = (peer: number): string => manager.reserve(peer, 'connection', 'inbound')
    expect(Array.from({ length: 9 }, () => open(1)).at(-1)).toBe('peer-limit')
    const verdicts = Array.from({ length: 200 }, (_, i) => open(2 + i))
    // 64 inbound in all, 8 of which the first peer has.
    expect(verdicts.filter((each) => each === 'reserved').length).toBe(56)
    expect(verdicts.at(-1)).toBe('system-limit')
  })

  test('has room for outbound connections when the inbound ones are full: a node can still get away', () => {
    const manager = new ResourceManager()
    for (let peer = 0; peer < 100; peer++) manager.reserve(peer, 'connection', 'inbound')
    const outbound = Array.from({ length: 100 }, (_, i) => manager.reserve(1000 + i, 'connection', 'outbound'))
    expect(outbound.filter((each) => each === 'reserved').length).toBe(128 - 64)
  })

  test('counts bytes: a peer has 64 MiB, and two of them all that there is', () => {
    const manager = new ResourceManager()
    const mebibyte = 2 ** 20
    expect(manager.reserve(1, 'memory', 'inbound', 64 * mebibyte)).toBe('reserved')
    expect(manager.reserve(1, 'memory', 'outbound', 1)).toBe('peer-limit')
    expect(manager.reserve(2, 'memory', 'inbound', 64 * mebibyte)).toBe('reserved')
    expect(manager.reserve(3, 'memory', 'inbound', 1)).toBe('system-limit')
  })

  test('never counts past a limit or below nothing, and has nothing left when all is given back', () => {
    const step = fc.record({
      peer: fc.nat(30),
      resource: fc.constantFrom('connection' as const, 'stream' as const, 'memory' as const),
      direction: fc.constantFrom('inbound' as const, 'outbound' as const),
      amount: fc.integer({ min: 1, max: 600 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const manager = new ResourceManager()
        const held: typeof steps = []
        for (const each of steps) {
          const { peer, resource, direction, amount } = each
          const before = manager.used()
          if (manager.reserve(peer, resource, direction, amount) === 'reserved') held.push(each)
          else expect(manager.used()).toEqual(before)
          for (const [used, limits] of [
            [manager.used(), libp2pBaseLimits.system],
            [manager.used(peer), libp2pBaseLimits.perPeer],
          ] as const)
            for (const name of Object.keys(limits) as (keyof typeof limits)[])
              expect(used[name]).toBeLessThanOrEqual(limits[name])
        }
        const streams = held.filter(({ resource }) => resource === 'stream')
        expect(manager.used().streams).toBe(streams.reduce((sum, { amount }) => sum + amount, 0))
        for (const { peer, resource, direction, amount } of held) manager.release(peer, resource, direction, amount)
        expect(Object.values(manager.used()).every((used) => used === 0)).toBe(true)
      }),
      cases(100),
    )
  })

  test('does not take back what was not given', () => {
    const manager = new ResourceManager()
    manager.reserve(1, 'connection', 'inbound')
    expect(() => manager.release(2, 'connection', 'inbound')).toThrow('release what you reserved')
    expect(() => manager.release(1, 'connection', 'outbound')).toThrow('release what you reserved')
    expect(manager.used().connections).toBe(1)
    manager.release(1, 'connection', 'inbound')
    expect(() => manager.release(1, 'connection', 'inbound')).toThrow('release what you reserved')
  })
})

describe('watermarks', () => {
  const connection = (i: number, value = i): { since: number; value: number } => ({ since: 0, value })

  test('close nothing up to the high one, and past it as many as are over the low one, the least worth first', () => {
    const many = Array.from({ length: 200 }, (_, i) => connection(i))
    expect(connectionsToClose(many.slice(0, 192), 1e6, random)).toEqual([])
    expect(connectionsToClose(many.slice(0, 193), 1e6, random)).toEqual(many.slice(0, 33))
    expect(connectionsToClose(many, 1e6, random)).toEqual(many.slice(0, 40))
  })

  test('spare the young and the protected, even where too many are left then', () => {
    const young = Array.from({ length: 150 }, () => ({ since: 1e6, value: 0 }))
    const protectedOnes = Array.from({ length: 100 }, () => ({ since: 0, value: 0, isProtected: true }))
    const others = Array.from({ length: 10 }, (_, i) => connection(i))
    const closed = connectionsToClose([...young, ...protectedOnes, ...others], 1e6 + libp2pWatermarks.grace - 1, random)
    expect(closed).toEqual(others)
  })

  test('choose at random among equals', () => {
    const many = Array.from({ length: 20 }, (_, i) => ({ ...connection(i, 0), name: i }))
    const marks = { low: 10, high: 15, grace: 0 }
    const first = new Set(Array.from({ length: 50 }, () => connectionsToClose(many, 1, random, marks)[0]!.name))
    expect(first.size).toBeGreaterThan(10)
  })
})
