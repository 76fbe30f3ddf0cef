/** The push gossip of gossip.ts in a worker of a browser, as a slide would run it. */
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { launchBrowser } from '../../tests/support/find-browser.ts'
import type { GossipResult } from './gossip.ts'

export type BrowserResult = Omit<GossipResult, 'rssBytes'>

/** The median of so many runs, after one that warms up. Memory is the browser's own affair and left out. */
export async function gossipInBrowser(nodes: number, repetitions = 5): Promise<BrowserResult> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('gossip.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'bench',
    target: 'es2024',
  })
  const script = `${bundle.outputFiles[0]!.text}
onmessage = ({ data }) => postMessage(bench.runGossip(data, () => performance.now()))`
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    const results: BrowserResult[] = []
    for (let repetition = 0; repetition <= repetitions; repetition++) {
      const result = await page.evaluate(runInWorker, { script, nodes })
      if (repetition > 0) results.push(result)
    }
    return results.sort((a, b) => a.seconds - b.seconds)[Math.floor(repetitions / 2)]!
  } finally {
    await browser.close()
  }
}

/** In the page. */
async function runInWorker(task: { readonly script: string; readonly nodes: number }): Promise<BrowserResult> {
  const url = URL.createObjectURL(new Blob([task.script], { type: 'text/javascript' }))
  const worker = new Worker(url)
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data as BrowserResult)
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.postMessage(task.nodes)
    })
  } finally {
    worker.terminate()
    URL.revokeObjectURL(url)
  }
}
