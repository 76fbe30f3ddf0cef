import { existsSync } from 'node:fs'

/** Where Chromium, Chrome and Edge are installed. The variable PEERLAB_BROWSER names another place. */
const usualPlaces = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

export const howToGetBrowser = 'Install Chromium, Chrome or Edge, or set PEERLAB_BROWSER to the path of one.'

/** The path in PEERLAB_BROWSER, if somebody has set it. */
export function wishedBrowser(): string | undefined {
  const wish = process.env['PEERLAB_BROWSER'] ?? ''
  return wish === '' ? undefined : wish
}

/** The path of a browser that can be driven: the wished one, an installed one, or one that Playwright has loaded. */
export async function findBrowser(): Promise<string | undefined> {
  return installedBrowser() ?? (await loadedByPlaywright())
}

/** The path of the wished browser or of an installed one. */
export function installedBrowser(): string | undefined {
  const wish = wishedBrowser()
  if (wish !== undefined && existsSync(wish)) return wish
  return usualPlaces.find((path) => existsSync(path))
}

async function loadedByPlaywright(): Promise<string | undefined> {
  try {
    const { chromium } = await import('playwright-core')
    const path = chromium.executablePath()
    return existsSync(path) ? path : undefined
  } catch {
    return undefined // it is for those who build Peerlab, and may be missing
  }
}
