/** Once for all browser tests: the course, built when a test first asks for it, on a plain file server below a path. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { serveStatic } from './static-server.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where the built course is. The first request builds it, and waits for that. */
    readonly siteUrl: string
  }
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const slidev = join(dirname(createRequire(import.meta.url).resolve('@slidev/cli/package.json')), 'bin', 'slidev.mjs')

let close: (() => void) | undefined

export async function setup({ provide }: TestProject): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'peerlab-site-'))
  let built: Promise<void> | undefined
  const { url, server } = await serveStatic(folder, '/a/path/', () => (built ??= build(folder)))
  close = () => {
    server.close()
    server.closeAllConnections()
    rmSync(folder, { recursive: true, force: true })
  }
  provide('siteUrl', url)
}

export function teardown(): void {
  close?.()
}

async function build(folder: string): Promise<void> {
  const deck = join(root, 'slides', 'course.md')
  const args = [slidev, 'build', deck, '--base', './', '--router-mode', 'hash', '--out', folder]
  await promisify(execFile)(process.execPath, args, { cwd: root })
}
