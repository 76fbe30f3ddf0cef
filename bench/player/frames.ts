import type { Page } from 'playwright-core'

/** How a page moved while it was watched. Times are real, in ms. */
export interface Frames {
  readonly perSecond: number
  /** 95 of 100 frames came within this time of the one before. */
  readonly p95: number
  readonly longest: number
}

/** Counts the frames that the page is given in `millis` of real time. */
export async function countFrames(page: Page, millis: number): Promise<Frames> {
  const gaps = await page.evaluate(
    (span) =>
      new Promise<number[]>((resolve) => {
        const between: number[] = []
        let first = 0
        let last = 0
        const frame = (now: number): void => {
          if (first === 0) first = now
          else between.push(now - last)
          last = now
          if (now - first < span) requestAnimationFrame(frame)
          else resolve(between)
        }
        requestAnimationFrame(frame)
      }),
    millis,
  )
  const sum = gaps.reduce((total, gap) => total + gap, 0)
  const sorted = [...gaps].sort((a, b) => a - b)
  return {
    perSecond: (1000 * gaps.length) / sum,
    p95: sorted[Math.floor(0.95 * sorted.length)] ?? NaN,
    longest: sorted.at(-1) ?? NaN,
  }
}

/** From the jump of the scrubber to the frame that shows the new moment: one time in ms for each of the shares. */
export async function timeSeeks(page: Page, shares: readonly number[]): Promise<number[]> {
  return page.evaluate(async (places) => {
    const scrubber = document.querySelector<HTMLInputElement>('.scrubber')!
    const times: number[] = []
    for (const share of places) {
      const start = performance.now()
      scrubber.value = String(Number(scrubber.max) * share)
      scrubber.dispatchEvent(new Event('input', { bubbles: true }))
      // One frame draws it; when the next one begins, it was on the screen.
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))
      times.push(performance.now() - start)
    }
    return times
  }, shares)
}
