import { describe, expect, it } from 'vitest'
import { marksOf, type Mark } from '../../../cli/class/marks.ts'
import { dayMillis, penaltyOf, readLateRule, readMoment } from '../../../cli/class/moments.ts'
import { parseRoster, type Student } from '../../../cli/class/roster.ts'
import type { ClassTerms } from '../../../cli/class/state.ts'
import { WrongUse } from '../../../cli/failure.ts'
import { gossip, reportOf } from '../support/class.ts'

describe('a moment', () => {
  it.each([
    ['2026-11-30', Date.UTC(2026, 10, 30, 23, 59, 59, 999)],
    ['2026-11-30T18:00+01:00', Date.UTC(2026, 10, 30, 17)],
    ['2026-11-30 18:00:30Z', Date.UTC(2026, 10, 30, 18, 0, 30)],
    ['2026-11-30T18:00-0530', Date.UTC(2026, 10, 30, 23, 30)],
    ['2026-11-30T18:00', Date.UTC(2026, 10, 30, 18)],
  ])('%s is the same on every machine', (text, expected) => {
    expect(readMoment(text)).toBe(expected)
  })

  it.each(['', '30.11.2026', '2026-11-31', '2026-13-01', '2026-11-30T25:00', 'tomorrow'])('%j is none', (text) => {
    expect(readMoment(text)).toBeUndefined()
  })
})

describe('the rule for being late', () => {
  it('takes its share for each unit that has begun, and no more than the most', () => {
    const rule = readLateRule('10%/day', '25%')
    expect([0, 1, dayMillis, dayMillis + 1, 9 * dayMillis].map((late) => penaltyOf(late, rule))).toEqual([
      0, 0.1, 0.1, 0.2, 0.25,
    ])
    expect(penaltyOf(90 * 60_000, readLateRule('1.5 % / hour', undefined))).toBe(0.03)
  })

  it.each([['10%'], ['10/day'], ['101%/day'], ['-1%/day'], ['10%/week']])('refuses %s', (rule) => {
    expect(() => readLateRule(rule, undefined)).toThrow(WrongUse)
  })
})

describe('a roster', () => {
  it('reads what spreadsheets write: byte order mark, semicolons, quotes, empty lines', () => {
    const text = '\ufeffID;Name;Group;Extension\r\n007;"Bond; ""J"" ";red;2\r\n;;;\r\nø;Åse;;2026-12-01\r\n'
    expect(parseRoster(text, 'r.csv')).toEqual([
      { id: '007', name: 'Bond; "J"', email: '', group: 'red', submission: '', extension: { by: 2 * dayMillis } },
      { id: 'ø', name: 'Åse', email: '', group: '', submission: '', extension: { until: readMoment('2026-12-01') } },
    ])
  })

  it.each([
    ['name\nann', 'no column "id"'],
    ['id,id\na,b', 'two columns "id"'],
    ['id,name\n,x', 'line 2: the id is empty'],
    ['id\nann\nbob\nann', 'line 4: the id "ann" is there already, in line 2'],
    ['id,extension\nann,soon', 'line 2: the extension cannot be "soon"'],
    ['id,handed_in\nann,soon', 'line 2: handed_in cannot be "soon"'],
    ['id,name\nann', 'is no CSV file'],
    ['id,name\n"ann,x', 'is no CSV file'],
    ['id,name\n', 'has no students'],
  ])('refuses %j, with the place', (text, why) => {
    expect(() => parseRoster(text, 'r.csv')).toThrow(why)
  })
})

describe('marks', () => {
  const due = Date.UTC(2026, 10, 30)
  const at = (days: number): number => due + days * dayMillis
  const student = (id: string, more: Partial<Student> = {}): Student => ({
    ...{ id, name: '', email: '', group: '', submission: '' },
    ...more,
  })
  const all = gossip.tasks.map(({ id }) => id)

  /** Submissions by name: when they were written, and how many of the lab's tasks they pass. */
  function marks(
    roster: readonly Student[] | null,
    submissions: { readonly [name: string]: readonly [days: number, passed: number] },
  ): { readonly of: (id: string) => Mark; readonly strangers: readonly string[]; readonly counted: readonly string[] } {
    const names = Object.keys(submissions)
    const late = { share: 0.1, unit: dayMillis, most: 0.5 }
    const judgedBy = { grader: '', key: null }
    const terms: ClassTerms = { labs: [gossip.id], roster, due, late, submissions: names, shard: '1/1', judgedBy }
    const handIns = names.map((submission) => ({
      ...{ submission, lab: gossip.id, files: [] },
      writtenAt: new Date(at(submissions[submission]![0])).toISOString(),
    }))
    const report = (name: string) =>
      reportOf(
        gossip,
        all.slice(0, submissions[name]![1]).map((task) => ({ task, status: 'passed' })),
      )
    const result = marksOf({ terms, handIns, report, maxOf: () => 100 })
    return { ...result, of: (id) => result.all.find((mark) => mark.student.id === id)! }
  }

  it('are 0, with a remark, for who handed nothing in; and what nobody owns is named', () => {
    const { of, strangers, counted } = marks([student('ann'), student('bob')], { ann: [0, 1], eve: [0, 10] })
    expect(of('bob')).toMatchObject({ submission: null, score: 0, max: 100, remarks: ['nothing handed in'] })
    expect({ strangers, counted }).toEqual({ strangers: ['eve'], counted: ['ann'] })
  })

  it('are those of one submission for all of a group: the newest, and the others are named', () => {
    const roster = ['ann', 'bob', 'cem'].map((id) => student(id, { group: 'red' }))
    const { of, counted } = marks(roster, { ann: [-2, 10], RED: [-1, 1], cem: [-3, 2] })
    for (const id of ['ann', 'bob', 'cem']) {
      expect(of(id)).toMatchObject({ submission: 'RED', score: 10 })
      expect(of(id).remarks).toEqual(['also handed in, and not counted: ann, cem'])
    }
    expect(counted).toEqual(['RED'])
  })

  it('find their submission without regard to case and accents, but never guess between two', () => {
    const roster = [student('Ann'), student('ANN'), student('Zoe\u0308'), student('x', { submission: 'archive 7' })]
    const { of, strangers } = marks(roster, { ann: [0, 1], zoë: [0, 1], 'archive 7': [0, 1] })
    expect(of('Ann').submission).toBeNull()
    expect(strangers).toEqual(['ann'])
    expect(of('Zoe\u0308').submission).toBe('zoë')
    expect(of('x').submission).toBe('archive 7')
  })

  it('lose by the deadline of the student: with an extension of days, or to a moment', () => {
    const roster = [
      student('ann'),
      student('bob', { extension: { by: 2 * dayMillis } }),
      student('cem', { extension: { until: at(3) } }),
    ]
    const { of } = marks(roster, { ann: [2.5, 10], bob: [2.5, 10], cem: [2.5, 10] })
    expect(of('ann')).toMatchObject({ late: 2.5 * dayMillis, points: 100, score: 70, handedInFrom: 'files' })
    expect(of('bob')).toMatchObject({ late: 0.5 * dayMillis, score: 90 })
    expect(of('cem')).toMatchObject({ late: 0, score: 100 })
  })

  it('believe the roster more than the files when something was handed in', () => {
    const { of } = marks([student('ann', { handedIn: at(-1) })], { ann: [9, 10] })
    expect(of('ann')).toMatchObject({ handedIn: at(-1), handedInFrom: 'roster', score: 100 })
  })

  it('are one for each submission where there is no roster', () => {
    const { of } = marks(null, { 'some one': [0, 1], other: [0, 2] })
    expect([of('some one').score, of('other').score]).toEqual([10, 25])
  })
})
