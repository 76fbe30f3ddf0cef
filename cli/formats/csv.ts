import { basename } from 'node:path'
import type { LabReport } from '../grading/report.ts'
import { csvRows, type CsvValue } from './csv-cells.ts'
import type { Format } from './format.ts'
import { isolationInWords, wholeOf } from './tests-of.ts'

/** CSV for a gradebook: a row for the submission, a column for each task. */
export const csv: Format = {
  id: 'csv',
  title: 'CSV for a gradebook: one row, named after the folder of the submission',
  fileName: 'grades.csv',
  prepare: (_environment, submission) => (reports) => ({ text: csvReport([{ id: basename(submission), reports }]) }),
}

/** What somebody handed in, and how each lab was judged. */
export interface Submission {
  readonly id: string
  /** At least one. */
  readonly reports: readonly LabReport[]
}

/**
 * A row for each submission. A task's column has its points; which tasks did not pass, and in which way, is in a column
 * of its own. A lab or task that a submission lacks leaves its cell empty.
 */
export function csvReport(submissions: readonly Submission[]): string {
  const columns = [
    ...new Set(submissions.flatMap(({ reports }) => reports.flatMap(({ lab, tasks }) => tasks.map(columnOf(lab))))),
  ]
  const rows = submissions.map(({ id, reports }): CsvValue[] => {
    const { score, max, tests, gradedAt, terms } = wholeOf(reports)
    const points = new Map(tests.map((test) => [columnOf(test.lab)(test), test.score]))
    const notPassed = tests.filter(({ status }) => status !== 'passed')
    return [
      id,
      score,
      max,
      ...columns.map((column) => points.get(column)),
      notPassed
        .map((test) => `${columnOf(test.lab)(test)} ${test.status}${test.isHidden ? ' (hidden)' : ''}`)
        .join('; '),
      gradedAt,
      terms.seeds,
      terms.key,
      terms.grader,
      isolationInWords(reports[0]!.isolation).replaceAll('\n', '. '),
    ]
  })
  const header = ['id', 'score', 'max', ...columns, 'not_passed', 'graded_at', 'seeds', 'key', 'grader', 'isolation']
  return csvRows([header, ...rows])
}

function columnOf(lab: string): (task: { readonly id: string }) => string {
  return ({ id }) => `${lab}:${id}`
}
