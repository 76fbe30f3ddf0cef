import { Command } from 'commander'
import type { Context } from '../context.ts'

interface Options {
  readonly output?: string
  readonly withClicks?: boolean
}

export function exportCommand(context: Context): Command {
  return new Command('export')
    .description('make a PDF of the course, or of the deck of one module')
    .argument('[module]', 'the name of a deck or a part of it, such as gossip; without it, the whole course')
    .option('--output <file>', 'the PDF; default: peerlab-<deck>.pdf in this folder')
    .option('--with-clicks', 'a page for each click of a slide, not only for the last one')
    .addHelpText(
      'after',
      `
It needs Chromium, Chrome or Edge; "npx peerlab doctor" says which one is found. Each slide is a page, as it is after its
last click, and each demo shows the frame that its slide asks for. Nothing is asked from the network.

${context.out.bold('Example:')}
  npx peerlab export gossip --output gossip.pdf`,
    )
    .action(async (module: string | undefined, { output, withClicks = false }: Options) => {
      const { exportDeck } = await import('../export/export-deck.ts')
      await exportDeck(context, { module, output, withClicks })
    })
}
