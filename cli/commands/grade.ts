import { Command } from 'commander'
import type { Context } from '../context.ts'

export function gradeCommand(context: Context): Command {
  return new Command('grade')
    .description('judge labs and give the points')
    .argument('[labs...]', 'the ids of labs; without them, every graded lab')
    .option('--submission <dir>', "the folder with the lab's files, or with a folder for each lab; default: labs/")
    .option('--json', 'print an array for programs')
    .addHelpText(
      'after',
      `
The JSON is [{lab, title, score, max, tasks: [{id, title, tier, status, score, max, seconds, seed, replay, message,
isHidden}], unexpected, measured, output, isolation, terms, gradedAt, seconds}]. A status is passed, failed (wrong
behaviour), timed-out (did not come back), crashed (threw or ended the process) or missing (no such file or export).
seed, replay and message are there where something failed. isolation says what stood between the judge and the code.

The exit code is 0 when every task passed and 1 otherwise.

${context.out.bold('Examples:')}
  npx peerlab grade
  npx peerlab grade 03-gossip --submission path/to/folder --json`,
    )
    .action(async (labs: readonly string[], options: { readonly submission?: string; readonly json?: boolean }) => {
      const { gradeLabs } = await import('../grading/grade-labs.ts')
      await gradeLabs(context, labs, options)
    })
}
