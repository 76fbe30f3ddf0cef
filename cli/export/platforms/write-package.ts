import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { zipSync, type Zippable } from 'fflate'
import { CouldNotRun, WrongUse } from '../../failure.ts'
import { systemFailureIn } from '../../system-failure.ts'
import type { PackageFiles } from './package-files.ts'

/** The same bytes for the same files: the first day that a zip can name, in the local time that it means. */
const firstDay = new Date(1980, 0, 1)

/** A zip that keeps which files are executable. */
export function zipOf(files: PackageFiles): Uint8Array {
  const entries: Zippable = {}
  for (const [path, { data, isExecutable }] of files) {
    const mode = isExecutable ? 0o100755 : 0o100644
    // Version made by: Unix, with its mode in the upper half.
    entries[path] = [data, { os: 3, attrs: (mode << 16) >>> 0, mtime: firstDay, level: 9 }]
  }
  return zipSync(entries)
}

/** A folder that is written whole or not at all. */
export class OutputFolder {
  readonly path: string

  constructor(path: string) {
    this.path = resolve(path)
  }

  /** Finds out before the work begins whether it can be written. Throws if not. */
  check(): void {
    if (!existsSync(dirname(this.path))) {
      throw new WrongUse(`--out names a folder in one that is not there: ${this.path}`, 'Make that first.')
    }
    if (existsSync(this.path) && !isEmptyFolder(this.path)) {
      throw new WrongUse(`There is something already: ${this.path}`, 'Remove it, or name another folder with --out.')
    }
    this.#attempt(() => rmdirSync(this.#fresh()))
  }

  /** Throws if that fails, and then nothing is there. */
  write(files: PackageFiles): void {
    this.#attempt(() => {
      const fresh = this.#fresh()
      try {
        for (const [path, { data, isExecutable }] of files) {
          mkdirSync(dirname(join(fresh, path)), { recursive: true })
          writeFileSync(join(fresh, path), data, { mode: isExecutable ? 0o755 : 0o644 })
        }
        chmodSync(fresh, 0o755) // a temporary folder is for nobody else
        if (existsSync(this.path)) rmdirSync(this.path)
        renameSync(fresh, this.path)
      } catch (error) {
        rmSync(fresh, { recursive: true, force: true })
        throw error
      }
    })
  }

  /** Beside it, because a folder can only be renamed on its own disk. */
  #fresh(): string {
    return mkdtempSync(join(dirname(this.path), `.${basename(this.path)}.part-`))
  }

  #attempt(act: () => void): void {
    try {
      act()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      const reason = systemFailureIn(why)?.reason ?? why.replace(/, \w+ '.*/, '')
      throw new CouldNotRun(
        `${this.path} could not be written: ${reason}.`,
        'Make room or name another place with --out.',
        error,
      )
    }
  }
}

function isEmptyFolder(path: string): boolean {
  try {
    return readdirSync(path).length === 0
  } catch {
    return false // a file
  }
}
