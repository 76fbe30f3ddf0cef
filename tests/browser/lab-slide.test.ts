/** The slide that runs the student's own file, on the slides as `peerlab start` serves them. */
import { readLink } from '@peerlab/engine'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { strings } from '../../slides/theme/player/strings.ts'
import { gossipWrongAnswers } from '../course/wrong-answers/gossip.ts'
import { applyMistake } from '../course/wrong-answers/wrong-answer.ts'
import { eventually, ShownDemo, slideNumber } from './support/demo.ts'
import { slideWith } from './support/slides.ts'
import { codeOf, solution, starter, Student } from './support/student.ts'
import { Visitor } from './support/visitor.ts'

const deck = '03-gossip'
const handler = 'onMessage(from: Address, message: GossipMessage): void {'

let student: Student
let visitor: Visitor
let slide = 0
/** One page for all: what was wrong before a file was repaired leaves nothing behind. */
let page: Page
let demo: ShownDemo

beforeAll(async () => {
  slide = await slideWith(`${deck}/slides.md`, /<Demo [^>]*protocol="lab"/)
  student = await Student.with(deck)
  student.save(starter)
  visitor = await Visitor.at(student.url)
  page = await visitor.openForAll(String(slide))
  await page.evaluate('window.isTheSamePage = true')
}, 300_000)

beforeEach(async () => {
  demo = await ShownDemo.on(page)
}, 120_000)

afterAll(async () => {
  await visitor?.close()
  await student?.leave()
})

/** The slide runs this text, as the command runs it, and the page was not loaded again for that. */
async function expectRunOf(text: string): Promise<void> {
  await eventually(() => demo.link().then((link) => readLink(link).code)).toBe(codeOf(text))
  const link = await demo.link()
  const { stdout } = await student.peerlab('run', link, '--json')
  expect(readLink(link).fingerprint).toBe((JSON.parse(stdout) as { fingerprint: string }).fingerprint)
  expect(await demo.box.getByRole('alert').count()).toBe(0)
  expect(await page.evaluate('window.isTheSamePage')).toBe(true)
}

test('the slide runs the starter, and then each text that is saved, with its playhead where it was', async () => {
  await expectRunOf(starter)
  await demo.scrub(await demo.end())
  expect(await demo.percent()).toBeLessThan(10)
  student.save(solution)
  await expectRunOf(solution)
  await demo.scrub(await demo.end())
  expect(await demo.percent()).toBe(100)
  const time = (await demo.end()) / 2
  await demo.scrub(time)
  const quieter = solution.replace('this.#options.fanout)', 'Math.min(2, this.#options.fanout))')
  student.save(quieter, 'by renaming')
  await expectRunOf(quieter)
  expect(await demo.time()).toBe(time)
})

const failures: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  ['does not compile', `${solution}\nconst = 3\n`, /labs\/03-gossip\/gossip\.ts does not compile/],
  [
    'imports what it must not',
    `import { readFileSync } from 'node:fs'\n${solution}\nvoid readFileSync\n`,
    /gossip\.ts imports "node:fs"; a lab may import only "@peerlab\/engine\/lab"/,
  ],
  [
    'throws in a handler',
    solution.replace(handler, `${handler}\n    throw new RangeError('what now?')`),
    /node \d+ threw at [\d.]+ ms \(event \d+, message\): RangeError: what now\?/,
  ],
  ['throws when it is loaded', `${solution}\nthrow new Error('too early')\n`, /gossip\.ts throws .* loaded: too early/],
  ['exports nothing', solution.replace('export class', 'class'), /must export a class named Gossip/],
  ['never ends', solution.replace(handler, `${handler}\n    for (;;) {}`), /did not come back .* does not end/],
]

test.each(failures)(
  'a file that %s has its message, keeps nobody from going on, and is run when it is right again',
  async (_what, text, says) => {
    expect(text).not.toBe(solution)
    student.save(text)
    const alert = demo.box.getByRole('alert')
    const expectMessage = async (): Promise<void> => {
      await eventually(() => alert.innerText()).toMatch(says)
      expect(await alert.innerText()).toContain(strings.repairLab(deck))
    }
    await expectMessage()
    for (const [key, number] of [
      ['PageDown', slide + 1],
      ['PageUp', slide],
    ] as const) {
      await page.keyboard.press(key)
      await eventually(() => slideNumber(page)).toBe(number)
    }
    await expectMessage()
    student.save(solution)
    await expectRunOf(solution)
  },
)

test('the link of a failed check opens in the playground with the student’s file, at the moment of the fault', async () => {
  const mistake = gossipWrongAnswers.find(({ name }) => name === 'ignores-ttl')!
  const text = applyMistake(solution, mistake)
  student.save(text)
  const { code, stdout } = await student.peerlab('lab', 'watch', deck, '--once')
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringMatching(mistake.says) as unknown })
  const [, link] = /replay .*'(peerlab:[^']+)'/.exec(stdout)!
  const [, moment] = /happened +at ([\d.]+) ms/.exec(stdout)!
  await page.goto(`${student.url}playground#${link}`)
  await page.evaluate('window.isTheSamePage = true')
  demo = await ShownDemo.on(page)
  await eventually(() => demo.time()).toBeCloseTo(Number(moment), 0)
  await expectRunOf(text)
  // The message that names the fault speaks of an event of this moment; where links are equal there are several.
  const [, node] = /happened .* node (\d+) got/.exec(stdout)!
  const events = await demo.openDrawer('log')
  const rows = await events.locator('tbody tr').allInnerTexts()
  const now = rows.filter((row) => row.split('\t')[0] === rows[0]!.split('\t')[0])
  expect(now.join('\n')).toMatch(new RegExp(`\\t${node}\\trumor m0`))
})

test('no page had an error but those of the file that does not compile, or asked for anything outside', () => {
  expect(visitor.troubles.filter((trouble) => !/\[vite\] Internal Server Error[^]*gossip\.ts/.test(trouble))).toEqual(
    [],
  )
})
