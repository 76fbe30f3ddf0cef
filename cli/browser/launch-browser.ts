import { existsSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { CouldNotRun } from '../failure.ts'
import { findBrowser, howToGetBrowser, wishedBrowser } from './find-browser.ts'

/** What a headless Chromium needs in a container, and to leave the network alone: it finds no host but this computer. */
const quietFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-proxy-server',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
]

/** Starts an installed browser without a window. Whoever calls this ends it, after Ctrl-C as well. */
export async function launchBrowser(): Promise<Browser> {
  const path = await browserToLaunch()
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

/** A browser that somebody named is taken or missed: another one in its place would be a surprise. */
async function browserToLaunch(): Promise<string> {
  const wish = wishedBrowser()
  if (wish !== undefined && !existsSync(wish)) {
    throw new CouldNotRun(
      `PEERLAB_BROWSER is "${wish}", and nothing is there.`,
      'Set it to the path of Chromium, Chrome or Edge, or unset it.',
    )
  }
  const path = await findBrowser()
  if (path === undefined) throw new CouldNotRun('No Chromium, Chrome or Edge was found here.', howToGetBrowser)
  return path
}
