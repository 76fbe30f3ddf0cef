import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LocalSubject } from '@peerlab/engine'
import type { Bundle } from './bundle.ts'

/** Runs a bundle's module anew at each call: nothing of an earlier run is left in it. */
export function bundleLoader({ code }: Bundle): {
  readonly load: () => Promise<LocalSubject>
  readonly dispose: () => void
} {
  const folder = mkdtempSync(join(tmpdir(), 'peerlab-lab-'))
  const file = join(folder, 'lab.mjs')
  writeFileSync(file, code)
  const url = pathToFileURL(file).href
  let count = 0
  return {
    load: async () => new LocalSubject((await import(`${url}?run=${count++}`)) as Record<string, unknown>),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}
