import { Command } from 'commander'
import type { Context } from '../context.ts'

export function openCommand(context: Context): Command {
  return new Command('open')
    .description('show a run in the browser: open a link in the playground')
    .argument('<link>', 'a link that begins with peerlab: (put it in quotes)')
    .option('--port <number>', 'the port of the slides; without it 3030')
    .option('--no-open', 'print the address, and do not open the browser')
    .addHelpText(
      'after',
      `
It uses the slides that "npx peerlab start" serves at this port. If there are none, it serves them until Ctrl+C.

${context.out.bold('Example:')}
  npx peerlab open "peerlab:gossip?seed=7&fanout=2"`,
    )
    .action(async (link: string, { port, open }: { readonly port?: string; readonly open: boolean }) => {
      const { openLink } = await import('../open/open-link.ts')
      await openLink(context, { link, port, open })
    })
}
