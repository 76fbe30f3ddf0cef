import type { Measurement } from '../../tests/contracts/contract.ts'
import type { Question } from '../../tests/contracts/questions.ts'
import type { Manifest } from '../labs/manifest.ts'

/** `failed`: wrong behaviour. `crashed`: it threw, or could not be loaded. `missing`: no such file, export or verdict. */
export type Status = 'passed' | 'failed' | 'timed-out' | 'crashed' | 'missing'

/** What a judge found out about one task. */
export interface TaskVerdict {
  readonly task: string
  readonly status: Status
  /** The seed of the run that shows the failure; left out where it is hidden. */
  readonly seed?: number
  /** A link to the smallest run that shows the failure; left out where its seed is hidden. */
  readonly replay?: string
  /** What is wrong, as lines of text. May quote the code under judgement: text, never markup. */
  readonly message?: string
  /** The failure came in a network that is drawn from the instructor's key. */
  readonly isHidden?: boolean
  readonly measured?: readonly Measurement[]
  /** Wall-clock time that judging took. */
  readonly seconds?: number
}

export interface TaskReport {
  readonly id: string
  readonly title: string
  readonly tier: 'core' | 'stretch'
  readonly status: Status
  readonly score: number
  readonly max: number
  readonly seed?: number
  readonly replay?: string
  readonly message?: string
  readonly isHidden?: boolean
  readonly seconds: number
}

/** What stood between the judge and the code, and what did not. */
export interface Isolation {
  readonly inForce: readonly string[]
  /** What this system does not offer, and why. */
  readonly missing: readonly string[]
  /** Attacks that all of this does not hold. */
  readonly doesNotHold: readonly string[]
}

/** By what a submission was judged; two reports may be compared if these are equal. */
export interface Terms {
  /** The grader's version. */
  readonly grader: string
  /** `public`, or `public and hidden`. */
  readonly seeds: 'public' | 'public and hidden'
  /** Names the instructor's key without telling it: 8 hexadecimal digits. */
  readonly key?: string
}

export interface LabReport {
  readonly lab: string
  readonly title: string
  readonly score: number
  readonly max: number
  /** One for each task of the manifest, in its order. */
  readonly tasks: readonly TaskReport[]
  /** What was judged though the manifest does not have it: it scores nothing. */
  readonly unexpected: readonly string[]
  /** How good the answer is where the lab asks for efficiency; only of tasks that passed. */
  readonly measured: readonly Measurement[]
  /** What the code printed: its first lines. Text, never markup. */
  readonly output: string
  /** On a run of the code, with their answers; only where they were asked for. */
  readonly questions?: readonly Question[]
  readonly isolation: Isolation
  readonly terms: Terms
  /** When judging ended, as ISO 8601 in UTC. */
  readonly gradedAt: string
  /** Wall-clock time that judging took. With `gradedAt` and the tasks' `seconds` all that differs between two gradings. */
  readonly seconds: number
}

/** What a report says beside the verdicts. */
export type Circumstances = Pick<LabReport, 'output' | 'questions' | 'isolation' | 'terms' | 'gradedAt' | 'seconds'>

/** The manifest decides which tasks there are: one without a verdict is missing, one that it lacks scores nothing. */
export function makeReport(
  { id, title, tasks }: Manifest,
  verdicts: readonly TaskVerdict[],
  circumstances: Circumstances,
): LabReport {
  const verdictOn = (task: string): TaskVerdict =>
    verdicts.find((verdict) => verdict.task === task) ?? {
      task,
      status: 'missing',
      message: 'the judge said nothing about this task',
    }
  const reports = tasks.map(({ id: task, title: name, tier, points }): TaskReport => {
    const { task: _, measured: _measured, seconds = 0, ...verdict } = verdictOn(task)
    const score = verdict.status === 'passed' ? points : 0
    return { id: task, title: name, tier, ...verdict, score, max: points, seconds }
  })
  const sum = (pick: (task: TaskReport) => number): number => reports.reduce((total, task) => total + pick(task), 0)
  const known = new Set(tasks.map((task) => task.id))
  return {
    lab: id,
    title,
    score: sum(({ score }) => score),
    max: sum(({ max }) => max),
    tasks: reports,
    unexpected: verdicts.map(({ task }) => task).filter((task) => !known.has(task)),
    measured: tasks.flatMap(({ id: task }) => verdictOn(task).measured ?? []),
    ...circumstances,
  }
}
