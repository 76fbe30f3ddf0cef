import { execFileSync, spawn, spawnSync, type ChildProcess, type IOType } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { bridgeTo } from './bridge.ts'
import type { Connection } from './connection.ts'
import { heapLimit, protections } from './protections.ts'
import type { SandboxFiles } from './sandbox-files.ts'

/** How a sandbox came to its end. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The first that it wrote to its standard error: untrusted text. */
  readonly stderr: string
}

/** So much of what it writes is kept, in characters. All is read, so that it never waits. */
const maxText = 16_000

export interface SandboxOptions {
  /** How questions and answers travel; default: by named pipes where the system has them. */
  readonly by?: Connection['kind']
}

/** Those that are to end with this process, however it ends. */
const alive = new Set<Sandbox>()

process.on('exit', () => {
  for (const sandbox of alive) sandbox.abandon()
})

/** A process that runs the code under judgement, with a way to ask it and to hear it. */
export class Sandbox {
  /** For the thread that judges. */
  readonly connection: Connection
  /** Settles when the process and all that it started are gone. */
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess
  readonly #folder: string
  readonly #close: () => void

  constructor(files: SandboxFiles, lab: string, { by = hasNamedPipes() ? 'pipes' : 'bridge' }: SandboxOptions = {}) {
    const folder = mkdtempSync(join(tmpdir(), `peerlab-sandbox-${process.pid}-`))
    this.#folder = folder
    writeFileSync(join(folder, 'process.mjs'), files.process)
    writeFileSync(join(folder, 'realm.js'), files.realm)
    writeFileSync(join(folder, 'lab.js'), lab)
    if (by === 'pipes') {
      const questions = makePipe(join(folder, 'questions'))
      const answers = makePipe(join(folder, 'answers'))
      this.#child = this.#start([questions.read, answers.write])
      closeSync(questions.read)
      closeSync(answers.write)
      this.connection = { kind: 'pipes', input: answers.read, output: questions.write }
      this.#close = () => [answers.read, questions.write].forEach(closeSync)
    } else {
      this.#child = this.#start(['pipe', 'pipe'])
      const [, , , questions, answers] = this.#child.stdio
      const { connection, close } = bridgeTo(questions as Writable, answers as Readable)
      this.connection = connection
      this.#close = close
    }
    this.ended = this.#untilEnd()
    alive.add(this)
  }

  kill(): void {
    const { pid } = this.#child
    try {
      if (process.platform === 'win32') this.#child.kill('SIGKILL')
      else if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }

  /** Ends it and takes away what it left. The pipes must not be in use any more. */
  async dispose(): Promise<Ending> {
    this.kill()
    const ending = await this.ended
    this.#close()
    this.#removeFolder()
    return ending
  }

  /** Ends it without waiting: for when nobody is left who could. */
  abandon(): void {
    this.kill()
    this.#removeFolder()
  }

  #removeFolder(): void {
    alive.delete(this)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** @param ends what the process has as its descriptors 3 and 4 */
  #start(ends: readonly [IOType | number, IOType | number]): ChildProcess {
    const folder = this.#folder
    const [command = '', ...rest] = [...protections().before, process.execPath, ...nodeFlags(folder)]
    return spawn(command, [...rest, join(folder, 'process.mjs'), folder, '3', '4'], {
      cwd: folder,
      env: {},
      detached: process.platform !== 'win32', // a group of its own, so that all of it can be ended
      stdio: ['ignore', 'pipe', 'pipe', ...ends],
    })
  }

  #untilEnd(): Promise<Ending> {
    let stderr = ''
    this.#child.stdout!.resume()
    this.#child.stderr!.on('data', (data: Buffer) => {
      if (stderr.length < maxText) stderr += data.toString().slice(0, maxText)
    })
    return new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ code: null, signal: null, stderr: error.message }))
      this.#child.once('close', (code, signal) => resolve({ code, signal, stderr }))
    })
  }
}

function nodeFlags(folder: string): string[] {
  return [
    '--permission',
    `--allow-fs-read=${folder}`,
    '--disallow-code-generation-from-strings',
    '--disable-proto=delete',
    '--no-experimental-require-module',
    '--no-warnings',
    '--no-flush-bytecode', // each realm runs the same functions anew
    `--max-old-space-size=${heapLimit}`,
  ]
}

let known: boolean | undefined

function hasNamedPipes(): boolean {
  return (known ??= spawnSync('mkfifo', ['--help']).error === undefined)
}

/** A named pipe with both ends open, blocking, and its name gone. */
function makePipe(path: string): { readonly read: number; readonly write: number } {
  execFileSync('mkfifo', ['-m', '600', path])
  // Opening one end waits for the other; opened for both, it does not.
  const both = openSync(path, 'r+')
  const read = openSync(path, 'r')
  const write = openSync(path, 'w')
  closeSync(both)
  rmSync(path)
  return { read, write }
}
