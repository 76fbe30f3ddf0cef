import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Grader } from '../grading/grader.ts'
import type { Key } from '../grading/key.ts'
import { makeReport, type LabReport } from '../grading/report.ts'
import type { Manifest } from '../labs/manifest.ts'
import packageJson from '../package.json' with { type: 'json' }
import { projectRoot } from '../project.ts'
import type { ClassTerms } from './state.ts'
import { hashOf, type HandIn } from './submissions.ts'

export interface JudgeRequest {
  readonly manifest: Manifest
  readonly handIn: HandIn
  /** Only these tasks; default: all of the manifest. */
  readonly tasks?: readonly string[]
  /** Gives the judging up. */
  readonly signal: AbortSignal
}

/** Judges hand-ins, one after the other. */
export interface Judge {
  /** What comes back after it was given up is not whole. */
  judge(request: JudgeRequest): Promise<LabReport>
  /** Must be called in the end. */
  close(): Promise<void>
}

/**
 * Judges copies of hand-ins, each in a folder that has nothing else in it. The only place that knows how labs are judged.
 */
export class HandInJudge implements Judge {
  readonly #key: Key | undefined
  readonly #grader: Grader

  constructor(key: Key | undefined) {
    this.#key = key
    this.#grader = new Grader(key === undefined ? {} : { key })
  }

  async judge({ manifest, handIn, tasks, signal }: JudgeRequest): Promise<LabReport> {
    if (handIn.trouble !== undefined) return unjudged(manifest, handIn.trouble, { key: this.#key, tasks })
    const folder = mkdtempSync(join(tmpdir(), 'peerlab-class-'))
    try {
      for (const { path, text } of handIn.files) {
        const file = join(folder, path)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, text)
      }
      return await this.#grader.judge(manifest, { folder, signal, ...(tasks === undefined ? {} : { tasks }) })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  async close(): Promise<void> {
    await this.#grader.close()
  }
}

/** A report on what cannot be judged: all tasks are missing, with the reason. */
function unjudged(
  manifest: Manifest,
  trouble: string,
  { key, tasks }: { readonly key: Key | undefined; readonly tasks: readonly string[] | undefined },
): LabReport {
  const asked = tasks ?? manifest.tasks.map(({ id }) => id)
  const verdicts = asked.map((task) => ({ task, status: 'missing', message: trouble }) as const)
  return makeReport(manifest, verdicts, {
    output: '',
    isolation: { inForce: [], missing: [], doesNotHold: [] },
    terms:
      key === undefined
        ? { grader: packageJson.version, seeds: 'public' }
        : { grader: packageJson.version, seeds: 'public and hidden', key: key.id },
    gradedAt: new Date().toISOString(),
    seconds: 0,
  })
}

/** Changes when anything changes on which a mark depends: the files, the lab, the key, or the grader. */
export function digestOf(handIn: HandIn, manifest: Manifest, { grader, key }: ClassTerms['judgedBy']): string {
  const { id, files, tasks } = manifest
  const lab = {
    id,
    files,
    exports: manifest.exports,
    tasks: tasks.map(({ id: task, points, tier }) => [task, points, tier]),
  }
  const text = JSON.stringify([hashOf(handIn), lab, key, grader])
  return createHash('sha256').update(text).digest('hex')
}

/** What decides marks beside a student's files and the lab's manifest. */
const graderFolders = ['engine', 'tests/contracts', 'cli/grading', 'cli/labs']

/** The version of all code that decides marks: of its text, because a number may be left as it was. */
export function graderDigest(): string {
  return (digestHere ??= readGraderDigest())
}

let digestHere: string | undefined

function readGraderDigest(): string {
  const hash = createHash('sha256').update(packageJson.version)
  for (const folder of graderFolders) {
    const names = readdirSync(join(projectRoot, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('node_modules'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
    for (const name of names) {
      const text = readFileSync(name, 'utf8').replaceAll('\r\n', '\n')
      hash.update(`\0${name.slice(projectRoot.length).replaceAll('\\', '/')}\0${text}`)
    }
  }
  return hash.digest('hex')
}
