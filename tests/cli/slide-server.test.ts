import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SlideServer } from '../../cli/start/slide-server.ts'
import { unusedPort } from './support/ports.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'peerlab-server-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A server that says some lines and ends. */
async function ending(lines: readonly string[]): Promise<SlideServer> {
  const program = join(folder, 'program.mjs')
  writeFileSync(program, `console.error(${JSON.stringify(lines.join('\n'))})\nprocess.exitCode = 1\n`)
  return new SlideServer(join(folder, 'slides.md'), await unusedPort(), { program })
}

describe('slides that cannot be started', () => {
  it('say what the system refused', async () => {
    const server = await ending(['failed to load config', `Error: EROFS: read-only file system, open '${folder}'`])
    await expect(server.ready()).rejects.toMatchObject({
      message: `Nothing can be written here, because the disk is read-only: ${folder}`,
      wayOut: expect.stringContaining('Copy Peerlab'),
      exitCode: 3,
    })
  })

  it('say that a package is missing', async () => {
    const server = await ending(["Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'vite' imported from server.js"])
    await expect(server.ready()).rejects.toMatchObject({
      message: "The installation is not complete: Cannot find package 'vite' imported from server.js",
      wayOut: expect.stringContaining('npm ci'),
    })
  })

  it('say what the server said of it, and not where in its code', async () => {
    const server = await ending(['starting', '    at failed (server.js:1:1)', '\x1b[31mError: no such theme\x1b[0m'])
    await expect(server.ready()).rejects.toMatchObject({
      message: 'The slides could not be started.',
      wayOut: 'Slidev says: Error: no such theme',
    })
  })
})
