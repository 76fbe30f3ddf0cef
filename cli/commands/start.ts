import { Command } from 'commander'
import type { Context } from '../context.ts'

export function startCommand(context: Context): Command {
  return new Command('start')
    .description('present the course in the browser')
    .option('--port <number>', 'the port of the address; without it 3030, or the next one that is free')
    .option('--no-open', 'do not open the browser')
    .addHelpText(
      'after',
      `
The slides come from this computer and need no network. Ctrl+C stops them.`,
    )
    .action(async ({ port, open }: { readonly port?: string; readonly open: boolean }) => {
      const { presentCourse } = await import('../start/present-course.ts')
      await presentCourse(context, { port, open })
    })
}
