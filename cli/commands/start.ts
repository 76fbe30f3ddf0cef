import { Command } from 'commander'
import type { Context } from '../context.ts'

export function startCommand(context: Context): Command {
  return new Command('start')
    .description('present the course in the browser, or the deck of one module')
    .argument('[module]', 'the name of a deck or a part of it, such as gossip; without it, the whole course')
    .option('--port <number>', 'the port of the address; without it 3030, or the next one that is free')
    .option('--no-open', 'do not open the browser')
    .addHelpText(
      'after',
      `
The slides come from this computer and need no network. Ctrl+C stops them.

${context.out.bold('Examples:')}
  npx peerlab start
  npx peerlab start gossip`,
    )
    .action(async (module: string | undefined, { port, open }: { readonly port?: string; readonly open: boolean }) => {
      const { presentSlides } = await import('../start/present-slides.ts')
      await presentSlides(context, { module, port, open })
    })
}
