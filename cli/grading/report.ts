import type { Manifest } from '../labs/manifest.ts'

export type Status = 'passed' | 'failed' | 'timed-out' | 'crashed' | 'missing'

/** What a judge found out about one task. */
export interface TaskVerdict {
  readonly task: string
  readonly status: Status
  readonly seed?: number
  readonly replay?: string
  readonly message?: string
}

export interface TaskReport {
  readonly id: string
  readonly title: string
  readonly status: Status
  readonly score: number
  readonly max: number
  readonly seed?: number
  /** A link to the smallest run that shows the failure. */
  readonly replay?: string
  readonly message?: string
}

export interface LabReport {
  readonly lab: string
  readonly score: number
  readonly max: number
  /** What stood between the judge and the code. `none`: it ran in a process of its own, with all its rights. */
  readonly isolation: 'none'
  readonly tasks: readonly TaskReport[]
}

/** The manifest decides which tasks there are: one without a verdict is missing, and scores 0. */
export function makeReport({ id, tasks }: Manifest, verdicts: readonly TaskVerdict[]): LabReport {
  const reports = tasks.map(({ id, title, points }): TaskReport => {
    const { task: _, ...verdict } = verdicts.find(({ task }) => task === id) ?? {
      task: id,
      status: 'missing' as const,
      message: 'the judge said nothing about this task',
    }
    return { id, title, ...verdict, score: verdict.status === 'passed' ? points : 0, max: points }
  })
  const sum = (pick: (task: TaskReport) => number): number => reports.reduce((total, task) => total + pick(task), 0)
  return { lab: id, score: sum(({ score }) => score), max: sum(({ max }) => max), isolation: 'none', tasks: reports }
}
