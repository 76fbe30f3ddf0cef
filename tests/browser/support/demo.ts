import type { Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { strings } from '../../../slides/theme/player/strings.ts'

/** Waits for what a test expects. Long, because a worker has to start and the machine may be busy. */
export const eventually = <T>(read: () => T | Promise<T>) => expect.poll(read, { timeout: 60_000, interval: 20 })

/** A demo or a comparison on the slide that is shown, as people use it. */
export class ShownDemo {
  readonly page: Page
  readonly box: Locator

  private constructor(page: Page) {
    this.page = page
    this.box = page.locator('.demo, .compare').locator('visible=true').first()
  }

  /** Waits until its run is there. */
  static async on(page: Page): Promise<ShownDemo> {
    const demo = new ShownDemo(page)
    await demo.box.waitFor()
    await demo.settled()
    return demo
  }

  /** Waits until the run that is asked for is there, or is said to be impossible. */
  async settled(): Promise<void> {
    await eventually(() => this.box.getAttribute('aria-busy')).toBe('false')
  }

  button(name: string | RegExp): Locator {
    return this.box.getByRole('button', { name, exact: true })
  }

  get playButton(): Locator {
    return this.box.locator('.play')
  }

  get scrubber(): Locator {
    return this.box.getByRole('slider', { name: strings.timeline })
  }

  get network(): Locator {
    return this.box.getByRole('img', { name: strings.network }).first()
  }

  get drawer(): Locator {
    return this.box.locator('.demo-drawer')
  }

  get why(): Locator {
    return this.box.getByRole('dialog')
  }

  control(label: string): Locator {
    return this.box.locator('.side').getByLabel(label, { exact: true })
  }

  /** The run's length, in ms. */
  async end(): Promise<number> {
    return Number(await this.scrubber.getAttribute('max'))
  }

  /** Where the playhead stands, in ms. */
  async time(): Promise<number> {
    return Number(await this.scrubber.inputValue())
  }

  /** The clock's text. */
  async clock(): Promise<string> {
    return await this.box.locator('.time').innerText()
  }

  /** The big number, in percent. Of a comparison: its first side's, or that of another. */
  async percent(side = 0): Promise<number> {
    return parseInt(await this.box.locator('.number').nth(side).innerText(), 10)
  }

  /** The line that says what is going on. */
  async status(): Promise<string> {
    return await this.box.locator('.status').innerText()
  }

  async isPlaying(): Promise<boolean> {
    return (await this.playButton.getAttribute('aria-label')) === strings.pause
  }

  /** Moves the playhead, as a drag of the scrubber does. */
  async scrub(millis: number): Promise<void> {
    await this.scrubber.fill(String(millis))
  }

  /** Plays until something is so, and then pauses. */
  async playUntil(condition: () => Promise<boolean>): Promise<void> {
    await this.playButton.click()
    await eventually(condition).toBe(true)
    if (await this.isPlaying()) await this.playButton.click()
    expect(await this.isPlaying()).toBe(false)
  }

  /** What the mark of a node says: its number and its state. The keyboard asks for it. */
  async node(node: number): Promise<{ readonly x: number; readonly y: number; readonly text: string }> {
    const label = this.box.locator('.label').first()
    await this.page.mouse.move(1, 1)
    await this.network.focus()
    const wanted = new RegExp(`^node ${node}:`)
    for (let key = 0; !(await label.isVisible()) || !wanted.test(await label.innerText()); key++) {
      if (key > node + 1) throw new Error(`the arrow key does not come to node ${node}: ${await label.innerText()}`)
      await this.network.press('ArrowRight')
    }
    const text = await label.innerText()
    const style = (await label.getAttribute('style')) ?? ''
    const [left, top] = ['left', 'top'].map((side) => Number(new RegExp(`${side}: ([\\d.]+)px`).exec(style)?.[1]))
    const isRight = ((await label.getAttribute('class')) ?? '').includes('right')
    const canvas = (await this.network.boundingBox())!
    // The mark stands beside its node, in the slide's own pixels; the window of the tests shows a slide in these.
    return { x: canvas.x + left! + (isRight ? 16 : -16), y: canvas.y + top! + 14, text }
  }

  /** The link that its button copies. */
  async link(): Promise<string> {
    await this.page.evaluate(`navigator.clipboard.writeText('')`)
    await this.button(strings.copyLink).click()
    const read = (): Promise<string> => this.page.evaluate('navigator.clipboard.readText()')
    await eventually(read).not.toBe('')
    return await read()
  }

  async openDrawer(tab: keyof typeof strings.tabs): Promise<Locator> {
    if (!(await this.drawer.isVisible())) await this.button(strings.more).click()
    await this.drawer.getByRole('tab', { name: strings.tabs[tab] }).click()
    return this.drawer.getByRole('tabpanel')
  }
}

/** The slide whose number is shown, from 1. */
export function slideNumber(page: Page): number {
  return Number(/(\d+)(?:\?|$)/.exec(page.url())?.[1])
}

/** Lets the page draw a few times: what moves by itself has then moved. */
export async function frames(page: Page, count = 10): Promise<void> {
  await page.evaluate(`(async () => {
    for (let i = 0; i < ${count}; i++) await new Promise((resolve) => requestAnimationFrame(resolve))
  })()`)
}
