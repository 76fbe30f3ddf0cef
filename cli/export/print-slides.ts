import type { Browser, Page } from 'playwright-core'
import { CouldNotRun } from '../failure.ts'

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

const slide = '.print-slide-container'
const demo = ':is(.demo, .compare > section)'
const broken = ':has([role=alert])'
/** A demo draws its curve as soon as it has its run. */
const withoutRun = `${demo}:is([aria-busy=true], :not(${broken}):has(polyline.curve:is(:not([points]), [points=""])))`
const unfinished = `:is(.slidev-slide-loading, ${withoutRun})`

// Text, because it runs in the page: the types of a page are not those of this program.
const isComplete = `document.querySelector('${slide}') !== null && document.querySelector('${unfinished}') === null`
const untilDrawn = `document.fonts.ready.then(
  () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
).then(() => undefined)`

/** Prints all slides of a server: each demo at the frame that its slide asks for, each slide as after its last click. */
export async function printSlides(browser: Browser, server: string): Promise<Printed> {
  const page = await browser.newPage({ viewport: size, deviceScaleFactor })
  await page.emulateMedia({ media: 'screen', colorScheme: 'light', reducedMotion: 'reduce' })
  await page.goto(`${server}print?print=true`, { timeout: patienceMillis })
  try {
    await page.waitForFunction(isComplete, undefined, { polling: 250, timeout: patienceMillis })
  } catch (error) {
    throw new CouldNotRun(await whatIsMissing(page), 'Look at the slides with: npx peerlab start', error)
  }
  await page.evaluate(untilDrawn)
  return {
    pages: await page.locator(slide).count(),
    broken: await slidesWith(page, `${demo}${broken}`),
    pdf: await page.pdf({ ...size, printBackground: true, preferCSSPageSize: true }),
  }
}

async function whatIsMissing(page: Page): Promise<string> {
  const waiting = await slidesWith(page, unfinished).catch(() => [])
  const time = `${patienceMillis / 1000} seconds`
  if (waiting.length === 0) return `The slides did not appear within ${time}.`
  return `After ${time} these slides were not complete: ${waiting.join(', ')}.`
}

/** A printed slide has its number in its id: `012-01`. */
async function slidesWith(page: Page, selector: string): Promise<number[]> {
  const slides = page.locator(`${slide}:has(${selector})`)
  const ids = await Promise.all((await slides.all()).map((each) => each.getAttribute('id')))
  return ids.map((id) => Number.parseInt(id ?? '', 10))
}
