/** The built course, from a plain file server and below a path: every slide and the playground, as they come up. */
import { engineVersion, scenarios } from '@peerlab/engine'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { strings } from '../../slides/theme/player/strings.ts'
import { faultsOf } from './support/axe.ts'
import { eventually, ShownDemo } from './support/demo.ts'
import { slidesOf, slideWith } from './support/slides.ts'
import { schemes, Visitor, type Scheme } from './support/visitor.ts'

let visitor: Visitor
let slides: readonly string[]

beforeAll(async () => {
  slides = await slidesOf('course.md')
  visitor = await Visitor.at(inject('siteUrl'))
}, 300_000)

afterAll(() => visitor?.close())

/** Goes to a slide and waits until it is whole: its texts, and the runs of its demos. */
async function goTo(page: Page, slide: number): Promise<void> {
  await page.evaluate(`location.hash = '#/${slide}'`)
  await page.locator(`.slidev-page-${slide} .slidev-layout`).locator('visible=true').waitFor()
  await page.waitForLoadState('networkidle')
  if (/<(?:Demo|Compare) /.test(slides[slide - 1]!)) await ShownDemo.on(page)
}

/** How far a slide stands past its edges, in px. */
async function spillOf(page: Page, slide: number): Promise<{ readonly down: number; readonly right: number }> {
  return await page.evaluate(`(() => {
    const frame = document.querySelector('.slidev-page-${slide}')
    const layout = frame.querySelector('.slidev-layout')
    return {
      down: Math.max(layout.scrollHeight, layout.offsetHeight) - frame.clientHeight,
      right: Math.max(layout.scrollWidth, layout.offsetWidth) - frame.clientWidth,
    }
  })()`)
}

test('every slide is whole in light: nothing stands past its edges, and nothing keeps anybody out', async () => {
  const page = await visitor.open('#/1', 'light')
  expect(slides.length).toBeGreaterThan(30)
  for (let slide = 1; slide <= slides.length; slide++) {
    await goTo(page, slide)
    const { down, right } = await spillOf(page, slide)
    expect.soft(down, `slide ${slide}: past its lower edge`).toBeLessThanOrEqual(1)
    expect.soft(right, `slide ${slide}: past its right edge`).toBeLessThanOrEqual(1)
    expect.soft(await faultsOf(page), `slide ${slide}`).toEqual([])
  }
}, 300_000)

test('every third slide, and so every layout, keeps nobody out in dark', async () => {
  const page = await visitor.open('#/1', 'dark')
  for (let slide = 1; slide <= slides.length; slide += 3) {
    await goTo(page, slide)
    expect.soft(await faultsOf(page), `slide ${slide}`).toEqual([])
  }
}, 300_000)

describe.each(schemes)('in %s', (scheme: Scheme) => {
  test('the playground, the drawer and an answer keep nobody out', async () => {
    const page = await visitor.open('#/playground', scheme)
    const demo = await ShownDemo.on(page)
    await demo.scrub(await demo.end())
    expect(await faultsOf(page)).toEqual([])
    for (const tab of Object.keys(strings.tabs) as (keyof typeof strings.tabs)[]) {
      await demo.openDrawer(tab)
      expect(await faultsOf(page), `the tab ${tab}`).toEqual([])
    }
    await demo.drawer.getByRole('button', { name: strings.close }).click()
    await demo.network.press('?')
    await eventually(() => demo.why.locator('.answer').count()).toBe(1)
    await demo.why.locator('summary').click()
    expect(await faultsOf(page), 'an answer').toEqual([])
  })
})

test('the playground runs every scenario and the run of a link that is pasted, and refuses a broken one', async () => {
  const page = await visitor.open('#/playground')
  for (const { id, title } of scenarios) {
    await page.getByLabel(strings.scenario).selectOption(title)
    const demo = await ShownDemo.on(page)
    expect(await demo.link()).toMatch(new RegExp(`^peerlab:${id}\\?`))
  }
  const link = page.getByLabel(strings.pasteLink)
  await link.fill('peerlab:gossip?seed=7&size=40&at=120')
  await link.press('Enter')
  const demo = await ShownDemo.on(page)
  await eventually(() => demo.clock()).toBe('0.120 s')
  await link.fill('peerlab:gossip?seed=7&size=many')
  await link.press('Enter')
  await eventually(() => page.getByRole('alert').allInnerTexts()).toEqual([expect.stringContaining('size')])
  expect(await demo.clock()).toBe('0.120 s')
})

test('a link opens at its moment, and says when its run is another', async () => {
  const page = await visitor.open('#/playground#peerlab:gossip?seed=7&size=40&at=120&fingerprint=0&version=0.0.0')
  const demo = await ShownDemo.on(page)
  await eventually(() => demo.clock()).toBe('0.120 s')
  await eventually(() => demo.box.innerText()).toContain(strings.differsVersion('0.0.0', engineVersion))
})

test('a hidden slide has no worker and asks for no frames, and goes on when it comes back', async () => {
  const slide = await slideWith('course.md', /<Demo (?![^>]*protocol=)[^>]*'loss'/)
  const page = await visitor.open(`#/${slide}`)
  const demo = await ShownDemo.on(page)
  await demo.button(/^Speed/).click() // a faster one, so that its end is no reason to rest
  await page.evaluate(`{
    const ask = window.requestAnimationFrame.bind(window)
    window.nextFrame = ask
    window.framesAsked = 0
    window.requestAnimationFrame = (callback) => { window.framesAsked++; return ask(callback) }
  }`)
  const asked = (): Promise<number> =>
    page.evaluate(`(async () => {
      const before = framesAsked
      for (let i = 0; i < 10; i++) await new Promise((resolve) => nextFrame(resolve))
      return framesAsked - before
    })()`)
  await demo.playButton.click()
  expect(await asked()).toBeGreaterThan(0)
  expect(page.workers()).toHaveLength(1)
  const time = await demo.time()
  await page.keyboard.press('PageDown')
  await page
    .locator(`.slidev-page-${slide + 1}`)
    .locator('visible=true')
    .waitFor()
  await eventually(() => page.workers()).toHaveLength(0)
  // The change of slides itself is drawn, and then nothing is.
  await eventually(asked).toBe(0)
  await page.keyboard.press('PageUp')
  await demo.box.waitFor()
  expect(await demo.isPlaying()).toBe(false)
  expect(await demo.time()).toBeGreaterThanOrEqual(time)
  await demo.playButton.click()
  expect(await asked()).toBeGreaterThan(0)
})

test('no page had an error or asked for anything outside', () => {
  expect(visitor.troubles).toEqual([])
})
