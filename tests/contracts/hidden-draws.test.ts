/** What is drawn from a key is as hard as what is public: right answers pass, and nobody can know it. */
import * as engine from '@peerlab/engine'
import { LocalSubject } from '@peerlab/engine'
import { describe, expect, test } from 'vitest'
import { judgeTask } from './contract.ts'
import { hiddenDraw, publicDraw } from './draw.ts'
import { explain } from './explain.ts'
import { contracts } from './registry.ts'

/** PEERLAB_KEYS tries more. */
const keyCount = Number(process.env['PEERLAB_KEYS'] ?? 3)

const keyOf = (i: number): Uint8Array => new TextEncoder().encode(`key ${i} of the tests`)

const solutions = import.meta.glob<Record<string, unknown>>('../../solutions/*/*.ts', { eager: true })

describe.each(contracts.map((contract) => [contract.lab, contract] as const))('%s', (lab, contract) => {
  const [path] = Object.keys(solutions).filter((name) => name.includes(`/solutions/${lab}/`))

  test.each(Array.from({ length: keyCount }, (_, i) => [i]))('the solution passes what key %i draws', async (i) => {
    for (const task of contract.tasks(hiddenDraw(keyOf(i), lab))) {
      const verdict = await judgeTask(task, async () => new LocalSubject(solutions[path!]!))
      if (verdict.status !== 'passed') expect.fail(`${task.id}\n${explain(verdict.finding, lab)}`)
    }
  })

  test('no draw changes which tasks there are', () => {
    const ids = contract.tasks(publicDraw).map(({ id }) => id)
    expect(contract.tasks(hiddenDraw(keyOf(0), lab)).map(({ id }) => id)).toEqual(ids)
  })
})

describe('a draw', () => {
  const range = { usual: 5, from: 3, to: 9 }

  test('is the same each time, and another for another key, lab or label', () => {
    const drawn = (key: number, lab: string, label: string): number =>
      hiddenDraw(keyOf(key), lab).integer(label, { usual: 0, from: 0, to: 1_000_000 })
    expect(drawn(0, 'a', 'x')).toBe(drawn(0, 'a', 'x'))
    expect(new Set([drawn(0, 'a', 'x'), drawn(1, 'a', 'x'), drawn(0, 'b', 'x'), drawn(0, 'a', 'y')]).size).toBe(4)
  })

  test('takes every value of its range, and none beside it', () => {
    const values = new Set(Array.from({ length: 200 }, (_, i) => hiddenDraw(keyOf(i), 'a').integer('x', range)))
    expect([...values].sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9])
  })

  test('in public is what everybody knows', () => {
    expect(publicDraw.integer('x', range)).toBe(5)
    expect(publicDraw.seeds('x', [11, 23])).toEqual([11, 23])
    expect(hiddenDraw(keyOf(0), 'a').seeds('x', [11, 23])).not.toContain(11)
  })
})

describe('questions on a run of the code', () => {
  for (const { lab, questions } of contracts) {
    if (questions === undefined) continue
    test.each([1001, 2002, 3003])(
      `${lab}, seed %i: each has an answer that can be given, and a reason`,
      async (seed) => {
        const asked = await questions(async () => new LocalSubject({ ...engine }), seed)
        expect(asked.length).toBeGreaterThan(1)
        for (const { id, text, options, answer, because, replay } of asked) {
          if (options === undefined) expect(answer, id).toMatch(/^-?\d+(\.\d+)?$/)
          else expect(options, id).toContain(answer)
          expect(text, id).toMatch(/\?/)
          expect(because, id).not.toBe('')
          expect(replay, id).toContain(`seed=${seed}`)
        }
        expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length)
      },
    )
  }
})
