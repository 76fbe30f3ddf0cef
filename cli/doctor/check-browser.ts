import { existsSync } from 'node:fs'
import { findBrowser, howToGetBrowser, wishedBrowser } from '../browser/find-browser.ts'
import type { Finding } from './finding.ts'

const check = 'browser'

/** For the browser tests and `peerlab export`. Presenting needs none that is found here. */
export async function checkBrowser(): Promise<Finding> {
  const wish = wishedBrowser()
  if (wish !== undefined && !existsSync(wish)) {
    return {
      check,
      message: `PEERLAB_BROWSER is "${wish}", and nothing is there.`,
      fix: 'Set it to the path of Chromium, Chrome or Edge, or unset it.',
    }
  }
  const path = await findBrowser()
  if (path !== undefined) return { check, message: `The browser for tests and export is ${path}.` }
  return { check, message: 'No browser was found for tests and export.', fix: howToGetBrowser }
}
