import type { Manifest } from '../labs/manifest.ts'
import { Grader, type GraderOptions, type Submission } from './grader.ts'
import type { LabReport } from './report.ts'

export type JudgeOptions = Submission & GraderOptions

/** Judges one lab's files. For more than one, a {@link Grader} is quicker: it keeps its thread. */
export async function judgeLab(manifest: Manifest, { key, ...submission }: JudgeOptions): Promise<LabReport> {
  const grader = new Grader(key === undefined ? {} : { key })
  try {
    return await grader.judge(manifest, submission)
  } finally {
    await grader.close()
  }
}
