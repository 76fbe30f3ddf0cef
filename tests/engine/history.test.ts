import { expect, test } from 'vitest'
import { History } from '../../engine/measures/history.ts'

function of(...points: readonly (readonly [number, number])[]): History {
  const history = new History()
  for (const [time, value] of points) history.note(time, value)
  return history
}

test('a value that stays adds no point; one that changes holds until then, and the last one up to the end', () => {
  const history = of([0, 0.25], [5, 0.25], [7, 0.5], [9, 0.5])
  expect(history.latest).toBe(0.5)
  expect(history.points(10, 20)).toEqual([
    [0, 0.25],
    [7, 0.25],
    [7, 0.5],
    [20, 0.5],
  ])
  expect(history.points(10, 7)).toHaveLength(3)
})

test('a value is reached when it is first there or beyond, and not before', () => {
  const history = of([1, 0], [2, 0.6], [3, 0.4], [4, 1])
  expect([0, 0.5, 0.6, 1, 2].map((value) => history.timeToReach(value))).toEqual([1, 2, 2, 4, null])
})

test('of more points than are wanted the first and the last stay, and the rest is thinned out in order', () => {
  const history = of(...Array.from({ length: 500 }, (_, i) => [i, i % 7] as const))
  const points = history.points(20, 600)
  expect(points).toHaveLength(20)
  expect([points[0]![0], points.at(-1)![0]]).toEqual([0, 600])
  expect(points).toEqual([...points].sort((a, b) => a[0] - b[0]))
})

test('nothing noted has no points', () => {
  expect([new History().latest, new History().points(5, 10)]).toEqual([undefined, []])
})
