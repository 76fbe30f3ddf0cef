import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { workspaceRoot } from '../project.ts'

/** What a student has done in one lab. */
export interface LabProgress {
  /** The tasks that passed when they were judged last. */
  readonly passed: readonly string[]
  /** How many hints were shown, by task. */
  readonly hints: { readonly [task: string]: number }
}

export type Progress = { readonly [lab: string]: LabProgress }

const none: LabProgress = { passed: [], hints: {} }

/** Keeps progress in a small file. It is a convenience: marks never come from it. */
export class ProgressFile {
  readonly path: string

  constructor(path = join(workspaceRoot, '.peerlab', 'progress.json')) {
    this.path = path
  }

  of(lab: string): LabProgress {
    return this.#read()[lab] ?? none
  }

  update(lab: string, change: (before: LabProgress) => LabProgress): void {
    const progress = this.#read()
    const after = { ...progress, [lab]: change(progress[lab] ?? none) }
    mkdirSync(dirname(this.path), { recursive: true })
    // Written beside it and renamed: a full disk or a crash leaves the old file whole.
    const fresh = `${this.path}.new`
    writeFileSync(fresh, `${JSON.stringify(after, null, 2)}\n`)
    renameSync(fresh, this.path)
  }

  #read(): Progress {
    if (!existsSync(this.path)) return {}
    try {
      return JSON.parse(readFileSync(this.path, 'utf8')) as Progress
    } catch {
      renameSync(this.path, `${this.path}.broken`) // kept, so that nothing is lost
      return {}
    }
  }
}
