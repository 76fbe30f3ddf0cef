import { Command } from 'commander'
import type { Context } from '../context.ts'

export function labCommand(context: Context): Command {
  const lab = new Command('lab').description('work on the labs: see them, check your code, get hints')
  lab
    .command('list')
    .description('list the labs, and how far you are')
    .action(async () => {
      const { listLabs } = await import('../labs/list-labs.ts')
      listLabs(context)
    })
  lab
    .command('next')
    .description('say which lab is next, what to read and which file to edit')
    .action(async () => {
      const { showNext } = await import('../labs/show-next.ts')
      showNext(context)
    })
  lab
    .command('watch')
    .description('check your code each time you save it, one failing task at a time')
    .argument('[lab]', 'the id of a lab; without it, the next one')
    .option('--once', 'check once and end: exit code 0 when all passes, 1 otherwise')
    .action(async (id: string | undefined, { once = false }: { readonly once?: boolean }) => {
      const { watchLab } = await import('../labs/watch-lab.ts')
      await watchLab(context, id, once)
    })
  lab
    .command('hint')
    .description('show one more hint for the task at hand')
    .argument('[lab]', 'the id of a lab; without it, the next one')
    .option('--task <id>', 'for this task instead')
    .action(async (id: string | undefined, { task }: { readonly task?: string }) => {
      const { showHint } = await import('../labs/show-hint.ts')
      showHint(context, id, task)
    })
  lab
    .command('reset')
    .description('put the starter files back; what was there is kept as a backup')
    .argument('<lab>', 'the id of a lab')
    .action(async (id: string) => {
      const { resetLab } = await import('../labs/reset-lab.ts')
      resetLab(context, id)
    })
  lab
    .command('solution')
    .description('print the reference solution')
    .argument('<lab>', 'the id of a lab')
    .option('--beside', 'in two columns, beside your own file')
    .action(async (id: string, { beside = false }: { readonly beside?: boolean }) => {
      const { showSolution } = await import('../labs/show-solution.ts')
      showSolution(context, id, beside)
    })
  lab
    .command('questions')
    .description('ask about a run of your own code')
    .argument('[lab]', 'the id of a lab; without it, the next one')
    .action(async (id: string | undefined) => {
      const { askQuestions } = await import('../labs/ask-questions.ts')
      await askQuestions(context, id)
    })
  return lab
}
