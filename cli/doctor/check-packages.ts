import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Finding } from './finding.ts'

const check = 'packages'
const fix = 'Run: npm ci'

interface Lock {
  readonly packages: {
    readonly [path: string]: { readonly version?: string; readonly link?: boolean; readonly optional?: boolean }
  }
}

/** Whether what is installed is what package-lock.json asks for: after a `git pull` it may not be. */
export function checkPackages(root: string): Finding {
  const installedPath = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedPath)) return { check, message: 'The packages are not installed by npm.', fix }
  const wanted = packagesOf(join(root, 'package-lock.json'))
  const installed = packagesOf(installedPath)
  const wrong = Object.entries(wanted).filter(([path, { version, link, optional }]) => {
    const found = installed[path]
    // An optional package may be for another system.
    if (!path.includes('node_modules/') || (optional && found === undefined)) return false
    return found === undefined || (!link && found.version !== version) || !isThere(root, path)
  })
  if (wrong.length === 0) return { check, message: 'The packages are those of package-lock.json.' }
  const [path, { version }] = wrong[0]!
  const name = path.split('node_modules/').at(-1)!
  const now = isThere(root, path) ? (installed[path]?.version ?? 'not installed') : 'not installed'
  const others = wrong.length === 1 ? '' : ` ${wrong.length - 1} more differ.`
  return { check, message: `The package ${name} is ${now}; it must be ${version ?? 'there'}.${others}`, fix }
}

/** npm's list of what it has installed does not notice what was deleted since. */
function isThere(root: string, path: string): boolean {
  return existsSync(join(root, path, 'package.json'))
}

function packagesOf(path: string): Lock['packages'] {
  return (JSON.parse(readFileSync(path, 'utf8')) as Lock).packages
}
