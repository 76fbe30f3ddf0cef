import type { Browser, Page } from 'playwright-core'
import { CouldNotRun } from '../failure.ts'
import type { SlideServer } from '../start/slide-server.ts'
import { isComplete, moreTime, showFrames, survey, untilDrawn, type Survey } from './survey.ts'

/** A printed deck. */
export interface Printed {
  readonly pdf: Uint8Array
  readonly pages: number
  /** The numbers of slides on which a demo shows a problem in the place of a run. */
  readonly broken: readonly number[]
  /** The numbers of slides with a demo that names no frame, and so is printed at its beginning. */
  readonly unframed: readonly number[]
}

/** The size of a slide, and so of a page, in CSS pixels. */
const size = { width: 1280, height: 720 }
/** Canvases are pixels even on paper: so many for each CSS pixel. */
const deviceScaleFactor = 2
/** All runs of the course, on a slow machine, take less than this. */
const patienceMillis = 180_000

export interface PrintOptions {
  /** A page for each click. Default: false, each slide once, as it is after its last click. */
  readonly withClicks?: boolean
}

/** Prints all slides of a server, each demo at the frame that its slide asks for. */
export async function printSlides(
  browser: Browser,
  server: SlideServer,
  { withClicks = false }: PrintOptions = {},
): Promise<Printed> {
  const page = await browser.newPage({ viewport: size, deviceScaleFactor })
  await page.emulateMedia({ media: 'screen', colorScheme: 'light', reducedMotion: 'reduce' })
  await page.addInitScript(moreTime)
  await Promise.race([
    load(page, `${server.url}print?print=${withClicks ? 'clicks' : 'true'}`),
    whenBroken(page, server),
  ])
  // Otherwise an empty page would follow the last one.
  await page.addStyleTag({ content: '.print-slide-container:last-child { break-after: auto }' })
  await page.evaluate(showFrames)
  await page.evaluate(untilDrawn)
  const { pages, broken, unframed } = await page.evaluate<Survey>(survey)
  const pdf = await page.pdf({ ...size, printBackground: true, preferCSSPageSize: true, tagged: true, outline: true })
  return { pdf, pages, broken, unframed }
}

async function load(page: Page, url: string): Promise<void> {
  await page.goto(url, { timeout: patienceMillis })
  try {
    await page.waitForFunction(isComplete, undefined, { polling: 250, timeout: patienceMillis })
  } catch (error) {
    throw new CouldNotRun(await whatIsMissing(page), 'Look at the slides with: npx peerlab start', error)
  }
}

/** Fails as soon as the server cannot make a file. A lab file is no such case: its slide shows what is wrong with it. */
function whenBroken(page: Page, server: SlideServer): Promise<never> {
  return new Promise((_, reject) => {
    page.on('response', (response) => {
      const { pathname } = new URL(response.url())
      if (response.status() === 500 && !pathname.includes('/labs/')) {
        reject(server.failure(`The slides could not be made: ${pathname} has an error.`))
      }
    })
  })
}

async function whatIsMissing(page: Page): Promise<string> {
  const { unfinished } = await page.evaluate<Survey>(survey)
  const time = `${patienceMillis / 1000} seconds`
  if (unfinished.length === 0) return `The slides did not appear within ${time}.`
  return `These slides were not complete after ${time}: ${unfinished.join(', ')}.`
}
