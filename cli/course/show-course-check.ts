import type { Context } from '../context.ts'
import { exitCodes } from '../failure.ts'
import { indented, mark } from '../labs/show-task.ts'
import { checkCourse } from './check-course.ts'

/** `peerlab course check`: a line for each check, as it is made. */
export async function showCourseCheck({ out, plain }: Context): Promise<void> {
  let passed = 0
  let failed = 0
  let lab = ''
  for await (const finding of checkCourse()) {
    if (finding.lab !== lab) out.line(out.bold((lab = finding.lab)))
    const isWell = finding.problem === undefined
    if (isWell) passed++
    else failed++
    out.line(`${mark({ status: isWell ? 'passed' : 'failed' }, out, plain)} ${finding.check}`)
    if (finding.problem !== undefined) out.line(indented(finding.problem))
  }
  out.line(`${passed} passed, ${failed} failed`)
  if (failed > 0) process.exitCode = exitCodes.checksFailed
}
