import type { Browser, Page } from 'playwright-core'
import { CouldNotRun } from '../failure.ts'
import type { SlideServer } from '../start/slide-server.ts'
import { isComplete, moreTime, showFrames, survey, untilDrawn, type Survey } from './survey.ts'

/** The size of a slide, and so of a page, in CSS pixels. */
export const slideSize = { width: 1280, height: 720 }
/** Canvases are pixels even on paper: so many for each CSS pixel. */
const deviceScaleFactor = 2
/** All runs of the course, on a slow machine, take less than this. */
const patienceMillis = 180_000

export interface LayOutOptions {
  /** Each slide once for each click. Default: false, once, as it is after its last click. */
  readonly withClicks?: boolean
  /** Default: light, as paper is. */
  readonly colorScheme?: 'light' | 'dark'
}

/**
 * A page with all slides of a print server on it, one below the other, each demo at the frame that its slide asks for. The
 * page belongs to the caller.
 */
export async function layOutSlides(
  browser: Browser,
  server: SlideServer,
  { withClicks = false, colorScheme = 'light' }: LayOutOptions = {},
): Promise<Page> {
  const page = await browser.newPage({ viewport: slideSize, deviceScaleFactor })
  await page.emulateMedia({ media: 'screen', colorScheme, reducedMotion: 'reduce' })
  await page.addInitScript(moreTime)
  const url = `${server.url}print?print=${withClicks ? 'clicks' : 'true'}`
  await Promise.race([load(page, url), whenBroken(page, server)])
  await page.evaluate(showFrames)
  await page.evaluate(untilDrawn)
  return page
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
