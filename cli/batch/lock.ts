import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { CouldNotRun } from '../failure.ts'

/** Who holds a lock. */
interface Holder {
  readonly pid: number
  readonly host: string
  /**
   * Where its number means this process, as far as the system says so: containers, and machines in a cluster, may share
   * a name and have numbers of their own.
   */
  readonly scope: string | null
  /** When the process began, where the system says so: process numbers are used again. */
  readonly began: string | null
}

/** How often the holder shows that it is there, for machines that cannot see its process. */
const beatMillis = 15_000
/** After so long without a beat the holder is gone. */
const silentMillis = 120_000

export interface LockOptions {
  /** What holds such a lock, for messages: `sweep`. */
  readonly work: string
  /** What to do where the file is taken, beside waiting; an end of a sentence. Default: name another file with --out. */
  readonly instead?: string
  /** Called when another process has taken the lock away, because this one did not beat for long. */
  readonly onLost: () => void
}

/**
 * A file beside another one that says who writes to it. It goes with the process that made it, however that ends: what a
 * dead process of this machine has left is taken over at once, and what a process that cannot be seen from here has left
 * when it has not been touched for two minutes by the clock of the file system.
 */
export class Lock {
  readonly path: string
  /** What was found of a holder that is gone: a sentence, or undefined. */
  readonly remark: string | undefined
  readonly #text: string
  readonly #timer: NodeJS.Timeout
  readonly #onExit = (): void => this.release()

  private constructor(path: string, text: string, remark: string | undefined, onLost: () => void) {
    this.path = path
    this.remark = remark
    this.#text = text
    this.#timer = setInterval(() => this.#beat(onLost), beatMillis).unref()
    process.once('exit', this.#onExit)
  }

  /** Takes the lock of a file. Throws if another process holds it, and what the system says if there can be none. */
  static take(file: string, { work, instead = 'name another file with --out', onLost }: LockOptions): Lock {
    const path = `${file}.lock`
    const text = `${JSON.stringify(thisProcess())}\n`
    let remark: string | undefined
    // Whoever is faster wins: each round either makes the file, or finds who has made it.
    for (let round = 0; round < 10; round++) {
      if (create(path, text)) return new Lock(path, text, remark, onLost)
      const found = read(path)
      if (found === undefined) continue
      if (!isGone(readHolder(found), path)) throw refusal(file, path, readHolder(found), work, instead)
      if (removeIf(path, found)) remark = remarkOn(readHolder(found), work)
    }
    throw refusal(file, path, undefined, work, instead)
  }

  release(): void {
    clearInterval(this.#timer)
    process.removeListener('exit', this.#onExit)
    try {
      if (read(this.path) === this.#text) rmSync(this.path, { force: true })
    } catch {
      // Then it stays behind, and the next one takes it over.
    }
  }

  #beat(onLost: () => void): void {
    try {
      if (read(this.path) === this.#text) touch(this.path, this.#text)
      else onLost()
    } catch {
      // A full disk or a network that is away for a while: the next beat may come through.
    }
  }
}

function thisProcess(): Holder {
  return { pid: process.pid, host: hostname(), scope: scopeHere(), began: beginningOf(process.pid) }
}

function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** By writing, not by `utimes`: that would write down the clock of this machine, not that of the file system. */
function touch(path: string, text: string): void {
  const file = openSync(path, 'r+')
  try {
    writeSync(file, text, 0)
  } finally {
    closeSync(file)
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Undefined for a lock that is just being written, or broke off. */
function readHolder(text: string): Holder | undefined {
  try {
    const { pid, host, scope = null, began = null } = JSON.parse(text) as Partial<Holder>
    return typeof pid === 'number' && typeof host === 'string' ? { pid, host, scope, began } : undefined
  } catch {
    return undefined
  }
}

function isGone(holder: Holder | undefined, path: string): boolean {
  if (holder === undefined || holder.host !== hostname() || holder.scope !== scopeHere()) return isSilent(path)
  if (!isAlive(holder.pid)) return true
  const began = beginningOf(holder.pid)
  return began !== null && holder.began !== null && began !== holder.began
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}

/** Linux: which start of which machine this is, and within which processes are counted. */
function scopeHere(): string | null {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    return null
  }
}

/** Linux: in clock ticks since the machine was started. */
function beginningOf(pid: number): string | null {
  try {
    // The name of the program stands in brackets before it and may hold anything.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
    return fields[19] ?? null
  } catch {
    return null
  }
}

/** Two files of one file system have the times of one clock. */
function isSilent(path: string): boolean {
  const probe = `${path}.${process.pid}`
  try {
    writeFileSync(probe, '')
    return statSync(probe).mtimeMs - statSync(path).mtimeMs > silentMillis
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false // it was released meanwhile
    throw error
  } finally {
    rmSync(probe, { force: true })
  }
}

/** Takes a lock away if it is still the one that was looked at, and not that of somebody who has been faster. */
function removeIf(path: string, text: string): boolean {
  const aside = `${path}.${process.pid}`
  try {
    renameSync(path, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
  const isSame = read(aside) === text
  if (!isSame) linkSync(aside, path)
  rmSync(aside, { force: true })
  return isSame
}

function remarkOn(holder: Holder | undefined, work: string): string {
  const who = holder === undefined ? `A ${work}` : `Process ${holder.pid} on ${holder.host}`
  return `${who} had this file and is gone; its lock is taken over.`
}

function refusal(file: string, path: string, holder: Holder | undefined, work: string, instead: string): CouldNotRun {
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`
  return new CouldNotRun(
    `Another ${work} writes to ${file}: ${who}.`,
    `Wait until it is over, or ${instead}. If it does not run any more, try again in two minutes, or delete ${path}`,
  )
}
