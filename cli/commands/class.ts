import { Command } from 'commander'
import type { Context } from '../context.ts'
import type { NewClassRequest } from '../class/new-class.ts'
import type { RegradeRequest } from '../class/regrade-class.ts'
import type { GradingRequest } from '../class/read-grading.ts'

export function classCommand(context: Context): Command {
  const group = new Command('class').description('for instructors: from a roster to a gradebook')
  group.addCommand(newCommand(context))
  group.addCommand(gradeCommand(context))
  group.addCommand(regradeCommand(context))
  group.addCommand(mergeCommand(context))
  return group
}

function gradeCommand(context: Context): Command {
  return new Command('grade')
    .description('judge all submissions of a class, on all cores')
    .usage('<submissions> --out <folder> [options]')
    .argument('<submissions>', 'a folder that has a folder for each submission')
    .option('--out <folder>', 'where reports, gradebook and page go; where some are judged already, it goes on')
    .option('--labs <ids>', 'these labs: 03-gossip,discovery; default: all that are graded')
    .option('--key <file>', 'judge in hidden networks as well, drawn from this key')
    .option(
      '--roster <file.csv>',
      'who takes the class: id, and as you like name, email, group, extension, handed_in, submission',
    )
    .option('--due <moment>', 'when the work was due: 2026-11-30T18:00+01:00; a day alone is its end, in UTC')
    .option('--late <rule>', 'what is taken off for each day or hour that has begun: 10%/day')
    .option('--late-max <share>', 'the most that is taken off: 50%')
    .option('--jobs <n>', 'how many are judged at a time; default: as many as this computer can')
    .option('--shard <i/n>', 'judge only this part of the submissions: 2/5 is the second of five')
    .addHelpText(
      'after',
      `
A submission has the files of a lab at its top, in a folder named after the lab, or in labs/ as the course has them.
Started again, only what is new or has changed is judged: files, key, labs, or the grader itself.

Exit codes: 3 when something could not be judged on this machine, 130 when stopped by Ctrl+C; a failed task is no error.

${context.out.bold('Examples:')}
  npx peerlab class grade submissions --key ~/peerlab.key --out marks
  npx peerlab class grade submissions --key ~/peerlab.key --out marks --roster roster.csv --due 2026-11-30T18:00+01:00 --late 10%/day --late-max 50%`,
    )
    .action(async (submissions: string, options: Omit<GradingRequest, 'submissions'>) => {
      const { gradeClass } = await import('../class/grade-class.ts')
      const { readGrading } = await import('../class/read-grading.ts')
      await gradeClass(context, readGrading({ ...options, submissions }))
    })
}

function newCommand(context: Context): Command {
  return new Command('new')
    .description('make the repository that students get: the course without solutions')
    .usage('<folder> --key <file> [options]')
    .argument('<folder>', 'where it is made: a folder that is not there, or empty')
    .option('--key <file>', 'the key of the hidden networks; made if it is not there, and never changed')
    .option('--labs <ids>', 'only these labs: 03-gossip,discovery; default: all')
    .addHelpText(
      'after',
      `
Left out are the solutions, the known mistakes, the tests and the history. The engine stays readable, with the protocols
that the decks run: its README says which of them resemble a solution.

${context.out.bold('Example:')}
  npx peerlab class new ~/p2p-course --key ~/peerlab.key`,
    )
    .action(async (folder: string, options: Omit<NewClassRequest, 'folder'>) => {
      const { newClass } = await import('../class/new-class.ts')
      newClass(context, { ...options, folder })
    })
}

function regradeCommand(context: Context): Command {
  return new Command('regrade')
    .description('judge one task again for all, and show what that changes')
    .usage('<folder> --task <id> [options]')
    .argument('<folder>', 'what "class grade" got with --out; the submissions are kept in it')
    .option('--task <id>', 'the task, as the manifest of its lab names it')
    .option('--lab <id>', 'the lab, where several have such a task')
    .option('--key <file>', 'the key with which the class was graded')
    .option('--jobs <n>', 'how many are judged at a time; default: as many as this computer can')
    .action(async (folder: string, options: Omit<RegradeRequest, 'folder'>) => {
      const { regradeClass } = await import('../class/regrade-class.ts')
      await regradeClass(context, { ...options, folder })
    })
}

function mergeCommand(context: Context): Command {
  return new Command('merge')
    .description('join what shards have judged into one class')
    .usage('<folder...> --out <folder>')
    .argument('<folder...>', 'what the shards got with --out')
    .option('--out <folder>', 'where the whole class goes')
    .action(async (folders: readonly string[], { out }: { readonly out?: string }) => {
      const { mergeClasses } = await import('../class/merge-classes.ts')
      mergeClasses(context, { folders, ...(out === undefined ? {} : { out }) })
    })
}
