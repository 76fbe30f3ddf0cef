/** A demo on a slide of the gossip deck, as a leader uses it with the mouse. Keys have a test of their own. */
import { findScenario, readLink, Run, toLink } from '@peerlab/engine'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { clock, strings } from '../../slides/theme/player/strings.ts'
import { eventually, frames, ShownDemo, slideNumber } from './support/demo.ts'
import { slideWith } from './support/slides.ts'
import { schemes, Visitor, type Scheme } from './support/visitor.ts'

const { states, parameters, measures } = findScenario('gossip')
const labelOf = (id: string): string => states.find((state) => state.id === id)!.label

let visitor: Visitor
let slide = 0

beforeAll(async () => {
  slide = await slideWith('course.md', /<Demo (?![^>]*protocol=)[^>]*'loss'/)
  visitor = await Visitor.at(inject('siteUrl'))
}, 300_000)

afterAll(() => visitor?.close())

async function openDemo(scheme: Scheme): Promise<{ readonly page: Page; readonly demo: ShownDemo }> {
  const page = await visitor.open(`#/${slide}`, scheme)
  return { page, demo: await ShownDemo.on(page) }
}

/** The run that a link asks for, made without a browser, at the link's moment. */
function runAt(link: string): Run {
  const { spec, playhead } = readLink(link)
  const run = new Run(spec)
  run.finish({ until: playhead! })
  return run
}

/** Asks why with the pointer. */
async function ask(demo: ShownDemo, node: number): Promise<void> {
  const { x, y } = await demo.node(node)
  await demo.page.keyboard.down('Shift')
  await demo.page.mouse.click(x, y)
  await demo.page.keyboard.up('Shift')
}

/** The answer says what the run has at this moment, and nothing stands beside it. */
async function expectAnswer(demo: ShownDemo, node: number): Promise<void> {
  const has = runAt(await demo.link()).world.state(node) === 'unaware' ? 'misses' : 'has'
  await eventually(() => demo.why.locator('p').allInnerTexts()).toEqual([
    expect.stringMatching(`^node ${node} ${has} m0`),
  ])
}

const percentOf = (run: Run): number => Math.round(100 * run.world.measures()['coverage']!)

function fingerprintOf(link: string): string {
  const run = runAt(link)
  run.finish()
  return run.session.simulation.fingerprint
}

describe.each(schemes)('a demo in %s', (scheme) => {
  test('shows at any moment what the run has there, however it was come to', async () => {
    const { demo } = await openDemo(scheme)
    const [end, { spec }] = [await demo.end(), readLink(await demo.link())]
    const seen = new Map<number, string>()
    for (const share of [0, 1, 0.3, 0.7, 0.3, 1, 0]) {
      await demo.scrub(end * share)
      expect(await demo.time()).toBeCloseTo(end * share, 3)
      expect(await demo.percent()).toBe(percentOf(runAt(toLink(spec, { playhead: await demo.time() }))))
      const status = await demo.status()
      expect(status).toBe(seen.get(share) ?? status)
      seen.set(share, status)
    }
    expect(new Set(seen.values()).size).toBe(4)
  })

  test('plays on by itself, and stands still once it is paused', async () => {
    const { page, demo } = await openDemo(scheme)
    const [time, percent] = [await demo.time(), await demo.percent()]
    await demo.playUntil(async () => (await demo.percent()) > percent)
    const paused = await demo.time()
    expect(paused).toBeGreaterThan(time)
    await frames(page)
    expect(await demo.time()).toBe(paused)
    expect(await demo.percent()).toBe(percentOf(runAt(await demo.link())))
  })

  test('steps from event to event, and back over the same ones', async () => {
    const { demo } = await openDemo(scheme)
    await demo.scrub((await demo.end()) / 2)
    const forth: [number, string][] = []
    for (let step = 0; step < 4; step++) {
      await demo.button(strings.stepForward).click()
      forth.push([await demo.time(), await demo.status()])
    }
    for (const [i, [time]] of forth.slice(1).entries()) expect(time).toBeGreaterThan(forth[i]![0])
    await demo.scrub((forth.at(-2)![0] + forth.at(-1)![0]) / 2)
    for (const [time, status] of forth.slice(0, -1).reverse()) {
      await demo.button(strings.stepBack).click()
      expect([await demo.time(), await demo.status()]).toEqual([time, status])
    }
  })

  test('runs again from the beginning with the parameter that was changed', async () => {
    const { demo } = await openDemo(scheme)
    await demo.scrub(await demo.end())
    const before = await demo.link()
    await demo.control(parameters['fanout']!.label).fill('5')
    await demo.settled()
    expect(await demo.time()).toBe(0)
    await demo.scrub(await demo.end())
    const after = await demo.link()
    expect(readLink(after).spec.parameters).toEqual({ ...readLink(before).spec.parameters, fanout: 5 })
    expect(readLink(after).fingerprint).toBe(fingerprintOf(after))
    expect(await demo.percent()).toBe(percentOf(runAt(after)))
  })

  test('crashes the node that is double-clicked, and brings it back in the same way', async () => {
    const { page, demo } = await openDemo(scheme)
    await demo.scrub((await demo.end()) / 2)
    const node = 7
    const { x, y } = await demo.node(node)
    for (const [action, state] of [
      ['crash', 'down'],
      ['restart', 'unaware'],
    ] as const) {
      await page.mouse.dblclick(x, y)
      await eventually(() => demo.isPlaying()).toBe(true)
      await demo.playButton.click()
      await demo.settled()
      const link = await demo.link()
      expect(readLink(link).spec.actions?.at(-1)?.input).toEqual({ action, with: { node } })
      expect(readLink(link).fingerprint).toBe(fingerprintOf(link))
      expect((await demo.node(node)).text).toBe(strings.nodeLabel(node, labelOf(state)))
      const events = await demo.openDrawer('log')
      await eventually(() => events.innerText()).toContain(`${node}\t${action}`)
      await demo.drawer.getByRole('button', { name: strings.close }).click()
    }
  })

  test('publishes at the node that is clicked', async () => {
    const { page, demo } = await openDemo(scheme)
    const { x, y } = await demo.node(3)
    await page.mouse.click(x, y)
    await eventually(() => demo.isPlaying()).toBe(true)
    await demo.settled()
    const link = await demo.link()
    expect(readLink(link).spec.actions?.map(({ input }) => input)).toEqual([{ action: 'publish', with: { node: 3 } }])
    expect(readLink(link).fingerprint).toBe(fingerprintOf(link))
  })

  test('has a drawer with all controls, events, messages, numbers and the legend', async () => {
    const { demo } = await openDemo(scheme)
    await demo.scrub(await demo.end())
    const run = runAt(await demo.link())
    const { events, packets } = run.session.simulation
    const controls = await demo.openDrawer('controls')
    for (const { label } of Object.values(parameters))
      expect(await controls.getByLabel(label, { exact: true }).count()).toBe(1)
    const log = await demo.openDrawer('log')
    // Every event but the nodes' start.
    const { size } = run.session.simulation
    expect(await log.locator('tbody tr').count()).toBe(events - size)
    const messages = await demo.openDrawer('sequence')
    expect(packets.sent).toBeGreaterThan(0)
    expect(await messages.locator('.arrow').count()).toBe(Math.min(packets.sent, 20))
    const numbers = await demo.openDrawer('table')
    const rows = await numbers.locator('table').first().locator('tbody tr').allInnerTexts()
    expect(rows.map((row) => row.split('\t')[0])).toEqual(measures.map(({ label }) => label))
    expect(rows[0]!.split('\t').slice(1)).toEqual([`${percentOf(run)} %`, `${percentOf(run)} %`])
    const legend = await demo.openDrawer('legend')
    for (const { label } of states) expect(await legend.getByText(label, { exact: true }).count()).toBe(1)
    await demo.drawer.getByRole('button', { name: strings.close }).click()
    expect(await demo.drawer.count()).toBe(0)
  })

  test('says why a node has what it has, also in another run, and after its slide was left and came back', async () => {
    const { page, demo } = await openDemo(scheme)
    await demo.scrub(await demo.end())
    await ask(demo, 4)
    await expectAnswer(demo, 4)
    const time = await demo.time()
    await demo.control(parameters['fanout']!.label).fill('5')
    await demo.settled()
    await demo.scrub(time)
    await expectAnswer(demo, 4)
    await demo.why.getByRole('button', { name: strings.close }).click()
    for (const [key, number] of [
      ['PageDown', slide + 1],
      ['PageUp', slide],
    ] as const) {
      await page.keyboard.press(key)
      await eventually(() => slideNumber(page)).toBe(number)
    }
    await ask(demo, 6)
    await expectAnswer(demo, 6)
  })

  test('gives the answer that was under way when its slide was left, once it is back', async () => {
    const { page, demo } = await openDemo(scheme)
    await demo.scrub(await demo.end())
    await page.evaluate(`{
      window.isHeld = true
      const post = Worker.prototype.postMessage
      Worker.prototype.postMessage = function (...message) { if (!isHeld) post.apply(this, message) }
    }`)
    await ask(demo, 4)
    await demo.why.waitFor()
    await page.keyboard.press('PageDown')
    await eventually(() => page.workers()).toHaveLength(0)
    await page.evaluate('window.isHeld = false')
    expect(await page.locator('.demo-why p').count()).toBe(0)
    await page.keyboard.press('PageUp')
    await expectAnswer(demo, 4)
  })

  test('copies a link that opens in the playground at the same moment of the same run', async () => {
    const { demo } = await openDemo(scheme)
    await demo.scrub((await demo.end()) / 3)
    const link = await demo.link()
    const [time, status] = [await demo.clock(), await demo.status()]
    const playground = await ShownDemo.on(await visitor.open(`#/playground#${link}`, scheme))
    await eventually(() => playground.clock()).toBe(time)
    expect(await playground.status()).toBe(status)
    expect(await playground.link()).toBe(link)
    expect(readLink(link).fingerprint).toBe(fingerprintOf(link))
    expect(clock(readLink(link).playhead!)).toBe(time)
    expect(await playground.box.locator('p[role=status]').count()).toBe(0)
  })
})

test('no page had an error or asked for anything outside', () => {
  expect(visitor.troubles).toEqual([])
})
