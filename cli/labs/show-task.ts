import type { TaskReport, TaskVerdict } from '../grading/report.ts'
import type { Output } from '../output.ts'

type Marked = Pick<TaskReport, 'status'> | Pick<TaskVerdict, 'status'>

/** A sign for people who look, a word for people who listen. */
export function mark({ status }: Marked, out: Output, plain: boolean): string {
  if (plain) return `${status}:`
  return status === 'passed' ? out.green('✓') : status === 'missing' ? out.dim('·') : out.red('✗')
}

/** What a failure says, moved in under its task. */
export function indented(text: string, by = '    '): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : by + line))
    .join('\n')
}
