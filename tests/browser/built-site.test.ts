/** The built course, from a plain file server and below a path, as a leader would present it. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from '@slidev/parser'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/find-browser.ts'
import { serveStatic } from '../support/static-server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const modules = createRequire(import.meta.url)
const slidev = join(dirname(modules.resolve('@slidev/cli/package.json')), 'bin', 'slidev.mjs')
const axe = readFileSync(modules.resolve('axe-core/axe.min.js'), 'utf8')

let folder = ''
let browser: Browser
let server: Server
let url = ''
/** What went wrong in any page: errors of the console, and requests that left the machine. */
const troubles: string[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-site-'))
  const args = [
    slidev,
    'build',
    join(root, 'slides', 'course.md'),
    '--base',
    './',
    '--router-mode',
    'hash',
    '--out',
    folder,
  ]
  execFileSync(process.execPath, args, { cwd: root, stdio: 'ignore' })
  ;({ url, server } = await serveStatic(folder, '/a/path/'))
  browser = await launchBrowser()
}, 300_000)

afterAll(async () => {
  await browser?.close()
  server?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(path: string, colorScheme: 'light' | 'dark'): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, colorScheme })
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(`${page.url()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => troubles.push(`${page.url()}: ${error.message}`))
  page.on('request', (request) => {
    if (!/^(?:blob|data):|^http:\/\/127\.0\.0\.1:/.test(request.url())) troubles.push(`a request to ${request.url()}`)
  })
  await page.goto(`${url}${path}`)
  await page.waitForSelector('.slidev-page, .playground')
  return page
}

/** The slides of a deck, those of the decks that it includes among them. */
async function countSlides(deck: string): Promise<number> {
  const { slides } = await parse(readFileSync(deck, 'utf8'), deck)
  const counts = slides.map(async ({ frontmatter }) => {
    const { src } = frontmatter as { readonly src?: string }
    return src === undefined ? 1 : await countSlides(join(dirname(deck), src))
  })
  return (await Promise.all(counts)).reduce((sum, each) => sum + each, 0)
}

/** The demo of the slide that is shown, once its run is there. */
async function readyDemo(page: Page) {
  const demo = page.locator('.demo').locator('visible=true').first()
  await demo.waitFor()
  await expect.poll(() => demo.getAttribute('aria-busy'), { timeout: 30_000 }).toBe('false')
  await expect
    .poll(() => demo.locator('.scrubber').getAttribute('max').then(Number), { timeout: 30_000 })
    .toBeGreaterThan(0)
  return demo
}

describe.each(['light', 'dark'] as const)('in %s', (scheme) => {
  test('the playground plays, scrubs back and crashes a node', async () => {
    const page = await open('#/playground', scheme)
    const demo = await readyDemo(page)
    const informed = async (): Promise<number> => parseInt(await demo.locator('.number').innerText(), 10)
    const scrub = (share: number): Promise<void> =>
      demo.locator('.scrubber').evaluate((input, to) => {
        const range = input as unknown as { value: string; max: string; dispatchEvent(event: Event): void }
        range.value = String(Number(range.max) * to)
        range.dispatchEvent(new Event('input', { bubbles: true }))
      }, share)
    await scrub(1)
    await expect.poll(informed).toBeGreaterThan(80)
    await scrub(0)
    await expect.poll(informed).toBeLessThan(10)
    await demo.locator('.play').click()
    await expect.poll(informed, { timeout: 20_000 }).toBeGreaterThan(10)
    await demo.locator('canvas.layer').first().press('ArrowRight')
    await demo.locator('canvas[role=img]').press('Delete')
    await demo.getByText('More').click()
    await demo.getByRole('tab', { name: 'Events' }).click()
    await expect.poll(() => demo.locator('table').innerText(), { timeout: 20_000 }).toMatch(/crash/)
    await page.close()
  })
})

test('a link opens at its moment, and says when its run is another', async () => {
  const page = await open('#/playground#peerlab:gossip?seed=7&size=40&at=120&fingerprint=0&version=0.0.0', 'light')
  const demo = await readyDemo(page)
  await expect.poll(() => demo.locator('.time').innerText()).toBe('0.120 s')
  await expect.poll(() => demo.innerText()).toContain('The link was made with version 0.0.0')
  await page.close()
})

test('every slide comes up whole: nothing stands past its edges', async () => {
  const page = await open('#/1', 'light')
  const count = await countSlides(join(root, 'slides', 'course.md'))
  expect(count).toBeGreaterThan(30)
  for (let slide = 1; slide <= count; slide++) {
    await page.goto(`${url}#/${slide}`)
    const shown = page.locator('.slidev-page:visible .slidev-layout').first()
    await shown.waitFor()
    await page.waitForLoadState('networkidle')
    const spill = await shown.evaluate((layout) => ({
      down: layout.scrollHeight - layout.clientHeight,
      right: layout.scrollWidth - layout.clientWidth,
    }))
    expect.soft(spill.down, `slide ${slide}: past its lower edge`).toBeLessThanOrEqual(1)
    expect.soft(spill.right, `slide ${slide}: past its right edge`).toBeLessThanOrEqual(1)
  }
  await page.close()
}, 180_000)

test('a demo has no serious fault of accessibility', async () => {
  const page = await open('#/playground', 'dark')
  await readyDemo(page)
  await page.addScriptTag({ content: axe })
  const faults = await page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes[0].html.slice(0, 120)))`)
  expect(faults).toEqual([])
  await page.close()
})

test('no page had an error or asked for anything outside', () => {
  expect(troubles).toEqual([])
})
