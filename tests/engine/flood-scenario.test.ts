/** The scenario `flood`: which limit keeps a server up for whom, and what defeats the limit. */
import { GuardedServer, type Host } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { act, behavesAsAScenario, finished, measured, statesOf } from '../support/scenario-checks.ts'

const id = 'flood'
const seeds = [1, 2, 3, 4, 5]
const served = (seed: number, parameters: object): number => measured(finished(id, seed, parameters as never), 'served')

describe('a flood', () => {
  test('starves the honest where there is no limit', () => {
    for (const seed of seeds) {
      const run = finished(id, seed, { limit: 'none' })
      expect(measured(run, 'served')).toBeLessThan(served(seed, { limit: 'none', flooders: 0 }) / 2)
      expect(measured(run, 'overloaded')).toBeGreaterThan(0)
      expect(statesOf(run).filter((state) => state === 'starved').length).toBeGreaterThan(0)
    }
  })

  test('starves them as well under a limit for all, though the server itself is no longer overloaded', () => {
    for (const seed of seeds) {
      const run = finished(id, seed, { limit: 'overall' })
      expect(measured(run, 'served')).toBeLessThan(0.5)
      expect(measured(run, 'overloaded')).toBe(0)
    }
  })

  test('harms only who floods under a limit for each peer', () => {
    for (const seed of seeds) {
      expect(served(seed, { limit: 'per-peer' })).toBeGreaterThan(0.95)
      expect(measured(finished(id, seed, { limit: 'per-peer' }), 'refused')).toBeGreaterThan(1000)
    }
  })

  test.each(['made-up', 'honest'])('defeats that limit with addresses that are %s', (source) => {
    for (const seed of seeds) {
      expect(served(seed, { limit: 'per-peer', source })).toBeLessThan(0.5)
    }
  })

  test('under made-up addresses leaves an account for each packet that is remembered', () => {
    const accounts = (source: string) => measured(finished(id, 7, { limit: 'per-peer', source }), 'accounts')
    expect(accounts('made-up')).toBeGreaterThan(10 * accounts('own'))
  })

  test('under addresses of the honest has them turned away at the door', () => {
    const run = finished(id, 7, { limit: 'per-peer', source: 'honest' })
    const { accounts } = run.world.inspect(0) as { accounts: { node: number; refused: number }[] }
    const flooders = run.session.simulation.size - 3
    for (const { node, refused } of accounts) expect(refused > 0).toBe(node < flooders)
  })
})

test.each([
  { limit: 'none' },
  { limit: 'overall' },
  { limit: 'per-peer' },
  { limit: 'per-peer', source: 'made-up' },
  { limit: 'per-peer', source: 'honest' },
])('the share that is served is near what r / R has it be: %j', (parameters) => {
  const shares = seeds.map((seed) => {
    const { measured: line } = finished(id, seed, { ...parameters, duration: 24_000 }).world.curves(400)
    const late = line.points.filter(([time]) => time > 8000)
    return late.reduce((sum, [, share]) => sum + share, 0) / late.length
  })
  const expected = finished(id, 7, parameters).world.curves(10).formula!.points.at(-1)![1]
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
  // About 40 requests a second over 16 seconds and five seeds; a client that is made to wait gives up after a second.
  expect(Math.abs(mean - expected)).toBeLessThan(0.05)
})

test('a click makes any client flood, and the next one lets it be honest again', () => {
  const toggled = finished(id, 7, { flooders: 0, limit: 'none' }, [act(3000, 'flood', { node: 5 })])
  expect(toggled.world.state(5)).toBe('flooder')
  expect(measured(toggled, 'offered')).toBeGreaterThan(200)
  const back = [act(3000, 'flood', { node: 5 }), act(6000, 'flood', { node: 5 })]
  const honest = finished(id, 7, { flooders: 0, limit: 'none' }, back)
  expect(honest.world.state(5)).toBe('served')
  expect(measured(honest, 'offered')).toBeLessThan(100)
  expect(() => finished(id, 7, {}, [act(1, 'flood', { node: 0 })])).toThrow('flood: node is 0, the server')
})

test('a server reports what is malformed, and refuses options out of range', () => {
  const reports: string[] = []
  const host = { report: (event: string) => reports.push(event) } as unknown as Host<never>
  const server = new GuardedServer(host, { work: 10 })
  for (const message of [{ type: 'hello' }, { type: 'request' }, { type: 'request', number: 0.5 }])
    server.onMessage(1 as never, message)
  expect(reports).toEqual(['malformed', 'malformed', 'malformed'])
  expect(() => new GuardedServer(host, { work: 0 })).toThrow('work is 0')
  expect(() => finished(id, 1, { size: 5, flooders: 4 })).toThrow('flooders is 4 of 5 nodes')
})

behavesAsAScenario(id, [act(2000, 'flood', { node: 3 }), act(6000, 'crash', { node: 23 })], { limit: 'per-peer' })
