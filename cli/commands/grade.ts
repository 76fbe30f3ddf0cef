import { Command } from 'commander'
import type { Context } from '../context.ts'
import type { GradeOptions } from '../grading/grade-labs.ts'

export function gradeCommand(context: Context): Command {
  return new Command('grade')
    .description('judge labs and give the points')
    .argument('[labs...]', 'the ids of labs; without them, every graded lab')
    .option('--submission <dir>', "the folder with the lab's files, or with a folder for each lab; default: labs/")
    .option('--key <file>', 'judge in hidden networks as well, drawn from this key')
    .option('--questions', 'ask questions on a run of the code, and give the answers')
    .option('--json', 'print an array for programs')
    .option('--format <name>', 'write a report for a platform: see below')
    .option('--out <path>', 'the file of that report, or a folder for it; default: where the platform looks for it')
    .addHelpText(
      'after',
      `
The JSON is [{lab, title, score, max, tasks: [{id, title, tier, status, score, max, seconds, seed, replay, message,
isHidden}], unexpected, measured, output, questions, isolation, terms, gradedAt, seconds}]. A status is passed, failed (wrong
behaviour), timed-out (did not come back), crashed (threw or ended the process) or missing (no such file or export).
seed, replay and message are there where something failed; in a hidden network neither seed nor replay. isolation says
what stood between the judge and the code.

Formats: classroom50 (writes ./result.json), github-classroom, gradescope (/autograder/results/results.json),
prairielearn (/grade/results/results.json), exercism (results.json), junit, csv. Those without a place are printed.

The exit code is 0 when every task passed and 1 otherwise. With a format other than junit it is 0 when the report is
written, whatever the points.

${context.out.bold('Examples:')}
  npx peerlab grade
  npx peerlab grade 03-gossip --submission path/to/folder --json
  npx peerlab grade --format junit --out report.xml`,
    )
    .action(async (labs: readonly string[], options: GradeOptions) => {
      const { gradeLabs } = await import('../grading/grade-labs.ts')
      await gradeLabs(context, labs, options)
    })
}
