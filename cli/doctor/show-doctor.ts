import type { Context } from '../context.ts'
import { exitCodes } from '../failure.ts'
import { projectRoot, workspaceRoot } from '../project.ts'
import { defaultPort } from '../start/choose-port.ts'
import { checkBrowser } from './check-browser.ts'
import { checkDisk } from './check-disk.ts'
import { checkEsbuild } from './check-esbuild.ts'
import { checkNode } from './check-node.ts'
import { checkPackages } from './check-packages.ts'
import { checkPort } from './check-port.ts'
import { checkWatching } from './check-watching.ts'
import type { Finding } from './finding.ts'

const checks: readonly (readonly [name: string, look: () => Finding | Promise<Finding>])[] = [
  ['node', () => checkNode(projectRoot)],
  ['packages', () => checkPackages(projectRoot)],
  ['install-scripts', () => checkEsbuild()],
  ['browser', () => checkBrowser()],
  ['port', () => checkPort(defaultPort)],
  ['file-watching', () => checkWatching(workspaceRoot)],
  ['disk', () => checkDisk(projectRoot)],
]

/** `peerlab doctor`: a line for each check. */
export async function showDoctor({ out, plain }: Context, isJson: boolean): Promise<void> {
  const findings = await Promise.all(checks.map(([name, look]) => lookSafely(name, look)))
  const isWell = findings.every(({ fix }) => fix === undefined)
  if (isJson) {
    const report = findings.map(({ check, message, fix = null }) => ({ check, ok: fix === null, message, fix }))
    out.line(JSON.stringify(report, null, 2))
  } else {
    for (const { message, fix } of findings) {
      const sign = plain ? (fix === undefined ? 'well:' : 'wrong:') : fix === undefined ? out.green('✓') : out.red('✗')
      out.line([sign, message, ...(fix === undefined ? [] : [fix])].join(' '))
    }
  }
  if (!isWell) process.exitCode = exitCodes.checksFailed
}

/** A check that breaks is a finding as well, and the others are still told. */
async function lookSafely(check: string, look: () => Finding | Promise<Finding>): Promise<Finding> {
  try {
    return await look()
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n', 1)[0] : String(error)
    return { check, message: `The check "${check}" could not be made: ${why}`, fix: 'Run: npm ci' }
  }
}
