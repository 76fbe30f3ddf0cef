/** Who has the keyboard: a presenter's remote moves the deck, whatever the pointer did; by keys alone all controls work. */
import { findScenario, readLink } from '@peerlab/engine'
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { strings } from '../../slides/theme/player/strings.ts'
import { eventually, frames, ShownDemo, slideNumber } from './support/demo.ts'
import { slideWith } from './support/slides.ts'
import { Visitor } from './support/visitor.ts'

const { parameters } = findScenario('gossip')

let visitor: Visitor
let slide = 0

beforeAll(async () => {
  slide = await slideWith('course.md', /<Demo (?![^>]*protocol=)[^>]*'loss'/)
  visitor = await Visitor.at(inject('siteUrl'))
}, 300_000)

afterAll(() => visitor?.close())

async function openDemo(): Promise<{ readonly page: Page; readonly demo: ShownDemo }> {
  const page = await visitor.open(`#/${slide}`)
  return { page, demo: await ShownDemo.on(page) }
}

/** Presses the mouse in the middle of a control and lets it go a little to its right. */
async function drag(page: Page, control: Locator): Promise<void> {
  const { x, y, width, height } = (await control.boundingBox())!
  await page.mouse.move(x + width / 2, y + height / 2)
  await page.mouse.down()
  await page.mouse.move(x + width / 2 + 20, y + height / 2, { steps: 3 })
  await page.mouse.up()
}

type Use = (demo: ShownDemo, page: Page) => Promise<void>

const withPointer: readonly (readonly [what: string, use: Use])[] = [
  ['a click on Play', (demo) => demo.playButton.click()],
  ['a click on a step', (demo) => demo.button(strings.stepForward).click()],
  ['a drag of the scrubber', (demo, page) => drag(page, demo.scrubber)],
  ['a drag of a parameter', (demo, page) => drag(page, demo.control(parameters['fanout']!.label))],
  ['a click on the speed', (demo) => demo.button(/^Speed/).click()],
  ['a click on another seed', (demo) => demo.button(/^Another seed/).click()],
  ['a copied link', async (demo) => void (await demo.link())],
  [
    'a click on a node',
    async (demo, page) => {
      const { x, y } = await demo.node(3)
      await page.mouse.click(x, y)
    },
  ],
  [
    'a question to a node',
    async (demo, page) => {
      const { x, y } = await demo.node(3)
      await page.keyboard.down('Shift')
      await page.mouse.move(x, y)
      await page.mouse.down()
      await page.keyboard.down('Shift') // a key that is held repeats itself
      await page.mouse.up()
      await page.keyboard.up('Shift')
      await demo.why.waitFor()
    },
  ],
  ['a look into the drawer', async (demo) => void (await demo.openDrawer('log'))],
  [
    'a parameter in the drawer',
    async (demo, page) => {
      const controls = await demo.openDrawer('controls')
      await drag(page, controls.getByLabel(parameters['loss']!.label, { exact: true }))
    },
  ],
  [
    'a drawer that was closed',
    async (demo) => {
      await demo.openDrawer('legend')
      await demo.drawer.getByRole('button', { name: strings.close }).click()
      await demo.drawer.waitFor({ state: 'detached' })
    },
  ],
]

describe('the pointer leaves the keyboard to the deck', () => {
  test.each(withPointer)('after %s', async (_what, use) => {
    const { page, demo } = await openDemo()
    for (const [key, next] of [
      ['ArrowRight', slide + 1],
      ['PageDown', slide + 1],
    ] as const) {
      await use(demo, page)
      await page.keyboard.press(key)
      await eventually(() => slideNumber(page)).toBe(next)
      await page.keyboard.press('PageUp')
      await eventually(() => slideNumber(page)).toBe(slide)
      await demo.settled()
    }
  })
})

/** Goes on with the Tab key until the control has the focus. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  const isThere = (): Promise<boolean> => control.evaluate((element) => element === element.ownerDocument.activeElement)
  for (let key = 0; !(await isThere()); key++) {
    if (key > 60) throw new Error(`the Tab key does not come to ${String(control)}`)
    await page.keyboard.press('Tab')
  }
}

describe('the keyboard alone', () => {
  test('comes to every control of a demo, and shows where it is', async () => {
    const { page, demo } = await openDemo()
    const controls = demo.box.locator(':is(button, input, select, [tabindex="0"]):not([inert] *)')
    const count = await controls.count()
    expect(count).toBeGreaterThan(9)
    for (let i = 0; i < count; i++) {
      await tabTo(page, controls.nth(i))
      const [style, width] = (await controls.nth(i).evaluate((element) => {
        const { outlineStyle, outlineWidth } = element.ownerDocument.defaultView!.getComputedStyle(element)
        return [outlineStyle, parseFloat(outlineWidth)]
      })) as [string, number]
      expect.soft([style === 'none', width > 0], `the outline of ${String(controls.nth(i))}`).toEqual([false, true])
    }
  })

  test('plays, pauses and steps, and the deck stays where it is', async () => {
    const { page, demo } = await openDemo()
    await tabTo(page, demo.playButton)
    await page.keyboard.press('Space')
    expect(await demo.isPlaying()).toBe(true)
    await eventually(() => demo.time()).toBeGreaterThan(0)
    await page.keyboard.press('Enter')
    expect(await demo.isPlaying()).toBe(false)
    const time = await demo.time()
    await tabTo(page, demo.button(strings.stepForward))
    await page.keyboard.press('Enter')
    expect(await demo.time()).toBeGreaterThan(time)
    await page.keyboard.press('Shift+Tab')
    await page.keyboard.press('Enter')
    expect(await demo.time()).toBeLessThanOrEqual(time)
    expect(slideNumber(page)).toBe(slide)
  })

  test('moves the scrubber, plays from it, and sets parameters, speed and seed', async () => {
    const { page, demo } = await openDemo()
    const end = await demo.end()
    await tabTo(page, demo.scrubber)
    await page.keyboard.press('End')
    expect(await demo.time()).toBe(end)
    await page.keyboard.press('ArrowLeft')
    expect(await demo.time()).toBeLessThan(end)
    await page.keyboard.press('Home')
    expect(await demo.time()).toBe(0)
    await page.keyboard.press('Space')
    expect(await demo.isPlaying()).toBe(true)
    const before = readLink(await demo.link()).spec
    await tabTo(page, demo.control(parameters['fanout']!.label))
    await page.keyboard.press('ArrowRight')
    await tabTo(page, demo.button(/^Another seed/))
    await page.keyboard.press('Enter')
    await tabTo(page, demo.button(/^Speed/))
    await page.keyboard.press('Enter')
    expect(await demo.button(/^Speed/).innerText()).toBe('2×')
    const after = readLink(await demo.link()).spec
    expect(after.seed).toBe(before.seed + 1)
    expect(after.parameters!['fanout']).toBe((before.parameters!['fanout'] as number) + 1)
    await frames(page)
    expect(slideNumber(page)).toBe(slide)
  })

  test('chooses a node, acts on it and asks why, and comes back to where it was', async () => {
    const { page, demo } = await openDemo()
    await tabTo(page, demo.network)
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'ArrowUp', 'ArrowRight', 'ArrowRight'])
      await page.keyboard.press(key)
    expect(await demo.box.locator('.label').innerText()).toMatch(/^node 1:/)
    for (const key of ['Delete', 'Delete', 'Enter']) {
      await page.keyboard.press(key)
      await demo.settled()
    }
    const inputs = readLink(await demo.link()).spec.actions?.map(({ input }) => input)
    expect(inputs).toEqual(['crash', 'restart', 'publish'].map((action) => ({ action, with: { node: 1 } })))
    await tabTo(page, demo.network)
    await page.keyboard.press('?')
    await eventually(() => demo.why.locator('.answer').count()).toBe(1)
    await page.keyboard.press('Escape')
    expect(await demo.why.count()).toBe(0)
    await eventually(() => demo.network.evaluate((canvas) => canvas === canvas.ownerDocument.activeElement)).toBe(true)
    expect(slideNumber(page)).toBe(slide)
  })

  test('opens the drawer, goes through its tabs and its controls, and comes back to where it was', async () => {
    const { page, demo } = await openDemo()
    const more = demo.button(strings.more)
    await tabTo(page, more)
    await page.keyboard.press('Enter')
    for (const tab of Object.values(strings.tabs)) {
      await tabTo(page, demo.drawer.getByRole('tab', { name: tab }))
      await page.keyboard.press('Enter')
      expect(await demo.drawer.getByRole('tabpanel').getAttribute('aria-label')).toBe(tab)
    }
    await tabTo(page, demo.drawer.getByRole('tab', { name: strings.tabs.controls }))
    await page.keyboard.press('Enter')
    await tabTo(page, demo.drawer.getByLabel(parameters['style']!.label, { exact: true }))
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Escape')
    expect(await demo.drawer.count()).toBe(0)
    await eventually(() => more.evaluate((button) => button === button.ownerDocument.activeElement)).toBe(true)
    expect(readLink(await demo.link()).spec.parameters!['style']).toBe('flood')
    expect(slideNumber(page)).toBe(slide)
  })
})

test('no page had an error or asked for anything outside', () => {
  expect(visitor.troubles).toEqual([])
})
