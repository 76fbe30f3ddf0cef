import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Writable } from 'node:stream'
import type { Judge } from '../../../cli/class/judge.ts'
import type { Context } from '../../../cli/context.ts'
import { makeReport, type LabReport, type TaskVerdict } from '../../../cli/grading/report.ts'
import { findManifest, type Manifest } from '../../../cli/labs/manifest.ts'
import { Output } from '../../../cli/output.ts'

export const gossip = findManifest('03-gossip')

/** Writes files by their paths, with the folders on the way. */
export function writeFiles(folder: string, files: { readonly [path: string]: string }): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** What a command says, kept. */
export function listening(): { readonly context: Context; said(): string } {
  let text = ''
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      text += chunk.toString()
      done()
    },
  })
  const output = new Output(stream, true)
  return { context: { plain: true, out: output, err: output }, said: () => text }
}

export function reportOf(manifest: Manifest, verdicts: readonly TaskVerdict[]): LabReport {
  return makeReport(manifest, verdicts, {
    output: '',
    isolation: { inForce: [], missing: [], doesNotHold: [] },
    terms: { grader: '0.0.0', seeds: 'public' },
    gradedAt: '2026-11-21T00:00:00.000Z',
    seconds: 0,
  })
}

export interface Lenient extends Judge {
  /** Whom it has judged, in order. */
  readonly judged: readonly string[]
}

/**
 * A judge without code: a task passes if the file names it. `before` is called first, and may throw. Given up, it says
 * what the real one says: that verdicts are missing.
 */
export function lenientJudge(before: (submission: string) => void | Promise<void> = () => undefined): Lenient {
  const judged: string[] = []
  return {
    judged,
    judge: async ({ manifest, handIn, tasks = manifest.tasks.map(({ id }) => id), signal }) => {
      await before(handIn.submission)
      judged.push(handIn.submission)
      if (signal.aborted) return reportOf(manifest, [])
      const text = handIn.files.map((file) => file.text).join('\n')
      return reportOf(
        manifest,
        tasks.map((task) =>
          handIn.trouble === undefined && text.includes(task)
            ? { task, status: 'passed' }
            : { task, status: 'failed', message: `property  ${task} holds\n${text}` },
        ),
      )
    },
    close: async () => undefined,
  }
}

/** All files of a folder but the state, by their paths. */
export function filesOf(folder: string): { readonly [path: string]: string } {
  return Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('class.sqlite'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1).replaceAll('\\', '/'), readFileSync(path, 'utf8')]),
  )
}
