/**
 * Measures the player in a browser without a graphics card, on the built course:
 *
 *     npm run bench:player            all of it, two or three minutes; nothing else should run meanwhile
 *     npm run bench:player -- frames  one part: frames, seeks, hidden or memory
 */
import { toLink, type RunSpec } from '@peerlab/engine'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../../tests/support/find-browser.ts'
import { countFrames, timeSeeks } from './frames.ts'
import { serveBuiltSite } from './site.ts'
import { heldMegabytes, processorSeconds } from './usage.ts'

/** A rumor that goes through a crowd: most peers send at the same time, in the middle of the run. */
const crowd = (size: number, fanout: number): RunSpec => ({
  scenario: 'gossip',
  seed: 7,
  parameters: { size, degree: fanout + 2, style: 'push', fanout, ttl: 255 },
})

const millionEvents = crowd(100_000, 11)

const parts = {
  frames: measureFrames,
  seeks: measureSeeks,
  hidden: measureHidden,
  memory: measureMemory,
}

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !Object.hasOwn(parts, name))
if (unknown === undefined) await measure()
else {
  console.error(`There is no part "${unknown}"; there are ${Object.keys(parts).join(', ')}.`)
  process.exitCode = 2
}

async function measure(): Promise<void> {
  const site = await serveBuiltSite()
  const browser = await launchBrowser()
  try {
    for (const [name, part] of Object.entries(parts)) {
      if (wanted.length === 0 || wanted.includes(name)) await part(browser, site.url)
    }
  } finally {
    await browser.close()
    site.close()
  }
}

async function measureFrames(browser: Browser, url: string): Promise<void> {
  for (const [size, target] of [
    [1000, '60 frames a second'],
    [10_000, 'usable'],
    [100_000, 'aggregated, with a word'],
  ] as const) {
    const { page, seconds } = await openRun(browser, url, crowd(size, 6))
    await page.locator('.play').click()
    const { perSecond, p95, longest } = await countFrames(page, 9000)
    const word = await page.locator('.remark').allInnerTexts()
    say(`${size} peers, playing`, `${perSecond.toFixed(1)} frames a second`, target)
    say('', `95 of 100 frames within ${p95.toFixed(1)} ms, the longest ${longest.toFixed(0)} ms`)
    say('', `ready after ${seconds.toFixed(1)} s${word.length === 0 ? '' : `; it says: ${word.join('; ')}`}`)
    await page.close()
  }
}

async function measureSeeks(browser: Browser, url: string): Promise<void> {
  const { page } = await openRun(browser, url, millionEvents)
  const events = await page.locator('.demo').getAttribute('data-events')
  // Back and forth over the whole run, in steps that never repeat.
  const shares = Array.from({ length: 40 }, (_, i) => (i * 0.618_033_988_75) % 1)
  const times = (await timeSeeks(page, shares)).sort((a, b) => a - b)
  say(`a jump in a run of ${events} events`, `median ${times[20]!.toFixed(0)} ms`)
  say('', `the slowest of 40: ${times.at(-1)!.toFixed(0)} ms`, 'within 100 ms')
  await page.close()
}

async function measureHidden(browser: Browser, url: string): Promise<void> {
  const page = await openSlide(browser, url, await firstDemo(browser, url))
  const demo = page.locator('.demo').locator('visible=true').first()
  await demo.locator('.play').click()
  await page.waitForTimeout(1000)
  const playing = await usedIn(browser, page, 3000)
  await page.keyboard.press('PageDown')
  await page.waitForTimeout(3000)
  const hidden = await usedIn(browser, page, 3000)
  const workers = page.workers().length
  say('a demo that plays', `${(100 * playing).toFixed(0)} % of a processor`)
  say('the same once its slide is hidden', `${(100 * hidden).toFixed(1)} %, ${workers} workers`, 'none')
  await page.close()
}

async function measureMemory(browser: Browser, url: string): Promise<void> {
  const page = await openSlide(browser, url, 1)
  const count = await page.evaluate(() => document.querySelectorAll('.slidev-page').length)
  const last = Math.max(count, 38)
  const tour = Array.from({ length: last }, (_, i) => i + 1)
  for (const slide of [...tour, ...tour.toReversed()]) await goTo(page, url, slide)
  const before = await heldMegabytes(page)
  for (let change = 0; change < 200; change++) await goTo(page, url, 1 + (change % last))
  await goTo(page, url, 1)
  const after = await heldMegabytes(page)
  say('200 changes of slide', `${before.toFixed(1)} MB before, ${after.toFixed(1)} MB after`, 'within 50 MB')
  await page.close()
}

/** The playground with a run in it, and how long it took until the run was there, in seconds. */
async function openRun(browser: Browser, url: string, spec: RunSpec): Promise<{ page: Page; seconds: number }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  const start = performance.now()
  await page.goto(`${url}#/playground#${toLink(spec)}`)
  await page.waitForSelector('.demo[data-events][aria-busy=false]', { timeout: 120_000 })
  const seconds = (performance.now() - start) / 1000
  await page.waitForTimeout(1000)
  return { page, seconds }
}

async function openSlide(browser: Browser, url: string, slide: number): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  await goTo(page, url, slide)
  return page
}

async function goTo(page: Page, url: string, slide: number): Promise<void> {
  await page.goto(`${url}#/${slide}`)
  await page.locator('.slidev-page').locator('visible=true').first().waitFor()
  const demo = page.locator('.demo:not([data-events])').locator('visible=true')
  await page.waitForTimeout(60)
  if ((await demo.count()) > 0) await page.waitForTimeout(300)
}

/** The number of the first slide that has a demo. */
async function firstDemo(browser: Browser, url: string): Promise<number> {
  const page = await openSlide(browser, url, 1)
  for (let slide = 1; ; slide++) {
    await goTo(page, url, slide)
    if ((await page.locator('.demo').locator('visible=true').count()) === 0) continue
    await page.close()
    return slide
  }
}

/** The share of one processor that the browser uses in `millis` of real time. */
async function usedIn(browser: Browser, page: Page, millis: number): Promise<number> {
  const before = await processorSeconds(browser)
  await page.waitForTimeout(millis)
  return (await processorSeconds(browser)) / (millis / 1000) - before / (millis / 1000)
}

function say(what: string, measured: string, target?: string): void {
  console.log(`${what.padEnd(36)} ${measured}${target === undefined ? '' : `   (target: ${target})`}`)
}
