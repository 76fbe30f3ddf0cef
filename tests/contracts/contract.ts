import type { RunSpec, Step, Subject } from '@peerlab/engine'

/** Makes the code under judgement anew: nothing of an earlier run may be left in it. */
export type SubjectFactory = () => Promise<Subject>

/** What a lab promises, as tasks that are judged one by one. Knows no test runner and holds no object of a student's. */
export interface Contract {
  /** The lab's id, as its folder is named. */
  readonly lab: string
  readonly tasks: readonly ContractTask[]
}

export interface ContractTask {
  /** As in the lab's manifest, which has the title, the points and the hints. */
  readonly id: string
  check(subject: SubjectFactory): Promise<Finding | undefined>
}

/** What is wrong, with all that it takes to understand it. */
export interface Finding {
  /** Wrong behaviour, an exception out of the code, or no such export at all. */
  readonly kind: 'failed' | 'crashed' | 'missing'
  /** What should always hold. */
  readonly property: string
  readonly expected: string
  /** What happened, where and when. */
  readonly happened: string
  /** What led to it, the first cause first. */
  readonly why: readonly Step[]
  /** The run that shows it: the smallest that was found. */
  readonly spec: RunSpec
}

/** What a judge says of one task. */
export type Verdict =
  | { readonly task: string; readonly status: 'passed' }
  | { readonly task: string; readonly status: 'failed' | 'crashed' | 'missing'; readonly finding: Finding }

/** Judges one task. */
export async function judgeTask(task: ContractTask, subject: SubjectFactory): Promise<Verdict> {
  const finding = await task.check(subject)
  return finding === undefined ? { task: task.id, status: 'passed' } : { task: task.id, status: finding.kind, finding }
}
