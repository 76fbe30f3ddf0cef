/** A deck on paper, as `peerlab export` makes it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from '@slidev/parser'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { printServer } from '../../cli/export/export-deck.ts'
import { printSlides, type Printed } from '../../cli/export/print-slides.ts'
import { projectRoot } from '../../cli/project.ts'
import { SlideServer } from '../../cli/start/slide-server.ts'
import { unusedPort } from '../cli/support/ports.ts'
import { launchBrowser } from '../support/find-browser.ts'

const deck = join(projectRoot, 'slides', '03-gossip', 'slides.md')

let browser: Browser
let server: SlideServer
let page: Page
let printed: Printed
/** What was asked for, and is not on this computer. */
const outside: string[] = []

beforeAll(async () => {
  browser = await launchBrowser()
  server = new SlideServer(deck, await unusedPort(), { program: printServer, isQuiet: true })
  await server.ready()
  // A leader's own browser may prefer the dark.
  const watched = {
    newPage: async (options: Parameters<Browser['newPage']>[0]) => {
      page = await browser.newPage({ ...options, colorScheme: 'dark' })
      page.on('request', (request) => {
        if (!/^(?:blob|data):|^http:\/\/localhost:/.test(request.url())) outside.push(request.url())
      })
      return page
    },
  } as Browser
  printed = await printSlides(watched, server)
}, 300_000)

afterAll(async () => {
  server?.stop()
  await browser?.close()
})

test('each slide is a page of a PDF', async () => {
  const { slides } = await parse(readFileSync(deck, 'utf8'), deck)
  expect(slides.length).toBeGreaterThan(24)
  expect(printed.pages).toBe(slides.length)
  const pdf = Buffer.from(printed.pdf).toString('latin1')
  expect(pdf.slice(0, 5)).toBe('%PDF-')
  expect(pdf.match(/\/Type\s*\/Page\b/g)).toHaveLength(slides.length)
})

test('each demo stands at the frame that its slide names', async () => {
  const { slides } = await parse(readFileSync(deck, 'utf8'), deck)
  const named = slides.flatMap(({ content }) =>
    [...content.matchAll(/<(?:Demo|Compare)\b[^]*?:at="(\d+)"/g)].map(([, at]) => Number(at)),
  )
  expect(named.length).toBeGreaterThan(8)
  const shown = await page.evaluate<readonly [number, number][]>(
    `[...document.querySelectorAll('.scrubber')].map((scrubber) => [Number(scrubber.value), Number(scrubber.max)])`,
  )
  // A run may be over before: the starter of a lab sends nothing.
  expect(shown.map(([at]) => at)).toEqual(named.map((at, i) => Math.min(at, shown[i]?.[1] ?? 0)))
  expect(shown.filter(([at]) => at > 0).length).toBeGreaterThan(8)
  expect({ broken: printed.broken, unframed: printed.unframed }).toEqual({ broken: [], unframed: [] })
})

test('paper is light and has no buttons to press', async () => {
  expect(await page.evaluate(`document.documentElement.classList.contains('dark')`)).toBe(false)
  expect(await page.locator('.predict').count()).toBeGreaterThan(0)
  expect(await page.locator('.predict button').count()).toBe(0)
})

test('nothing was asked from the network', () => {
  expect(outside).toEqual([])
})
