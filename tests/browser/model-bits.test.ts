/** Latency models, churn and their distributions draw the same bits in Node and in Chromium. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/find-browser.ts'
import { hashModels } from '../support/model-draws.ts'

let browser: Browser

beforeAll(async () => {
  browser = await launchBrowser()
}, 300_000)

afterAll(() => browser?.close())

test('a page computes the hashes of draws that Node computes', async () => {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../support/model-draws.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'models',
    target: 'es2024',
  })
  const page = await browser.newPage()
  await page.addScriptTag({ content: `${bundle.outputFiles[0]!.text}\nwindow.models = models` })
  expect(await page.evaluate('models.hashModels()')).toEqual(hashModels())
})
