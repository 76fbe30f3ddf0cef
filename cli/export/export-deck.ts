import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../browser/launch-browser.ts'
import type { Context } from '../context.ts'
import { CouldNotRun } from '../failure.ts'
import { formatCount } from '../format.ts'
import { defaultPort } from '../start/choose-port.ts'
import { askedDeck } from '../start/decks.ts'
import { freePort } from '../start/ports.ts'
import { whileServing } from '../start/serve-deck.ts'
import { SlideServer } from '../start/slide-server.ts'
import { OutputFile } from './output-file.ts'
import { printSlides, type Printed } from './print-slides.ts'

export interface ExportRequest {
  /** Undefined: the whole course. */
  readonly module: string | undefined
  readonly output: string | undefined
  /** A page for each click, and not only for the last one of a slide. */
  readonly withClicks: boolean
}

/** Serves a deck for printing; see there. */
export const printServer = fileURLToPath(new URL('print-server.ts', import.meta.url))

/** `peerlab export`: a PDF with a page for each slide. */
export async function exportDeck({ out, err }: Context, { module, output, withClicks }: ExportRequest): Promise<void> {
  const deck = askedDeck(module)
  const file = new OutputFile(output ?? `peerlab-${deck.id}.pdf`)
  file.check()
  const browser = await launchBrowser()
  try {
    if (err.isTerminal) err.line('Printing the slides …')
    const { pdf, pages, broken, unframed } = await print(browser, deck.path, withClicks)
    file.write(pdf)
    remark(err, broken, 'a demo could not run; the page shows its message.')
    const silent = unframed.filter((slide) => !broken.includes(slide))
    remark(
      err,
      silent,
      'a demo names no frame, so the page shows its beginning. The slide can name one: :at="250" (ms).',
    )
    out.line(`Wrote ${file.path} (${formatCount(pages, 'pages')})`)
  } finally {
    await browser.close()
  }
}

function remark(err: Context['err'], slides: readonly number[], what: string): void {
  if (slides.length > 0) err.line(`On ${slides.length === 1 ? 'slide' : 'slides'} ${slides.join(', ')} ${what}`)
}

async function print(browser: Browser, deck: string, withClicks: boolean): Promise<Printed> {
  // Not the usual port: whoever presents meanwhile keeps it.
  const server = new SlideServer(deck, await freePort(defaultPort + 1), { program: printServer, isQuiet: true })
  let printed: Printed | undefined
  await whileServing(server, async () => {
    if (!(await server.ready())) return
    printed = await Promise.race([printSlides(browser, server, { withClicks }), server.ended().then(() => undefined)])
  })
  if (printed !== undefined) return printed
  throw new CouldNotRun('The export was stopped, and nothing was written.', 'Start it again when there is time.')
}
