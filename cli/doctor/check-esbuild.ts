import { runInstallScripts } from './check-node.ts'
import type { Finding } from './finding.ts'

const check = 'install-scripts'

/** Translates a line as the labs and the slides are translated. Its program comes with an install script as well. */
export async function checkEsbuild(load: () => Promise<typeof import('esbuild')> = loadEsbuild): Promise<Finding> {
  try {
    const { transform, version } = await load()
    await transform('let one: number = 1', { loader: 'ts' })
    return { check, message: `esbuild ${version}, which translates TypeScript, works.` }
  } catch (error) {
    const why = error instanceof Error ? error.message.trim().split('\n', 1)[0] : String(error)
    return { check, message: `esbuild, which translates TypeScript, does not work: ${why}`, fix: runInstallScripts }
  }
}

function loadEsbuild(): Promise<typeof import('esbuild')> {
  return import('esbuild')
}
