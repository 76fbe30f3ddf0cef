/**
 * `npm run screenshots`: makes the pictures of the README from the gossip deck, in light and in dark, each demo in the
 * middle of its run. What it writes is committed.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '../browser/launch-browser.ts'
import { createContext } from '../context.ts'
import { printServer } from '../export/export-deck.ts'
import { layOutSlides } from '../export/lay-out-slides.ts'
import { CouldNotRun } from '../failure.ts'
import { printFailure } from '../print-failure.ts'
import { projectRoot } from '../project.ts'
import { defaultPort } from '../start/choose-port.ts'
import { askedDeck } from '../start/decks.ts'
import { freePort } from '../start/ports.ts'
import { whileServing } from '../start/serve-deck.ts'
import { SlideServer } from '../start/slide-server.ts'

/** The name of a picture, and the title of its slide: numbers change more often. */
const pictures = {
  compare: 'Flooding is faster, and pays for every link',
  code: 'Ten lines flood a network',
}
const folder = join(projectRoot, 'docs')
/** A README is read on a phone as well. */
const maxBytes = 250_000

async function takeScreenshots(): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const server = new SlideServer(askedDeck('03-gossip').path, await freePort(defaultPort + 1), {
    program: printServer,
    isQuiet: true,
  })
  await whileServing(server, async () => {
    if (!(await server.ready())) return
    const browser = await launchBrowser()
    try {
      for (const colorScheme of ['light', 'dark'] as const) await shoot(browser, server, colorScheme)
    } finally {
      await browser.close()
    }
  })
}

async function shoot(browser: Browser, server: SlideServer, colorScheme: 'light' | 'dark'): Promise<void> {
  const page = await layOutSlides(browser, server, { colorScheme })
  for (const [name, title] of Object.entries(pictures)) {
    const slide = page.locator('.print-slide-container').filter({ has: page.getByRole('heading', { name: title }) })
    if ((await slide.count()) !== 1) {
      throw new CouldNotRun(
        `The gossip deck has no slide "${title}", or more than one.`,
        'Name another one in cli/screenshots/take-screenshots.ts',
      )
    }
    const path = join(folder, `${name}-${colorScheme}.png`)
    const picture = await slide.screenshot({ animations: 'disabled', scale: 'css' })
    if (picture.length > maxBytes) {
      throw new CouldNotRun(
        `The picture ${path} has ${picture.length} bytes; it must have at most ${maxBytes}.`,
        'Choose a slide with less on it in cli/screenshots/take-screenshots.ts',
      )
    }
    writeFileSync(path, picture)
    console.log(`Wrote ${path} (${Math.round(picture.length / 1000)} kB)`)
  }
  await page.close()
}

try {
  await takeScreenshots()
} catch (error) {
  process.exitCode = await printFailure(error, createContext([]))
}
