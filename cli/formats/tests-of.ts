import type { Isolation, LabReport, Status, TaskReport, Terms } from '../grading/report.ts'
import { cutText, safeLine, safeText } from './safe-text.ts'

/** One line of a report, whatever the platform calls it. All of its text is safe to show. */
export interface Test {
  /** The task's title, after the lab's id where a report has several labs. */
  readonly name: string
  readonly lab: string
  /** The task's id, as the manifest has it. */
  readonly id: string
  /** The task's place among those of its lab, from 1; 0 for what the manifest does not have. */
  readonly number: number
  /** `unexpected`: judged though the manifest does not have it. */
  readonly status: Status | 'unexpected'
  readonly score: number
  readonly max: number
  /** What happened, in words that keep a time-out, a crash and a wrong answer apart. Lines of text; empty if it passed. */
  readonly message: string
  readonly isHidden: boolean
  /** Wall-clock time. */
  readonly seconds: number
}

/** What a report of several labs says as a whole. All of its text is safe to show. */
export interface Whole {
  readonly score: number
  readonly max: number
  readonly tests: readonly Test[]
  /** Why no test could run at all, where one reason holds for all of them. */
  readonly nothingRan: string | undefined
  /** What the code printed. */
  readonly output: string
  readonly measured: readonly { readonly name: string; readonly value: number }[]
  /** What stood between the judge and the code, as lines of text. */
  readonly isolation: string
  readonly terms: Terms
  /** ISO 8601 in UTC. */
  readonly gradedAt: string
  /** Wall-clock time. */
  readonly seconds: number
}

/** How much of what is quoted gets into a report, in UTF-16 code units. */
export interface Lengths {
  /** Of one test. Default 8000. */
  readonly message?: number
  /** Of all that the code printed. Default 20000. */
  readonly output?: number
}

/** What each status is called where people read it. */
export const inWords = {
  passed: 'passed',
  failed: 'wrong behaviour',
  'timed-out': 'timed out',
  crashed: 'crashed',
  missing: 'missing',
  unexpected: 'not a task of this lab; it scores nothing',
} as const

/** The reports of one submission as one list of tests. There is at least one test: a report without any is a failure. */
export function wholeOf(reports: readonly LabReport[], { message = 8000, output = 20_000 }: Lengths = {}): Whole {
  const [first] = reports
  if (first === undefined) throw new RangeError('reports is empty: grade at least one lab before writing a report')
  const hasSeveral = reports.length > 1
  // A platform refuses a test without a name.
  const label = (lab: string, text: string): string => {
    const name = safeLine(text) || 'without a name'
    return hasSeveral ? `${lab}: ${name}` : name
  }
  const tests = reports.flatMap((report): Test[] => [
    ...report.tasks.map((task, i) => testOf(report.lab, task, i + 1, label(report.lab, task.title), message)),
    ...report.unexpected.map((id) => noTest(report.lab, 'unexpected', id, label(report.lab, id))),
    ...(report.tasks.length > 0
      ? []
      : [noTest(report.lab, 'missing', 'none', label(report.lab, 'no task was judged'))]),
  ])
  const printed = reports.map((report) => report.output).filter((text) => text !== '')
  return {
    score: sum(reports.map((report) => report.score)),
    max: sum(reports.map((report) => report.max)),
    tests,
    nothingRan: reasonThatNothingRan(tests),
    output: cutText(safeText(printed.join('\n')), output),
    measured: reports.flatMap((report) =>
      report.measured.map(({ name, value }) => ({ name: label(report.lab, name), value })),
    ),
    isolation: isolationInWords(first.isolation),
    terms: first.terms,
    gradedAt: last(reports.map((report) => report.gradedAt)),
    seconds: sum(reports.map((report) => report.seconds)),
  }
}

/** `In force: …`, and what is missing and what it does not hold. */
export function isolationInWords({ inForce, missing, doesNotHold }: Isolation): string {
  const line = (title: string, items: readonly string[]): string[] =>
    items.length === 0 ? [] : [`${title}: ${items.map((item) => safeLine(item)).join('; ')}`]
  return [
    ...line('Isolation in force', inForce.length === 0 ? ['none'] : inForce),
    ...line('Not in force here', missing),
    ...line('It does not hold', doesNotHold),
  ].join('\n')
}

function testOf(lab: string, task: TaskReport, number: number, name: string, length: number): Test {
  const { id, status, score, max, isHidden = false, seconds } = task
  const why = task.message === undefined ? '' : `\n${task.message}`
  const where = isHidden ? '\nThis happened in a network that only the grader knows.' : ''
  const message = status === 'passed' ? '' : cutText(safeText(`${inWords[status]}${why}${where}`), length)
  return { name, lab, id, number, status, score, max, message, isHidden, seconds }
}

function noTest(lab: string, status: 'unexpected' | 'missing', id: string, name: string): Test {
  const message = status === 'unexpected' ? inWords.unexpected : 'missing\nthe manifest of this lab has no tasks'
  return { name, lab, id: safeLine(id), number: 0, status, score: 0, max: 0, message, isHidden: false, seconds: 0 }
}

/** A file that cannot be loaded, or is not there, says the same of each task. */
function reasonThatNothingRan(tests: readonly Test[]): string | undefined {
  const [first] = tests
  const isSame = tests.every(
    ({ status, message }) => (status === 'crashed' || status === 'missing') && message === first?.message,
  )
  return isSame ? first?.message : undefined
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function last(times: readonly string[]): string {
  return times.reduce((latest, time) => (time > latest ? time : latest))
}
