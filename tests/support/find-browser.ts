import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'

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

const installed = [
  process.env['PEERLAB_BROWSER'],
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

/** Starts a Chromium, Chrome or Edge: one that is installed, Debian's package, or Playwright's own download. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(), args: quietFlags })
}

/** The path of a browser. Installs one where there is none and that may be done. */
export function findBrowser(): string {
  return lookForBrowser() ?? installFromDebian() ?? downloadWithPlaywright() ?? refuse()
}

function lookForBrowser(): string | undefined {
  return installed.find((path) => path !== undefined && path !== '' && existsSync(path))
}

/** Only where nobody's machine is changed by surprise: in CI, or as root in a container. */
function installFromDebian(): string | undefined {
  const isRoot = process.getuid?.() === 0
  const mayInstall =
    isRoot && (process.env['CI'] !== undefined || existsSync('/.dockerenv') || existsSync('/run/.containerenv'))
  if (!mayInstall || !existsSync('/usr/bin/apt-get')) return undefined
  try {
    console.log('No browser is installed: installing the Debian package chromium …')
    execFileSync('apt-get', ['update', '-q'], { stdio: 'ignore' })
    execFileSync('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  } catch {
    return undefined
  }
  return lookForBrowser()
}

function downloadWithPlaywright(): string | undefined {
  const own = chromium.executablePath()
  if (existsSync(own)) return own
  try {
    console.log('No browser is installed: Playwright downloads its own …')
    const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js')
    execFileSync(process.execPath, [cli, 'install', 'chromium'], { stdio: 'ignore', timeout: 300_000 })
  } catch {
    return undefined
  }
  return existsSync(own) ? own : undefined
}

function refuse(): never {
  throw new Error(
    'No Chromium, Chrome or Edge was found, and none could be installed. Install one, or set PEERLAB_BROWSER to its path.',
  )
}
