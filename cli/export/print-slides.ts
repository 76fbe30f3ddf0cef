import type { Browser, Page } from 'playwright-core'
import { CouldNotRun } from '../failure.ts'
import { isComplete, moreTime, survey, untilDrawn, type Survey } from './survey.ts'

/** A printed deck. */
export interface Printed {
  readonly pdf: Buffer
  readonly pages: number
  /** The numbers of slides on which a demo shows a problem in the place of a run. */
  readonly broken: readonly number[]
}

/** The size of a slide, and so of a page, in CSS pixels. */
const size = { width: 1280, height: 720 }
/** Canvases are pixels even on paper: so many for each CSS pixel. */
const deviceScaleFactor = 2
/** All runs of the course, on a slow machine, take less than this. */
const patienceMillis = 180_000

/** Prints all slides of a server: each demo at the frame that its slide asks for, each slide as after its last click. */
export async function printSlides(browser: Browser, server: string): Promise<Printed> {
  const page = await browser.newPage({ viewport: size, deviceScaleFactor })
  await page.emulateMedia({ media: 'screen', colorScheme: 'light', reducedMotion: 'reduce' })
  await page.addInitScript(moreTime)
  await page.goto(`${server}print?print=true`, { timeout: patienceMillis })
  try {
    await page.waitForFunction(isComplete, undefined, { polling: 250, timeout: patienceMillis })
  } catch (error) {
    throw new CouldNotRun(await whatIsMissing(page), 'Look at the slides with: npx peerlab start', error)
  }
  // Otherwise an empty page would follow the last one.
  await page.addStyleTag({ content: '.print-slide-container:last-child { break-after: auto }' })
  await page.evaluate(untilDrawn)
  const { all, broken } = await page.evaluate<Survey>(survey)
  return { pdf: await page.pdf({ ...size, printBackground: true, preferCSSPageSize: true }), pages: all.length, broken }
}

async function whatIsMissing(page: Page): Promise<string> {
  const { unfinished } = await page.evaluate<Survey>(survey)
  const time = `${patienceMillis / 1000} seconds`
  if (unfinished.length === 0) return `The slides did not appear within ${time}.`
  return `These slides were not complete after ${time}: ${unfinished.join(', ')}.`
}
