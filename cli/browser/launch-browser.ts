import type { Browser } from 'playwright-core'
import { CouldNotRun } from '../failure.ts'
import { findBrowser, howToGetBrowser } from './find-browser.ts'

/** What a headless Chromium needs in a container, and to leave the network alone. */
const quietFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Starts an installed browser without a window. Whoever calls this ends it, after Ctrl-C as well. */
export async function launchBrowser(): Promise<Browser> {
  const path = await findBrowser()
  if (path === undefined) throw new CouldNotRun('No browser was found that could make the PDF.', howToGetBrowser)
  const { chromium } = await import('playwright-core')
  try {
    return await chromium.launch({
      executablePath: path,
      args: quietFlags,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
  } catch (error) {
    throw new CouldNotRun(`The browser ${path} does not start.`, howToGetBrowser, error)
  }
}
