import {
  complete,
  deriveStream,
  grid,
  randomGraph,
  randomOut,
  randomRegular,
  ring,
  scaleFree,
  smallWorld,
  star,
  topologyFromEdges,
} from '@peerlab/engine'
import { describe, expect, test } from 'vitest'

const random = () => deriveStream(1, 'refusals')

const bySize: readonly (readonly [name: string, make: (size: number) => unknown])[] = [
  ['complete', complete],
  ['ring', (size) => ring(size)],
  ['star', star],
  ['grid', grid],
  ['random regular', (size) => randomRegular(size, 2, random())],
  ['random out-links', (size) => randomOut(size, 2, random())],
  ['random graph', (size) => randomGraph(size, 2, random())],
  ['small world', (size) => smallWorld(size, 2, 0.1, random())],
  ['scale-free', (size) => scaleFree(size, 2, random())],
  ['an edge list', (size) => topologyFromEdges(size, [])],
]

describe.each(bySize)('%s refuses, with name, value and range,', (_name, make) => {
  test.each([0, -1, 2.5, NaN, Infinity, 10_000_001])('a size of %d', (size) => {
    expect(() => make(size)).toThrow(`size is ${size}; it must be a whole number from 1 to 10000000`)
  })

  test('a size that is no number', () => {
    expect(() => make('12' as unknown as number)).toThrow('size is "12"; it must be a whole number')
  })
})

const byDegree: readonly (readonly [name: string, make: (degree: number) => unknown])[] = [
  ['ring', (degree) => ring(10, degree)],
  ['random regular', (degree) => randomRegular(10, degree, random())],
  ['random out-links', (degree) => randomOut(10, degree, random())],
  ['small world', (degree) => smallWorld(10, degree, 0.1, random())],
  ['scale-free', (degree) => scaleFree(10, degree, random())],
]

describe.each(byDegree)('%s refuses, with name, value and range,', (_name, make) => {
  test.each([-1, 2.5, NaN, 10, 64])('a degree of %d among 10 nodes', (degree) => {
    expect(() => make(degree)).toThrow(`degree is ${degree}; it must be a whole number from 0 to 9`)
  })
})

describe('what only some generators refuse', () => {
  test.each([-0.5, NaN, 9.5])('a mean degree of %d in a random graph of 10', (degree) => {
    expect(() => randomGraph(10, degree, random())).toThrow(`mean degree is ${degree}; it must be a number from 0 to 9`)
  })

  test.each([-0.1, 1.1, NaN])('a rewiring of %d', (rewiring) => {
    expect(() => smallWorld(10, 4, rewiring, random())).toThrow(
      `rewiring is ${rewiring}; it must be a number from 0 to 1`,
    )
  })

  test('an odd number of link ends', () => {
    expect(() => randomRegular(5, 3, random())).toThrow('size 5 times degree 3 is odd; make one of them even')
  })

  test('an odd degree on a ring', () => {
    expect(() => ring(10, 3)).toThrow('degree is 3; it must be even')
    expect(() => smallWorld(10, 3, 0.1, random())).toThrow('degree is 3; it must be even')
  })
})
