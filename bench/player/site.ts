import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serveStatic } from '../../tests/support/static-server.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const slidev = join(dirname(createRequire(import.meta.url).resolve('@slidev/cli/package.json')), 'bin', 'slidev.mjs')

/** The built course on a server of its own: no development server shares the processor with it. */
export async function serveBuiltSite(): Promise<{ readonly url: string; close(): void }> {
  const folder = mkdtempSync(join(tmpdir(), 'peerlab-bench-'))
  const deck = join(root, 'slides', 'course.md')
  const args = [slidev, 'build', deck, '--base', './', '--router-mode', 'hash', '--out', folder]
  execFileSync(process.execPath, args, { cwd: root, stdio: 'ignore' })
  const { url, server } = await serveStatic(folder, '/')
  return {
    url,
    close: () => {
      server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
