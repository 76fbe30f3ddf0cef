import { accessSync, constants, existsSync, realpathSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { CouldNotRun, WrongUse } from '../failure.ts'
import { systemFailureIn } from '../system-failure.ts'

/** How people named the file, for what they are told. */
export interface AskedFor {
  readonly option: string
  /** What such a file may be called. */
  readonly example: string
}

/** A file that is written whole or not at all. */
export class OutputFile {
  readonly path: string
  readonly #write: typeof writeFileSync
  readonly #asked: AskedFor

  /** `write` is there for tests. */
  constructor(path: string, write = writeFileSync, asked: AskedFor = { option: '--output', example: 'slides.pdf' }) {
    this.path = resolve(path)
    this.#write = write
    this.#asked = asked
  }

  /** Finds out before the work begins whether its result can be kept. Throws if not. */
  check(): void {
    const { option, example } = this.#asked
    const folder = dirname(this.path)
    if (!existsSync(folder)) {
      throw new WrongUse(`${option} names a folder that is not there: ${folder}`, 'Make it first, or name another.')
    }
    const found = statSync(this.path, { throwIfNoEntry: false })
    if (found?.isDirectory() === true) {
      throw new WrongUse(
        `${option} names a folder: ${this.path}`,
        `Name a file in it, for example: ${option} "${join(this.path, example)}"`,
      )
    }
    try {
      if (found !== undefined) accessSync(this.path, constants.W_OK)
      if (found?.isFile() !== false) {
        this.#write(this.#fresh(), '')
        rmSync(this.#fresh())
      }
    } catch (error) {
      throw this.#refusal(error)
    }
  }

  /** Writes it. Throws if that fails; then what was there is there still. */
  write(data: Uint8Array | string): void {
    const found = statSync(this.path, { throwIfNoEntry: false })
    try {
      // A device or a pipe is not to be replaced by a file.
      if (found?.isFile() === false) return this.#write(this.path, data)
      this.#write(this.#fresh(), data, { flush: true })
      renameSync(this.#fresh(), this.#target())
    } catch (error) {
      rmSync(this.#fresh(), { force: true })
      throw this.#refusal(error)
    }
  }

  /** A link stays a link. */
  #target(): string {
    return existsSync(this.path) ? realpathSync(this.path) : this.path
  }

  /** Beside it, because a file can only be renamed on its own disk. */
  #fresh(): string {
    return join(dirname(this.#target()), `.${basename(this.path)}.${process.pid}.part`)
  }

  #refusal(cause: unknown): CouldNotRun {
    const why = cause instanceof Error ? cause.message : String(cause)
    const reason = systemFailureIn(why)?.reason ?? why.replace(/, \w+ '.*/, '')
    const message = `${this.path} could not be written: ${reason}.`
    return new CouldNotRun(message, `Make room or name another place with ${this.#asked.option}.`, cause)
  }
}
