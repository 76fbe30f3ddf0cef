import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { correlation, failureGroups, itemStatistics, type Row } from '../../../cli/class/item-analysis.ts'
import { shareIn, similarPairs, type Program } from '../../../cli/class/similarity.ts'
import { tokensOf } from '../../../cli/class/tokens.ts'
import { gramsOf, gramTokens, windowGrams, winnow } from '../../../cli/class/winnowing.ts'
import type { TaskVerdict } from '../../../cli/grading/report.ts'
import { labsFolder, solutionsFolder } from '../../../cli/labs/manifest.ts'
import { cases, fc } from '../../support/fast-check.ts'
import { gossip, reportOf } from '../support/class.ts'

const starter = readFileSync(join(labsFolder, gossip.id, '.starter', 'gossip.ts'), 'utf8')
const solution = readFileSync(join(solutionsFolder, gossip.id, 'gossip.ts'), 'utf8')

const kinds = (text: string): readonly string[] => tokensOf(text).map(({ kind }) => kind)

describe('tokens', () => {
  it('are the same whatever names, numbers, texts, comments and layout are', () => {
    const text = 'const a = f("x", 12) /* no */ + `t ${a}`; // end'
    expect(kinds("let\n q=\ng('yy' ,0.5e-3)+``").join(' ')).toBe('let n = n ( s 0 ) + s')
    expect(kinds(text).join(' ')).toBe('const n = n ( s 0 ) + s')
  })

  it('know their lines, behind comments and texts of several lines too', () => {
    expect(tokensOf('a /*\n\n*/ b `\n` c').map(({ line }) => line)).toEqual([1, 3, 3, 4])
  })

  it('come out of any text at all, and none of it is lost but blanks', () => {
    const piece = fc.oneof(
      fc.constantFrom('`', '"', "'", '/*', '*/', '//', '\\', '\n', '${', '}', '#', '\ud800'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const tokens = tokensOf(pieces.join(''))
        const lines = pieces.join('').split('\n').length
        expect(tokens.every(({ kind, line }) => kind !== '' && line >= 1 && line <= lines)).toBe(true)
      }),
      cases(300),
    )
  })
})

/** A program of so many statements, each one of a few kinds. */
const statement = fc.constantFrom(
  'a = b + c',
  'if (a) b()',
  'for (;;) { a.b }',
  'return [a, b]',
  'x?.y(z!)',
  'throw a',
  'a++',
)
const program = (min: number, max: number) =>
  fc.array(statement, { minLength: min, maxLength: max }).map((all) => all.join('\n'))

describe('winnowing', () => {
  it('finds every match of w + k - 1 tokens, wherever it stands', () => {
    fc.assert(
      fc.property(program(15, 25), program(0, 20), program(0, 20), (shared, front, back) => {
        fc.pre(tokensOf(shared).length >= gramTokens + windowGrams - 1)
        const hashes = (text: string): Set<number> => new Set(winnow(gramsOf(text)).map(({ hash }) => hash))
        const other = hashes(shared)
        expect([...hashes(`${front}\n${shared}\n${back}`)].some((hash) => other.has(hash))).toBe(true)
      }),
      cases(150),
    )
  })

  it('chooses one of each window, and at most one each time the window moves', () => {
    fc.assert(
      fc.property(program(10, 60), (text) => {
        const grams = gramsOf(text)
        const chosen = new Set(winnow(grams))
        for (let i = 0; i + windowGrams <= grams.length; i++) {
          const window = grams.slice(i, i + windowGrams)
          const least = Math.min(...window.map(({ hash }) => hash))
          expect(window.some((gram) => gram.hash === least && chosen.has(gram))).toBe(true)
        }
      }),
      cases(100),
    )
  })

  it('has nothing of what is left out', () => {
    const without = new Set(gramsOf(starter).map(({ hash }) => hash))
    expect(winnow(gramsOf(starter), without)).toEqual([])
    expect(winnow(gramsOf(solution), without).every(({ hash }) => !without.has(hash))).toBe(true)
  })
})

const one = (name: string, text: string): Program => ({ name, files: [{ path: 'gossip.ts', text }] })

/** Code that is neither the starter's nor the solution's. */
const own = `export class Gossip {
  seen = {}
  onCommand(command) { this.seen[command.id] = command; this.spread(command.id, command.payload, this.options.ttl, null) }
  spread(id, payload, ttl, except) {
    let list = []
    for (let i = 0; i < this.host.neighbors.length; i++) {
      const peer = this.host.neighbors[i]
      if (peer !== except) list.push(peer)
    }
    let count = 0
    while (count < this.options.fanout && list.length > 0) {
      const index = Math.floor(this.host.random.next() * list.length)
      this.host.send(list[index], { type: 'rumor', id: id, payload: payload, ttl: ttl })
      list.splice(index, 1)
      count = count + 1
    }
  }
}`
const renamed = own
  .replaceAll('spread', 'tellOthers')
  .replaceAll('list', 'candidates')
  .replace(/\n/g, '\n\n  // mine\n')

describe('similar pairs', () => {
  it('are found behind other names, comments and line breaks, with the lines on both sides', () => {
    const [pair, ...others] = similarPairs([one('ann', own), one('bob', renamed), one('cem', solution)], {
      common: [starter],
    })
    expect(others).toEqual([])
    expect([pair!.left.name, pair!.right.name, pair!.share]).toEqual(['ann', 'bob', 1])
    expect(pair!.matches[0]).toEqual({
      left: { path: 'gossip.ts', from: 1, to: own.split('\n').length },
      right: { path: 'gossip.ts', from: 1, to: renamed.split('\n').length },
    })
  })

  it('are not those who share what everybody has, or what many have', () => {
    expect(similarPairs([one('ann', starter), one('bob', starter)], { common: [starter] })).toEqual([])
    expect(similarPairs([one('ann', solution), one('bob', solution)], { common: [starter, solution] })).toEqual([])
    const many = Array.from({ length: 11 }, (_, i) => one(`student ${i}`, own))
    expect(similarPairs(many.slice(1), { common: [] })).toHaveLength(45)
    expect(similarPairs(many, { common: [] })).toEqual([])
  })

  it('are the same in any order of the programs, but for their sides', () => {
    const programs = [one('ann', own), one('bob', renamed), one('cem', `${own}\n${solution}`)]
    const names = (order: readonly Program[]): readonly string[] =>
      similarPairs(order, { common: [starter] }).map(
        ({ left, right, share }) => [left.name, right.name].sort().join() + share,
      )
    expect(names(programs).toSorted()).toEqual(names(programs.toReversed()).toSorted())
    expect(names(programs)).toHaveLength(3)
  })
})

describe('the likeness to a text', () => {
  it('is all for a copy, nothing for other code, and undefined for who wrote nothing', () => {
    expect(shareIn(one('ann', solution), [solution], [starter])).toBe(1)
    expect(shareIn(one('ann', own), [solution], [starter])).toBe(0)
    expect(shareIn(one('ann', starter), [solution], [starter])).toBeNull()
  })
})

describe('the analysis of tasks', () => {
  const row = (submission: string, passed: readonly number[], message = 'property  it holds\nmore'): Row => ({
    submission,
    reports: [
      reportOf(
        gossip,
        gossip.tasks.map(({ id }, i): TaskVerdict =>
          passed.includes(i) ? { task: id, status: 'passed' } : { task: id, status: 'failed', message },
        ),
      ),
    ],
  })

  it('has difficulty, mean and the correlation with the other tasks', () => {
    const items = itemStatistics([row('a', [0, 1]), row('b', [0, 1]), row('c', [0]), row('d', [])])
    expect(items[0]).toMatchObject({ task: 'deliver', passed: 3, judged: 4, share: 0.75, mean: 7.5 })
    // Worked by hand: hits 1 1 1 0 with the 15 15 0 0 points of the rest.
    expect(items[0]!.discrimination).toBeCloseTo(1 / Math.sqrt(3), 12)
    expect(items[1]!.discrimination).toBeCloseTo(1 / Math.sqrt(3), 12)
    expect(items[2]).toMatchObject({ passed: 0, share: 0, discrimination: null })
  })

  it('has a correlation from -1 to 1 that no scale changes, and none where something does not vary', () => {
    const values = fc.array(fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 90 })), { minLength: 2 })
    fc.assert(
      fc.property(values, (pairs) => {
        const [xs, ys] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)]
        const found = correlation(xs, ys)
        expect(found === null).toBe(new Set(xs).size === 1 || new Set(ys).size === 1)
        if (found === null) return
        expect(Math.abs(found)).toBeLessThanOrEqual(1)
        expect(correlation(ys, xs)).toBeCloseTo(found, 9)
        expect(
          correlation(
            xs,
            ys.map((y) => 3 * y + 7),
          ),
        ).toBeCloseTo(found, 9)
        expect(
          correlation(
            xs.map((x) => 1 - x),
            ys,
          ),
        ).toBeCloseTo(-found, 9)
      }),
      cases(200),
    )
  })

  it('groups failures by task and property, and says once what fails all tasks', () => {
    const broken = row('z', [], 'gossip.ts:3:1: Unexpected "x"')
    const groups = failureGroups([row('a', [0]), row('b', [0]), broken, row('y', [], 'gossip.ts:14:8: Unexpected "x"')])
    expect(groups).toHaveLength(gossip.tasks.length)
    expect(groups[0]).toEqual({ lab: gossip.id, task: 'spread', status: 'failed', what: 'it holds', who: ['a', 'b'] })
    expect(groups.at(-1)).toMatchObject({ task: null, what: 'gossip.ts:#:#: Unexpected "x"', who: ['z', 'y'] })
  })
})
