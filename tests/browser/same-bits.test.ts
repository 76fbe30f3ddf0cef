/** The same run is the same to the last bit in Node, in a Chromium page and in a worker of it. */
import { fileURLToPath } from 'node:url'
import { Run, type RunSpec } from '@peerlab/engine'
import { build } from 'esbuild'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/find-browser.ts'

const specs: readonly RunSpec[] = [
  { scenario: 'gossip', seed: 7 },
  { scenario: 'gossip', seed: 8 },
  ...['flood', 'push', 'pull', 'push-pull', 'rumor', 'gossip'].map((style, i) => ({
    scenario: 'gossip',
    seed: 100 + i,
    parameters: { style, size: 300, loss: 0.1, jitter: 0.9, rumors: 3 },
  })),
  ...['complete', 'ring', 'grid', 'random-out', 'random-graph', 'small-world', 'scale-free'].map((topology, i) => ({
    scenario: 'gossip',
    seed: 200 + i,
    parameters: { topology, style: 'rumor', timing: 'poisson', stop: 'coin-blind', size: 200 },
  })),
  {
    scenario: 'gossip',
    seed: 9,
    parameters: { style: 'gossip' },
    actions: [
      { time: 20, input: { action: 'cut', with: { share: 0.4 } } },
      { time: 300, input: { action: 'crash', with: { node: 5 } } },
      { time: 900, input: { action: 'heal', with: {} } },
      { time: 2000, input: { action: 'restart', with: { node: 5 } } },
    ],
  },
  { scenario: 'kademlia', seed: 10, parameters: { dead: 0.2, liars: 0.2, loss: 0.05 } },
]

const runAll = `(specs) => specs.map((spec) => {
  const run = new peerlab.Run(spec, { foldPayloads: true })
  run.finish()
  return run.session.simulation.fingerprint
})`

let browser: Browser
let page: Page
let engine = ''

beforeAll(async () => {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../../engine/index.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'peerlab',
    target: 'es2024',
  })
  engine = bundle.outputFiles[0]!.text
  browser = await launchBrowser()
  page = await browser.newPage()
}, 300_000)

afterAll(() => browser?.close())

const inNode = (): string[] =>
  specs.map((spec) => {
    const run = new Run(spec, { foldPayloads: true })
    run.finish()
    return run.session.simulation.fingerprint
  })

test('every run has its own fingerprint', () => {
  expect(new Set(inNode()).size).toBe(specs.length)
})

test('a page computes the fingerprints that Node computes', async () => {
  await page.addScriptTag({ content: `${engine}\nwindow.peerlab = peerlab` })
  expect(await page.evaluate(`(${runAll})(${JSON.stringify(specs)})`)).toEqual(inNode())
})

test('a worker computes the fingerprints that Node computes', async () => {
  const source = `${engine}\nonmessage = ({ data }) => postMessage((${runAll})(data))`
  const fingerprints = await page.evaluate(`new Promise((resolve, reject) => {
    const code = new Blob([${JSON.stringify(source)}], { type: 'text/javascript' })
    const worker = new Worker(URL.createObjectURL(code))
    worker.onmessage = ({ data }) => resolve(data)
    worker.onerror = ({ message }) => reject(new Error(message))
    worker.postMessage(${JSON.stringify(specs)})
  })`)
  expect(fingerprints).toEqual(inNode())
})
