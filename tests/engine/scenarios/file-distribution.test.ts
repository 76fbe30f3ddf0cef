/** The scenario `file-distribution`: Kurose and Ross's two lines, and what becomes of the swarm's without uploads. */
import { describe, expect, test } from 'vitest'
import { act, behavesAsAScenario, finished, measured, statesOf } from '../../support/scenario-checks.ts'

const id = 'file-distribution'
const seeds = [1, 2, 3]
/** A small file, so that many runs are quick; pieces are a few per cent of it, as in the default. */
const small = { pieces: 32 }

describe('twice the peers', () => {
  test('take twice as long from a server, which is NF/u_s but for headers and latency', () => {
    const [few, many] = [16, 31].map((size) => finished(id, 7, { ...small, way: 'server', size }))
    for (const run of [few!, many!]) {
      expect(measured(run, 'time')).toBeGreaterThan(measured(run, 'serverTime'))
      expect(measured(run, 'time')).toBeLessThan(1.02 * measured(run, 'serverTime'))
    }
    expect(measured(many!, 'time') / measured(few!, 'time')).toBeCloseTo(30 / 15, 1)
  })

  test('take far less than twice as long in a swarm, which is never faster than its bound', () => {
    for (const seed of seeds) {
      const [few, many] = [16, 31].map((size) => finished(id, seed, { ...small, size }))
      for (const run of [few!, many!]) {
        expect(measured(run, 'time')).toBeGreaterThan(measured(run, 'swarmTime'))
        expect(measured(run, 'time')).toBeLessThan(measured(run, 'serverTime'))
      }
      // The server's line would climb by as much as the peers; the swarm's stays under the middle of the two.
      expect(measured(many!, 'time') / measured(few!, 'time')).toBeLessThan(1.5)
      expect(measured(many!, 'fromServer')).toBeLessThan(measured(few!, 'fromServer'))
    }
  })
})

describe('without uploads', () => {
  test('the swarm is a server again: all pieces come from it, in the time of a server', () => {
    for (const seed of seeds) {
      const run = finished(id, seed, { ...small, size: 16, peerUpload: 0 })
      expect(measured(run, 'fromServer')).toBe(1)
      expect(measured(run, 'swarmTime')).toBe(measured(run, 'serverTime'))
      expect(measured(run, 'time')).toBeGreaterThan(measured(run, 'serverTime'))
      expect(measured(run, 'time')).toBeLessThan(1.02 * measured(run, 'serverTime'))
    }
  })

  test('of some, all wait longer, and the more of them ride for free the longer', () => {
    for (const seed of seeds) {
      const times = [0, 0.5, 1].map((freeRiders) =>
        measured(finished(id, seed, { ...small, size: 21, freeRiders }), 'time'),
      )
      expect(times).toEqual([...times].sort((a, b) => a - b))
      expect(times[2]).toBeGreaterThan(times[0]!)
    }
  })
})

describe('when the server dies', () => {
  const half = { ...small, size: 16, duration: 120_000 }

  test('a download from it ends for all, and a swarm that has every piece once goes on to the end', () => {
    for (const seed of seeds) {
      const server = finished(id, seed, { ...half, way: 'server' }, [act(6000, 'crash', { node: 0 })])
      expect(server.world.measures()).toMatchObject({ complete: 0, time: null })
      const swarm = finished(id, seed, half, [act(6000, 'crash', { node: 0 })])
      expect(swarm.world.measures()).toMatchObject({ complete: 15 })
    }
  })

  test('a peer that was down goes on with the pieces that it had', () => {
    const run = finished(id, 7, half, [act(4000, 'crash', { node: 5 }), act(9000, 'restart', { node: 5 })])
    expect(run.world.measures()).toMatchObject({ complete: 15, received: 1 })
    expect(run.world.inspect(5)).toMatchObject({ state: 'complete', restarts: 1, pieces: Array(32).fill(true) })
  })
})

test('the defaults are the worked case of the book: 3 times F/u from a server, 0.75 times in a swarm', () => {
  const run = finished(id, 7, { duration: 1 })
  const { pieces, pieceLength, peerUpload } = run.parameters as { readonly [name: string]: number }
  const upload = (1000 * pieces! * pieceLength!) / peerUpload! // F/u in ms
  expect(measured(run, 'serverTime') / upload).toBeCloseTo(3, 12)
  expect(measured(run, 'swarmTime') / upload).toBeCloseTo(0.75, 12)
})

test('what is received never runs ahead of the fluid that fills all lines', () => {
  for (const way of ['swarm', 'server']) {
    const { measured: line, formula } = finished(id, 7, { ...small, size: 16, way }).world.curves(100)
    const [, [full]] = formula!.points as [unknown, [number, number]]
    for (const [time, share] of line.points) expect(share).toBeLessThanOrEqual(Math.min(1, time / full))
    expect(line.points.at(-1)![1]).toBe(1)
  }
})

test('a node shows its pieces, who gave them, and how it stands to its peers', () => {
  const run = finished(id, 7, { ...small, size: 16, duration: 5000 })
  expect(new Set(statesOf(run))).toEqual(new Set(['server', 'loading']))
  const { pieces, from, peers } = run.world.inspect(3) as {
    readonly pieces: readonly boolean[]
    readonly from: readonly { readonly node: number; readonly pieces: number }[]
    readonly peers: readonly { readonly node: number }[]
  }
  const has = pieces.filter((isHere) => isHere).length
  expect(has).toBeGreaterThan(0)
  expect(from.reduce((sum, giver) => sum + giver.pieces, 0)).toBe(has)
  expect(peers.map(({ node }) => node)).toContain(0)
})

behavesAsAScenario(id, [act(2000, 'crash', { node: 3 })], { pieces: 16, size: 12, duration: 4000 })
