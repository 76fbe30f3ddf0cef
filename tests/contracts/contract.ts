import type { RunSpec, Step, Subject } from '@peerlab/engine'
import type { Draw } from './draw.ts'
import type { Question } from './questions.ts'

/** Makes the code under judgement anew: nothing of an earlier run may be left in it. */
export type SubjectFactory = (options?: SubjectOptions) => Promise<Subject>

export interface SubjectOptions {
  /** All nodes live in one realm, as they do on a slide: what they share by mistake shows. Default: as the judge has it. */
  readonly together?: boolean
}

/** What a lab promises, as tasks that are judged one by one. Knows no test runner and holds no object of a student's. */
export interface Contract {
  /** The lab's id, as its folder is named. */
  readonly lab: string
  /** The tasks, in the order of the manifest. What a draw decides may differ; which tasks there are may not. */
  tasks(draw: Draw): readonly ContractTask[]
  /** Makes a run of the code and asks about it; none where the code does not get through it. */
  questions?(subject: SubjectFactory, seed: number): Promise<readonly Question[]>
}

export interface ContractTask {
  /** As in the lab's manifest, which has the title, the points and the hints. */
  readonly id: string
  check(subject: SubjectFactory): Promise<Outcome>
}

/** What came out of judging a task: it passes if nothing was found. */
export interface Outcome {
  readonly finding?: Finding
  /** How good a right answer is, where the task asks for it: the mean over the task's runs. */
  readonly measured?: readonly Measurement[]
}

/** Something of which less is better. */
export interface Measurement {
  /** In title case, with its unit in words: `Packets per delivery`. */
  readonly name: string
  readonly value: number
  /** What the task asks for at most. */
  readonly limit: number
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
  /** The run that shows it: the smallest that was found. Where a function was called, one in which it is at work. */
  readonly spec: RunSpec
  /** The call of a function that shows it, as one could write it. */
  readonly call?: string
}

/** What a judge says of one task. */
export type Verdict =
  | { readonly task: string; readonly status: 'passed'; readonly measured: readonly Measurement[] }
  | { readonly task: string; readonly status: Finding['kind']; readonly finding: Finding }

/** Judges one task. */
export async function judgeTask(task: ContractTask, subject: SubjectFactory): Promise<Verdict> {
  const { finding, measured = [] } = await task.check(subject)
  return finding === undefined
    ? { task: task.id, status: 'passed', measured }
    : { task: task.id, status: finding.kind, finding }
}
