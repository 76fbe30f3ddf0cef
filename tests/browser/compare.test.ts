/** A comparison on a slide of the gossip deck: two runs of one seed side by side. */
import { fromLink, Run, Trace, type RunSpec, type TracedEvent } from '@peerlab/engine'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { clock, strings } from '../../slides/theme/player/strings.ts'
import { eventually, frames, ShownDemo } from './support/demo.ts'
import { slideWith } from './support/slides.ts'
import { schemes, Visitor } from './support/visitor.ts'

/** What the slide compares: the same set and seed, flooding and push. */
const wanted = /<Compare [^>]*label: 'flooding'/
const other = { style: 'push', fanout: 3 }

let visitor: Visitor
let slide = 0

beforeAll(async () => {
  slide = await slideWith('course.md', wanted)
  visitor = await Visitor.at(inject('siteUrl'))
}, 300_000)

afterAll(() => visitor?.close())

function eventsOf(spec: RunSpec): TracedEvent[] {
  const trace = new Trace()
  new Run(spec, { observe: () => [trace] }).finish()
  return [...trace.events()]
}

/** When the two runs first do something different, found event by event and without the player. */
function firstDifference(one: RunSpec, two: RunSpec): number {
  const [a, b] = [eventsOf(one), eventsOf(two)]
  const key = ({ time, kind, node, peer }: TracedEvent): string => [time, kind, node, peer].join()
  const i = a.findIndex((event, at) => b[at] === undefined || key(event) !== key(b[at]))
  return Math.min(a[i]!.time, b[i]?.time ?? Infinity)
}

function percentAt(spec: RunSpec, until: number): number {
  const run = new Run(spec)
  run.finish({ until })
  return Math.round(100 * run.world.measures()['coverage']!)
}

describe.each(schemes)('a comparison in %s', (scheme) => {
  test('shows two runs at one moment, plays both in step, and says where they part', async () => {
    const page = await visitor.open(`#/${slide}`, scheme)
    const demo = await ShownDemo.on(page)
    const one = fromLink(await demo.link())
    const two = { ...one, parameters: { ...one.parameters, ...other } }
    const divergence = demo.box.locator('.divergence')
    const parting = firstDifference(one, two)

    await demo.scrub(0)
    expect(await divergence.innerText()).toBe(strings.noDivergence)
    await demo.scrub(parting - 0.001)
    expect(await divergence.innerText()).toBe(strings.noDivergence)
    await demo.scrub(parting)
    expect(await divergence.innerText()).toBe(strings.divergence(clock(parting)))

    await demo.scrub(0)
    const starts = [await demo.percent(0), await demo.percent(1)]
    await demo.playUntil(async () => (await demo.percent(0)) > starts[0]! && (await demo.percent(1)) > starts[1]!)
    await frames(page, 2)
    const time = await demo.time()
    expect([await demo.percent(0), await demo.percent(1)]).toEqual([percentAt(one, time), percentAt(two, time)])
    await demo.scrub(await demo.end())
    expect([await demo.percent(0), await demo.percent(1)]).toEqual([percentAt(one, Infinity), percentAt(two, Infinity)])
  })

  test('runs both sides again with another seed', async () => {
    const demo = await ShownDemo.on(await visitor.open(`#/${slide}`, scheme))
    const { seed } = fromLink(await demo.link())
    await demo.button(new RegExp(strings.newSeed)).click()
    await demo.settled()
    const one = fromLink(await demo.link())
    expect(one.seed).toBe(seed + 1)
    const two = { ...one, parameters: { ...one.parameters, ...other } }
    const parting = firstDifference(one, two)
    await demo.scrub(await demo.end())
    expect(await demo.box.locator('.divergence').innerText()).toBe(strings.divergence(clock(parting)))
  })
})

test('what is done to a node of one side is done to the same node of the other', async () => {
  const page = await visitor.open(`#/${slide}`)
  const demo = await ShownDemo.on(page)
  await demo.scrub((await demo.end()) / 2)
  const { x, y } = await demo.node(7)
  await page.mouse.dblclick(x, y)
  await eventually(() => demo.isPlaying()).toBe(true)
  await demo.playButton.click()
  await demo.settled()
  const one = fromLink(await demo.link())
  expect(one.actions).toHaveLength(1)
  await demo.scrub(await demo.end())
  const two = { ...one, parameters: { ...one.parameters, ...other } }
  expect([await demo.percent(0), await demo.percent(1)]).toEqual([percentAt(one, Infinity), percentAt(two, Infinity)])
  for (const side of [0, 1]) {
    const { size } = new Run(one).session.simulation
    expect(await demo.box.locator('.demo-chart header').nth(side).innerText()).toContain(strings.of(size - 1, size - 1))
  }
})

test('no page had an error or asked for anything outside', () => {
  expect(visitor.troubles).toEqual([])
})
