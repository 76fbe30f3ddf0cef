import { Command } from 'commander'
import type { Context } from '../context.ts'

interface GraderOptions {
  readonly out?: string
  readonly key?: string
  readonly image?: string
}

interface Options {
  readonly output?: string
  readonly withClicks?: boolean
}

export function exportCommand(context: Context): Command {
  const command = new Command('export')
    .description('make a PDF of the course or of a deck, or a grader for a platform')
    .argument('[module]', 'the name of a deck or a part of it, such as gossip; without it, the whole course')
    .option('--output <file>', 'the PDF; default: peerlab-<deck>.pdf in this folder')
    .option('--with-clicks', 'a page for each click of a slide, not only for the last one')
    .addHelpText(
      'after',
      `
It needs Chromium, Chrome or Edge; "npx peerlab doctor" says which one is found. Each slide is a page, as it is after its
last click, and each demo shows the frame that its slide asks for. Nothing is asked from the network.

${context.out.bold('Examples:')}
  npx peerlab export gossip --output gossip.pdf
  npx peerlab export gradescope 03-gossip --out autograder.zip`,
    )
    .action(async (module: string | undefined, { output, withClicks = false }: Options) => {
      const { exportDeck } = await import('../export/export-deck.ts')
      await exportDeck(context, { module, output, withClicks })
    })
  for (const child of graders(context)) command.addCommand(child)
  return command
}

/** A deck cannot have one of these names: theirs begin with a number. */
function graders(context: Context): Command[] {
  const grader = (name: string, what: string, result: string): Command =>
    new Command(name)
      .description(`make ${what} that grades a lab`)
      .argument('<lab>', 'the id of a lab')
      .option('--out <path>', result)
  const load = () => import('../export/platforms/export-grader.ts')
  return [
    grader('gradescope', 'a zip for Gradescope', 'the zip; default: gradescope-<lab>.zip')
      .option('--key <file>', "the instructor's key, for hidden networks; it goes into the zip")
      .action(async (lab: string, { out, key }: GraderOptions) =>
        (await load()).exportGradescope(context, { lab, out, key }),
      ),
    grader('classroom50', 'an autograder for Classroom 50', 'a new folder; default: classroom50-<lab>')
      .option('--key <file>', 'is refused: students can read whatever this platform grades with')
      .action(async (lab: string, { out, key }: GraderOptions) =>
        (await load()).exportClassroom50(context, { lab, out, key }),
      ),
    grader('prairielearn', 'a question for PrairieLearn', 'a new folder; default: prairielearn-<lab>')
      .option('--key <file>', "the instructor's key, for hidden networks; it goes into the question, not the image")
      .option('--image <name>', 'the name under which you push the image; default: peerlab-grader-<lab>:latest')
      .action(async (lab: string, { out, key, image }: GraderOptions) =>
        (await load()).exportPrairielearn(context, { lab, out, key, image }),
      ),
  ]
}
