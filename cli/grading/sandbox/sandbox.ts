import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/** A process that runs the code under judgement, with a pair of pipes to ask it and to hear it. */
export class Sandbox {
  /** The ends of the pipes in this process, for whoever judges: blocking descriptors. */
  readonly input: number
  readonly output: number
  /** Settles when the process and all that it started are gone. */
  readonly ended: Promise<Ending>
  readonly #child: ChildProcess
  readonly #folder: string

  constructor(files: SandboxFiles, lab: string) {
    const folder = mkdtempSync(join(tmpdir(), `peerlab-sandbox-${process.pid}-`))
    this.#folder = folder
    writeFileSync(join(folder, 'process.mjs'), files.process)
    writeFileSync(join(folder, 'realm.js'), files.realm)
    writeFileSync(join(folder, 'lab.js'), lab)
    const questions = makePipe(join(folder, 'questions'))
    const answers = makePipe(join(folder, 'answers'))
    this.input = answers.read
    this.output = questions.write
    const [command = '', ...rest] = [...protections().before, process.execPath, ...nodeFlags(folder)]
    const script = join(folder, 'process.mjs')
    this.#child = spawn(command, [...rest, script, folder, '3', '4'], {
      cwd: folder,
      env: {},
      detached: true, // a group of its own, so that all of it can be ended
      stdio: ['ignore', 'pipe', 'pipe', questions.read, answers.write],
    })
    closeSync(questions.read)
    closeSync(answers.write)
    this.ended = this.#untilEnd()
  }

  kill(): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }

  /** Ends it and takes away what it left. The pipes must not be in use any more. */
  async dispose(): Promise<Ending> {
    this.kill()
    const ending = await this.ended
    closeSync(this.input)
    closeSync(this.output)
    rmSync(this.#folder, { recursive: true, force: true })
    return ending
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
    `--max-old-space-size=${heapLimit}`,
  ]
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
