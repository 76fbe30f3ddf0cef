/** The scenario `overlay`: ways over links that know no map, against the direct ones. */
import { bitcoinRegions2019 } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { act, behavesAsAScenario, finished, measured, statesOf } from '../../support/scenario-checks.ts'

const id = 'overlay'
const seeds = [1, 2, 3, 4, 5]

interface Look {
  readonly region: string
  readonly neighbors: readonly { readonly node: number; readonly region: string; readonly latency: number }[]
  readonly messages: readonly {
    readonly way: readonly { readonly node: number; readonly at: number }[]
    readonly took: number
    readonly direct: number
  }[]
}

describe('with random peers', () => {
  test('messages to the own region leave the continent, and take many times as long as the direct way', () => {
    for (const seed of seeds) {
      const run = finished(id, seed)
      expect(measured(run, 'coverage')).toBe(1)
      expect(measured(run, 'detours')).toBeGreaterThan(0)
      expect(measured(run, 'home')).toBeGreaterThan(measured(run, 'stretch'))
      expect(measured(run, 'stretch')).toBeGreaterThan(1)
    }
  })
})

describe('with the nearest peers', () => {
  test('and one random one, the stretch falls and fewer messages leave the continent, while all still hear', () => {
    for (const seed of seeds) {
      const [random, near] = [0, 2 / 3].map((nearest) => finished(id, seed, { nearest }))
      expect(measured(near!, 'coverage')).toBe(1)
      for (const name of ['stretch', 'home', 'detours', 'abroad', 'time']) {
        expect(measured(near!, name), name).toBeLessThan(measured(random!, name))
      }
    }
  })

  test('alone, the network falls into islands', () => {
    for (const seed of seeds) expect(measured(finished(id, seed, { nearest: 1 }), 'coverage')).toBeLessThan(1)
  })

  test('every node has its nearest among its neighbors', () => {
    const run = finished(id, 7, { nearest: 2 / 3 })
    const looks = statesOf(run).map((_, node) => run.world.inspect(node) as unknown as Look)
    const number = (region: string) => bitcoinRegions2019.names.indexOf(region)
    for (const [node, { region, neighbors }] of looks.entries()) {
      const ways = looks
        .flatMap((look, other) =>
          other === node ? [] : [bitcoinRegions2019.latencies[number(region)]![number(look.region)]!],
        )
        .sort((a, b) => a - b)
      const linked = neighbors.map(({ latency }) => latency).sort((a, b) => a - b)
      expect(linked.slice(0, 2)).toEqual(ways.slice(0, 2))
    }
  })
})

test('a way adds up: each step goes over a link and takes the latency between the regions', () => {
  const run = finished(id, 7)
  const look = (node: number) => run.world.inspect(node) as unknown as Look
  let steps = 0
  for (let node = 0; node < 60; node++) {
    for (const { way, took, direct } of look(node).messages) {
      expect(way.at(-1)!.node).toBe(node)
      expect(way.at(-1)!.at - way[0]!.at).toBeCloseTo(took, 6)
      for (let i = 1; i < way.length; i++, steps++) {
        const link = look(way[i - 1]!.node).neighbors.find((neighbor) => neighbor.node === way[i]!.node)!
        expect(way[i]!.at - way[i - 1]!.at).toBeCloseTo(link.latency, 6)
      }
      if (way.length === 2) expect(took).toBeCloseTo(direct, 6)
    }
  }
  expect(steps).toBeGreaterThan(6 * 59)
})

test('no way of the flood is slower than the quickest way over the links', () => {
  const run = finished(id, 3, { rumors: 1 })
  const looks = statesOf(run).map((_, node) => run.world.inspect(node) as unknown as Look)
  const origin = looks.findIndex(({ messages }) => messages[0]!.way.length === 1)
  const best = looks.map((_, node) => (node === origin ? 0 : Infinity))
  // Bellman and Ford: as often as there are nodes, each may have found a quicker way.
  for (let round = 0; round < looks.length; round++) {
    for (const [node, { neighbors }] of looks.entries()) {
      for (const { node: next, latency } of neighbors) best[next] = Math.min(best[next]!, best[node]! + latency)
    }
  }
  for (const [node, { messages }] of looks.entries()) expect(messages[0]!.took).toBeCloseTo(best[node]!, 6)
})

test('no node hears before a message that is sent to it directly, and the random links keep all waiting', () => {
  for (const seed of seeds) {
    const { measured: line, formula } = finished(id, seed, { rumors: 1 }).world.curves(1000)
    const atMost = (time: number) => formula!.points.findLast(([at]) => at <= time)![1]
    for (const [time, share] of line.points) expect(share).toBeLessThanOrEqual(atMost(time))
    const whenAll = (points: typeof line.points) => points.find(([, share]) => share === 1)![0]
    expect(whenAll(formula!.points)).toBeLessThan(whenAll(line.points))
  }
})

test('a message that nobody sent counts for nothing', () => {
  const forged = { type: 'rumor', id: 'forged', payload: null, ttl: 5 }
  const run = finished(id, 7, { rumors: 1 }, [act(2000, 'inject', { from: 0, to: 1, message: forged })])
  expect(run.world.measures()).toMatchObject({
    coverage: 1,
    stretch: measured(finished(id, 7, { rumors: 1 }), 'stretch'),
  })
})

test('more links than there are others are refused', () => {
  expect(() => finished(id, 1, { size: 3 })).toThrow('links is 3; in a network of 3 take at most 2')
})

behavesAsAScenario(
  id,
  [act(1000, 'publish', { node: 4 }), act(1100, 'crash', { node: 9 })],
  {
    size: 30,
    loss: 0.05,
    jitter: 5,
  },
  ['size = 2'],
)
