import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Finding } from './finding.ts'

const requiredMajor = 26
const check = 'node'
const patienceMillis = 10_000

/** npm installs packages but not what their install scripts bring where scripts are switched off. */
export const runInstallScripts = 'Run: npm rebuild node esbuild --ignore-scripts=false'

/** Peerlab brings a Node of its own, which an install script puts there. */
export async function checkNode(root: string): Promise<Finding> {
  const folder = join(root, 'node_modules', 'node')
  const path = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(folder)) return { check, message: "Peerlab's own Node is not installed.", fix: 'Run: npm ci' }
  if (!existsSync(path)) {
    return { check, message: "Peerlab's own Node is missing: its install script was blocked.", fix: runInstallScripts }
  }
  try {
    const { stdout } = await promisify(execFile)(path, ['--version'], { timeout: patienceMillis })
    return judge(stdout.trim().replace(/^v/, ''))
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    return { check, message: `Peerlab's own Node does not start: ${why}`, fix: 'Run: npm ci' }
  }
}

function judge(version: string): Finding {
  if (Number.parseInt(version, 10) === requiredMajor) return { check, message: `Peerlab's own Node is ${version}.` }
  return { check, message: `Peerlab's own Node is ${version}; it must be ${requiredMajor}.`, fix: 'Run: npm ci' }
}
