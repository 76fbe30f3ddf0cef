import { existsSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../browser/launch-browser.ts'
import type { Context } from '../context.ts'
import { CouldNotRun, WrongUse } from '../failure.ts'
import { defaultPort } from '../start/choose-port.ts'
import { askedDeck } from '../start/decks.ts'
import { freePort } from '../start/ports.ts'
import { whileServing } from '../start/serve-deck.ts'
import { SlideServer } from '../start/slide-server.ts'
import { printSlides, type Printed } from './print-slides.ts'

export interface ExportRequest {
  /** Undefined: the whole course. */
  readonly module: string | undefined
  readonly output: string | undefined
}

const printServer = fileURLToPath(new URL('print-server.ts', import.meta.url))

/** `peerlab export`: a PDF with a page for each slide. */
export async function exportDeck({ out, err }: Context, { module, output }: ExportRequest): Promise<void> {
  const deck = askedDeck(module)
  const file = resolve(output ?? `peerlab-${deck.id}.pdf`)
  if (!existsSync(dirname(file))) {
    throw new WrongUse(`--output names a folder that is not there: ${dirname(file)}`, 'Make it first, or name another.')
  }
  const browser = await launchBrowser()
  try {
    if (err.isTerminal) err.line('Printing the slides …')
    const { pdf, pages, broken } = await print(browser, deck.path)
    writeFileSync(file, pdf)
    for (const no of broken) err.line(`On slide ${no} a demo could not run; the page shows its message.`)
    out.line(`Wrote ${file} (${pages} pages)`)
  } finally {
    await browser.close()
  }
}

async function print(browser: Browser, deck: string): Promise<Printed> {
  // Not the usual port: whoever presents meanwhile keeps it.
  const server = new SlideServer(deck, await freePort(defaultPort + 1), printServer)
  let printed: Printed | undefined
  await whileServing(server, async () => {
    if (!(await server.ready())) return
    printed = await Promise.race([printSlides(browser, server.url), server.ended().then(() => undefined)])
  })
  if (printed !== undefined) return printed
  throw new CouldNotRun('The export was stopped, and nothing was written.', 'Start it again when there is time.')
}
