import { describe, expect, test } from 'vitest'
import { judgeTask, type Contract, type SubjectFactory } from '../contracts/contract.ts'
import { publicDraw } from '../contracts/draw.ts'
import { explain } from '../contracts/explain.ts'

/** Vitest's adapter of a contract: a test for each task. */
export function describeContract(
  name: string,
  { lab, tasks }: Contract,
  subject: SubjectFactory,
  draw = publicDraw,
): void {
  describe(name, () => {
    for (const task of tasks(draw)) {
      test(task.id, async () => {
        const verdict = await judgeTask(task, subject)
        if (verdict.status !== 'passed') expect.fail(`\n${explain(verdict.finding, lab)}`)
      })
    }
  })
}
