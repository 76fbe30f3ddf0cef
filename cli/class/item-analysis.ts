import type { LabReport, TaskReport } from '../grading/report.ts'

/** How a task did in a class. */
export interface ItemStatistics {
  readonly lab: string
  readonly task: string
  readonly title: string
  readonly max: number
  /** How many were judged. */
  readonly judged: number
  readonly passed: number
  /** The difficulty index: the share that passed, 0 to 1; null where nobody was judged. */
  readonly share: number | null
  /** Of the points, 0 to max; null where nobody was judged. */
  readonly mean: number | null
  /**
   * The corrected item-total correlation (Nunnally, Bernstein 1994, "Psychometric Theory"): of having passed with the
   * points of all other tasks, -1 to 1. As a task is passed or not, it is a point-biserial correlation. Null where it is
   * not defined: all passed, nobody did, or all have the same points elsewhere.
   */
  readonly discrimination: number | null
}

/** A way to fail that several have in common. */
export interface FailureGroup {
  readonly lab: string
  /** Null where all tasks of the lab failed for the same reason: a file that cannot be loaded. */
  readonly task: string | null
  readonly status: TaskReport['status']
  /** The property that did not hold, or what was said instead, without its numbers. */
  readonly what: string
  /** The names of the submissions. */
  readonly who: readonly string[]
}

/** What one submission got. */
export interface Row {
  readonly submission: string
  readonly reports: readonly LabReport[]
}

/** Each task, in the order of the reports. A submission counts where it was judged in all labs. */
export function itemStatistics(rows: readonly Row[]): ItemStatistics[] {
  const [first] = rows
  if (first === undefined) return []
  const totals = rows.map(({ reports }) => reports.reduce((sum, { score }) => sum + score, 0))
  return first.reports.flatMap(({ lab, tasks }, labNumber) =>
    tasks.map(({ id, title, max }, taskNumber) => {
      const items = rows.map(({ reports }) => reports[labNumber]!.tasks[taskNumber]!)
      const hits = items.map(({ status }) => (status === 'passed' ? 1 : 0))
      const passed = hits.filter((hit) => hit === 1).length
      const rests = items.map(({ score }, i) => totals[i]! - score)
      return {
        lab,
        task: id,
        title,
        max,
        judged: rows.length,
        passed,
        share: passed / rows.length,
        mean: items.reduce((sum, { score }) => sum + score, 0) / rows.length,
        discrimination: correlation(hits, rests),
      }
    }),
  )
}

/** Pearson's correlation; null where one of the two does not vary. */
export function correlation(xs: readonly number[], ys: readonly number[]): number | null {
  const n = xs.length
  const [meanX, meanY] = [xs, ys].map((each) => each.reduce((sum, value) => sum + value, 0) / n) as [number, number]
  if (xs.every((x) => x === xs[0]) || ys.every((y) => y === ys[0])) return null
  let [products, squaresX, squaresY] = [0, 0, 0]
  for (let i = 0; i < n; i++) {
    const [x, y] = [xs[i]! - meanX, ys[i]! - meanY]
    products += x * y
    squaresX += x * x
    squaresY += y * y
  }
  return Math.max(-1, Math.min(1, products / Math.sqrt(squaresX * squaresY)))
}

/** Failures by task and property, the most frequent first. */
export function failureGroups(rows: readonly Row[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup & { readonly who: string[] }>()
  for (const { submission, reports } of rows) {
    for (const { lab, tasks } of reports) {
      for (const { id, status, message = '' } of distinctFailures(tasks)) {
        const what = kindOf(message)
        const key = JSON.stringify([lab, id, status, what])
        const group = groups.get(key)
        if (group === undefined) groups.set(key, { lab, task: id, status, what, who: [submission] })
        else group.who.push(submission)
      }
    }
  }
  return [...groups.values()].sort((a, b) => b.who.length - a.who.length)
}

interface Failed extends Pick<TaskReport, 'status' | 'message'> {
  readonly id: string | null
}

function distinctFailures(tasks: readonly TaskReport[]): readonly Failed[] {
  const [first, ...others] = tasks
  const isOne =
    others.length > 0 && others.every(({ status, message }) => status === first!.status && message === first!.message)
  if (isOne && first!.status !== 'passed') return [{ ...first!, id: null }]
  return tasks.filter(({ status }) => status !== 'passed')
}

const longest = 200

/** A finding names its property on its first line; all else is known by its first line, but for its numbers. */
function kindOf(message: string): string {
  const [line = ''] = message.split('\n', 1)
  const [, property] = /^property\s+(.+)$/.exec(line) ?? []
  return (property ?? line.replace(/\d+(?:\.\d+)?/g, '#')).slice(0, longest)
}
