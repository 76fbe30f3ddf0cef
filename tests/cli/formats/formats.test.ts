/** Each format, held against what its platform takes: a file that a platform would refuse is lost work of a student. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { LabReport, Status } from '../../../cli/grading/report.ts'
import { csvReport } from '../../../cli/formats/csv.ts'
import { findFormat, formats } from '../../../cli/formats/registry.ts'
import { cases, fc } from '../../support/fast-check.ts'
import { classroom50Environment } from './classroom50-environment.ts'
import { junitComplaints, testCases } from './junit-shape.ts'
import { nastyReport, reportOf, sampleReport, samples, twoLabs } from './sample-reports.ts'
import { complaints, jsonFormats, type JsonFormat } from './schemas.ts'

function write(format: string, reports: readonly LabReport[]): string {
  return findFormat(format).prepare(classroom50Environment, '/submissions/ada')(reports).text
}

/** What a test expects of any of these; the schema says more. */
interface Written {
  readonly status: string
  readonly score: number
  readonly gradable: boolean
  readonly message: string | null
  readonly output: string
  readonly datetime: string
  readonly graded_at: string
  readonly leaderboard?: readonly object[]
  readonly tests: readonly { readonly [field: string]: string & number & string[] & { isolation: string } }[]
}

const written = (format: string, reports: readonly LabReport[]): Written =>
  JSON.parse(write(format, reports)) as Written

const manyLabs = jsonFormats.filter((format) => findFormat(format).isForOneLab !== true)

describe.each(jsonFormats)('a report for %s', (format) => {
  it.each(Object.entries(samples))('is taken: %s', (_what, reports) => {
    expect(complaints(format, written(format, reports))).toEqual([])
  })

  it('is taken whatever text is in it, and has no control characters', () => {
    const check = (report: LabReport): void => {
      const text = write(format, [report])
      expect(complaints(format, JSON.parse(text))).toEqual([])
      expect(text.isWellFormed()).toBe(true)
      JSON.parse(text, (_key, value: unknown) => {
        if (typeof value === 'string') expect(value).not.toMatch(/[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/u)
        return value
      })
    }
    fc.assert(fc.property(nastyReport, check), cases(100))
  })

  it('names each task and each unexpected one, in the order of the manifest', () => {
    const { tests } = written(format, [sampleReport(['passed', 'missing'], { unexpected: ['free-points'] })])
    const names = tests.map((test) => test['test-name'] ?? test['name'])
    expect(names).toEqual(['Task 0', 'Task 1', 'free-points'])
  })

  it('gives points for passed tasks only', () => {
    const { tests } = written(format, samples['a mixture']!)
    if (format === 'exercism')
      return expect(tests.map(({ status }) => status)).toEqual(['pass', 'fail', 'error', 'error', 'error'])
    expect(tests.map((test) => test['score'] ?? test['points'])).toEqual([10, 0, 0, 0, 0])
  })

  it('keeps a time-out, a crash, a wrong answer and what is missing apart', () => {
    const { tests } = written(format, samples['a mixture']!)
    const messages = tests.slice(1).map((test) => String(test['message'] ?? test['output']))
    expect(messages.map((message) => message.split('\n')[0])).toEqual([
      'wrong behaviour',
      'timed out',
      'crashed',
      'missing',
    ])
  })

  it('says which isolation was in force', () => {
    expect(write(format, samples['a mixture']!)).toContain('Isolation in force: a process of its own')
  })

  it('says that a failure was in a hidden network, and nothing of its seed', () => {
    const text = write(format, samples['a hidden failure']!)
    expect(text).toContain('only the grader knows')
    expect(text).not.toMatch(/seed=|"seed"/)
  })

  it('of zero tests is no pass', () => {
    const result = written(format, samples['zero tests']!)
    const passes = result.tests.filter((test) =>
      [test['passed'], test['status']].some((is) => is === true || is === 'pass' || is === 'passed'),
    )
    expect(passes).toEqual([])
    if (format === 'exercism' || format === 'github-classroom') expect(result.status).toBe('error')
    if (format === 'prairielearn') expect(result.gradable).toBe(false)
  })
})

describe.each(manyLabs)('a report of several labs for %s', (format) => {
  it('is taken, and the lab stands before the name of each test', () => {
    const result = written(format, twoLabs)
    expect(complaints(format, result)).toEqual([])
    expect(result.tests.map((test) => test['test-name'] ?? test['name'])).toEqual([
      '03-gossip: Task 0',
      '03-gossip: Task 1',
      '07-dht: Task 0',
    ])
  })
})

/** Reports with one thing wrong: a schema that took them would prove nothing. */
const broken: readonly (readonly [JsonFormat, string, (report: Written & { [key: string]: unknown }) => void])[] = [
  ['classroom50', 'a field too many', (report) => void (report['isolation'] = '')],
  ['classroom50', 'half a point', (report) => void Object.assign(report, { score: 0.5 })],
  ['classroom50', 'milliseconds', (report) => void Object.assign(report, { datetime: '2026-06-01T14:33:11.123Z' })],
  ['classroom50', 'no tests', (report) => void Object.assign(report, { tests: [] })],
  ['classroom50', 'a name of two lines', (report) => void Object.assign(report.tests[0]!, { 'test-name': 'a\nb' })],
  ['github-classroom', 'another status', (report) => void Object.assign(report, { status: 'passed' })],
  ['github-classroom', 'no message', (report) => void Reflect.deleteProperty(report.tests[0]!, 'message')],
  ['gradescope', 'no score', (report) => void Reflect.deleteProperty(report, 'score')],
  ['gradescope', 'a hidden test', (report) => void Object.assign(report.tests[0]!, { visibility: 'hidden' })],
  ['gradescope', 'an error', (report) => void Object.assign(report.tests[0]!, { status: 'error' })],
  ['prairielearn', 'more than all', (report) => void Object.assign(report, { score: 10 })],
  ['prairielearn', 'points on some tests', (report) => void Reflect.deleteProperty(report.tests[0]!, 'max_points')],
  ['prairielearn', 'not gradable without a reason', (report) => void Object.assign(report, { gradable: false })],
  ['exercism', 'too much output', (report) => void Object.assign(report.tests[0]!, { output: 'x'.repeat(501) })],
  ['exercism', 'an error without a message', (report) => void Object.assign(report, { status: 'error' })],
  ['exercism', 'a failed test without a message', (report) => void Object.assign(report.tests[1]!, { message: null })],
]

it.each(broken)('the schema for %s refuses %s', (format, _what, damage) => {
  const report = written(format, samples['a mixture']!) as Written & { [key: string]: unknown }
  expect(complaints(format, report)).toEqual([])
  damage(report)
  expect(complaints(format, report)).not.toEqual([])
})

describe('Classroom 50', () => {
  it('takes 100 tests, and more are refused', () => {
    expect(complaints('classroom50', written('classroom50', [ofSize(100, 10)]))).toEqual([])
    expect(() => write('classroom50', [ofSize(101, 10)])).toThrow(/101 tests, and Classroom 50 takes at most 100/)
  })

  it('has the time of the submission from its tag, so that grading again changes nothing', () => {
    const { datetime, graded_at } = written('classroom50', samples['all passed']!)
    expect({ datetime, graded_at }).toEqual({ datetime: '2026-06-01T14:32:05Z', graded_at: '2026-06-01T14:33:11Z' })
  })
})

describe('GitHub Classroom', () => {
  it('gives the step output as one line of base64', () => {
    const { text, stepOutput } = findFormat('github-classroom').prepare({}, '')(samples['a mixture']!)
    const [, base64] = /^result=([A-Za-z0-9+/]+=*)$/.exec(stepOutput!)!
    expect(JSON.parse(Buffer.from(base64!, 'base64').toString())).toEqual(JSON.parse(text))
  })

  it('fits into an environment variable of Linux, and has each test', () => {
    const { text, stepOutput } = findFormat('github-classroom').prepare({}, '')([ofSize(100, 4000)])
    expect(stepOutput!.length).toBeLessThan(128 * 1024)
    expect((JSON.parse(text) as Written).tests).toHaveLength(100)
    const tooMany = (): unknown => findFormat('github-classroom').prepare({}, '')([ofSize(1000, 1)])
    expect(tooMany).toThrow(/more than the 90000 bytes/)
  })

  it('has no line that the log of a workflow takes for a command', () => {
    const tasks = sampleReport(['failed']).tasks.map((task) => ({
      ...task,
      message: 'a\n::error::b\n  ::add-mask::c\n##[group]d',
    }))
    const message = String(written('github-classroom', [reportOf(tasks)]).tests[0]!['message'])
    expect(message).toContain('error')
    expect(message).not.toMatch(/^\s*::|##\[/m)
  })
})

describe('Gradescope', () => {
  it('has what was measured on its leaderboard, less before more', () => {
    expect(written('gradescope', samples['all passed']!).leaderboard).toEqual([
      { name: 'Packets per delivery', value: 4.25, order: 'asc' },
    ])
    expect(written('gradescope', samples['none passed']!).leaderboard).toBeUndefined()
  })
})

/** So many tests, each with a message of three bytes times this. */
function ofSize(tests: number, length: number): LabReport {
  const { tasks } = sampleReport(Array<Status>(tests).fill('failed'))
  return reportOf(tasks.map((task, i) => ({ ...task, message: `${i} ${'€'.repeat(length)}` })))
}

describe('PrairieLearn', () => {
  it('never gets more than 1 MB, and of a long report still each task', () => {
    const text = write('prairielearn', [ofSize(400, 8000)])
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(1_000_000)
    expect((JSON.parse(text) as Written).tests).toHaveLength(400)
  })

  it('charges no attempt for a file that could not be judged, and one for an answer that is wrong', () => {
    expect(written('prairielearn', samples['a file that cannot be loaded']!).gradable).toBe(false)
    expect(written('prairielearn', samples['none passed']!).gradable).toBe(true)
    expect(written('prairielearn', samples['a mixture']!).score).toBeCloseTo(10 / 60)
  })
})

describe('Exercism', () => {
  it('has at most 500 characters of output, and says where more was', () => {
    const { tests } = written('exercism', [sampleReport(['passed'], { output: '😀'.repeat(400) })])
    expect(String(tests[0]!['output'])).toMatch(/^😀+\nOutput was truncated/u)
    const [first] = written('exercism', [sampleReport(['passed'], { output: 'x'.repeat(2000) })]).tests
    expect(first!['output']).toHaveLength(500)
  })

  it('says error at the top only where nothing ran', () => {
    expect(written('exercism', samples['a file that cannot be loaded']!)).toMatchObject({
      status: 'error',
      message: 'crashed\ngossip.ts:1:1: Unexpected "}"',
    })
    expect(written('exercism', samples['a mixture']!)).toMatchObject({ status: 'fail', message: null })
    expect(written('exercism', samples['all passed']!)).toMatchObject({ status: 'pass', message: null })
  })
})

describe('JUnit XML', () => {
  it.each([...Object.entries(samples), ['two labs', twoLabs] as const])('is taken: %s', (_what, reports) => {
    expect(junitComplaints(write('junit', reports))).toEqual([])
  })

  it('is taken whatever text is in it', () => {
    const check = (report: LabReport): void => {
      expect(junitComplaints(write('junit', [report]))).toEqual([])
    }
    fc.assert(fc.property(nastyReport, check), cases(100))
  })

  it('has a child where something did not pass: a failure for a wrong answer, an error for all else', () => {
    const children = testCases(write('junit', samples['a mixture']!)).map(
      ({ failure, error }) => failure?.['@']?.['type' as never] ?? error?.['@']?.['type' as never] ?? 'passed',
    )
    expect(children).toEqual(['passed', 'failed', 'timed-out', 'crashed', 'missing'])
    expect(testCases(write('junit', samples['zero tests']!))[0]!.error).toBeDefined()
  })

  it.each([
    ['a count that is wrong', (xml: string) => xml.replace('failures="1"', 'failures="0"')],
    ['a failure that is left out', (xml: string) => xml.replace(/<failure.*?<\/failure>/s, '')],
    ['an element that is not closed', (xml: string) => xml.replace('</testsuite>', '')],
    ['a character that XML does not have', (xml: string) => xml.replace('Task 0', 'Task \u0001')],
  ])('is refused with %s', (_what, damage) => {
    const xml = write('junit', samples['a mixture']!)
    expect(junitComplaints(damage(xml))).not.toEqual([])
  })
})

describe('CSV', () => {
  it('is a row with a column for each task, named after the folder', () => {
    expect(write('csv', samples['a mixture']!).split('\r\n')).toEqual([
      'id,score,max,03-gossip:task-0,03-gossip:task-1,03-gossip:task-2,03-gossip:task-3,03-gossip:task-4,not_passed,graded_at,seeds,key,grader,isolation',
      'ada,10,60,10,0,0,0,0,03-gossip:task-1 failed; 03-gossip:task-2 timed-out; 03-gossip:task-3 crashed; 03-gossip:task-4 missing,' +
        '2026-06-01T14:33:11.123Z,public,,0.1.0,Isolation in force: a process of its own. Not in force here: a user of its own. It does not hold: timing',
      '',
    ])
  })

  it('has a column for each task that any submission has, and names what scores nothing', () => {
    const csv = csvReport([
      { id: '=cmd()', reports: [sampleReport(['passed'], { unexpected: ['free-points'] })] },
      { id: 'bob', reports: twoLabs },
    ])
    const [header, first, second] = csv.split('\r\n')
    expect(header).toMatch(/^id,score,max,03-gossip:task-0,03-gossip:task-1,07-dht:task-0,not_passed,/)
    expect(first).toMatch(/^'=cmd\(\),10,10,10,,,03-gossip:free-points unexpected,/)
    expect(second).toMatch(/^bob,10,31,10,0,0,03-gossip:task-1 timed-out; 07-dht:task-0 crashed,/)
  })
})

it('the help of the command names every format', () => {
  const help = readFileSync(new URL('../../../cli/commands/grade.ts', import.meta.url), 'utf8')
  for (const { id } of formats) expect(help).toContain(id)
})
