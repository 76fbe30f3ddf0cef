import { Reflector, type Query } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { fc } from '../support/fast-check.ts'
import { query, Reflection } from '../support/reflection.ts'

describe('a reflector', () => {
  test('sends the answer to whom the query names, and nothing to who sent it', () => {
    const reflection = new Reflection({ factor: 10 }).ask([query], 2)
    expect(reflection.answers[0]).toEqual([])
    expect(reflection.answers[2]!.length).toBeGreaterThan(0)
    expect(new Reflection({ factor: 10 }).ask([query], 0).answers[0]!.length).toBeGreaterThan(0)
  })

  test('answers with as much as its factor says, short of it by less than a small packet', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 600, noNaN: true }), fc.integer({ min: 1, max: 5 }), (factor, count) => {
        const reflection = new Reflection({ factor }).ask(Array<typeof query>(count).fill(query), 2)
        expect(reflection.factorTo(2)).toBeLessThanOrEqual(factor)
        expect(reflection.factorTo(2)).toBeGreaterThan(factor - 0.3)
      }),
    )
  })

  test('never sends an address over its limit before that has said a token back, and all of it afterwards', () => {
    const reflection = new Reflection({ factor: 50, limit: 3 }).ask([query, query, query], 0)
    expect(reflection.factorTo(0)).toBeLessThanOrEqual(3)
    expect(reflection.factorTo(0)).toBeGreaterThan(2.9)
    const { token } = reflection.answers[0]![0]!
    const known: Query = { ...query, token }
    reflection.ask([known], 0)
    // One query of four had the whole answer.
    expect(reflection.factorTo(0)).toBeGreaterThan((3 * 3 + 45) / 4)
    const guessed: Query = { ...query, token: (token + 1) % 2 ** 32 }
    const wrong = new Reflection({ factor: 50, limit: 3 }).ask([query, guessed], 0)
    expect(wrong.factorTo(0)).toBeLessThanOrEqual(3)
  })

  test('reports what is no query, and answers nothing', () => {
    for (const bad of [
      { type: 'hello' },
      { type: 'query' },
      { type: 'query', payload: 'x' },
      { ...query, token: 'x' },
    ]) {
      const reflection = new Reflection({ factor: 10 }).ask([bad as never], 2)
      expect(reflection.reports).toEqual(['malformed'])
      expect(reflection.answers.flat()).toEqual([])
    }
  })

  test('refuses factors and limits out of range', () => {
    expect(() => new Reflector({} as never, { factor: -1 })).toThrow('factor is -1')
    expect(() => new Reflector({} as never, { factor: 1, limit: NaN })).toThrow('limit is NaN')
  })
})
