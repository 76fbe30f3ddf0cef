import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { installedBrowser } from '../../cli/browser/find-browser.ts'

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

/** Starts a Chromium, Chrome or Edge: one that is installed, Debian's package, or Playwright's own download. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findBrowser(), args: quietFlags })
}

/** The path of a browser. Installs one where there is none and that may be done. */
export function findBrowser(): string {
  return installedBrowser() ?? installFromDebian() ?? downloadWithPlaywright() ?? refuse()
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
  return installedBrowser()
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
