import { spawn, type ChildProcess } from 'node:child_process'
import { get } from 'node:http'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { CouldNotRun } from '../failure.ts'

const pollMillis = 100
/** A server that has not answered after this long never will. */
const patienceMillis = 120_000
/** A server that was asked to end and is still there after this is ended by force. */
const graceMillis = 3000
/** Of what the server says before it answers, this much is kept to explain a failure. */
const maxSaid = 20_000

/** Slidev's development server in a process of its own. */
export class SlideServer {
  readonly url: string
  readonly #child: ChildProcess
  readonly #exit: Promise<void>
  #hasExited = false
  #isStopping = false
  #isReady = false
  #said = ''

  /** Starts it. `deck` is the path of a markdown file; `program` takes the same arguments as Slidev. */
  constructor(deck: string, port: number, program = slidevPath()) {
    this.url = `http://localhost:${port}/`
    const args = [...preload(), program, basename(deck), '--port', String(port)]
    // No stdin: Slidev would take the keyboard for its shortcuts, Ctrl-C with it.
    this.#child = spawn(process.execPath, args, { cwd: dirname(deck), stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    this.#exit = new Promise((resolve) => {
      this.#child.once('exit', () => resolve())
      this.#child.once('error', () => resolve())
    })
    void this.#exit.then(() => (this.#hasExited = true))
    this.#child.stdout!.on('data', (chunk: Buffer) => this.#hear(chunk, process.env['PEERLAB_DEBUG'] === '1'))
    this.#child.stderr!.on('data', (chunk: Buffer) => this.#hear(chunk, this.#isReady))
  }

  /** Waits until it answers. False when it was stopped before that. */
  async ready(): Promise<boolean> {
    const end = performance.now() + patienceMillis
    while (!this.#hasExited && !(await doesAnswer(this.url))) {
      if (performance.now() > end) throw new CouldNotRun(`The slides do not answer at ${this.url}.`, this.#reason())
      await Promise.race([wait(pollMillis), this.#exit])
    }
    if (this.#isStopping) return false
    if (this.#hasExited) throw new CouldNotRun('The slides could not be started.', this.#reason())
    this.#isReady = true
    return true
  }

  /** Waits for its end. Fails if nobody asked for it. */
  async ended(): Promise<void> {
    await this.#exit
    if (this.#isStopping) return
    throw new CouldNotRun('The slides have stopped by themselves.', 'Start them again with: npx peerlab start')
  }

  /** Ends it and all that it started. Harmless if it is ended. */
  stop(): void {
    if (this.#isStopping || this.#hasExited) return
    this.#isStopping = true
    this.#child.disconnect() // end-with-parent.ts does the rest
    const force = setTimeout(() => killTree(this.#child), graceMillis)
    void this.#exit.then(() => clearTimeout(force))
  }

  #hear(chunk: Buffer, isShown: boolean): void {
    if (isShown) process.stderr.write(chunk)
    else if (!this.#isReady && this.#said.length < maxSaid) this.#said += chunk.toString()
  }

  /** The line that says what went wrong, out of all that was said. */
  #reason(): string | undefined {
    const lines = stripVTControlCharacters(this.#said)
      .split('\n')
      .map((line) => line.trim())
    const isReason = (line: string): boolean => /error|cannot|could not|failed/i.test(line) && !line.startsWith('at ')
    const found = lines.find(isReason) ?? lines.findLast((line) => line !== '')
    return found === undefined ? undefined : `Slidev says: ${found}`
  }
}

function preload(): string[] {
  return ['--import', new URL('./end-with-parent.ts', import.meta.url).href]
}

/** Slidev belongs to the slides, so it is looked for from there. */
function slidevPath(): string {
  const slides = createRequire(new URL('../../slides/package.json', import.meta.url))
  const manifest = slides.resolve('@slidev/cli/package.json')
  return join(dirname(manifest), 'bin', 'slidev.mjs')
}

function doesAnswer(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get(url, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    request.on('error', () => resolve(false))
  })
}

function killTree(child: ChildProcess): void {
  if (process.platform === 'win32') spawn('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' })
  else child.kill('SIGKILL')
}
