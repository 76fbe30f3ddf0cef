import { engineVersion } from '@peerlab/engine'
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  realpathSync,
  statSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { CouldNotRun, WrongUse } from '../failure.ts'
import { systemFailureIn } from '../system-failure.ts'
import { eachLine, LineTooLong } from './lines.ts'
import { Lock } from '../batch/lock.ts'
import type { Plan } from './plan.ts'
import { isBeginningOfLine, isFailed, readRecord } from './record.ts'
import { isInShard, type Shard } from '../batch/shard.ts'
import { Troubles } from './troubles.ts'

/** What was in a file when a sweep took it up. */
export interface Found {
  /** One bit a run: whether its line is there. */
  readonly done: Uint8Array
  /** How many runs are there. */
  readonly runs: number
  readonly failed: Troubles
  /** The length in bytes of all whole lines. */
  readonly end: number
  /** How many bytes of a line that was never finished stand behind them. */
  readonly torn: number
}

/** Writes to a place of an open file; like `writeSync`, it may write less than all. */
export type WriteAt = (file: number, bytes: Uint8Array, offset: number, length: number, place: number) => number

/** A sweep's file, locked: one line a run, of which there are whole ones only, whatever happens. */
export class ResultFile {
  readonly path: string
  readonly lock: Lock
  readonly #write: WriteAt
  #file: number | undefined
  #end = 0

  private constructor(path: string, lock: Lock, write: WriteAt) {
    this.path = path
    this.lock = lock
    this.#write = write
  }

  /** Locks the file, which need not be there yet, and changes nothing else. `write` is there for tests. */
  static lock(path: string, onLost: () => void, write: WriteAt = writeSync): ResultFile {
    const real = checkPath(path)
    try {
      return new ResultFile(real, Lock.take(real, { work: 'sweep', onLost }), write)
    } catch (error) {
      throw error instanceof CouldNotRun ? error : notWritten(real, error)
    }
  }

  /** Reads which runs are there already. Throws, with the line, where the file is not this sweep's, and when stopped. */
  async find(plan: Plan, shard: Shard, signal?: AbortSignal): Promise<Found> {
    const done = new Uint8Array(Math.ceil(plan.runs / 8))
    const failed = new Troubles()
    if (!existsSync(this.path)) return { done, runs: 0, failed, end: 0, torn: 0 }
    let runs = 0
    const keep = (text: string, line: number): void => {
      const record = readRecord(text)
      if (record === undefined) throw this.#noSuchFile(line)
      if (record.version !== engineVersion) throw this.#otherVersion(line, record.version)
      const run = plan.find(record)
      if (typeof run === 'string') throw this.#otherSweep(line, run)
      if (!isInShard(shard, run))
        throw this.#otherSweep(line, `is of another shard than ${shard.number}/${shard.count}`)
      if (hasBit(done, run)) return
      setBit(done, run)
      runs++
      if (isFailed(record)) failed.add(plan.run(run), record.error)
    }
    const tail = await this.#eachLine(keep, signal)
    // A machine that lost its power may leave zeros where it had meant to write.
    if (!isBeginningOfLine(tail.text.replace(/\0+$/, ''))) throw this.#noSuchFile(undefined)
    const torn = statSync(this.path).size - tail.start
    return { done, runs, failed, end: tail.start, torn }
  }

  /** Makes it ready for lines behind those that were found; what stands behind them is cut away. */
  open({ end }: Found): void {
    try {
      this.#file = openSync(this.path, constants.O_RDWR | constants.O_CREAT, 0o666)
      if (fstatSync(this.#file).size > end) ftruncateSync(this.#file, end)
      this.#end = end
    } catch (error) {
      throw notWritten(this.path, error)
    }
  }

  /** Throws, and leaves no half of it, if there is no room for the line. */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`)
    try {
      for (let written = 0; written < bytes.length;) {
        written += this.#write(this.#file!, bytes, written, bytes.length - written, this.#end + written)
      }
    } catch (error) {
      ftruncateSync(this.#file!, this.#end)
      throw notWritten(this.path, error)
    }
    this.#end += bytes.length
  }

  /** Gives the file back. May be called at any time. */
  close(): void {
    if (this.#file !== undefined) {
      const file = this.#file
      this.#file = undefined
      try {
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
    }
    this.lock.release()
  }

  async #eachLine(keep: (text: string, line: number) => void, signal: AbortSignal | undefined) {
    try {
      return await eachLine(this.path, keep, signal)
    } catch (error) {
      if (error instanceof LineTooLong) throw this.#noSuchFile(undefined)
      throw error
    }
  }

  #noSuchFile(line: number | undefined): WrongUse {
    const where = line === undefined ? '' : ` (line ${line})`
    return new WrongUse(`${this.path} is no file of a sweep${where}, so it is left as it is.`, otherFile)
  }

  #otherVersion(line: number, version: string): WrongUse {
    return new WrongUse(
      `${this.path} was made with version ${version} of the engine (line ${line}); this is ${engineVersion}.`,
      `Runs of two versions cannot stand in one file, so it is left as it is. ${otherFile}`,
    )
  }

  #otherSweep(line: number, how: string): WrongUse {
    return new WrongUse(
      `${this.path} belongs to another sweep: the run of line ${line} ${how}, which this sweep has not.`,
      `It is left as it is. ${otherFile}`,
    )
  }
}

const otherFile = 'Name another file with --out.'

export function hasBit(bits: Uint8Array, place: number): boolean {
  return (bits[place >> 3]! & (1 << (place & 7))) !== 0
}

function setBit(bits: Uint8Array, place: number): void {
  bits[place >> 3]! |= 1 << (place & 7)
}

/** The file itself, so that it has one lock whichever link leads to it. */
function checkPath(given: string): string {
  const path = resolve(given)
  const folder = dirname(path)
  if (!existsSync(folder)) {
    throw new WrongUse(`--out names a folder that is not there: ${folder}`, 'Make it first, or name another.')
  }
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) return join(realpathSync(folder), basename(path))
  if (found.isDirectory()) {
    const example = join(path, 'sweep.jsonl')
    throw new WrongUse(`--out names a folder: ${path}`, `Name a file in it, for example: --out "${example}"`)
  }
  if (!found.isFile()) {
    throw new WrongUse(`--out names a device or a pipe: ${path}`, 'A sweep needs a file that it can read again.')
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK)
  } catch (error) {
    throw notWritten(path, error)
  }
  return realpathSync(path)
}

function notWritten(path: string, cause: unknown): CouldNotRun {
  const why = cause instanceof Error ? cause.message : String(cause)
  const reason = systemFailureIn(why)?.reason ?? why.replace(/, \w+( '.*|$)/, '')
  return new CouldNotRun(
    `${path} could not be written: ${reason}.`,
    'Make room, or name another place with --out. Runs whose lines are there already are kept.',
    cause,
  )
}
