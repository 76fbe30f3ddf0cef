import type { Command, Data, Host, Message, SimulationOptions } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { node, received, startedSimulation } from '../support/nodes.ts'

/** Node 0 does this on command; every node reports what it gets, and spoils it. */
function commanded(act: (host: Host) => void, options: Partial<SimulationOptions> = {}) {
  const simulation = startedSimulation({
    ...options,
    protocol: node(() => ({
      onCommand: (host) => act(host),
      onMessage: (host, from, message) => {
        host.report('got', { from, message: message as never as Data })
        ;(message as unknown as { list?: number[] }).list?.push(99)
      },
    })),
  })
  const got = received(simulation)
  simulation.command(0, { type: 'go' } as Command)
  simulation.runUntil(100)
  return got
}

const sendOf = (value: unknown) => (host: Host) => host.send(host.neighbors[0]!, value as Message)

describe('in strict mode', () => {
  test('each receiver has a copy of its own: what one does to a message reaches no other', () => {
    const message = { type: 'shared', list: [1] }
    const got = commanded(
      (host) => {
        for (const to of Array.from(host.neighbors)) host.send(to, message)
        message.list.push(2)
      },
      { strict: true },
    )
    expect(got.map(({ message: copy }) => (copy as unknown as { list: number[] }).list)).toEqual([[1], [1], [1]])
  })

  test.each<[string, unknown, string]>([
    ['a class instance', { type: 'x', at: new Map() }, 'message.at is a Map'],
    ['undefined', { type: 'x', at: undefined }, 'message.at is undefined'],
    ['NaN', { type: 'x', at: [NaN] }, 'message.at[0] is NaN'],
    ['no type', { kind: 'x' }, 'type'],
    ['a type that is no string', { type: 3 }, 'type'],
    ['no object', null, 'message'],
    ['no object', 'hello', 'message'],
  ])('a message with %s is refused, in the name of the node', (_name, message, text) => {
    expect(() => commanded(sendOf(message), { strict: true })).toThrow(/^node 0 threw at 0 ms/)
    expect(() => commanded(sendOf(message), { strict: true })).toThrow(text)
  })

  test('a report that is not plain is refused', () => {
    const report = (host: Host): void => host.report('state', { seen: new Set() } as never)
    expect(() => commanded(report, { strict: true })).toThrow('detail.seen is a Set')
  })

  test('a report is a copy', () => {
    const list = [1]
    const details: unknown[] = []
    const simulation = startedSimulation({
      strict: true,
      protocol: node(() => ({ onCommand: (host) => (host.report('state', { list }), list.push(2)) })),
    })
    simulation.observe({ onReport: (_time, _node, _event, detail) => void details.push(detail) })
    simulation.command(0, { type: 'go' })
    expect(details).toEqual([{ list: [1] }])
  })

  test('a well-behaved run has the fingerprint that it has without', () => {
    const fingerprint = (strict: boolean): string => {
      const simulation = startedSimulation({
        strict,
        protocol: node(() => ({
          onStart: (host) => host.send(host.random.pick(host.neighbors), { type: 'hello' }),
          onMessage: (host) => host.report('greeted', { at: host.now }),
        })),
      })
      simulation.run()
      return simulation.fingerprint
    }
    expect(fingerprint(true)).toBe(fingerprint(false))
  })
})

describe('storage, in every mode,', () => {
  const withStorage = (act: (storage: Host['storage']) => void): void => void commanded((host) => act(host.storage))

  test('copies values in and out', () => {
    withStorage((storage) => {
      const value = { list: [1] }
      storage.set('key', value)
      value.list.push(2)
      const first = storage.get('key') as { list: number[] }
      first.list.push(3)
      expect(storage.get('key')).toEqual({ list: [1] })
    })
  })

  test('lists its keys, forgets what is deleted, and has undefined for what it does not hold', () => {
    withStorage((storage) => {
      storage.set('a', 1)
      storage.set('b', null)
      storage.delete('a')
      expect([storage.keys(), storage.get('a'), storage.get('b')]).toEqual([['b'], undefined, null])
    })
  })

  test('refuses what is not plain and keys that are no strings', () => {
    withStorage((storage) => {
      expect(() => storage.set('peers', new Map() as never)).toThrow('storage.set(peers) is a Map')
      expect(() => storage.set(7 as never, 1)).toThrow('storage.set: the key is 7; it must be a string')
    })
  })
})
