/** The presenter's plan: minutes by slide, by part, and for the core alone. */
import { describe, expect, test } from 'vitest'
import { deckOf, firstSlideOf, planAt, type SlideOfCourse } from '../../slides/theme/plan.ts'
import { cases, fc } from '../support/fast-check.ts'

const slidesOf = (frontmatters: readonly Record<string, unknown>[]): SlideOfCourse[] =>
  frontmatters.map((frontmatter, index) => ({ no: index + 1, meta: { slide: { frontmatter } } }))

/** Two slides of the course, then a module in two parts, then another module. */
const course = slidesOf([
  { minutes: 2, tags: 'core' },
  { minutes: 3, tags: 'core' },
  { minutes: 0.5, tags: 'core', module: '03-gossip', part: 'Opening' },
  { minutes: 1.5, tags: 'optional' },
  { minutes: 2, tags: 'core', part: 'Push' },
  { minutes: 1, tags: 'core', module: '04-partitions' },
])

describe('the plan of a deck', () => {
  test('counts from its own first slide, with and without what is optional', () => {
    expect(planAt(5, course)).toEqual({
      number: 3,
      minutes: 2,
      isOptional: false,
      all: { from: 2, to: 4, of: 4 },
      core: { from: 0.5, to: 2.5, of: 2.5 },
      part: { name: 'Push', all: 2, core: 2 },
    })
    expect(planAt(4, course)).toMatchObject({
      isOptional: true,
      core: undefined,
      part: { name: 'Opening', all: 2, core: 0.5 },
    })
  })

  test('does not mix decks: the course’s own slides, a module, and the next module are three', () => {
    expect(planAt(1, course)).toMatchObject({ number: 1, all: { from: 0, to: 2, of: 5 }, part: undefined })
    expect(planAt(6, course)).toMatchObject({ number: 1, all: { from: 0, to: 1, of: 1 }, part: undefined })
    expect(deckOf(4, course).map(({ no }) => no)).toEqual([3, 4, 5])
    expect(planAt(7, course)).toBeUndefined()
  })

  test('finds the first slide of a module, in the course and alone', () => {
    expect(firstSlideOf('03-gossip', course)).toBe(3)
    expect(firstSlideOf('03-gossip', course.slice(2))).toBe(3)
    expect(firstSlideOf('05-eclipse', course)).toBeUndefined()
  })

  test('leaves no gap: each slide begins where the one before ends, and the last ends at the sum', () => {
    const slide = fc.record({
      minutes: fc.integer({ min: 1, max: 10 }).map((halves) => halves / 2),
      tags: fc.constantFrom('core', 'optional'),
      part: fc.constantFrom('One', 'Two', undefined),
    })
    fc.assert(
      fc.property(fc.array(slide, { minLength: 1, maxLength: 20 }), (frontmatters) => {
        const slides = slidesOf(frontmatters)
        const plans = slides.map(({ no }) => planAt(no, slides)!)
        for (const spans of [plans.map(({ all }) => all), plans.flatMap(({ core }) => core ?? [])]) {
          expect(spans.map(({ from }) => from)).toEqual(
            [0, ...spans.slice(0, -1).map(({ to }) => to)].slice(0, spans.length),
          )
          if (spans.length > 0) expect(spans.at(-1)!.to).toBe(spans[0]!.of)
        }
      }),
      cases(100),
    )
  })
})
