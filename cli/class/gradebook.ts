import { csvRows, type CsvValue } from '../formats/csv-cells.ts'
import type { Manifest } from '../labs/manifest.ts'
import type { Mark } from './marks.ts'
import { dayMillis } from './moments.ts'

/** The gradebook as a CSV file: one row for each student, one column for each lab and each of its tasks. */
export function gradebook(marks: readonly Mark[], manifests: readonly Manifest[]): string {
  const header = [
    ...[
      'id',
      'name',
      'email',
      'group',
      'score',
      'max',
      'points',
      'penalty',
      'days_late',
      'handed_in',
      'handed_in_from',
    ],
    'submission',
    ...manifests.flatMap(({ id, tasks }) => [id, ...tasks.map((task) => `${id}/${task.id}`)]),
    ...['graded_at', 'seeds', 'key', 'grader', 'remarks'],
  ]
  return csvRows([header, ...marks.map((mark) => rowOf(mark, manifests))])
}

function rowOf(mark: Mark, manifests: readonly Manifest[]): CsvValue[] {
  const { student, score, max, points, penalty, late, handedIn, handedInFrom, submission, labs, remarks } = mark
  const judged = labs.filter((lab) => lab !== null)
  const { terms } = judged[0] ?? {}
  return [
    ...[student.id, student.name, student.email, student.group, score, max, points, penalty],
    Math.round((late / dayMillis) * 100) / 100,
    handedIn === null ? null : new Date(handedIn).toISOString(),
    handedInFrom,
    submission,
    ...manifests.flatMap(({ tasks }, i) => {
      const lab = labs[i] ?? null
      if (lab === null) return [null, ...tasks.map(() => null)]
      return [lab.score, ...tasks.map(({ id }) => lab.tasks.find((task) => task.id === id)?.score)]
    }),
    judged
      .map(({ gradedAt }) => gradedAt)
      .sort()
      .at(-1),
    ...[terms?.seeds, terms?.key, terms?.grader],
    remarks.join('; '),
  ]
}
